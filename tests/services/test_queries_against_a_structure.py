"""What of a query a data structure can answer: columns, the dimension at the observation, order, and queries about several structures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exchange.errors import DoesNotFit, InvalidQuery, NothingFound
from exchange.query.grammar.components import parse_filter
from exchange.query.values.data_query import ALL_DIMENSIONS, Context, DataQuery, ObservationSelection
from exchange.query.values.filters import ComponentFilter, SeriesKey
from exchange.services.fitting import fitting, whatever_fits
from exchange.services.row_order import in_series, ordered_components
from exchange.services.selection import check_selection, dimension_at_observation, misfit, wanted_columns
from exchange.services.targets import Target
from registry.data_schema import DataSchema, Level
from registry.errors import InvalidTimePeriod
from tests.observations.small_schema import _attribute, small_schema

#: WEATHER is attached to an area and a period, so that it varies within a series.
SCHEMA = small_schema(_attribute("WEATHER", Level.OBSERVATION, ("AREA", "TIME_PERIOD")))
DIMENSIONS, MEASURES = ("AREA", "SEX", "TIME_PERIOD"), ("VALUE", "COUNT")
AT_OBSERVATIONS = ("STATUS", "FLAGS", "NOTE")


def without(*names: str) -> DataSchema:
    return replace(SCHEMA, components=tuple(part for part in SCHEMA.components if part.id not in names))


def query(**facts: Any) -> DataQuery:
    selection = {name: facts.pop(name) for name in list(facts) if name in ObservationSelection.__dataclass_fields__}
    return DataQuery(selection=ObservationSelection(**selection), **facts)


@pytest.mark.parametrize(
    ("attributes", "measures", "columns"),
    [
        (("dsd",), ("all",), (*DIMENSIONS, *MEASURES, *AT_OBSERVATIONS, "UNIT", "REGION", "TITLE", "WEATHER")),
        (("none",), ("all",), (*DIMENSIONS, *MEASURES)),
        (("msd",), ("all",), (*DIMENSIONS, *MEASURES)),
        (("none",), ("COUNT",), (*DIMENSIONS, "COUNT")),
        (("none",), ("COUNT", "VALUE"), (*DIMENSIONS, *MEASURES)),
        (("obs",), ("none",), (*DIMENSIONS, *AT_OBSERVATIONS, "WEATHER")),
        (("TITLE",), ("VALUE",), (*DIMENSIONS, "VALUE", "TITLE")),
        (("UNIT", "STATUS"), ("none",), (*DIMENSIONS, "STATUS", "UNIT")),
        (("UNIT", "dataset"), ("all",), (*DIMENSIONS, *MEASURES, "UNIT", "TITLE")),
        (("Series",), ("all",), (*DIMENSIONS, *MEASURES, "UNIT", "REGION")),
        # Neither measures nor attributes of observations: series, without the period.
        (("none",), ("none",), ("AREA", "SEX")),
        (("series",), ("none",), ("AREA", "SEX", "UNIT", "REGION")),
        (("dataset",), ("none",), ("AREA", "SEX", "TITLE")),
        (("dataset", "series"), ("none",), ("AREA", "SEX", "UNIT", "REGION", "TITLE")),
        (("series", "dataset"), ("none",), ("AREA", "SEX", "UNIT", "REGION", "TITLE")),
        # A single attribute that was named is not a question for series.
        (("UNIT",), ("none",), (*DIMENSIONS, "UNIT")),
    ],
)
def test_columns_are_dimensions_then_what_is_wanted_in_the_order_of_the_structure(
    attributes: tuple[str, ...], measures: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    assert wanted_columns(query(attributes=attributes, measures=measures), SCHEMA) == columns


@pytest.mark.parametrize(
    ("at_observation", "attributes", "columns"),
    [
        (ALL_DIMENSIONS, ("series",), ("AREA", "SEX", "UNIT", "REGION")),
        ("TIME_PERIOD", ("series",), ("AREA", "SEX", "UNIT", "REGION")),
        # UNIT depends on SEX, so it is no attribute of series across it.
        ("SEX", ("series",), ("AREA", "TIME_PERIOD", "REGION")),
        ("AREA", ("dataset", "series"), ("SEX", "TIME_PERIOD", "TITLE")),
    ],
)
def test_series_leave_out_the_dimension_at_the_observation_and_what_depends_on_it(
    at_observation: str, attributes: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    wanted = query(attributes=attributes, measures=("none",), dimension_at_observation=at_observation)
    assert wanted_columns(wanted, SCHEMA) == columns


def test_flat_series_of_a_structure_without_time_keep_all_dimensions() -> None:
    wanted = query(attributes=("none",), measures=("none",))
    assert wanted_columns(wanted, without("TIME_PERIOD")) == ("AREA", "SEX")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, "TIME_PERIOD"),
        ("alldimensions", ALL_DIMENSIONS),
        ("AllDimensions", ALL_DIMENSIONS),
        ("SEX", "SEX"),
        ("TIME_PERIOD", "TIME_PERIOD"),
    ],
)
def test_the_dimension_at_the_observation_is_as_asked_or_time(asked: str | None, found: str) -> None:
    assert dimension_at_observation(query(dimension_at_observation=asked), SCHEMA) == found


def test_without_time_data_are_flat_unless_another_dimension_is_asked_for() -> None:
    assert dimension_at_observation(query(), without("TIME_PERIOD")) == ALL_DIMENSIONS
    with pytest.raises(
        DoesNotFit, match=r"dimensionAtObservation=SEXX is not a dimension of TEST:FLOW\(1.0.0\); the nearest is SEX; there are All"
    ):
        dimension_at_observation(query(dimension_at_observation="SEXX"), SCHEMA)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"attributes": ("UNITS",)}, "attributes=UNITS is neither an attribute of TEST:FLOW.* nor one of dsd.*the nearest is UNIT"),
        ({"measures": ("VALU", "none")}, "measures=VALU: .* has no such measure; the nearest is VALUE; there are all, none, VALUE, COUNT"),
    ],
)
def test_what_is_wanted_and_not_there_is_named_with_the_nearest(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(DoesNotFit, match=message):
        wanted_columns(query(**facts), SCHEMA)


def test_all_measures_win_over_none() -> None:
    assert wanted_columns(query(attributes=("none",), measures=("none", "all")), SCHEMA) == (*DIMENSIONS, *MEASURES)


@pytest.mark.parametrize(
    ("facts", "error", "message"),
    [
        ({"filters": {"AREAS": ComponentFilter.any_of("KG")}}, DoesNotFit, "has no component AREAS; the nearest is AREA"),
        ({"sort": (("SEXES", True),)}, DoesNotFit, "has no component SEXES"),
        ({"sort": (("FLAGS", True),)}, InvalidQuery, "FLAGS has several values"),
        ({"sort": (("NOTE", False),)}, InvalidQuery, "NOTE has several values"),
        ({"strangers": frozenset({"area"})}, InvalidQuery, r"Parameter area is not known; write c\[AREA\]=VALUE"),
        ({"filters": {"TIME_PERIOD": ComponentFilter.any_of("soon")}}, InvalidTimePeriod, "soon"),
        ({"filters": {"TIME_PERIOD": parse_filter("TIME_PERIOD", "2020,ge:2019-W53")}}, InvalidTimePeriod, "2019-W53"),
        ({"keys": (SeriesKey((None, None, None)),)}, DoesNotFit, "dimension"),
    ],
)
def test_what_does_not_fit_the_structure_is_refused(facts: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        check_selection(query(**facts), SCHEMA)


@pytest.mark.parametrize(
    "facts",
    [
        {"sort": (("*", True),)},
        {"sort": (("series_key", False), ("VALUE", True))},
        {"filters": {"TIME_PERIOD": parse_filter("TIME_PERIOD", "co:so,sw:on,ew:x,nc:y")}},
        {"filters": {"NOTE": ComponentFilter.any_of("x"), "FLAGS": ComponentFilter.any_of("x")}},
        {"strangers": frozenset({"_", "utm_source"})},
    ],
)
def test_what_fits_the_structure_passes(facts: dict[str, Any]) -> None:
    check_selection(query(**facts), SCHEMA)


def test_the_last_days_of_a_year_may_exist_where_observations_say_when_their_year_starts() -> None:
    own = small_schema(_attribute("REPORTING_YEAR_START_DAY", Level.SERIES, ("AREA", "SEX")))
    last = {"TIME_PERIOD": ComponentFilter.any_of("2018-D366")}
    check_selection(query(filters=last), own)
    for schema, start_day in ((SCHEMA, "--01-01"), (own, "--04-01")):
        with pytest.raises(InvalidTimePeriod, match="2018-D366"):
            check_selection(query(filters=last, reporting_year_start_day=start_day), schema)


def test_periods_are_not_checked_where_there_is_no_time() -> None:
    check_selection(query(filters={"STATUS": ComponentFilter.any_of("soon")}), without("TIME_PERIOD"))


def test_a_misfit_names_the_nearest_first_and_everything_after_it() -> None:
    near, far = misfit("no UNITE", ["UNITE"], ["REGION", "UNIT"]), misfit("no XYZ", ["XYZ"], ["REGION", "UNIT"])
    assert (str(near), near.slip) == ("no UNITE; the nearest is UNIT; there are REGION, UNIT.", True)
    assert (str(far), far.slip) == ("no XYZ; there are REGION, UNIT.", False)


@pytest.mark.parametrize(
    ("ids", "name", "error"),
    [
        (None, "NOWHERE", NothingFound),
        (None, "UNITE", DoesNotFit),
        (frozenset({"FLOW"}), "NOWHERE", DoesNotFit),
        (frozenset({"FLOW"}), "UNITE", DoesNotFit),
    ],
)
def test_who_names_no_dataset_and_makes_no_slip_finds_nothing(ids: frozenset[str] | None, name: str, error: type[Exception]) -> None:
    asked = query(ids=ids, filters={name: ComponentFilter.any_of("x")})
    with pytest.raises(error, match=f"c: none of the 2 datasets has {name}"), whatever_fits(asked):
        fitting(asked, targets(SCHEMA, without("SEX")))


@pytest.mark.parametrize(
    ("asked", "at_observation", "sort"),
    [
        ((), "TIME_PERIOD", "AREA SEX TIME_PERIOD"),
        ((), "SEX", "AREA TIME_PERIOD SEX"),
        ((("TIME_PERIOD", True),), "TIME_PERIOD", "AREA SEX -TIME_PERIOD"),
        ((("SEX", True), ("TIME_PERIOD", True)), "TIME_PERIOD", "-SEX AREA -TIME_PERIOD"),
        ((("VALUE", True), ("AREA", True)), "TIME_PERIOD", "-AREA SEX -VALUE TIME_PERIOD"),
        # Attributes of the series may order series, those that vary within it order observations.
        ((("UNIT", True), ("STATUS", False)), "TIME_PERIOD", "-UNIT AREA SEX STATUS TIME_PERIOD"),
        ((("REGION", False), ("TITLE", True)), "SEX", "REGION -TITLE AREA TIME_PERIOD SEX"),
        ((("UNIT", True),), "SEX", "AREA TIME_PERIOD -UNIT SEX"),
        ((("WEATHER", True),), "TIME_PERIOD", "AREA SEX -WEATHER TIME_PERIOD"),
        ((("*", True),), "TIME_PERIOD", "-AREA -SEX -TIME_PERIOD"),
        ((("series_key", True), ("TIME_PERIOD", True)), "SEX", "-AREA -TIME_PERIOD SEX"),
        ((("AREA", True), ("*", False)), "TIME_PERIOD", "-AREA SEX TIME_PERIOD"),
        # Flat data have no series that must stay together.
        ((("VALUE", True), ("AREA", True)), ALL_DIMENSIONS, "-VALUE -AREA"),
        ((), ALL_DIMENSIONS, ""),
        ((("series_key", True),), ALL_DIMENSIONS, "-AREA -SEX -TIME_PERIOD"),
    ],
)
def test_the_order_asked_for_keeps_series_together_whatever_is_at_the_observation(
    asked: tuple[tuple[str, bool], ...], at_observation: str, sort: str
) -> None:
    found = in_series(ObservationSelection(sort=asked, limit=7), SCHEMA, at_observation)
    assert " ".join(f"-{name}" if down else name for name, down in found.sort) == sort
    assert found.limit == 7


def test_of_a_component_that_stands_there_twice_the_first_counts() -> None:
    asked = ObservationSelection(sort=(("SEX", True), ("SEX", False), ("*", False)))
    assert ordered_components(asked, SCHEMA, "TIME_PERIOD") == (("SEX", True), ("AREA", False), ("TIME_PERIOD", False))


def targets(*schemas: DataSchema) -> list[Target]:
    return [Target(Context.DATAFLOW, schema) for schema in schemas]


def test_of_several_datasets_those_answer_that_have_what_a_filter_names() -> None:
    fits, lacks = SCHEMA, without("UNIT")
    [(target, narrowed)] = fitting(query(filters={"UNIT": ComponentFilter.any_of("PT")}), targets(lacks, fits))
    assert target.schema is fits
    assert "UNIT" in narrowed.selection.filters


def test_each_dataset_is_asked_for_what_it_has_of_order_columns_and_dimension_at_observation() -> None:
    asked = query(
        sort=(("series_key", False), ("COUNT", True), ("SEX", True)),
        attributes=("UNIT", "STATUS"),
        measures=("VALUE", "COUNT"),
        dimension_at_observation="SEX",
    )
    [(_, whole), (_, part)] = fitting(asked, targets(SCHEMA, without("COUNT", "SEX", "UNIT", "STATUS")))
    assert whole == asked
    assert part.selection.sort == (("series_key", False),)
    assert (part.attributes, part.measures, part.dimension_at_observation) == (("none",), ("VALUE",), None)


def test_words_and_all_dimensions_mean_something_for_every_dataset() -> None:
    asked = query(attributes=("Series", "obs"), measures=("all",), dimension_at_observation="alldimensions", sort=(("*", True),))
    assert [narrowed for _, narrowed in fitting(asked, targets(SCHEMA, without("SEX")))] == [asked, asked]


def test_a_dataset_without_anything_that_is_asked_for_does_not_answer() -> None:
    has_count, has_none = SCHEMA, without("COUNT", "UNIT")
    assert [target.schema for target, _ in fitting(query(measures=("COUNT",)), targets(has_none, has_count))] == [has_count]
    assert [target.schema for target, _ in fitting(query(measures=("none",), attributes=("UNIT",)), targets(has_none, has_count))] == [
        has_count
    ]
    both = fitting(query(measures=("none",), attributes=("UNIT", "REGION")), targets(has_none, has_count))
    assert [narrowed.attributes for _, narrowed in both] == [("REGION",), ("UNIT", "REGION")]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"filters": {"AREAA": ComponentFilter.any_of("x")}}, "c: none of the 2 datasets has AREAA; the nearest is AREA"),
        ({"sort": (("AREAA", True),)}, "sort: none of the 2 datasets has AREAA"),
        ({"attributes": ("UNITT", "UNIT")}, "attributes: none of the 2 datasets has UNITT"),
        ({"measures": ("VALUEE", "none")}, "measures: none of the 2 datasets has VALUEE"),
        ({"dimension_at_observation": "SEXX"}, "dimensionAtObservation: none of the 2 datasets has SEXX"),
    ],
)
def test_what_none_of_several_datasets_has_is_refused_by_the_parameter_that_names_it(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(DoesNotFit, match=message):
        fitting(query(**facts), targets(SCHEMA, without("SEX")))


def test_a_parameter_called_like_a_component_of_any_dataset_is_refused() -> None:
    with pytest.raises(InvalidQuery, match="Parameter unit is not known"):
        fitting(query(strangers=frozenset({"unit"})), targets(without("UNIT"), SCHEMA))


def test_filters_that_no_dataset_has_together_find_nothing_and_a_single_one_says_why() -> None:
    one, other = without("UNIT"), without("SEX", "UNIT", "REGION")
    both = {"SEX": ComponentFilter.any_of("F"), "UNIT": ComponentFilter.any_of("PT")}
    with pytest.raises(NothingFound, match="No dataset has all the components"):
        fitting(query(filters=both), targets(one, replace(SCHEMA, components=without("SEX").components)))
    with pytest.raises(DoesNotFit, match=r"key|dimension"):
        fitting(query(keys=(SeriesKey((None, None, None)),)), targets(one, other))


def test_the_only_dataset_is_asked_for_everything() -> None:
    asked = query(attributes=("UNIT",))
    assert [narrowed for _, narrowed in fitting(asked, targets(SCHEMA))] == [asked]
    with pytest.raises(DoesNotFit, match="has no component"):
        fitting(query(filters={"NOWHERE": ComponentFilter.any_of("x")}), targets(SCHEMA))
