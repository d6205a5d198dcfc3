"""The R package rsdmx against a running server."""

import csv
import io
import subprocess

import polars as pl
import pytest

from tests.interop.conftest import AGENCY, FLOW, VERSION, tool

pytestmark = pytest.mark.interop

SCRIPT = """
suppressMessages(library(rsdmx))
base <- "{base}"
addSDMXServiceProvider(SDMXServiceProvider(agencyId = "{agency}", name = "CDE",
  builder = SDMXREST21RequestBuilder(regUrl = base, repoUrl = base, compliant = TRUE)))
{body}
"""


def run(server: str, body: str) -> list[dict[str, str]]:
    script = SCRIPT.format(base=f"{server}/rest", agency=AGENCY, body=body)
    done = subprocess.run([tool("Rscript"), "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_it_lists_the_dataflow(server: str) -> None:
    rows = run(
        server, f'flows <- readSDMX(providerId = "{AGENCY}", resource = "dataflow"); write.csv(as.data.frame(flows), row.names = FALSE)'
    )
    assert FLOW in {row["id"] for row in rows}


def test_it_reads_the_numbers_that_are_stored_with_labels(server: str, stored: pl.DataFrame) -> None:
    body = (
        f'data <- readSDMX(providerId = "{AGENCY}", resource = "data", flowRef = "{AGENCY},{FLOW},{VERSION}", dsd = TRUE)\n'
        "write.csv(as.data.frame(data, labels = TRUE), row.names = FALSE)"
    )
    rows = run(server, body)
    assert len(rows) == stored.height
    value = next(name for name in ("obsValue", "OBS_VALUE") if name in rows[0])
    read = sum(float(row[value]) for row in rows if row[value] not in {"NA", "", "NaN"})
    assert read == pytest.approx(stored["OBS_VALUE"].drop_nulls().drop_nans().sum())
    assert any(name.startswith("REF_AREA_label") for name in rows[0])


def test_it_reads_a_codelist_and_availability(server: str) -> None:
    rows = run(
        server,
        'list <- readSDMX(providerId = "'
        + AGENCY
        + '", resource = "codelist", resourceId = "CL_INDICATOR"); write.csv(as.data.frame(list), row.names = FALSE)',
    )
    assert len(rows) >= 4
