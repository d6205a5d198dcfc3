"""The demo: the bundled dataset through the whole main job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from exchange.services.container import Services
from exchange.services.loading import decode_structures
from exchange.services.publication import StoreSink
from mappings.pipeline import run_recipe
from mappings.recipe.loading import load_recipe
from mappings.report import RecipeRun
from mappings.structures import build_structures
from registry.imports.apply import import_submissions
from registry.imports.report import ImportReport
from registry.model.base import Maintainable

EXAMPLES = "mappings.examples"


@dataclass(frozen=True)
class Example:
    """A bundled dataset: folder below ``mappings/examples`` and the name of its data file."""

    folder: str
    data: str


WATER_POINTS = Example("water_points_mw", "water_points.csv")


def import_example_structures(services: Services, example: Example) -> list[ImportReport]:
    """Import the cross-domain structures and organisations that all examples share, then those of the example."""
    shared, own = files(EXAMPLES) / "shared", files(EXAMPLES) / example.folder
    with as_file(own) as folder:
        built = build_structures(folder / "structures.yaml")
    submissions = [
        _read(services, shared / "sdmx_cross_domain.xml"),
        _read(services, shared / "organisations.json"),
        (*built, *_read(services, own / "provision.json")),
    ]
    return import_submissions(services.artefacts, submissions)


def _read(services: Services, source: Traversable) -> tuple[Maintainable, ...]:
    return decode_structures(services.codecs, source.read_bytes(), source.name).message.artefacts


def publish_example(services: Services, example: Example, announce: Callable[[str], None]) -> RecipeRun:
    """Map the bundled data and publish them."""
    with as_file(files(EXAMPLES) / example.folder) as folder:
        announce(f"Mapping {example.data}")
        return run_recipe(
            load_recipe(folder / "recipe.yaml"),
            folder / example.data,
            schemas=services.schemas,
            sink=StoreSink(services.observations),
            ledger=services.ledger,
            publish=True,
        )
