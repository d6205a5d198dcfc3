"""Recipes on real data: bundled with their sources, licences and structures, for the demonstration and to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

#: Folder of the examples.
FOLDER: Final = Path(str(files("mappings.examples")))
#: SDMX structure message (SDMX-ML 2.1) with the cross-domain artefacts that the examples refer to.
CROSS_DOMAIN: Final = FOLDER / "shared" / "sdmx_cross_domain.xml"
#: SDMX structure message (SDMX-JSON 2.1) with the agency and the data providers of the examples.
ORGANISATIONS: Final = FOLDER / "shared" / "organisations.json"


@dataclass(frozen=True, slots=True)
class Example:
    """An example.

    Attributes:
        name: Name of its folder.
        source: The bundled data, or None when their licence does not allow that.
    """

    name: str
    source: Path | None

    @property
    def recipe(self) -> Path:
        """The recipe."""
        return FOLDER / self.name / "recipe.yaml"

    @property
    def structures(self) -> Path:
        """The structures file of the recipe."""
        return FOLDER / self.name / "structures.yaml"

    @property
    def provision(self) -> Path | None:
        """SDMX structure message that says who provides the data, where there is one."""
        path = FOLDER / self.name / "provision.json"
        return path if path.is_file() else None


WATER_POINTS: Final = Example("water_points_mw", FOLDER / "water_points_mw" / "water_points.csv")
