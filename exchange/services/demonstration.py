"""The demo: a bundled dataset through the whole main job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from exchange.errors import NothingFound
from exchange.services.container import Services
from exchange.services.loading import decode_structures
from exchange.services.publication import StoreSink
from mappings.examples import CROSS_DOMAIN, ORGANISATIONS, Example
from mappings.recipe.loading import load_recipe
from mappings.run.pipeline import run_recipe
from mappings.run.report import RecipeRun
from mappings.structures.building import build_structures
from registry.imports.apply import import_submissions
from registry.imports.report import ImportReport
from registry.model.base import Maintainable


def import_example_structures(services: Services, example: Example) -> list[ImportReport]:
    """Import the cross-domain structures and organisations that all examples share, then those of the example."""
    provision = _read(services, example.provision) if example.provision else ()
    own = (*build_structures(example.structures), *provision)
    return import_submissions(services.artefacts, [_read(services, CROSS_DOMAIN), _read(services, ORGANISATIONS), own])


def publish_example(services: Services, example: Example, announce: Callable[[str], None]) -> RecipeRun:
    """Map the bundled data and publish them.

    Raises:
        NothingFound: When the licence of the data does not allow to bundle them.
    """
    if example.source is None:
        raise NothingFound(f"The data of {example.name} are not bundled; their licence does not allow it.")
    announce(f"Mapping {example.source.name}")
    return run_recipe(
        load_recipe(example.recipe),
        example.source,
        schemas=services.schemas,
        sink=StoreSink(services.observations),
        ledger=services.ledger,
        publish=True,
    )


def _read(services: Services, source: Path) -> tuple[Maintainable, ...]:
    return decode_structures(services.codecs, source.read_bytes(), source.name).message.artefacts
