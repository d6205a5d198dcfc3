"""The R package rsdmx against a running server."""

import csv
import subprocess
from pathlib import Path

import polars as pl
import pytest

from tests.demo_server import AGENCY, FLOW, VERSION
from tests.interop.conftest import tool

pytestmark = pytest.mark.interop

SCRIPT = """
suppressMessages(library(rsdmx))
base <- "{base}"
addSDMXServiceProvider(SDMXServiceProvider(agencyId = "{agency}", name = "CDE",
  builder = SDMXREST21RequestBuilder(regUrl = base, repoUrl = base, compliant = TRUE)))
message <- {read}
write.csv(as.data.frame(message{options}), "{output}", row.names = FALSE)
"""


def read_in_r(server: str, folder: Path, read: str, options: str = "") -> list[dict[str, str]]:
    output = folder / "read.csv"
    script = SCRIPT.format(
        base=f"{server}/rest", agency=AGENCY, read=read.replace("BASE", f"{server}/rest"), options=options, output=output
    )
    done = subprocess.run([tool("Rscript"), "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with output.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_lists_the_dataflow(server: str, tmp_path: Path) -> None:
    rows = read_in_r(server, tmp_path, f'readSDMX(providerId = "{AGENCY}", resource = "dataflow")')
    assert FLOW in {row["id"] for row in rows}


def test_it_reads_the_numbers_that_are_stored_with_labels(server: str, stored: pl.DataFrame, tmp_path: Path) -> None:
    read = f'readSDMX(providerId = "{AGENCY}", resource = "data", flowRef = "{AGENCY},{FLOW},{VERSION}", dsd = TRUE)'
    rows = read_in_r(server, tmp_path, read, ", labels = TRUE")
    assert len(rows) == stored.height
    value = next(name for name in ("obsValue", "OBS_VALUE") if name in rows[0])
    total = sum(float(row[value]) for row in rows if row[value] not in {"NA", "", "NaN"})
    assert total == pytest.approx(stored["OBS_VALUE"].drop_nulls().drop_nans().sum())
    # rsdmx names the column after what the codelist holds: names alone, or names and descriptions.
    label = next(name for name in rows[0] if name.startswith("INDICATOR_label.en"))
    assert "Share of water points functional" in {row[label] for row in rows}


def test_it_reads_a_key_and_periods(server: str, stored: pl.DataFrame, tmp_path: Path) -> None:
    key = 'list(NULL, "MW", NULL, NULL, NULL)'
    read = f'readSDMX(providerId = "{AGENCY}", resource = "data", flowRef = "{FLOW}", key = {key}, start = 2020, end = 2023)'
    assert len(read_in_r(server, tmp_path, read)) == stored.filter(pl.col("REF_AREA") == "MW").height


def test_it_reads_the_codelists_of_the_data_structure(server: str, tmp_path: Path) -> None:
    rows = read_in_r(server, tmp_path, f'readSDMX("BASE/codelist/{AGENCY}/CL_WP_INDICATOR/latest/")')
    assert {"WP_FUNCTIONAL"} <= {row["id"] for row in rows}


def test_it_reads_the_data_structure_with_its_codelists(server: str, tmp_path: Path) -> None:
    structure = f'readSDMX("BASE/datastructure/{AGENCY}/DSD_WATER_POINTS/latest/?references=children")'
    components = read_in_r(server, tmp_path, f'slot(slot({structure}, "datastructures")@datastructures[[1]], "Components")')
    assert [row["conceptRef"] for row in components][:6] == ["FREQ", "REF_AREA", "INDICATOR", "PROVIDER_TYPE", "TARIFF", "TIME_PERIOD"]
    codes = read_in_r(server, tmp_path, f'slot({structure}, "codelists")', ', codelistId = "CL_WP_INDICATOR"')
    assert "WP_FUNCTIONAL" in {row["id"] for row in codes}
