"""Nothing in a data message is lost without a word: unknown columns, early attributes, deletions that go too far (ADR 0020)."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, written
from tests.cli.test_data import FLOW, a_family, csv

FLOW_URN = f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={FLOW}"


@pytest.fixture
def water(exchange: Command, tmp_path: Path) -> Command:
    """AREA, TIME_PERIOD, OBS_VALUE, OBS_STATUS and TITLE (of the area) with three observations."""
    assert exchange("structures", "import", written(tmp_path / "structures.xml", *a_family())).code == 0
    file = csv(tmp_path / "first.csv", "MW,2019,1,A,T", "MW,2020,2,A,T", "KG,2020,3,A,U")
    assert exchange("data", "load", file, "--dataflow", FLOW).code == 0
    return exchange


def rows(water: Command, tmp_path: Path) -> list[str]:
    """What is stored, as rows of SDMX-CSV without the leading columns."""
    done = water("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", tmp_path / "out.csv")
    if done.code:
        assert "nothing-found" in done.err
        return []
    return [line.split(",", 3)[3] for line in (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:]]


STORED = ["KG,2020,3,A,U", "MW,2019,1,A,T", "MW,2020,2,A,T"]


def deletion(path: Path, header: str, *cells: str) -> Path:
    path.write_text(
        "\n".join([f"STRUCTURE,STRUCTURE_ID,ACTION{header}", *(f"dataflow,{FLOW},D{row}" for row in cells)]) + "\n", encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    "header", [",AREAS,TIME_PERIOD", ",area,TIME_PERIOD", ",AREA,TIME", ",AREA,TIME_PERIOD,STATUS", ",AREA,TIME_PERIOD,x"]
)
@pytest.mark.parametrize("option", [(), ("--dry-run",), ("--allow-empty",)])
def test_a_deletion_with_an_unknown_column_is_refused(water: Command, tmp_path: Path, header: str, option: tuple[str, ...]) -> None:
    cells = ",MW" + "," * (header.count(",") - 1)
    done = water("data", "load", deletion(tmp_path / "d.csv", header, cells), "--dataflow", FLOW, *option)
    assert done.code == 1
    assert "a deletion must not have unknown columns" in done.err
    assert rows(water, tmp_path) == STORED


def test_elsewhere_an_unknown_column_is_named_with_what_was_meant(water: Command, tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", "MW,2021,1,A,T,n", header="AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITEL,mine")
    done = water("data", "load", file, "--dataflow", FLOW)
    assert (done.code, "1 inserted" in done.out) == (0, True)
    assert "'TITEL' is no component of" in done.err
    assert "Did you mean TITLE?" in done.err
    assert "'mine' is no component of" in done.err


def test_omitted_dimensions_are_any_value_and_the_answer_counts_what_goes(water: Command, tmp_path: Path) -> None:
    done = water("data", "load", deletion(tmp_path / "d.csv", ",AREA", ",MW"), "--dataflow", FLOW)
    assert (done.code, "2 deleted" in done.out) == (0, True)
    assert rows(water, tmp_path) == STORED[:1]


SPACE = 'xmlns:m="urn:m" xmlns:c="urn:c" xmlns:ss="urn:ss"'
XML = f"""<m:StructureSpecificData {SPACE}><m:Header><m:Structure structureID="S" dimensionAtObservation="AllDimensions">
<c:StructureUsage>{FLOW_URN}</c:StructureUsage></m:Structure></m:Header>
<m:DataSet ss:structureRef="S" ss:action="Delete"><Obs AREA="MW"/><Obs AREA="KG"/></m:DataSet></m:StructureSpecificData>"""
JSON = {
    "meta": {"schema": "https://json.sdmx.org/2.1/sdmx-json-data-schema.json", "id": "m"},
    "data": {
        "structures": [
            {
                "links": [{"rel": "dataflow", "urn": FLOW_URN}],
                "dimensions": {"observation": [{"id": "AREA", "values": [{"id": "MW"}, {"id": "KG"}]}]},
                "measures": {"observation": []},
            }
        ],
        "dataSets": [{"action": "Delete", "observations": {"0": [], "1": []}}],
    },
}
EMPTYING = {
    "everything.csv": f"STRUCTURE,STRUCTURE_ID,ACTION\ndataflow,{FLOW},D\n",
    "areas.csv": f"STRUCTURE,STRUCTURE_ID,ACTION,AREA\ndataflow,{FLOW},D,MW\ndataflow,{FLOW},D,KG\n",
    "values.csv": f"STRUCTURE,STRUCTURE_ID,ACTION,AREA,OBS_VALUE\ndataflow,{FLOW},D,,-\n",
    "areas.xml": XML,
    "areas.json": json.dumps(JSON),
}


@pytest.mark.parametrize("name", EMPTYING)
def test_a_message_that_leaves_nothing_needs_permission_in_every_format(water: Command, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(EMPTYING[name], encoding="utf-8")
    for option in ((), ("--dry-run",)):
        done = water("data", "load", file, "--dataflow", FLOW, *option)
        assert (done.code, done.out) == (1, "")
        assert done.err.splitlines()[-1].endswith("[would-empty-dataflow]")
        assert "--allow-empty" in done.err
    assert rows(water, tmp_path) == STORED
    done = water("data", "load", file, "--dataflow", FLOW, "--allow-empty")
    assert (done.code, "3 deleted" in done.out or "3 updated" in done.out) == (0, True)
    assert [row.split(",")[2] for row in rows(water, tmp_path)] == ([""] * 3 if name == "values.csv" else [])


def test_replacing_everything_needs_no_permission(water: Command, tmp_path: Path) -> None:
    file = deletion(tmp_path / "r.csv", ",AREA,TIME_PERIOD,OBS_VALUE", ",,,")
    file.write_text(file.read_text(encoding="utf-8") + f"dataflow,{FLOW},R,KG,2021,9\n", encoding="utf-8")
    assert water("data", "load", file, "--dataflow", FLOW).code == 0
    assert rows(water, tmp_path) == ["KG,2021,9,,"]


def test_actions_of_one_file_happen_in_the_order_of_its_rows(water: Command, tmp_path: Path) -> None:
    lines = [
        "M,MW,2019,10,,",  # merged: the rest of the observation stays
        "R,MW,2020,20,,",  # replaced: its status goes, the title of the area stays
        "D,KG,2020,,,",  # deleted, and inserted again without what it had
        "A,KG,2020,,M,",
        "M,KG,,,,New",  # an attribute of the area alone
        "D,MW,2019,,-,",  # the status only
        "I,MW,2021,1,A,",
        "D,MW,2021,,,",
        ",MW,2021,7,,",
    ]
    header = "STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE"
    file = tmp_path / "all.csv"
    file.write_text("\n".join([header, *(f"dataflow,{FLOW},{line}" for line in lines)]) + "\n", encoding="utf-8")
    preview = water("data", "load", file, "--dataflow", FLOW, "--dry-run")
    done = water("data", "load", file, "--dataflow", FLOW)
    assert done.out.partition(": ")[2] == preview.out.partition(": ")[2] == "1 inserted, 3 updated, 0 unchanged, 0 deleted\n"
    assert rows(water, tmp_path) == ["KG,2020,,M,New", "MW,2019,10,,T", "MW,2020,20,,T", "MW,2021,7,,T"]


def test_attributes_that_come_first_are_told_and_kept(water: Command, tmp_path: Path) -> None:
    water("data", "load", deletion(tmp_path / "d.csv", ",AREA", ",KG"), "--dataflow", FLOW)
    file = csv(tmp_path / "early.csv", "KG,,,,Early")
    assert "1 attribute values wait" in water("data", "load", file, "--dataflow", FLOW, "--dry-run").out
    done = water("data", "load", file, "--dataflow", FLOW)
    assert (done.code, "0 updated" in done.out, "1 attribute values wait for the first observation" in done.out) == (0, True, True)
    assert rows(water, tmp_path) == STORED[1:]
    water("data", "load", csv(tmp_path / "later.csv", "KG,2020,4,A,"), "--dataflow", FLOW)
    assert rows(water, tmp_path)[0] == "KG,2020,4,A,Early"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_attribute_of_a_group_reaches_other_datasets_of_the_message(water: Command, tmp_path: Path, order: tuple[int, int]) -> None:
    datasets = (
        '<m:DataSet ss:structureRef="S" ss:action="Merge"><Group AREA="KG" TITLE="Group"/></m:DataSet>',
        '<m:DataSet ss:structureRef="S" ss:action="Replace"><Obs AREA="KG" TIME_PERIOD="2020" OBS_VALUE="5" OBS_STATUS="A"/></m:DataSet>',
    )
    water("data", "load", deletion(tmp_path / "d.csv", ",AREA", ",KG"), "--dataflow", FLOW)
    head = XML.partition("<m:DataSet")[0]
    file = tmp_path / "two.xml"
    file.write_text(head + "".join(datasets[number] for number in order) + "</m:StructureSpecificData>", encoding="utf-8")
    done = water("data", "load", file, "--dataflow", FLOW)
    assert done.code == 0, done.err
    assert rows(water, tmp_path)[0] == "KG,2020,5,A,Group"
    assert "wait" not in done.out
