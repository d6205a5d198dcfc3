"""A run that loses more rows than it may publishes nothing, and says so."""

from __future__ import annotations

from typing import Any

import pytest

NEARLY_ALL = "region,kind,amount\n" + "".join(f"{'north' if n < 3 else f'Place {n}'},a,1\n" for n in range(200))


def limit(small: Any, new: str) -> Any:
    return small.change("max_rejected: 100\n", new)


def rejecting(lost: int, of: int) -> str:
    return "region,kind,amount\n" + "north,a,x\n" * lost + "north,a,1\n" * (of - lost)


def test_nearly_everything_rejected_stops_the_run(small: Any) -> None:
    run = limit(small, "").run(NEARLY_ALL)
    assert not run.publishable
    (refusal,) = run.refusals
    assert (refusal.code, refusal.count) == ("too-many-rejected", 197)
    assert refusal.message == "197 of 200 rows were kept out (98.5%); max_rejected allows 5 %"
    assert run.to_document()["publishable"] is False


@pytest.mark.parametrize(("lost", "publishable"), [(5, True), (6, False)])
def test_five_percent_may_be_lost_unless_the_recipe_says_otherwise(small: Any, lost: int, publishable: bool) -> None:
    assert limit(small, "").run(rejecting(lost, 100)).publishable is publishable


@pytest.mark.parametrize(("key", "publishable"), [("max_rejected: 0\n", False), ("max_rejected: 1\n", True), ("max_rejected: 1 %\n", True)])
def test_the_recipe_sets_the_limit(small: Any, key: str, publishable: bool) -> None:
    assert limit(small, key).run(rejecting(1, 100)).publishable is publishable


def test_rows_that_a_filter_drops_are_not_lost(small: Any) -> None:
    limit(small, "").add("filters: [{keep: amount > 1, reason: Too small.}]\n")
    assert small.run("region,kind,amount\n" + "north,a,1\n" * 50 + "north,a,2\n").publishable


def test_rows_that_the_reader_or_a_lookup_keeps_out_are_lost_too(small: Any) -> None:
    source = "region,kind,amount\n" + "north,a,1\n" * 8
    assert limit(small, "max_rejected: 10\n").run(source + "north,a\n").publishable is False
    (small.folder / "areas.csv").write_text("name,area\nnorth,north\n", encoding="utf-8")
    small.change("  columns:\n", "  lookups: [{file: areas.csv, on: {region: name}, take: {area: area}}]\n  columns:\n")
    assert small.run(source + "nowhere,a,1\n").publishable is False
    assert small.run(source).publishable is True
