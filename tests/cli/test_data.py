"""exchange data: real data in, every format out and in again; what does not fit is refused with its place."""

import gzip
from pathlib import Path

import msgspec
import polars as pl
import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app, open_services
from exchange.codecs.catalogue import default_catalogue
from exchange.settings import Settings
from registry.model.base import Maintainable
from registry.model.codelists import Codelist
from tests.builders import a_codelist, a_concept_scheme, a_constraint, a_data_structure, a_dataflow, a_selection, an_attribute, enumerated
from tests.cli.conftest import Command, written

SPECIMENS = Path(__file__).parent.parent / "specimens"
RWANDA = "NISR-SDGs:DF_SDG_GLC(1.0)"
FLOW = "CDE:DF_WATER(1.0.0)"
ALIASES = [known.alias for known in default_catalogue().data_formats]


def a_family() -> list[Maintainable]:
    area, status, concepts = a_codelist(), a_codelist("CL_OBS_STATUS", ("A", "M")), a_concept_scheme()
    statuses = an_attribute("OBS_STATUS", concepts, representation=enumerated(status))
    structure = a_data_structure(
        concepts,
        {"AREA": enumerated(area)},
        attributes=(msgspec.structs.replace(statuses, usage="mandatory"), an_attribute("TITLE", concepts, dimensions=("AREA",))),
    )
    flow = a_dataflow(structure)
    return [area, status, concepts, structure, flow, a_constraint(flow, a_selection("AREA", "KG", "MW"))]


@pytest.fixture
def water(exchange: Command, tmp_path: Path) -> Command:
    assert exchange("structures", "import", written(tmp_path / "structures.xml", *a_family())).code == 0
    return exchange


