"""A suppressed value never leaves the process: not by the data, the report, the provenance, a finding or an error."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from tests.mappings.sinks import MemorySink

#: Two units in the south make a figure that would be recognised anywhere.
SOURCE = "region,kind,amount\n" + "north,a,10\n" * 6 + "south,a,70001\nsouth,b,20002\n"
SECRETS = ("90003", "70001", "20002")
POLICY = "disclosure: {min_units: 3, status: Q, comment: Suppressed}\nclasses: {SIZE: {breaks: [3, 5], codes: [SMALL, LARGE]}}\n"


def everything_told(run: Any, sink: MemorySink | None = None) -> str:
    report, published = json.dumps(run.to_document()), run.observations.write_csv()
    return f"{report}{published}{run!r}{sink.told() if sink else ''}"


def test_a_suppressed_value_is_nowhere(small: Any) -> None:
    sink = MemorySink()
    run = small.add(POLICY).run(SOURCE, sink=sink, publish=True)
    assert run.published
    south = run.observations.filter((pl.col("REGION") == "S") & (pl.col("KIND") == "_T"))
    assert south.select("OBS_VALUE", "OBS_STATUS", "SIZE", "COMMENT_OBS").rows() == [(None, "Q", None, "Suppressed")]
    assert not any(secret in everything_told(run, sink) for secret in SECRETS)
    assert sink.contributions is None


def test_components_that_would_give_it_away_are_emptied_too(small: Any) -> None:
    flags = "flags: [{when: n = 2, set: {COMMENT_OBS: exactly two, SIZE: SMALL}}]\n"
    run = small.add("disclosure: {min_units: 3}\n" + flags).run(SOURCE)
    suppressed = run.observations.filter(pl.col("OBS_STATUS") == "Q")
    assert suppressed.height == run.suppressed > 0
    assert suppressed["OBS_VALUE"].null_count() == suppressed["SIZE"].null_count() == suppressed.height
    assert "exactly two" not in everything_told(run)


def test_cells_of_enough_units_keep_their_value(small: Any) -> None:
    run = small.add(POLICY).run(SOURCE)
    north = run.observations.filter((pl.col("REGION") == "N") & (pl.col("KIND") == "A"))
    assert north.select("OBS_VALUE", "OBS_STATUS", "SIZE").rows() == [(60.0, "A", "LARGE")]


def test_cells_of_no_units_are_suppressed_when_zero_is_not_safe(small: Any) -> None:
    source = "region,kind,amount\n" + "north,a,10\n" * 4 + "south,a,\n"
    safe = small.add("disclosure: {min_units: 3}\n").run(source).observations
    assert safe.filter(pl.col("REGION") == "S").is_empty()
    unsafe = small.change("{min_units: 3}", "{min_units: 3, zero_is_safe: false}").run(source).observations
    assert set(unsafe.filter(pl.col("REGION") == "S")["OBS_STATUS"]) == {"Q"}


def test_a_failed_commit_is_not_hidden(small: Any) -> None:
    sink = MemorySink(RuntimeError("disk full"))
    with pytest.raises(RuntimeError, match="disk full"):
        small.add(POLICY).run(SOURCE, sink=sink, publish=True)
    assert sink.provenance == {}


@pytest.mark.parametrize(
    ("addition", "complaint"),
    [
        ("disclosure: {min_units: 5}\nclasses: {SIZE: {breaks: [3, 10], codes: [SMALL, LARGE]}}\n", "a class below 5 units"),
        ("disclosure: {min_units: 5, source_rows: exact}\n", "is an exact count"),
    ],
)
def test_a_policy_that_undoes_itself_is_refused(small: Any, addition: str, complaint: str) -> None:
    assert any(complaint in problem for problem in small.add(addition).lint())
