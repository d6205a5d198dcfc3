"""The demo: a bundled dataset through the whole main job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.unpacking import MessageLimits
from exchange.errors import NothingFound
from exchange.services.agreements import Agreements
from exchange.services.intake import Intake
from exchange.services.loading import decode_structures
from exchange.services.publication import IntakeSink
from mappings.examples import CROSS_DOMAIN, ORGANISATIONS, Example
from mappings.recipe.loading import load_recipe
from mappings.run.pipeline import run_recipe
from mappings.run.report import RecipeRun
from mappings.structures.building import build_structures
from registry.imports.report import ImportReport
from registry.model.base import Maintainable
from registry.services.schemas import SchemaReader
from registry.submissions import Part


def import_example_structures(example: Example, *, codecs: Catalogue, intake: Intake) -> list[ImportReport]:
    """Import the cross-domain structures and organisations that all examples share, then those of the example."""
    files = [CROSS_DOMAIN, ORGANISATIONS, *([example.provision] if example.provision else [])]
    shared, organisations, *provision = [_read(codecs, file) for file in files]
    own = (*build_structures(example.structures), *(artefact for message in provision for artefact in message))
    parts = [Part(file.name) for file in (*files, example.structures)]
    return intake.structures([shared, organisations, own], parts=parts)


def publish_example(
    example: Example, announce: Callable[[str], None], *, schemas: SchemaReader, agreements: Agreements, intake: Intake
) -> RecipeRun:
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
        schemas=schemas,
        sink=IntakeSink(intake, agreements),
        publish=True,
    )


def _read(codecs: Catalogue, source: Path) -> tuple[Maintainable, ...]:
    return decode_structures(codecs, source.read_bytes(), source.name, MessageLimits()).message.artefacts
