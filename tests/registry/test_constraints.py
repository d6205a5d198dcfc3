"""Constraints compiled to plain rules: selections, cascade, key sets, validity."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.constraints.combine import ConstraintSet, combine
from registry.constraints.domains import Codes
from registry.constraints.restrictions import ConstraintLevel
from registry.constraints.scope import latest_in_force, restricts
from registry.constraints.validity import days_of
from registry.errors import InvalidArtefact
from registry.model.constraints import (
    ComponentSelection,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.identity import Urn
from tests.builders import a_constraint, a_selection

AREAS = Codes({"AFR": None, "MW": "AFR", "RW": "AFR", "RW_N": "RW", "ASI": None})
SEX = Codes(dict.fromkeys(["F", "M", "_T"]))
CODES = {"AREA": AREAS, "SEX": SEX}


def constraint(*selections: ComponentSelection, **fields: Any) -> DataConstraint:
    return a_constraint(None, *selections, **fields)


def of(*constraints: DataConstraint, level: ConstraintLevel = ConstraintLevel.DATAFLOW) -> ConstraintSet:
    return combine([(level, item) for item in constraints], CODES)


# --- one selection


@pytest.mark.parametrize(
    ("selection", "allowed"),
    [
        (a_selection("AREA", "MW", "ASI"), {"MW", "ASI"}),
        (a_selection("AREA", "RW%"), {"RW", "RW_N"}),
        (a_selection("AREA", "%"), {"AFR", "MW", "RW", "RW_N", "ASI"}),
        (a_selection("AREA", SelectedValue(value="RW", cascade_values=True)), {"RW", "RW_N"}),
        (a_selection("AREA", SelectedValue(value="AFR", cascade_values="excluderoot")), {"MW", "RW", "RW_N"}),
        (a_selection("AREA", "MW", include=False), {"AFR", "RW", "RW_N", "ASI"}),
        (a_selection("AREA"), None),
        (a_selection("AREA", include=False), set()),
    ],
)
def test_selection_lists_the_codes_it_admits(selection: ComponentSelection, allowed: set[str] | None) -> None:
    found = of(constraint(selection))
    assert found.allowed.get("AREA") == allowed
    for code in AREAS.parents:
        assert found.admits("AREA", code) is (allowed is None or code in allowed)


def test_components_without_codes_keep_wildcards_as_patterns() -> None:
    found = of(constraint(a_selection("TITLE", "Water%", "Well")))
    assert "TITLE" not in found.allowed
    assert found.admits("TITLE", "Water point")
    assert found.admits("TITLE", "Well")
    assert not found.admits("TITLE", "Borehole")


def test_excluded_values_of_a_component_without_codes_are_denied() -> None:
    found = of(constraint(a_selection("TITLE", "Well"), include=False))
    assert found.denied == {"TITLE": {"Well"}}
    assert found.admits("TITLE", "Borehole")
    assert not found.admits("TITLE", "Well")


def test_other_components_are_free() -> None:
    found = of(constraint(a_selection("AREA", "MW")))
    assert "SEX" not in found.allowed
    assert found.admits("SEX", "anything")


def test_codes_are_reported_without_the_prefix_of_their_extension() -> None:
    codes = {"AREA": Codes(dict.fromkeys(["ISO_MW", "ISO_RW", "OWN"]), {"ISO_MW": "ISO_", "ISO_RW": "ISO_"})}
    found = combine([(ConstraintLevel.DATAFLOW, constraint(a_selection("AREA", "ISO_%", remove_prefix=True)))], codes)
    assert found.allowed["AREA"] == {"MW", "RW"}
    assert found.without_prefix == {"AREA"}


SPAN = TimeRange(start_period=TimePeriodBound(period="2010"), end_period=TimePeriodBound(period="2020"))


@pytest.mark.parametrize(("included", "inside"), [(True, True), (False, False)])
def test_a_time_range_holds_the_periods_within_it(included: bool, inside: bool) -> None:
    for found in (
        of(constraint(a_selection("TIME_PERIOD", time_range=SPAN, include=included))),
        of(constraint(a_selection("TIME_PERIOD", time_range=SPAN), include=included)),
    ):
        assert [found.admits("TIME_PERIOD", period) for period in ("1990", "2010-01", "2020-W53", "2021")] == [
            not inside,
            inside,
            not inside,
            not inside,
        ]
        assert "TIME_PERIOD" not in found.allowed


def test_regions_with_time_ranges_add_up_by_their_combinations() -> None:
    early, late = SPAN, TimeRange(after_period=TimePeriodBound(period="2021"))
    regions = tuple(
        CubeRegion(key_values=(a_selection("AREA", area), a_selection("TIME_PERIOD", time_range=span)))
        for area, span in (("MW", early), ("RW", late))
    )
    found = of(constraint(cube_regions=regions))
    passed = [(area, year) for area in ("MW", "RW") for year in ("2015", "2022") if found.admits_row({"AREA": area, "TIME_PERIOD": year})]
    assert passed == [("MW", "2015"), ("RW", "2022")]


# --- regions


def test_excluded_region_of_two_components_excludes_their_combination_only() -> None:
    found = of(constraint(a_selection("AREA", "MW"), a_selection("SEX", "F"), include=False))
    assert found.allowed == {}
    assert not found.admits_row({"AREA": "MW", "SEX": "F"})
    assert found.admits_row({"AREA": "MW", "SEX": "M"})
    assert found.admits_row({"AREA": "ASI", "SEX": "F"})


def test_several_included_regions_add_up() -> None:
    regions = tuple(CubeRegion(key_values=(a_selection("AREA", area), a_selection("SEX", sex))) for area, sex in (("MW", "F"), ("RW", "M")))
    found = of(constraint(cube_regions=regions))
    assert found.allowed == {"AREA": {"MW", "RW"}, "SEX": {"F", "M"}}
    assert found.admits_row({"AREA": "MW", "SEX": "F"})
    assert not found.admits_row({"AREA": "MW", "SEX": "M"})


def test_a_region_includes_and_another_excludes() -> None:
    regions = (
        CubeRegion(key_values=(a_selection("AREA", SelectedValue(value="AFR", cascade_values=True)),)),
        CubeRegion(include=False, key_values=(a_selection("AREA", "RW_N"),)),
    )
    assert of(constraint(cube_regions=regions)).allowed["AREA"] == {"AFR", "MW", "RW"}


def test_absent_component_and_several_values() -> None:
    found = of(constraint(a_selection("SEX", "F", "M")))
    assert found.admits_row({"AREA": "MW"})
    assert found.admits_row({"SEX": ("F", "M")})
    assert not found.admits_row({"SEX": ("F", "_T")})


# --- cascade


def test_lower_levels_restrict_further() -> None:
    found = combine(
        [
            (ConstraintLevel.AGREEMENT, constraint(a_selection("AREA", "RW", "MW"), id="C3")),
            (ConstraintLevel.STRUCTURE, constraint(a_selection("AREA", "MW", "RW", "ASI"), a_selection("SEX", "F"), id="C1")),
            (ConstraintLevel.DATAFLOW, constraint(a_selection("AREA", "MW", "ASI"), id="C2")),
        ],
        CODES,
    )
    assert found.allowed == {"AREA": {"MW"}, "SEX": {"F"}}
    assert [r.level for r in found.restrictions] == [ConstraintLevel.STRUCTURE, ConstraintLevel.DATAFLOW, ConstraintLevel.AGREEMENT]


def test_values_outside_the_higher_level_are_not_admitted() -> None:
    found = combine(
        [
            (ConstraintLevel.STRUCTURE, constraint(a_selection("AREA", "MW", "RW"))),
            (ConstraintLevel.DATAFLOW, constraint(a_selection("AREA", "RW", "ASI"))),
        ],
        CODES,
    )
    assert found.allowed["AREA"] == {"RW"}
    assert not found.admits_row({"AREA": "ASI"})


def test_higher_level_wins_where_nothing_would_be_left() -> None:
    found = combine(
        [
            (ConstraintLevel.STRUCTURE, constraint(a_selection("AREA", "MW"))),
            (ConstraintLevel.DATAFLOW, constraint(a_selection("AREA", "ASI"), a_selection("SEX", "F"))),
        ],
        CODES,
    )
    assert found.allowed == {"AREA": {"MW"}, "SEX": {"F"}}
    assert found.admits_row({"AREA": "MW", "SEX": "F"})
    assert not found.admits_row({"AREA": "MW", "SEX": "M"})


# --- key sets


def keys(*rows: dict[str, str], included: bool = True) -> DataKeySet:
    return DataKeySet(
        is_included=included,
        keys=tuple(
            DataKey(key_values=tuple(a_selection(component, value) for component, value in row.items() if component[:5] != "valid"),
                    valid_from=row.get("valid_from"), valid_to=row.get("valid_to"))
            for row in rows
        ),
    )  # fmt: skip


def test_included_keys_are_the_only_ones_and_open_positions_match_anything() -> None:
    found = of(constraint(data_key_sets=(keys({"AREA": "MW", "SEX": "F"}, {"AREA": "RW"}),)))
    assert found.allowed == {"AREA": {"MW", "RW"}}
    assert found.admits_row({"AREA": "MW", "SEX": "F"})
    assert found.admits_row({"AREA": "RW", "SEX": "M"})
    assert not found.admits_row({"AREA": "MW", "SEX": "M"})
    table = found.restrictions[0].key_tables[0]
    assert table.components == ("AREA", "SEX")
    assert [domain and domain.values for domain in table.rows[1].domains] == [frozenset({"RW"}), None]


def test_excluded_keys_leave_the_rest() -> None:
    found = of(constraint(data_key_sets=(keys({"AREA": "MW", "SEX": "F"}, included=False),)))
    assert not found.admits_row({"AREA": "MW", "SEX": "F"})
    assert found.admits_row({"AREA": "MW", "SEX": "M"})


def test_key_sets_are_processed_in_order() -> None:
    found = of(constraint(data_key_sets=(keys({"AREA": "MW"}), keys({"AREA": "MW", "SEX": "F"}, included=False))))
    assert found.admits_row({"AREA": "MW", "SEX": "M"})
    assert not found.admits_row({"AREA": "MW", "SEX": "F"})
    assert not found.admits_row({"AREA": "RW", "SEX": "M"})


# --- validity


@pytest.mark.parametrize("on_range", [True, False])
def test_a_time_range_counts_only_while_it_is_valid(on_range: bool) -> None:
    span = TimeRange(start_period=SPAN.start_period, valid_from="2015" if on_range else None, valid_to="2016-06" if on_range else None)
    limits = {} if on_range else {"valid_from": "2015", "valid_to": "2016-06"}
    days = [date(2014, 12, 31), date(2015, 1, 1), date(2016, 6, 30), date(2016, 7, 1)]
    found = of(constraint(a_selection("REPORTED", time_range=span, **limits)))
    assert found.has_validity
    assert found.admits("REPORTED", "2012")
    assert not found.admits("REPORTED", "2009")
    assert [found.admits("REPORTED", "2012", day) for day in days] == [False, True, True, False]
    excluded = of(constraint(a_selection("REPORTED", time_range=span, **limits), include=False))
    assert excluded.admits("REPORTED", "2012")
    assert [excluded.admits("REPORTED", "2012", day) for day in days] == [True, False, False, True]


@pytest.mark.parametrize("complement", [True, False])
def test_values_are_excluded_only_while_the_exclusion_is_valid(complement: bool) -> None:
    dated = a_selection("AREA", SelectedValue(value="MW", valid_to="2015"), include=not complement)
    found = of(constraint(dated, include=complement))
    assert found.admits("AREA", "MW")
    assert found.admits("AREA", "MW", date(2016, 1, 1))
    assert not found.admits("AREA", "MW", date(2015, 1, 1))
    assert found.admits("AREA", "RW", date(2015, 1, 1))


def test_values_count_only_while_they_are_valid() -> None:
    found = of(constraint(a_selection("AREA", SelectedValue(value="MW", valid_from="2010", valid_to="2015-06"), "RW")))
    assert found.admits("AREA", "MW")
    assert found.admits("AREA", "MW", date(2015, 6, 30))
    assert not found.admits("AREA", "MW", date(2015, 7, 1))
    assert not found.admits("AREA", "MW", date(2009, 12, 31))
    assert found.admits("AREA", "RW", date(1990, 1, 1))
    assert not found.admits_row({"AREA": "MW"}, date(2016, 1, 1))


def test_validity_of_a_selection_and_of_a_key() -> None:
    selection = a_selection("AREA", "MW", valid_from="2010-01-01T00:00:00")
    assert not of(constraint(selection)).admits("AREA", "MW", date(2009, 1, 1))
    found = of(constraint(data_key_sets=(keys({"AREA": "MW", "valid_to": "2010-12-31"}),)))
    assert found.admits_row({"AREA": "MW"}, date(2010, 12, 31))
    assert not found.admits_row({"AREA": "MW"}, date(2011, 1, 1))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2010", date(2010, 1, 1), date(2010, 12, 31)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("2010-12", date(2010, 12, 1), date(2010, 12, 31)),
        ("2010-12-05", date(2010, 12, 5), date(2010, 12, 5)),
        ("2010-12-05T10:00:00+01:00", date(2010, 12, 5), date(2010, 12, 5)),
        ("2010-A1", date(2010, 1, 1), date(2010, 12, 31)),
        ("2010-S2", date(2010, 7, 1), date(2010, 12, 31)),
        ("2010-T3", date(2010, 9, 1), date(2010, 12, 31)),
        ("2010-M02", date(2010, 2, 1), date(2010, 2, 28)),
        ("2011-W36", date(2011, 9, 5), date(2011, 9, 11)),
        ("2012-D366", date(2012, 12, 31), date(2012, 12, 31)),
    ],
)
def test_validity_is_given_by_periods_of_any_kind(period: str, first: date, last: date) -> None:
    assert days_of(period) == (first, last)


@pytest.mark.parametrize("period", ["soon", "2010-Q5", "2010-13", "2010-02-30", "2010-M13"])
def test_validity_that_is_no_period_is_an_error_that_names_it(period: str) -> None:
    with pytest.raises(InvalidArtefact, match=period):
        days_of(period)


# --- which constraints count


def test_latest_version_without_extension_is_in_force() -> None:
    urns = [Urn("DataConstraint", "CDE", "C", version) for version in ("1.9.0", "1.10.0", "2.0.0-draft")]
    assert latest_in_force(urns) == {urns[1]}
    assert latest_in_force(urns[2:]) == set()


def test_actual_content_and_stubs_restrict_nothing() -> None:
    assert restricts(constraint(a_selection("AREA", "MW")))
    assert restricts(constraint(a_selection("AREA", "MW"), role="Allowed"))
    assert not restricts(constraint(a_selection("AREA", "MW"), role="Actual"))
    assert not restricts(constraint(is_external_reference=True))


# --- laws

_areas = st.sets(st.sampled_from(sorted(AREAS.parents)), min_size=1)
_selections = st.builds(
    lambda values, include: a_selection("AREA", *sorted(values), include=include), _areas, st.sampled_from([True, False, None])
)
_constraints = st.builds(lambda selection, include: constraint(selection, include=include), _selections, st.booleans())


@given(st.lists(st.tuples(st.sampled_from(ConstraintLevel), _constraints), max_size=4))
def test_a_row_that_passes_has_only_values_that_are_admitted(constraints: list[tuple[ConstraintLevel, DataConstraint]]) -> None:
    found = combine(constraints, CODES)
    for area in AREAS.parents:
        if found.admits_row({"AREA": area}):
            assert found.admits("AREA", area)


@given(_constraints)
def test_a_constraint_said_twice_says_no_more(single: DataConstraint) -> None:
    assert of(single, single).allowed == of(single).allowed


@given(_areas, _areas)
def test_two_constraints_of_one_level_admit_what_both_admit(first: set[str], second: set[str]) -> None:
    both = of(constraint(a_selection("AREA", *first)), constraint(a_selection("AREA", *second), id="C2"))
    assert {area for area in AREAS.parents if both.admits("AREA", area)} == first & second


_regions = st.tuples(_selections, st.sampled_from([a_selection("SEX", "F"), a_selection("SEX", "M", include=False)]))
_separable = st.one_of(_constraints, _regions.map(lambda selections: constraint(*selections)))


@given(st.lists(st.tuples(st.sampled_from(ConstraintLevel), _separable), max_size=4))
def test_separable_constraints_admit_a_row_exactly_if_they_admit_its_values(
    constraints: list[tuple[ConstraintLevel, DataConstraint]],
) -> None:
    found = combine(constraints, CODES)
    assert found.is_separable
    for area in AREAS.parents:
        for sex in SEX.parents:
            assert found.admits_row({"AREA": area, "SEX": sex}) is (found.admits("AREA", area) and found.admits("SEX", sex))


def test_combinations_and_key_sets_are_not_separable() -> None:
    assert not of(constraint(data_key_sets=(keys({"AREA": "MW"}),))).is_separable
    assert not of(constraint(a_selection("AREA", "MW"), a_selection("SEX", "F"), include=False)).is_separable
    assert of(constraint(a_selection("TITLE", "W%"))).restricted == {"TITLE"}
