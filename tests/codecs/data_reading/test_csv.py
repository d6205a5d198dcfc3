"""SDMX-CSV as others write it (field guides 1.0, 2.0, 2.1)."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from exchange.codecs.ports import ReadDataSet
from exchange.codecs.sdmx_csv import reading_records
from exchange.codecs.sdmx_csv.reading import SdmxCsvDecoder
from exchange.errors import InvalidObservations, MalformedMessage
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.query.values.data_query import Context
from registry.data_schema import DataSchema

FLOW = (Context.DATAFLOW, "CDE:DF_WATER(1.0.0)")


def read(tmp_path: Path, schema: DataSchema, text: str) -> list[tuple[ReadDataSet, pl.DataFrame]]:
    path = tmp_path / "message.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return [(dataset, pl.concat(dataset.batches, how="diagonal")) for dataset in SdmxCsvDecoder().decode(path, schema)]


def test_version_1_any_separator_and_decimal_comma(tmp_path: Path, schema: DataSchema) -> None:
    text = "DATAFLOW;FREQ;AREA;TIME_PERIOD;OBS_VALUE;UNIT\nCDE:DF_WATER(1.0.0);A;KG;2020;12,5;PT\n"
    ((dataset, batch),) = read(tmp_path, schema, text)
    assert (dataset.structure, dataset.action) == (FLOW, Action.MERGE)
    assert batch.row(0, named=True) == {
        "FREQ": "A",
        "AREA": "KG",
        "TIME_PERIOD": "2020",
        "OBS_VALUE": 12.5,
        "UNIT": "PT",
        SOURCE_ROW: 2,
    }


def test_consecutive_rows_of_one_action_are_a_dataset_in_order(tmp_path: Path, schema: DataSchema) -> None:
    rows = [("M", "2020"), ("M", "2021"), ("R", "2022"), ("D", "2023"), ("I", "2024"), ("A", "2025"), ("", "2026")]
    lines = [f"dataflow,CDE:DF_WATER(1.0.0),{action},A,KG,{year},1" for action, year in rows]
    found = read(tmp_path, schema, "\n".join(["STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE", *lines]))
    assert [(dataset.action, batch[SOURCE_ROW].to_list()) for dataset, batch in found] == [
        (Action.MERGE, [2, 3]),
        (Action.REPLACE, [4]),
        (Action.DELETE, [5]),
        (Action.MERGE, [6, 7, 8]),
    ]


def test_several_structures_become_datasets_that_name_them(tmp_path: Path, schema: DataSchema) -> None:
    text = (
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE\n"
        "dataflow,CDE:DF_WATER(1.0.0): Water,M,A,KG,2020,1\n"
        "datastructure,CDE:DSD_WATER,M,A,KG,2021,1\n"
        "dataprovision,CDE:PA_WATER(1.0.0),M,A,KG,2022,1\n"
    )
    expected = [FLOW, (Context.DATASTRUCTURE, "CDE:DSD_WATER"), (Context.PROVISION_AGREEMENT, "CDE:PA_WATER(1.0.0)")]
    assert [dataset.structure for dataset, _ in read(tmp_path, schema, text)] == expected
    assert SdmxCsvDecoder().structures(tmp_path / "message.csv") == expected


def test_columns_in_any_order_with_custom_ones_between(tmp_path: Path, schema: DataSchema) -> None:
    text = (
        "STRUCTURE,STRUCTURE_ID,UPDATED,OBS_VALUE,TIME_PERIOD,OBS_KEY,AREA,FREQ\ndataflow,CDE:DF_WATER(1.0.0),now,3,2020,A.KG.2020,KG,A\n"
    )
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch.columns == ["FREQ", "AREA", "TIME_PERIOD", "OBS_VALUE", SOURCE_ROW]


def test_several_values_and_languages_in_a_cell(tmp_path: Path, schema: DataSchema) -> None:
    text = (
        "STRUCTURE[|],STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,SOURCES[],TITLE[en|fr]\n"
        'dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2020,1,"WHO|""a|b""",en:Water: all|fr:Eau\n'
        "dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2021,1,WHO,\n"
        'dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2022,1,,"""en:One|fr:Un"""\n'
    )
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch["SOURCES"].to_list() == [["WHO", "a|b"], ["WHO"], None]
    assert [[(text["lang"], text["value"]) for text in cell or ()] for cell in batch["TITLE"].to_list()] == [
        [("en", "Water: all"), ("fr", "Eau")],
        [],
        [("en", "One"), ("fr", "Un")],
    ]


