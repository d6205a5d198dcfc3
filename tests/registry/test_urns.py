"""The URN grammar (Registry Specification 6.2), and the references of artefacts."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidUrn
from registry.model.codelists import Codelist, CodelistExtension
from registry.model.families import FAMILIES, Family
from registry.model.identity import ARTEFACT_OF_CLASS, PACKAGE_OF_CLASS, Urn
from registry.model.ids import is_agency_id, is_id, is_ncname_id
from registry.model.references import outgoing_references, references_of
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, an_attribute, enumerated, urn

NCNAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_\-]{0,8}", fullmatch=True)
ID = st.from_regex(r"[A-Za-z0-9_@$\-]{1,8}", fullmatch=True)
AGENCY = st.one_of(st.lists(NCNAME, min_size=1, max_size=3).map(".".join), st.just("*"))
VERSION = st.sampled_from(["1", "1.0", "2.10", "1.0.0.1", "1.0.0", "1.2.0-draft", "1.2.0-rc.1", "2+.3.1", "2.3+.1", "2.3.1+", "*"])
ITEM = st.one_of(st.none(), st.lists(ID, min_size=1, max_size=3).map(".".join), st.just("*"))
URNS = st.builds(Urn, st.sampled_from(sorted(PACKAGE_OF_CLASS)), AGENCY, st.one_of(ID, st.just("*")), VERSION, ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "urn:sdmx:org.sdmx.infomodel.codelist.Code=SDMX:CL_FREQ(1.0.0).Q",
        "urn:sdmx:org.sdmx.infomodel.categoryscheme.Category=IMF:SDDS(1.0.0).L1.L2",
        "urn:sdmx:org.sdmx.infomodel.datastructure.Dimension=TFFS:EXT_DEBT(1.0.0).FREQ",
        "urn:sdmx:org.sdmx.infomodel.datastructure.DimensionDescriptor=A:D(1.0.0).DimensionDescriptor",
        "urn:sdmx:org.sdmx.infomodel.base.Agency=SDMX:AGENCIES(1.0).AA",
        "urn:sdmx:org.sdmx.infomodel.base.DataProvider=X:DATA_PROVIDERS(1.0).P1",
        "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=OECD:*(*)",
        "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=BIS.XTD:DSD-1(2.3+.1)",
        "urn:sdmx:org.sdmx.infomodel.base.Any=*:*(*).*",
    ],
)
def test_urns_of_the_standard_are_read_and_written(text: str) -> None:
    assert str(Urn.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL FREQ(1.0)", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=1X:CL_FREQ(1.0)", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ()", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ(latest)", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ(2+.3+.1)", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ(1.0)\n", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ(1.0).", "not an SDMX URN"),
        ("URN:SDMX:org.sdmx.infomodel.codelist.Codelist=SDMX:CL_FREQ(1.0)", "not an SDMX URN"),
        ("urn:sdmx:org.sdmx.infomodel.codelist.Kodelist=SDMX:CL_FREQ(1.0)", "not a class"),
        ("urn:sdmx:org.sdmx.infomodel.base.Codelist=SDMX:CL_FREQ(1.0)", "belongs to package"),
    ],
)
def test_what_is_no_urn_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidUrn, match=reason):
        Urn.parse(text)


@given(URNS)
def test_a_urn_reads_back_as_it_was_written(built: Urn) -> None:
    assert Urn.parse(str(built)) == built


@given(URNS.map(str), st.integers(0, 200), st.characters(max_codepoint=0x3FF))
def test_a_damaged_urn_is_refused_or_read_as_what_it_then_says(text: str, place: int, character: str) -> None:
    damaged = text[: place % len(text)] + character + text[place % len(text) + 1 :]
    with suppress(InvalidUrn):
        assert str(Urn.parse(damaged)) == damaged


def test_the_package_of_version_2_1_for_maps_is_understood() -> None:
    old = Urn.parse("urn:sdmx:org.sdmx.infomodel.mapping.StructureMap=A:M(1.0)")
    assert str(old) == "urn:sdmx:org.sdmx.infomodel.structuremapping.StructureMap=A:M(1.0)"


@pytest.mark.parametrize("family", [family for family in FAMILIES if family.item_class], ids=lambda family: family.kind)
def test_every_item_leads_to_its_scheme(family: Family) -> None:
    assert family.item_class
    assert ARTEFACT_OF_CLASS[family.item_class] == family.urn_class


def test_components_lead_to_their_data_structure() -> None:
    text = "urn:sdmx:org.sdmx.infomodel.datastructure.DataAttribute=A:DSD(1.0).OBS_STATUS"
    assert Urn.parse(text).artefact == Urn("DataStructure", "A", "DSD", "1.0")


@pytest.mark.parametrize("text", ["A", "1", "A_B-C", "a@b$c"])
def test_ids(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "A.B", "A B", "é", "A\n", "A/B"])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)
    assert not is_ncname_id(text)


def test_names_and_agencies_begin_with_letters() -> None:
    assert is_ncname_id("A1")
    assert not is_ncname_id("1A")
    assert is_agency_id("BIS.XTD")
    assert not is_agency_id("BIS.1X")
    assert not is_agency_id("BIS.")


def test_references_come_with_their_place_in_document_order() -> None:
    areas, concepts = a_codelist("CL_AREA"), a_concept_scheme()
    structure = a_data_structure(
        concepts, {"FREQ": None, "AREA": enumerated(areas)}, attributes=[an_attribute("TITLE", concepts)], metadata="urn:x"
    )
    places = [reference.place for reference in outgoing_references(structure)]
    components = "dataStructureComponents"
    assert places == [
        f"{components}.dimensionList.dimensions[FREQ].conceptIdentity",
        f"{components}.dimensionList.dimensions[AREA].conceptIdentity",
        f"{components}.dimensionList.dimensions[AREA].localRepresentation.enumeration",
        f"{components}.dimensionList.timeDimension.conceptIdentity",
        f"{components}.attributeList.attributes[TITLE].conceptIdentity",
        f"{components}.measureList.measures[OBS_VALUE].conceptIdentity",
        "metadata",
    ]


def test_references_are_distinct_urns() -> None:
    base = a_codelist("CL_BASE")
    extended: Codelist = a_codelist(
        "CL_X", codelist_extensions=(CodelistExtension(codelist=urn(base)), CodelistExtension(codelist=urn(base), prefix="P_"))
    )
    assert references_of(extended) == (Urn.of(base),)
    assert references_of(a_dataflow(a_data_structure(a_concept_scheme(), {"FREQ": None}))) == (
        Urn("DataStructure", "CDE", "DSD_WATER", "1.0.0"),
    )
