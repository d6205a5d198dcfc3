"""The demo: the bundled dataset through the whole main job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files

from exchange.services.container import Services
from exchange.services.loading import decode_structures
from exchange.services.publication import StoreSink
from mappings.pipeline import run_recipe
from mappings.recipe.loading import load_recipe
from mappings.report import RecipeRun
from mappings.structures import build_structures
from registry.imports.apply import import_structures
from registry.imports.report import ImportReport

EXAMPLES = "mappings.examples"


@dataclass(frozen=True)
class Example:
    """A bundled dataset: folder below ``mappings/examples`` and the name of its data file."""

    folder: str
    data: str


WATER_POINTS = Example("water_points_mw", "water_points.csv")


def import_example_structures(services: Services, example: Example) -> list[ImportReport]:
    """Import the shared cross-domain structures, then those of the example."""
    shared = files(EXAMPLES) / "shared" / "sdmx_cross_domain.xml"
    read = decode_structures(services.codecs, shared.read_bytes(), shared.name)
    with as_file(files(EXAMPLES) / example.folder) as folder:
        own = build_structures(folder / "structures.yaml")
    return [import_structures(services.artefacts, read.message.artefacts), import_structures(services.artefacts, own)]


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
