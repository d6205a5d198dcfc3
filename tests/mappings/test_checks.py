"""Checks of observations against the data structure and its constraints."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mappings.checks.observations import check_observations
from mappings.checks.traps import check_percentages, check_statuses
from registry.model.constraints import ComponentSelection, ConstraintAttachment, CubeRegion, DataConstraint, SelectedValue
from registry.model.identity import Urn

GOOD = {"REGION": ["N", "S"], "KIND": ["A", "A"], "TIME_PERIOD": ["2023", "2023-Q1"], "OBS_VALUE": [1.5, 2.0], "OBS_STATUS": ["A", "A"]}
FLOW = Urn("Dataflow", "LOCAL", "DF", "1.0.0")


def codes(small: Any, **changes: list[Any]) -> list[tuple[str, str | None]]:
    frame = pl.DataFrame({**GOOD, **changes}, strict=False)
    constrained = small.schemas().constrained(FLOW)
    found = [*check_observations(frame, constrained), *check_statuses(frame, constrained.schema)]
    return [(finding.code, finding.value) for finding in found]


def test_good_observations_have_no_findings(small: Any) -> None:
    assert codes(small) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"REGION": ["N", "X"]}, ("unknown-code", "X")),
        ({"REGION": ["N", None]}, ("missing-mandatory", None)),
        ({"OBS_STATUS": ["A", None]}, ("missing-mandatory", None)),
        ({"OBS_VALUE": ["1", "many"]}, ("wrong-type", "many")),
        ({"TIME_PERIOD": ["2023", "2023-13"]}, ("wrong-type", "2023-13")),
        ({"TIME_PERIOD": ["2023", "23"]}, ("wrong-type", "23")),
        ({"NOTE": ["abc", "abcdef"]}, ("facet-violation", "abcdef")),
        ({"NOTE": ["abc", "abd"]}, ("inconsistent-attribute", None)),
        ({"OTHER": ["x", "y"]}, ("unknown-component", None)),
        ({"REGION": ["N", "N"], "TIME_PERIOD": ["2023", "2023"]}, ("duplicate-observation", None)),
        ({"OBS_STATUS": ["A", "Q"]}, ("missing-status-with-value", None)),
        ({"OBS_STATUS": ["A", "O"]}, ("missing-status-with-value", None)),
        ({"OBS_VALUE": [1.0, None]}, ("normal-status-without-value", None)),
    ],
)
def test_each_fault_has_its_finding(small: Any, changes: dict[str, list[Any]], expected: tuple[str, str | None]) -> None:
    assert expected in codes(small, **changes)


def test_a_suppressed_observation_needs_no_value(small: Any) -> None:
    assert codes(small, OBS_VALUE=[1.0, None], OBS_STATUS=["A", "Q"]) == []


def test_percentages_between_zero_and_one_are_suspicious() -> None:
    frame = pl.DataFrame({"INDICATOR": ["X", "X", "Y"], "UNIT_MEASURE": ["PT", "PT", "PT"], "OBS_VALUE": [0.2, 0.9, 55.0]})
    (finding,) = check_percentages(frame)
    assert (finding.code, finding.count) == ("percent-looks-like-share", 2)


def test_values_and_combinations_that_constraints_exclude(small: Any) -> None:
    def selection(**values: str) -> tuple[ComponentSelection, ...]:
        return tuple(ComponentSelection(id=name, values=(SelectedValue(value=value),)) for name, value in values.items())

    constraint = DataConstraint(
        id="CN",
        agency_id="LOCAL",
        version="1.0.0",
        names={"en": "Constraint"},
        constraint_attachment=ConstraintAttachment(dataflows=(str(FLOW),)),
        cube_regions=(CubeRegion(key_values=selection(REGION="N")), CubeRegion(key_values=selection(REGION="S", KIND="B"))),
    )
    small.extra = (constraint,)
    found = codes(small, REGION=["N", "_T"], KIND=["A", "A"])
    assert found == [("constraint-violation", "_T")]
    assert codes(small, REGION=["N", "S"], KIND=["A", "A"]) == [("constraint-violation", None)]
    assert codes(small, REGION=["N", "S"], KIND=["A", "B"]) == []