def csv(path: Path, *rows: str, header: str = "AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE") -> Path:
    lines = [f"STRUCTURE,STRUCTURE_ID,ACTION,{header}", *(f"dataflow,{FLOW},I,{row}" for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def rwanda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real message without the series that has two units, which its data structure does not allow."""
    text = gzip.decompress((SPECIMENS / "data" / "2025_RWA-SDG_Data.xml.gz").read_bytes()).decode()
    lines = text.splitlines(keepends=True)
    assert 'UNIT_MEASURE="PT"' in lines[431]
    path = tmp_path_factory.mktemp("rwanda") / "rwanda.xml"
    path.write_text("".join([*lines[:431], *lines[434:]]), encoding="utf-8")
    return path


def with_codes(home: Path, tmp_path: Path, path: Path) -> Path:
    """The codelist of series with the codes that the real data have and the older structures do not."""
    services = open_services(Settings(home=home))
    schema = services.schemas.for_dataflow("NISR-SDGs", "DF_SDG_GLC")
    codelist = schema["SERIES"].codelist
    assert isinstance(codelist, Codelist)
    found = pl.Series(path.read_text(encoding="utf-8").splitlines()).str.extract(r' SERIES="([^"]+)"').drop_nulls().unique().sort()
    new = [msgspec.structs.replace(codelist.codes[0], id=code) for code in found if code not in schema["SERIES"].code_names]
    services.close()
    return written(tmp_path / "codes.xml", msgspec.structs.replace(codelist, codes=(*codelist.codes, *new)), alias="sdmx-ml-2.1")


def test_the_data_of_rwanda_survive_every_format(exchange: Command, home: Path, tmp_path: Path, rwanda: Path) -> None:
    assert exchange("structures", "import", SPECIMENS / "structures" / "nisr_sdgs_sdg_1.3.xml.gz").code == 0
    real = SPECIMENS / "data" / "2025_RWA-SDG_Data.xml.gz"
    newer = exchange("data", "load", real, "--dataflow", RWANDA)
    assert newer.code == 1
    assert (
        "unknown-code: row 3148, component SERIES, value 'NE_CON_GOVT_KD_ZG'" in exchange("data", "load", rwanda, "--dataflow", RWANDA).err
    )
    assert exchange("structures", "import", with_codes(home, tmp_path, rwanda)).code == 0
    doubled = exchange("data", "load", real, "--dataflow", RWANDA)
    assert doubled.code == 1
    assert "UNIT_MEASURE must have one value for" in doubled.err
    assert "(row 433, 424)" in doubled.err
    loaded = exchange("data", "load", rwanda, "--dataflow", RWANDA)
    assert loaded.lines == [f"stored in {RWANDA}: 2,329 inserted, 0 updated, 0 unchanged, 0 deleted"], loaded.err
    for alias in ALIASES:
        file = tmp_path / f"rwanda.{alias}"
        assert exchange("data", "export", "--dataflow", RWANDA, "--format", alias, "-o", file).code == 0, alias
        again = exchange("data", "load", file, "--dataflow", RWANDA)
        assert again.lines == [f"stored in {RWANDA}: 0 inserted, 0 updated, 2,329 unchanged, 0 deleted"], (alias, again.err)


@pytest.mark.parametrize("alias", ALIASES)
def test_an_empty_home_takes_what_another_exported(water: Command, tmp_path: Path, alias: str) -> None:
    water(
        "data",
        "load",
        csv(tmp_path / "a.csv", "KG,2020,1.5,A,Кыргызстан", "KG,2021,,M,Кыргызстан", 'MW,2020-03,2,A,"a, ""b"""'),
        "--dataflow",
        FLOW,
    )
    file = tmp_path / "out"
    assert water("data", "export", "--dataflow", FLOW, "--format", alias, "-o", file).code == 0
    other = {"EXCHANGE_HOME": str(tmp_path / "other")}
    water("structures", "import", tmp_path / "structures.xml", **other)
    assert water("data", "load", file, "--dataflow", FLOW, **other).lines[-1].endswith("3 inserted, 0 updated, 0 unchanged, 0 deleted")
    both = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for path, settings in zip(both, ({}, other), strict=True):
        water("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", path, **settings)
    assert both[0].read_text(encoding="utf-8") == both[1].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("XX,2020,1,A,T", "unknown-code: row 3, component AREA, value 'XX'"),
        ("KG,2020,1,B,T", "unknown-code: row 3, component OBS_STATUS, value 'B'"),
        ("RW,2020,1,A,T", "constraint-violation: row 3, component AREA, value 'RW'"),
        ("KG,2020,much,A,T", "line 3"),
        ("KG,May,1,A,T", "May"),
        ("MW,2019,2,A,T", "more than once with different content"),
        ("MW,2018,2,A,Other title", "TITLE must have one value for AREA=MW"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_their_place(water: Command, tmp_path: Path, home: Path, row: str, said: str) -> None:
    done = water("data", "load", csv(tmp_path / "bad.csv", "MW,2019,1,A,T", row), "--dataflow", FLOW)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert "bad.csv" in done.err.splitlines()[-1]
    assert water("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", tmp_path / "out.csv").code == 1
    assert list(home.glob("provenance/*")) == []


def test_a_missing_mandatory_attribute_is_told_and_loaded(water: Command, tmp_path: Path) -> None:
    done = water("data", "load", csv(tmp_path / "a.csv", "MW,2019,1,A,T", "MW,2020,1,,T"), "--dataflow", FLOW)
    assert done.code == 0
    assert "warning missing-mandatory: row 3, component OBS_STATUS: observations have no OBS_STATUS" in done.err


def test_a_dry_run_says_what_would_change(water: Command, tmp_path: Path, home: Path) -> None:
    file = csv(tmp_path / "a.csv", "MW,2019,1,A,T")
    dry = water("data", "load", file, "--dataflow", FLOW, "--dry-run")
    assert dry.lines == [f"would change {FLOW}: 1 inserted, 0 updated, 0 unchanged, 0 deleted"]
    assert list(home.glob("provenance/*")) == []
    assert water("data", "load", file, "--dataflow", "CDE:DF_WATER").out.startswith("stored")


def test_loaded_data_know_where_they_come_from(water: Command, tmp_path: Path, home: Path) -> None:
    file = csv(tmp_path / "a.csv", "MW,2019,1,A,T")
    water("data", "load", file, "--dataflow", FLOW)
    with TestClient(create_app(Settings(home=home))) as client:
        document = client.get("/api/v1/provenance/CDE/DF_WATER/1.0.0/MW.2019").json()
    source = document["entity"]["cde:source"]
    assert (source["prov:label"], source["cde:bytes"], source["cde:rows"]) == ("a.csv", file.stat().st_size, 1)
    assert document["entity"]["cde:source-rows"]["cde:row"] == [2]
    assert "cde:recipe" not in document["entity"]
    assert list(document["used"]) == ["_:used1"]
    assert document["agent"]["cde:software"]["prov:label"].startswith("citizen-data-exchange ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("load", "{tmp}/none.csv", "--dataflow", FLOW), "system-error"),
        (("load", "{tmp}", "--dataflow", FLOW), "system-error"),
        (("load", "{tmp}/structures.xml", "--dataflow", FLOW), "unknown-format"),
        (("load", "{tmp}/damaged.gz", "--dataflow", FLOW), "malformed-message"),
        (("load", "{tmp}/good.csv", "--dataflow", "CDE:DF_NONE(1.0.0)"), "unknown-artefact"),
        (("load", "{tmp}/good.csv", "--dataflow", "CDE"), "invalid-query"),
        (("load", "{tmp}/other.csv", "--dataflow", FLOW), "invalid-observations"),
        (("export", "--dataflow", FLOW, "--format", "excel", "-o", "{tmp}/x"), "unknown-format"),
        (("export", "--dataflow", FLOW, "--format", "parquet", "-o", "{tmp}/x"), "nothing-found"),
        (("export", "--dataflow", "CDE:DF_NONE", "--format", "parquet", "-o", "{tmp}/x"), "unknown-artefact"),
        (("export", "--dataflow", FLOW, "--format", "parquet", "-o", "{tmp}"), "system-error"),
        (("export", "--dataflow", FLOW, "--format", "parquet", "-o", "{tmp}/none/x"), "system-error"),
        (("export", "--dataflow", FLOW, "--format", "parquet", "-o", "{tmp}/x", "--key", "A.B.C"), "does-not-fit"),
    ],
)
def test_a_mistake_is_one_line_with_a_code(water: Command, tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    good = csv(tmp_path / "good.csv", "MW,2019,1,A,T")
    (tmp_path / "damaged.gz").write_bytes(gzip.compress(good.read_bytes())[:-9])
    (tmp_path / "other.csv").write_text(good.read_text(encoding="utf-8").replace("DF_WATER", "DF_WINE"), encoding="utf-8")
    done = water("data", *(argument.format(tmp=tmp_path) for argument in arguments))
    errors = [line for line in done.err.splitlines() if not line.endswith("…")]
    assert (done.code, done.out, len(errors)) == (1, "", 1), done.err
    assert errors[0].endswith(f"[{code}]")
    assert not (tmp_path / "x").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_a_national_copy_of_a_structure_is_read_with_a_warning(water: Command, tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", "MW,2019,1,A,T")
    text = file.read_text(encoding="utf-8")
    assert "CDE:DF_WATER(1.0.0)" in text
    file.write_text(text.replace("CDE:DF_WATER(1.0.0)", "KE1:DF_WATER(1.0)"), encoding="utf-8")
    done = water("data", "load", file, "--dataflow", FLOW)
    assert done.code == 0
    assert "other-structure" in done.err
    assert "1 inserted" in done.out


def test_data_of_another_structure_are_refused(water: Command, tmp_path: Path) -> None:
    file = csv(tmp_path / "a.csv", "MW,2019,1,A,T")
    file.write_text(file.read_text(encoding="utf-8").replace("CDE:DF_WATER(1.0.0)", "CDE:DF_AIR(1.0.0)"), encoding="utf-8")
    done = water("data", "load", file, "--dataflow", FLOW)
    assert done.code == 1
    assert "holds data of dataflow CDE:DF_AIR(1.0.0)" in done.err