def test_labels_end_at_the_first_colon(tmp_path: Path, schema: DataSchema) -> None:
    text = (
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ: Frequency,AREA: Area,TIME_PERIOD: Time,OBS_VALUE: Value,UNIT: Unit\n"
        "dataflow,CDE:DF_WATER(1.0.0): Water: all,M,A: Annual,KG: Kyrgyzstan: all,2020: 2020,5,per day: mean\n"
    )
    ((dataset, batch),) = read(tmp_path, schema, text)
    assert dataset.structure == FLOW
    assert batch.row(0)[:5] == ("A", "KG", "2020", 5.0, "per day: mean")


def test_deletions_leave_dimensions_open_and_take_any_value(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE,STRUCTURE_ID,ACTION,AREA,OBS_VALUE,COUNT,CONFIRMED\ndataflow,CDE:DF_WATER(1.0.0),D,KG,-,x,\n"
    ((dataset, batch),) = read(tmp_path, schema, text)
    row = batch.row(0, named=True)
    assert dataset.action is Action.DELETE
    assert (row["FREQ"], row["AREA"], row["TIME_PERIOD"]) == (None, "KG", None)
    assert row["OBS_VALUE"] is not None
    assert row["COUNT"] is not None
    assert row.get("CONFIRMED") is None


def test_everything_is_deleted_by_a_row_without_components(tmp_path: Path, schema: DataSchema) -> None:
    ((dataset, batch),) = read(tmp_path, schema, "STRUCTURE,STRUCTURE_ID,ACTION\ndatastructure,CDE:DSD_WATER(1.0.0),D\n")
    assert (dataset.action, batch.height) == (Action.DELETE, 1)
    assert batch.row(0)[:3] == (None, None, None)


def test_a_dimension_switched_off_must_not_widen_a_deletion(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OWNER\ndataflow,CDE:DF_WATER(1.0.0),D,A,~,~,{}\n"
    ((_, batch),) = read(tmp_path, schema, text.format("x"))
    assert batch.row(0, named=True)["AREA"] is None
    with pytest.raises(InvalidObservations, match="line 2: a deletion with a dimension switched off"):
        read(tmp_path, schema, text.format(""))


def test_attributes_of_a_part_of_the_key_leave_dimensions_open(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OWNER\ndataflow,CDE:DF_WATER(1.0.0),M,A,,~,the ministry\n"
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch.row(0)[:4] == ("A", None, None, "the ministry")


def test_missing_on_purpose(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,UNIT\ndataflow,CDE:DF_WATER(1.0.0),M,A,KG,2020,NaN,#N/A\n"
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch["OBS_VALUE"].is_nan().to_list() == [True]
    assert batch["UNIT"].to_list() == ["#N/A"]


def test_lines_are_counted_across_quoted_breaks_and_blocks(tmp_path: Path, schema: DataSchema, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_records, "_BLOCK", 100)
    lines = [f'dataflow,CDE:DF_WATER(1.0.0),M,A,KG,{1900 + number},{number},"a\nb"' for number in range(50)]
    found = read(tmp_path, schema, "\ufeff" + "\r\n".join(["STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,UNIT", *lines]))
    ((_, batch),) = found
    assert batch[SOURCE_ROW].to_list() == list(range(2, 102, 2))
    assert batch["OBS_VALUE"].to_list() == list(map(float, range(50)))


HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,COUNT,CONFIRMED\ndataflow,CDE:DF_WATER(1.0.0),M,A,KG,2020,1,1,true\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "line 1: an SDMX-CSV message begins with the column DATAFLOW"),
        ("", "line 1: the header row is missing"),
        ("STRUCTURE,FREQ\n", "second column must be STRUCTURE_ID"),
        ("STRUCTURE,STRUCTURE_ID,FREQ,FREQ\n", "line 1: the column 'FREQ' stands twice"),
        (HEAD + "table,CDE:DF(1.0),M,A,KG,2021,1,1,\n", "line 3: STRUCTURE is 'table'"),
        (HEAD + "dataflow,water,M,A,KG,2021,1,1,\n", "line 3: 'water' does not name a structure"),
        (HEAD + "dataflow,CDE:DF(1.0),X,A,KG,2021,1,1,\n", "line 3: ACTION is 'x'"),
        (HEAD + "dataflow,CDE:DF(1.0),M,A,KG,2021\n", "line 3: the record has 6 fields but the header has 9"),
        (HEAD + 'dataflow,CDE:DF(1.0),M,A,K"G,2021,1,1,\n', "line 3: a quote stands in the middle"),
        (HEAD + 'dataflow,CDE:DF(1.0),M,A,"KG,2021,1,1,\n', "line 3: a quote opens here and never closes"),
        (HEAD + "dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2021,many,1,\n", "line 3: OBS_VALUE is 'many', which is not a number"),
        (HEAD + "dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2021,1,1.5,\n", "line 3: COUNT is '1.5', which is not a whole number"),
        (HEAD + "dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2021,1,1,maybe\n", "line 3: CONFIRMED is 'maybe', which is not true or false"),
        (HEAD + "dataflow,CDE:DF_WATER(1.0.0),M,A,,2021,1,1,\n", "line 3: the observation has no value for AREA"),
        ("STRUCTURE,STRUCTURE_ID,ACTION,X\ndataflow,CDE:DF(1.0),M,1\n", "no column of the message is a component of DSD_WATER"),
    ],
)
def test_errors_name_line_component_and_remedy(tmp_path: Path, schema: DataSchema, text: str, message: str) -> None:
    with pytest.raises((MalformedMessage, InvalidObservations)) as caught:
        read(tmp_path, schema, text)
    assert message in str(caught.value)


def test_a_message_in_another_encoding_is_refused(tmp_path: Path, schema: DataSchema) -> None:
    path = tmp_path / "message.csv"
    path.write_bytes((HEAD + "dataflow,CDE:DF(1.0),M,A,KÖ,2021,1,1,\n").encode("latin-1"))
    with pytest.raises(MalformedMessage, match="UTF-8"):
        [list(dataset.batches) for dataset in SdmxCsvDecoder().decode(path, schema)]


def test_a_separator_too_many_at_the_end_is_forgiven(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA\ndataflow,CDE:DF_WATER(1.0.0),D,A,,\ndataflow,CDE:DF_WATER(1.0.0),D,A,KG\n"
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch["AREA"].to_list() == [None, "KG"]


def test_datasets_may_be_gathered_before_they_are_read(tmp_path: Path, schema: DataSchema) -> None:
    lines = [f"dataflow,CDE:DF_WATER(1.0.0),{action},A,KG,{year},1" for action, year in (("M", 2020), ("M", 2021), ("R", 2022))]
    path = tmp_path / "message.csv"
    path.write_text("\n".join(["STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE", *lines]))
    gathered = list(SdmxCsvDecoder().decode(path, schema))
    assert [sum(batch.height for batch in dataset.batches) for dataset in gathered] == [2, 1]


@pytest.mark.parametrize("action", ["M", "R", "D"])
def test_an_unknown_column_is_named_with_the_component_that_was_meant(tmp_path: Path, schema: DataSchema, action: str) -> None:
    text = f"STRUCTURE,STRUCTURE_ID,ACTION,FREQ,area,TIME-PERIOD,OBS_VALUE,mine\ndataflow,CDE:DF_WATER(1.0.0),{action},A,KG,2020,1,x\n"
    path = tmp_path / "message.csv"
    path.write_text(text, encoding="utf-8")
    found = [(finding.code, finding.column, finding.component) for finding in SdmxCsvDecoder().left_out(path, schema)]
    assert found == [("unknown-column", "area", "AREA"), ("unknown-column", "TIME-PERIOD", "TIME_PERIOD"), ("unknown-column", "mine", None)]
    if action == "D":
        with pytest.raises(InvalidObservations, match=r"line 2: a deletion must not have unknown columns: 'area' \(did you mean AREA\?\)"):
            read(tmp_path, schema, text)


def test_a_misspelt_key_column_is_named_where_the_key_is_missed(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE,STRUCTURE_ID,freq,AREA,TIME_PERIOD,OBS_VALUE\ndataflow,CDE:DF_WATER(1.0.0),A,KG,2020,1\n"
    with pytest.raises(InvalidObservations, match=r"no value for FREQ.*In the header 'freq' \(did you mean FREQ\?\) is no component"):
        read(tmp_path, schema, text)


def test_a_deletion_among_other_rows_must_not_have_unknown_columns_either(tmp_path: Path, schema: DataSchema) -> None:
    rows = "".join(f"dataflow,CDE:DF_WATER(1.0.0),{action},A,KG,2020,1,x\n" for action in "MD")
    with pytest.raises(InvalidObservations, match="line 3: a deletion must not have unknown columns: 'UNITS'"):
        read(tmp_path, schema, "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,UNITS\n" + rows)


def test_columns_of_names_and_keys_are_no_unknown_columns(tmp_path: Path, schema: DataSchema) -> None:
    path = tmp_path / "message.csv"
    header = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,SERIES_KEY,OBS_KEY,FREQ,How often,AREA,AREA,TIME_PERIOD,Temps,OBS_VALUE,Value"
    path.write_text(f"{header},,\n", encoding="utf-8")
    assert [finding.column for finding in SdmxCsvDecoder().left_out(path, schema)] == [""]
    path.write_text(f"{header},COUNT,UNITS\n", encoding="utf-8")
    assert [(finding.column, finding.component) for finding in SdmxCsvDecoder().left_out(path, schema)] == [("UNITS", "UNIT")]


@pytest.mark.parametrize(
    ("header", "cell", "message"),
    [
        ("UNIT[]", "a;b", "line 2: UNIT takes one value but has 2: 'a', 'b'"),
        ("OBS_VALUE[]", "1;2", "line 2: OBS_VALUE takes one value but has 2: '1', '2'"),
        ("AREA[]", "KG;MW", "line 2: AREA takes one value but has 2: 'KG', 'MW'"),
        ("TITLE[en;fr]", "en:a;fr:b;en:c", "line 2: TITLE takes one value but has 3: 'en:a', 'fr:b', 'en:c'"),
        ("TITLE[en;fr]", '"""en:a;fr:b"";""en:c"""', "line 2: TITLE takes one value but has 3: 'en:a', 'fr:b', 'en:c'"),
    ],
)
def test_several_values_where_one_is_taken_are_refused_with_the_place(
    tmp_path: Path, schema: DataSchema, header: str, cell: str, message: str
) -> None:
    known = {"FREQ": "A", "AREA": "KG", "TIME_PERIOD": "2020"} | {header: cell}
    if header == "AREA[]":
        del known["AREA"]
    text = f"STRUCTURE[;],STRUCTURE_ID,ACTION,{','.join(known)}\ndataflow,CDE:DF_WATER(1.0.0),M,{','.join(known.values())}\n"
    with pytest.raises(InvalidObservations, match="^" + re.escape(message)):
        read(tmp_path, schema, text)


def test_a_value_announced_as_one_of_several_is_one(tmp_path: Path, schema: DataSchema) -> None:
    text = "STRUCTURE[;],STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,UNIT[],TITLE[en]\ndataflow,CDE:DF_WATER(1.0.0),M,A,KG,2020,a,en:b\n"
    ((_, batch),) = read(tmp_path, schema, text)
    assert (batch["UNIT"][0], batch["TITLE"].to_list()) == ("a", [[{"lang": "en", "value": "b"}]])


def test_texts_keep_their_lines_quotes_and_separators(tmp_path: Path, schema: DataSchema) -> None:
    text = (
        "STRUCTURE[;],STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,SOURCES[],TITLE[en;fr]\n"
        'dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2020,"a\nb;""c;""""d"""";\r\ne""","en:line1\nline2;fr:l1\n\nl2"\n'
        'dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2021," a ;;b","""en:line1\nline2"";""fr:l1\r\nl2; l3"""\n'
        'dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2022,a,"""""""en:x;fr:y"""""""\n'
    )
    ((_, batch),) = read(tmp_path, schema, text)
    assert batch["SOURCES"].to_list() == [["a\nb", 'c;"d";\r\ne'], [" a ", "", "b"], ["a"]]
    assert [[tuple(entry.values()) for entry in cell] for cell in batch["TITLE"].to_list()] == [
        [("en", "line1\nline2"), ("fr", "l1\n\nl2")],
        [("en", "line1\nline2"), ("fr", "l1\r\nl2; l3")],
        [("en", "x;fr:y")],
    ]


def test_a_header_may_hold_line_breaks_and_must_end(tmp_path: Path, schema: DataSchema) -> None:
    head = 'STRUCTURE,STRUCTURE_ID,ACTION,"FREQ: how\noften",AREA: where,TIME_PERIOD: when,OBS_VALUE: what\n'
    ((_, batch),) = read(tmp_path, schema, head + "dataflow,CDE:DF_WATER(1.0.0),M,A,KG,2020,1\n")
    assert batch.row(0)[:4] == ("A", "KG", "2020", 1.0)
    assert batch[SOURCE_ROW].to_list() == [3]
    with pytest.raises(MalformedMessage, match="line 1: a quote opens in the header row and never closes"):
        read(tmp_path, schema, head.replace('often"', "often"))
    with pytest.raises(MalformedMessage, match="line 1: the message has 10,003 columns"):
        read(tmp_path, schema, "STRUCTURE,STRUCTURE_ID,ACTION" + ",x" * 10_000 + "\n")


def test_an_empty_text_is_an_absent_value(tmp_path: Path, schema: DataSchema) -> None:
    text = (
        'STRUCTURE[;],STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,UNIT,SOURCES[]\ndataflow,CDE:DF(1.0),M,A,KG,2020,"","",""""""\n'
    )
    ((_, batch),) = read(tmp_path, schema, text)
    assert [batch[name].to_list() for name in ("OBS_VALUE", "UNIT", "SOURCES") if name in batch.columns] == [[None]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,KG,,1,", "line 2: the observation has no value for TIME_PERIOD"),
        ("A,,,,x", "line 2: UNIT has no value for AREA. It is attached to FREQ, AREA"),
        ("A,KG,,,", "line 2: the observation has no value for TIME_PERIOD"),
    ],
)
def test_a_row_with_a_part_of_the_key_carries_only_what_is_attached_to_it(
    tmp_path: Path, schema: DataSchema, row: str, message: str
) -> None:
    head = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,TIME_PERIOD,OBS_VALUE,UNIT\ndataflow,CDE:DF_WATER(1.0.0),M,"
    with pytest.raises(InvalidObservations, match="^" + re.escape(message)):
        read(tmp_path, schema, head + row + "\n")
    ((_, batch),) = read(tmp_path, schema, head + "A,KG,,,x\n")
    assert batch.row(0, named=True)["UNIT"] == "x"
