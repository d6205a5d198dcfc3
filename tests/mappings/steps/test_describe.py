"""What cells say besides their value: fixed values, classes, flags and statuses in order of a hierarchy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mappings.cells import DENOMINATOR, INDICATOR, NUMERATOR, UNITS, VALUE, mapped
from mappings.ports import Rows
from mappings.recipe.model import Classes, ComponentSource, FlagRule, Indicator
from mappings.steps.describe import apply_flags, classed_counts, fixed_values
from tests.mappings.frames import rows, values

OBS, COMMENT, SIZE = mapped("OBS_STATUS"), mapped("COMMENT_OBS"), mapped("SIZE")


def cells(units: Sequence[int] = (1, 5, 9), **components: Sequence[Any]) -> Rows:
    number = len(units)
    return rows(
        **{
            INDICATOR: ["A", "B", "A"][:number], UNITS: units,
            VALUE: [1.0] * number, NUMERATOR: [1.0] * number, DENOMINATOR: [1.0] * number,
            **{mapped(name): listed for name, listed in components.items()},
        }
    )  # fmt: skip


def test_fixed_values_stand_in_every_cell_and_indicators_go_before_them() -> None:
    components = {"UNIT": ComponentSource(value="PS"), "NOTE": ComponentSource(value="n"), "KIND": ComponentSource(column="k")}
    indicators = {
        "A": Indicator(statistic="count", components={"UNIT": "PT", "SEX": "F"}),
        "B": Indicator(statistic="count", components={"SEX": "M"}),
    }
    made = fixed_values(cells(), components, indicators)
    assert values(made, "=UNIT", "=NOTE", "=SEX") == [("PT", "n", "F"), ("PS", "n", "M"), ("PT", "n", "F")]
    assert mapped("KIND") not in made.collect_schema().names()


def test_values_of_one_indicator_leave_the_cells_of_the_others_empty() -> None:
    made = fixed_values(cells(), {}, {"A": Indicator(statistic="count", components={"SEX": "F"}), "B": Indicator(statistic="count")})
    assert values(made, "=SEX") == ["F", None, "F"]


def test_counts_belong_to_the_class_whose_lower_bound_they_reach() -> None:
    made = classed_counts(cells([0, 1, 4]), {"SIZE": Classes(breaks=(1, 4), codes=("SMALL", "LARGE"))})
    assert values(made, SIZE) == [None, "SMALL", "LARGE"]
    assert values(classed_counts(cells([3, 5, 9]), {"SIZE": Classes(breaks=(1, 4), codes=("SMALL", "LARGE"))}), SIZE) == [
        "SMALL", "LARGE", "LARGE",
    ]  # fmt: skip


def flagged(rules: Sequence[tuple[str, dict[str, str]]], hierarchy: Sequence[str] = (), names: Mapping[str, str] = {}, **own: Any) -> Rows:
    made = [FlagRule(when=when, set=settings) for when, settings in rules]
    return apply_flags(cells(**own), made, ["OBS_STATUS", "COMMENT_OBS", "SIZE", "AREA"], hierarchy, names)


def test_the_first_rule_that_applies_wins_for_each_component_of_its_own() -> None:
    rules = [("n < 2", {"OBS_STATUS": "U"}), ("n < 6", {"OBS_STATUS": "E", "SIZE": "SMALL"}), ("AREA = 'N' and n > 8", {"SIZE": "LARGE"})]
    made = flagged(rules, OBS_STATUS=["A"] * 3, AREA=["N"] * 3)
    assert values(made, OBS, SIZE) == [("U", "SMALL"), ("E", "SMALL"), ("A", "LARGE")]
    assert not {"OBS_STATUS", "SIZE", "AREA", "~rule0", "~rule1", "~rule2"} & set(made.collect_schema().names())
    assert mapped("AREA") in made.collect_schema().names()


def test_rules_read_the_indicator_and_the_status_that_stood_there_before_any_rule() -> None:
    made = flagged([("indicator = 'B'", {"OBS_STATUS": "U"}), ("OBS_STATUS = 'A'", {"SIZE": "SMALL"})], OBS_STATUS=["A", "A", None])
    assert values(made, OBS, SIZE) == [("A", "SMALL"), ("U", "SMALL"), (None, None)]


def test_without_rules_nothing_changes() -> None:
    assert flagged([]).collect_schema().names() == cells().collect_schema().names()


RULES = [
    ("n < 6", {"OBS_STATUS": "E"}),
    ("n < 2", {"OBS_STATUS": "U"}),
    ("n = 5", {"OBS_STATUS": "Z"}),
    ("n = 1 or n = 9", {"OBS_STATUS": "E"}),
]


def test_the_highest_status_stands_in_the_cell_and_the_comment_names_the_others() -> None:
    """Flags × hierarchy × names × a status that the hierarchy does not know and two rules of one status."""
    made = flagged(RULES, ["U", "E"], {"E": "Estimated"}, OBS_STATUS=["A"] * 3, SIZE=["x"] * 3)
    assert values(made, OBS, COMMENT) == [("U", "Also E (Estimated)"), ("E", "Also Z"), ("E", None)]


def test_a_comment_that_stands_there_already_is_kept_before_the_other_statuses() -> None:
    made = flagged(RULES, ["U", "E"], {}, OBS_STATUS=["A"] * 3, COMMENT_OBS=["seen", None, "seen"])
    assert values(made, OBS, COMMENT) == [("U", "seen; Also E"), ("E", "Also Z"), ("E", "seen")]


def test_a_status_without_a_rule_of_its_own_is_no_other_status() -> None:
    made = flagged([("n > 99", {"OBS_STATUS": "E"})], ["E"], {}, OBS_STATUS=["A"] * 3)
    assert values(made, OBS, COMMENT) == [("A", None)] * 3


@pytest.mark.parametrize(("hierarchy", "expected"), [((), "SMALL"), (("LARGE", "SMALL"), "SMALL")])
def test_the_hierarchy_orders_statuses_only(hierarchy: tuple[str, ...], expected: str) -> None:
    rules = [("n < 6", {"SIZE": "SMALL"}), ("n < 6", {"SIZE": "LARGE", "OBS_STATUS": "E"})]
    assert values(flagged(rules, hierarchy, OBS_STATUS=["A"] * 3), SIZE)[0] == expected
