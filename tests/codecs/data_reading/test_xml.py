"""SDMX-ML data as others write it."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pysdmx.io
import pytest
from lxml import etree

from exchange.codecs.ports import ReadDataSet
from exchange.codecs.sdmx_ml.data import reading as reading_data
from exchange.codecs.sdmx_ml.data.reading import SdmxMlDataDecoder
from exchange.errors import InvalidObservations, MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema, Level
from registry.model.representations import Representation, TextFormat
from tests.codecs.data_reading.conftest import a_schema

SPECIMENS = Path(__file__).parents[2] / "specimens" / "data"
FLOW = (Context.DATAFLOW, "CDE:DF_WATER(1.0.0)")
URN = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF_WATER(1.0.0)"

SDG_DIMENSIONS = (
    "FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA", "SEX", "AGE", "URBANISATION", "INCOME_WEALTH_QUANTILE", "EDUCATION_LEV",
    "OCCUPATION", "CUST_BREAKDOWN", "COMPOSITE_BREAKDOWN", "DISABILITY_STATUS", "ACTIVITY", "PRODUCT",
)  # fmt: skip
SDG_ATTRIBUTES = (
    "OBS_STATUS", "UNIT_MULT", "NATURE", "TIME_DETAIL", "COMMENT_OBS", "SOURCE_DETAIL", "BASE_PER", "GEO_INFO_URL", "GEO_INFO_TYPE",
    "COMMENT_TS", "TIME_COVERAGE", "UPPER_BOUND", "LOWER_BOUND", "DATA_LAST_UPDATE", "CUST_BREAKDOWN_LB",
)  # fmt: skip


def message(body: str, root: str = "StructureSpecificData", action: str = "", observed: str = "TIME_PERIOD", reference: str = URN) -> str:
    header = (
        f'<m:Header><m:ID>M</m:ID><m:Structure structureID="S" namespace="urn:x" dimensionAtObservation="{observed}">'
        f"<c:StructureUsage>{reference}</c:StructureUsage></m:Structure>{action}</m:Header>"
    )
    namespaces = 'xmlns:m="urn:message" xmlns:c="urn:common" xmlns:g="urn:generic" xmlns:ss="urn:ss" xmlns:xsi="urn:xsi"'
    return f'<?xml version="1.0"?>\n<m:{root} {namespaces}>{header}\n{body}\n</m:{root}>'


def read(tmp_path: Path, schema: DataSchema, text: str) -> list[tuple[ReadDataSet, pl.DataFrame]]:
    path = tmp_path / "message.xml"
    path.write_text(text, encoding="utf-8")
    return [(dataset, pl.concat(dataset.batches, how="diagonal_relaxed")) for dataset in SdmxMlDataDecoder().decode(path, schema)]


def one(tmp_path: Path, schema: DataSchema, text: str) -> pl.DataFrame:
    ((_, batch),) = read(tmp_path, schema, text)
    return batch


@pytest.fixture
def sdg_schema() -> DataSchema:
    attributes = dict.fromkeys(SDG_ATTRIBUTES, Level.OBSERVATION) | {"UNIT_MEASURE": Level.SERIES}
    return a_schema(SDG_DIMENSIONS, {"OBS_VALUE": "Double"}, attributes)


@pytest.mark.parametrize(
    ("name", "structure", "count"),
    [("Kenya_KE1.xml", "KE1:SDG(1.0)", 68), ("2025_RWA-SDG_Data.xml.gz", "NISR-SDGs:SDG(1.3)", 2330)],
)
def test_national_messages_agree_with_pysdmx(tmp_path: Path, sdg_schema: DataSchema, name: str, structure: str, count: int) -> None:
    content = (SPECIMENS / name).read_bytes()
    path = tmp_path / "data.xml"
    path.write_bytes(gzip.decompress(content) if name.endswith(".gz") else content)
    assert SdmxMlDataDecoder().structures(path) == [(Context.DATASTRUCTURE, structure)]
    (dataset,) = SdmxMlDataDecoder().decode(path, sdg_schema)
    batch = pl.concat(dataset.batches)
    (oracle,) = pysdmx.io.read_sdmx(path, validate=False).data
    expected = oracle.data.astype(object).where(oracle.data.notna(), None)
    assert (batch.height, dataset.action) == (count, Action.MERGE)
    assert batch["OBS_VALUE"].to_list() == [float(value) for value in expected["OBS_VALUE"]]
    for column in ("SERIES", "TIME_PERIOD", "UNIT_MEASURE", "OBS_STATUS", "TIME_DETAIL"):
        assert batch[column].to_list() == [str(value) for value in expected[column]], column


def test_rows_are_the_lines_of_the_observations(tmp_path: Path, schema: DataSchema) -> None:
    observations = '<Obs TIME_PERIOD="2020" OBS_STATUS="M"/>\n<Obs TIME_PERIOD="2021" OBS_VALUE="1"/>'
    text = message(f'<m:DataSet ss:structureRef="S"><Series FREQ="A" AREA="KG">\n{observations}</Series></m:DataSet>')
    assert one(tmp_path, schema, text)[SOURCE_ROW].to_list() == [4, 5]


def test_batches_are_bounded_and_complete(tmp_path: Path, schema: DataSchema, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_data, "_BATCH", 4)
    series = "".join(
        f'<Series FREQ="A" AREA="A{number}"><Obs TIME_PERIOD="2020" OBS_VALUE="{number}"/><Obs TIME_PERIOD="2021" OBS_STATUS="M"/></Series>'
        for number in range(5)
    )
    text = message(
        f'<m:DataSet ss:structureRef="S" ss:action="Replace"><Group xsi:type="x:Owner" FREQ="A" OWNER="all"/>{series}</m:DataSet>'
    )
    path = tmp_path / "message.xml"
    path.write_text(text)
    (dataset,) = SdmxMlDataDecoder().decode(path, schema)
    batches = list(dataset.batches)
    assert [batch.height for batch in batches] == [4, 4, 2]
    assert all(batch["OWNER"].to_list() == ["all"] * batch.height for batch in batches)
    assert (dataset.structure, dataset.action) == (FLOW, Action.REPLACE)


def test_flat_observations_and_attributes_of_the_dataset(tmp_path: Path, schema: DataSchema) -> None:
    body = '<m:DataSet ss:structureRef="S" NOTE="all"><Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="INF" xsi:type="x"/></m:DataSet>'
    batch = one(tmp_path, schema, message(body, observed="AllDimensions"))
    assert batch.select("AREA", "NOTE", "OBS_VALUE").rows() == [("KG", "all", float("inf"))]


def test_components_with_several_values_and_languages(tmp_path: Path, schema: DataSchema) -> None:
    body = """<m:DataSet ss:structureRef="S"><Atts><Comp id="NOTE"><Value>n</Value></Comp></Atts><Series FREQ="A" AREA="KG" UNIT="PT">
      <Comp id="TITLE" xsi:type="t"><Value><c:Text xml:lang="fr">Eau</c:Text><c:Text>Water</c:Text></Value></Comp>
      <Obs TIME_PERIOD="2020" OBS_VALUE="1"><Comp id="SOURCES"><Value>WHO</Value><Value>a;b</Value></Comp></Obs>
      <Obs TIME_PERIOD="2021" OBS_VALUE="2" SOURCES="one"/></Series></m:DataSet>"""
    batch = one(tmp_path, schema, message(body))
    assert batch["SOURCES"].to_list() == [["WHO", "a;b"], ["one"]]
    assert batch["TITLE"].to_list() == [[{"lang": "fr", "value": "Eau"}, {"lang": "en", "value": "Water"}]] * 2
    assert batch["NOTE"].to_list() == ["n", "n"]


def test_groups_give_their_attributes_and_the_others_stay_open(tmp_path: Path, schema: DataSchema) -> None:
    body = """<m:DataSet ss:structureRef="S"><Group FREQ="A" OWNER="state"/><Group FREQ="Q" OWNER="village"/>
      <Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>
      <Series FREQ="M" AREA="KG"><Obs TIME_PERIOD="2020-01" OBS_VALUE="2"/></Series></m:DataSet>"""
    batch = one(tmp_path, schema, message(body))
    assert batch.select("FREQ", "AREA", "TIME_PERIOD", "OWNER").rows() == [
        ("A", "KG", "2020", "state"),
        ("M", "KG", "2020-01", None),
        ("Q", None, None, "village"),
    ]


def test_generic_data_of_2_1(tmp_path: Path, schema: DataSchema) -> None:
    body = """<m:DataSet structureRef="S" action="Delete"><g:Series>
      <g:SeriesKey><g:Value id="FREQ" value="A"/><g:Value id="AREA" value="KG"/></g:SeriesKey>
      <g:Attributes><g:Value id="UNIT" value="PT"/></g:Attributes>
      <g:Obs><g:ObsDimension value="2020"/><g:ObsValue value="1.5"/>
      <g:Attributes><g:Value id="OBS_STATUS" value="A"/></g:Attributes></g:Obs>
      </g:Series></m:DataSet>"""
    ((dataset, batch),) = read(tmp_path, schema, message(body, "GenericData"))
    assert dataset.action is Action.DELETE
    assert batch.drop(SOURCE_ROW).row(0) == ("A", "KG", "2020", 1.5, "A", "PT")


def test_generic_time_series_and_flat_generic_data(tmp_path: Path, schema: DataSchema) -> None:
    values = '<g:Value id="FREQ" value="A"/><g:Value id="AREA" value="KG"/>'
    observation = '<g:Obs><g:ObsDimension value="2020"/><g:ObsValue value="1"/></g:Obs>'
    series = f'<m:DataSet structureRef="S"><g:Series><g:SeriesKey>{values}</g:SeriesKey>{observation}</g:Series></m:DataSet>'
    key = f'<g:ObsKey>{values}<g:Value id="TIME_PERIOD" value="2020"/></g:ObsKey>'
    note = '<g:Attributes><g:Value id="NOTE" value="n"/></g:Attributes>'
    flat = f'<m:DataSet structureRef="S">{note}<g:Obs>{key}<g:ObsValue value="1"/></g:Obs></m:DataSet>'
    assert one(tmp_path, schema, message(series, "GenericTimeSeriesData")).row(0)[:4] == ("A", "KG", "2020", 1.0)
    assert one(tmp_path, schema, message(flat, "GenericData")).row(0)[:5] == ("A", "KG", "2020", 1.0, "n")


@pytest.mark.parametrize(
    ("reference", "structure"),
    [
        ("<c:URN>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:D(1.0)</c:URN>", (Context.DATASTRUCTURE, "CDE:D(1.0)")),
        ('<Ref agencyID="CDE" id="DF" version="2.0" class="Dataflow"/>', (Context.DATAFLOW, "CDE:DF(2.0)")),
        ('<Ref agencyID="CDE" id="DF"/>', (Context.DATAFLOW, "CDE:DF(1.0)")),
    ],
)
def test_the_header_names_the_structure_in_several_ways(tmp_path: Path, schema: DataSchema, reference: str, structure: object) -> None:
    body = '<m:DataSet><Obs FREQ="A" AREA="KG" TIME_PERIOD="2020"/></m:DataSet>'
    path = tmp_path / "message.xml"
    path.write_text(message(body.replace("/>", ' OBS_VALUE="1"/>'), reference=reference))
    assert SdmxMlDataDecoder().structures(path) == [structure]


def test_the_action_of_the_header_holds_for_datasets_without_one(tmp_path: Path, schema: DataSchema) -> None:
    obs = '<Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="1"/>'
    body = f'<m:DataSet ss:structureRef="S">{obs}</m:DataSet><m:DataSet ss:structureRef="S" ss:action="Append">{obs}</m:DataSet>'
    found = read(tmp_path, schema, message(body, action="<m:DataSetAction>Replace</m:DataSetAction>"))
    assert [dataset.action for dataset, _ in found] == [Action.REPLACE, Action.MERGE]


def test_empty_series_say_nothing_unless_they_delete(tmp_path: Path, schema: DataSchema) -> None:
    body = '<m:DataSet ss:structureRef="S" ss:action="{}"><Series FREQ="A" AREA="KG"/></m:DataSet>'
    assert one(tmp_path, schema, message(body.format("Merge"))).is_empty()
    assert one(tmp_path, schema, message(body.format("Delete"))).row(0)[:3] == ("A", "KG", None)


OBS = '<Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="{}"/>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (message('<m:DataSet ss:structureRef="S">' + OBS.format("many") + "</m:DataSet>"), "line 3: OBS_VALUE is 'many'"),
        (
            message('<m:DataSet ss:structureRef="S"><Obs FREQ="A" AREA="KG" OBS_VALUE="1"/></m:DataSet>'),
            "line 3: the observation has no value for TIME_PERIOD",
        ),
        (
            message('<m:DataSet ss:structureRef="S">' + OBS.format("1").replace("/>", ' LAND="x"/>') + "</m:DataSet>"),
            "Known are FREQ, AREA",
        ),
        (
            message('<m:DataSet ss:structureRef="T"></m:DataSet>'),
            "line 3: the dataset refers to the structure 'T'; the header declares 'S'",
        ),
        (message('<m:DataSet ss:structureRef="S" ss:action="Burn"></m:DataSet>'), "the action 'Burn' is not known"),
        (message("<m:DataSet>", reference="CDE:DF"), "names no data structure"),
        (message('<m:DataSet ss:structureRef="S"><Series FREQ="A">'), "not well-formed XML"),
        ("<m:Structure xmlns:m='u'><m:Header/></m:Structure>", "the message is a 'Structure', not a data message"),
        ("<a/>", "neither a header nor a dataset"),
        (message("").replace("<m:Str", '<!DOCTYPE x [<!ENTITY e "e">]>\n<m:Str', 1), "document type"),
    ],
)
def test_errors_name_line_and_remedy(tmp_path: Path, schema: DataSchema, text: str, expected: str) -> None:
    with pytest.raises((MalformedMessage, InvalidObservations)) as caught:
        read(tmp_path, schema, text)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            '<Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020"><Comp id="UNIT"><Value>a</Value><Value>b</Value></Comp></Obs></Series>',
            "line 3: UNIT takes one value but has 2: 'a', 'b'",
        ),
        (
            """<Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020">
            <Comp id="UNIT"><Value>a</Value></Comp><Comp id="UNIT"><Value>b</Value></Comp></Obs></Series>""",
            "line 3: UNIT takes one value but has 2: 'a', 'b'",
        ),
        (
            '<Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020" UNIT="a"><Comp id="UNIT"><Value>b</Value></Comp></Obs></Series>',
            "line 3: UNIT takes one value but has 2: 'a', 'b'",
        ),
        (
            '<Series FREQ="A" AREA="KG" UNIT="a"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/>\n<Obs TIME_PERIOD="2021" UNIT="b"/></Series>',
            "line 4: UNIT takes one value, but the observation says 'b' and its series says 'a'",
        ),
        (
            '<Series FREQ="A" AREA="KG"><Obs FREQ="M" TIME_PERIOD="2020" OBS_VALUE="1"/></Series>',
            "line 3: FREQ takes one value, but the observation says 'M' and its series says 'A'",
        ),
        (
            '<Group FREQ="A" OWNER="a"/><Series FREQ="A" AREA="KG" OWNER="b"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>',
            "line 3: OWNER takes one value, but the observation says 'b' and its group says 'a'",
        ),
        (
            """<Group FREQ="A" OWNER="a"/>
            <Group FREQ="A" OWNER="b"/><Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>""",
            "line 4: OWNER takes one value for FREQ=A, but has 'a' and 'b'",
        ),
        (
            """<Series FREQ="A" AREA="KG"><Comp id="TITLE"><Value><c:Text>a</c:Text></Value>
            <Value><c:Text>b</c:Text></Value></Comp><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>""",
            "line 4: TITLE takes one value but has 2: 'en:a', 'en:b'",
        ),
    ],
)
def test_two_values_for_one_are_refused_with_the_place(tmp_path: Path, schema: DataSchema, body: str, expected: str) -> None:
    with pytest.raises(InvalidObservations) as caught:
        one(tmp_path, schema, message(f'<m:DataSet ss:structureRef="S">{body}</m:DataSet>'))
    assert str(caught.value).startswith(expected)


def test_the_same_value_at_two_levels_is_one(tmp_path: Path, schema: DataSchema) -> None:
    body = """<m:DataSet ss:structureRef="S"><Group FREQ="A" OWNER="a"/><Series FREQ="A" AREA="KG" OWNER="a" UNIT="u">
      <Comp id="TITLE"><Value>t</Value></Comp>
      <Obs FREQ="A" TIME_PERIOD="2020" UNIT="u"><Comp id="TITLE"><Value><c:Text xml:lang="en">t</c:Text></Value></Comp></Obs>
      </Series></m:DataSet>"""
    batch = one(tmp_path, schema, message(body))
    assert batch.select("FREQ", "UNIT", "OWNER").rows() == [("A", "u", "a")]
    assert batch["TITLE"].to_list() == [[{"lang": "en", "value": "t"}]]


def test_a_generic_value_that_stands_twice_is_refused_with_the_place(tmp_path: Path, schema: DataSchema) -> None:
    twice = '<g:Attributes><g:Value id="UNIT" value="a"/><g:Value id="UNIT" value="b"/></g:Attributes>'
    key = '<g:SeriesKey><g:Value id="FREQ" value="A"/><g:Value id="AREA" value="KG"/></g:SeriesKey>'
    body = f'<m:DataSet structureRef="S"><g:Series>{key}{twice}</g:Series></m:DataSet>'
    with pytest.raises(InvalidObservations, match="line 3: UNIT takes one value but stands there twice"):
        one(tmp_path, schema, message(body, "GenericData"))


FLAT = '<Obs FREQ="{}" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="1"/>'
SERIES = '<Series FREQ="{}" AREA="KG" UNIT="u"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>'


@pytest.mark.parametrize("order", ["FS", "SF", "FFSFSF"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_series_and_bare_observations_of_one_dataset_are_read(
    tmp_path: Path, schema: DataSchema, order: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_data, "_BATCH", size)
    parts = [(FLAT if kind == "F" else SERIES).format(f"F{number}") for number, kind in enumerate(order)]
    batch = one(tmp_path, schema, message(f'<m:DataSet ss:structureRef="S">{"".join(parts)}</m:DataSet>'))
    units = batch["UNIT"].to_list() if "UNIT" in batch.columns else [None]
    assert list(zip(batch["FREQ"].to_list(), units, strict=True)) == [
        (f"F{number}", "u" if kind == "S" else None) for number, kind in enumerate(order)
    ]


def test_explicit_measures_are_values_of_the_dimension_at_the_observation(tmp_path: Path, schema: DataSchema) -> None:
    xsi = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    observations = f'<Obs {xsi} i:type="x:KG" OBS_VALUE="1"/><Obs {xsi} i:type="MW" OBS_VALUE="2"/>'
    body = f'<m:DataSet ss:structureRef="S"><Series FREQ="A" TIME_PERIOD="2020">{observations}</Series></m:DataSet>'
    text = message(body, observed="AREA").replace("<m:Structure ", '<m:Structure explicitMeasures="true" ')
    assert one(tmp_path, schema, text).select("AREA", "OBS_VALUE").rows() == [("KG", 1.0), ("MW", 2.0)]
    with pytest.raises(InvalidObservations, match="no value for AREA"):
        one(tmp_path, schema, text.replace("explicitMeasures", "others"))


def test_unknown_attributes_of_a_dataset_are_refused(tmp_path: Path, schema: DataSchema) -> None:
    body = '<m:DataSet ss:structureRef="S" {}="x"><Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="1"/></m:DataSet>'
    with pytest.raises(InvalidObservations, match=r"line 3: 'NOTES' \(did you mean NOTE\?\) is no component"):
        one(tmp_path, schema, message(body.format("NOTES")))
    assert one(tmp_path, schema, message(body.format("setID"))).height == 1


@pytest.mark.parametrize("action", ["Merge", "Replace", "Delete"])
def test_unknown_components_are_refused_whatever_the_action(tmp_path: Path, schema: DataSchema, action: str) -> None:
    body = f'<m:DataSet ss:structureRef="S" ss:action="{action}"><Series FREQ="A" AREAS="KG"/></m:DataSet>'
    with pytest.raises(InvalidObservations, match=r"line 3: 'AREAS' \(did you mean AREA\?\) is no component"):
        one(tmp_path, schema, message(body))


def test_a_value_has_one_text_per_language(tmp_path: Path) -> None:
    several = Representation(format=TextFormat(is_multi_lingual=True), max_occurs="unbounded")
    schema = a_schema(("FREQ",), {"OBS_VALUE": "Double"}, {"TITLES": Level.SERIES}, {"TITLES": several})
    text = '<c:Text xml:lang="en">{}</c:Text>'
    values = {"one": f"<Value>{text.format('a')}{text.format('b')}</Value>", "two": f"<Value>{text.format('a')}</Value>" * 2}
    series = '<m:DataSet ss:structureRef="S"><Series FREQ="A"><Comp id="TITLES">{}</Comp><Obs TIME_PERIOD="2020"/></Series></m:DataSet>'
    with pytest.raises(InvalidObservations, match="line 3: a value of TITLES has several texts in one language: 'en:a', 'en:b'"):
        one(tmp_path, schema, message(series.format(values["one"])))
    read_back = one(tmp_path, schema, message(series.format(values["two"])))["TITLES"].to_list()
    assert read_back == [[[{"lang": "en", "value": "a"}]] * 2]


@pytest.mark.parametrize("prefix", ["", "m:"])
def test_reference_metadata_are_told_to_be_left_out(tmp_path: Path, schema: DataSchema, prefix: str) -> None:
    metadata = f'\n<{prefix}Metadata><{prefix}Attribute id="CONTACT"/></{prefix}Metadata>'
    body = '<m:DataSet ss:structureRef="S"><Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="1"/>{}</m:DataSet>'
    path = tmp_path / "message.xml"
    for content, expected in ((metadata * 2, [("metadata-left-out", 4, 2)]), ("", [])):
        path.write_text(message(body.format(content)))
        assert [(found.code, found.row, found.count) for found in SdmxMlDataDecoder().left_out(path, schema)] == expected
        assert one(tmp_path, schema, path.read_text()).height == 1
    path.write_text(message(body.format("").replace('"1"', '"1" UNIT="Metadata>"')))
    assert SdmxMlDataDecoder().left_out(path, schema) == []


def test_annotations_of_data_are_told_to_be_left_out(tmp_path: Path, schema: DataSchema) -> None:
    annotations = '\n<c:Annotations><c:Annotation id="A"/><c:Annotation id="B"/></c:Annotations>'
    series = f'<Series FREQ="A" AREA="KG">{annotations}<Obs TIME_PERIOD="2020" OBS_VALUE="1">{annotations}</Obs></Series>'
    path = tmp_path / "message.xml"
    path.write_text(message(f'<m:DataSet ss:structureRef="S">{annotations}{series}</m:DataSet>'))
    assert [(found.code, found.row, found.count) for found in SdmxMlDataDecoder().left_out(path, schema)] == [
        ("annotations-left-out", 4, 6)
    ]
    assert one(tmp_path, schema, path.read_text())["OBS_VALUE"].to_list() == [1]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{row}\n<Serie FREQ="A" AREA="MW"/>', "line 4: DataSet holds a 'Serie'"),
        ('<Observation FREQ="A" AREA="MW"/>{row}', "line 3: DataSet holds a 'Observation'"),
        (
            '<Series FREQ="A" AREA="KG"><Ob TIME_PERIOD="2021"/><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>',
            "line 3: Series holds a 'Ob'",
        ),
        ('<Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020"><comp id="UNIT"><Value>m</Value></comp></Obs></Series>', "Obs holds a 'comp'"),
        ('<Atts><Attribute id="UNIT"/></Atts>{row}', "line 3: Atts holds a 'Attribute'"),
    ],
)
@pytest.mark.parametrize("action", ["Merge", "Delete"])
def test_elements_that_nobody_reads_are_refused(tmp_path: Path, schema: DataSchema, body: str, place: str, action: str) -> None:
    row = '<Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="1"/>'
    text = message(f'<m:DataSet ss:structureRef="S" ss:action="{action}">{body.format(row=row)}</m:DataSet>')
    with pytest.raises(MalformedMessage, match=place):
        one(tmp_path, schema, text)


def test_elements_that_nobody_reads_are_refused_in_generic_messages_too(tmp_path: Path, schema: DataSchema) -> None:
    values = '<g:Value id="FREQ" value="A"/><g:Value id="AREA" value="KG"/>'
    series = f'<g:Series><g:SeriesKey>{values}</g:SeriesKey><g:Atributes><g:Value id="UNIT" value="m"/></g:Atributes></g:Series>'
    with pytest.raises(MalformedMessage, match="line 3: Series holds a 'Atributes'"):
        one(tmp_path, schema, message(f'<m:DataSet structureRef="S">{series}</m:DataSet>', "GenericData"))


def test_an_empty_attribute_is_an_absent_value(tmp_path: Path, schema: DataSchema) -> None:
    body = '<m:DataSet ss:structureRef="S"><Obs FREQ="A" AREA="KG" TIME_PERIOD="2020" OBS_VALUE="" OBS_STATUS="M" UNIT=""/></m:DataSet>'
    batch = one(tmp_path, schema, message(body))
    assert batch.select("OBS_VALUE", "OBS_STATUS", "UNIT").rows() == [(None, "M", None)]
    with pytest.raises(InvalidObservations, match="line 3: the observation has no value for AREA"):
        one(tmp_path, schema, message(body.replace('"KG"', '""')))


def test_naming_the_structures_of_a_message_holds_none_of_its_rows(
    tmp_path: Path, schema: DataSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = '<Series FREQ="A" AREA="KG"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/><Obs TIME_PERIOD="2021" OBS_VALUE="1"/></Series>'
    path = tmp_path / "message.xml"
    path.write_text(message(f'<m:DataSet ss:structureRef="S">{series * 5000}<Obs/><Group/></m:DataSet>'))
    sizes: list[int] = []
    forget = reading_data._forget

    def watched(element: etree._Element) -> None:
        parent = element.getparent()
        assert parent is not None
        sizes.append(len(parent))
        forget(element)

    monkeypatch.setattr(reading_data, "_forget", watched)
    assert SdmxMlDataDecoder().structures(path) == [FLOW]
    assert len(sizes) == 15_002
    # The parser reads ahead by a block of the file, not more.
    assert max(sizes) < 1000
