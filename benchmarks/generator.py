"""Observations shaped like the global SDG database (IAEG-SDGs:SDG), as many as wanted, the same ones every time.

A series has twenty annual observations. Series come in key order, like a delivery sorted by its provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from registry.model.codelists import Code, Codelist
from registry.model.representations import Representation, TextFormat
from registry.model.structures import (
    Attribute,
    AttributeList,
    AttributeRelationship,
    Dataflow,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    Empty,
    Measure,
    MeasureList,
    TimeDimension,
)

AGENCY, VERSION = "BENCHMARK", "1.0.0"
FIRST_YEAR, YEARS = 2004, 20

_TOTAL = ("_T",)
#: Codes of each dimension in key order; their product is the series that exist, the last dimension varies fastest.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "FREQ": ("A",),
    "REPORTING_TYPE": ("G",),
    "SERIES": tuple(f"SI_POV_{number:03}" for number in range(1000)),
    "REF_AREA": tuple(sorted(str(number) for number in range(4, 1004, 4))),
    "SEX": ("F", "M", "_T"),
    "AGE": ("Y15T24", "_T"),
    "URBANISATION": _TOTAL,
    "INCOME_WEALTH_QUANTILE": _TOTAL,
    "EDUCATION_LEV": _TOTAL,
    "OCCUPATION": _TOTAL,
    "CUST_BREAKDOWN": _TOTAL,
    "COMPOSITE_BREAKDOWN": _TOTAL,
    "DISABILITY_STATUS": _TOTAL,
    "ACTIVITY": _TOTAL,
    "PRODUCT": _TOTAL,
}
_SERIES_PER_INDICATOR = 250 * 3 * 2
_UNITS = ("NUMBER", "PT", "PER_100000_POP", "USD")
_STATUS = ("A", "E", "I", "M")
_NATURE = ("C", "CA", "E", "G", "M", "N")
_SOURCES = tuple(f"National household survey, wave {number}; citizen counts & registers" for number in range(200))
#: Attribute id: representation (codes or a data type) and level.
_ATTRIBUTES: Mapping[str, tuple[tuple[str, ...] | str, Level]] = {
    "OBS_STATUS": (_STATUS, Level.OBSERVATION),
    "UNIT_MULT": (("0", "3", "6"), Level.OBSERVATION),
    "UNIT_MEASURE": (_UNITS, Level.SERIES),
    "BASE_PER": ("DateTime", Level.OBSERVATION),
    "NATURE": (_NATURE, Level.OBSERVATION),
    "TIME_DETAIL": ("String", Level.OBSERVATION),
    "COMMENT_OBS": ("String", Level.OBSERVATION),
    "TIME_COVERAGE": ("DateTime", Level.OBSERVATION),
    "UPPER_BOUND": ("Double", Level.OBSERVATION),
    "LOWER_BOUND": ("Double", Level.OBSERVATION),
    "SOURCE_DETAIL": ("String", Level.OBSERVATION),
    "COMMENT_TS": ("String", Level.SERIES),
    "GEO_INFO_URL": ("String", Level.SERIES),
    "GEO_INFO_TYPE": (("GML", "GeoJSON_1_1", "KML_2_2"), Level.SERIES),
    "CUST_BREAKDOWN_LB": ("String", Level.SERIES),
    "DATA_LAST_UPDATE": ("DateTime", Level.SERIES),
}


def sdg_observations(count: int, *, batch_size: int = 200_000) -> Iterator[pl.DataFrame]:
    """Yield ``count`` observations in frames of at most ``batch_size`` rows, with all columns of :func:`sdg_schema`."""
    if count > YEARS * 1000 * _SERIES_PER_INDICATOR:
        raise ValueError("at most 30 million observations can be made")
    for start in range(0, count, batch_size):
        yield _frame(np.arange(start, min(start + batch_size, count), dtype=np.int64))


def _frame(rows: np.ndarray) -> pl.DataFrame:
    series, year = np.divmod(rows, YEARS)
    columns = _keys(series)
    columns["TIME_PERIOD"] = _pick(tuple(str(FIRST_YEAR + offset) for offset in range(YEARS)), year)
    noise = _noise(rows)
    value = np.round((series % 977) + noise % 100_000 / 1000, 3)
    indicator = series // _SERIES_PER_INDICATOR
    columns |= {
        "OBS_VALUE": pl.Series(value, dtype=pl.Float64),
        "OBS_STATUS": _pick(_STATUS, np.where(noise % 10 < 7, 0, noise % 4)),
        "UNIT_MULT": _pick(("0", "3", "6"), np.where(noise % 50 == 0, 1, 0)),
        "UNIT_MEASURE": _pick(_UNITS, indicator % len(_UNITS)),
        "BASE_PER": _some(("2010-01-01T00:00:00", "2015-01-01T00:00:00"), noise % 2, noise % 40 == 1),
        "NATURE": _pick(_NATURE, noise // 16 % len(_NATURE)),
        "TIME_DETAIL": _pick(tuple(str(FIRST_YEAR + offset) for offset in range(YEARS)), year),
        "COMMENT_OBS": _some(("Break in series; see note <1>", 'Reported as "provisional"'), noise % 2, noise % 60 == 2),
        "TIME_COVERAGE": _some(("2010-01-01T00:00:00", "2015-01-01T00:00:00"), noise % 2, noise % 80 == 3),
        "UPPER_BOUND": pl.Series(np.where(noise % 5 == 0, np.round(value * 1.1, 3), np.nan), nan_to_null=True),
        "LOWER_BOUND": pl.Series(np.where(noise % 5 == 0, np.round(value * 0.9, 3), np.nan), nan_to_null=True),
        "SOURCE_DETAIL": _pick(_SOURCES, (series * 7 + year // 5) % len(_SOURCES)),
        "COMMENT_TS": _some(("Harmonised by the custodian", "Estimate, see metadata"), series % 2, series % 9 == 0),
        "GEO_INFO_URL": _some(("https://example.org/areas.geojson",), series * 0, series % 11 == 0),
        "GEO_INFO_TYPE": _some(("GeoJSON_1_1",), series * 0, series % 11 == 0),
        "CUST_BREAKDOWN_LB": _some(("Persons reached by volunteers",), series * 0, series % 2 == 0),
        "DATA_LAST_UPDATE": _pick(("2026-03-01T00:00:00", "2026-04-01T00:00:00"), indicator % 2),
    }
    return pl.DataFrame(columns)


def _keys(series: np.ndarray) -> dict[str, pl.Series]:
    positions: dict[str, pl.Series] = {}
    rest = series
    for dimension, codes in reversed(tuple(DIMENSIONS.items())):
        rest, position = np.divmod(rest, len(codes))
        positions[dimension] = _pick(codes, position)
    return {dimension: positions[dimension] for dimension in DIMENSIONS}


def _noise(rows: np.ndarray) -> np.ndarray:
    """Numbers that look random and depend on nothing but the row (Knuth's multiplicative hash)."""
    return (rows * 2_654_435_761 + 12_345) % (1 << 31) >> 5


def _pick(values: tuple[str, ...], index: np.ndarray) -> pl.Series:
    return pl.Series(values, dtype=pl.String).gather(pl.Series(index))


def _some(values: tuple[str, ...], index: np.ndarray, present: np.ndarray) -> pl.Series:
    return pl.Series((*values, None), dtype=pl.String).gather(pl.Series(np.where(present, index, len(values))))


def sdg_schema() -> DataSchema:
    """The data structure and dataflow that the observations follow."""
    dimensions = tuple(Dimension(id=name, local_representation=_coded(name)) for name in DIMENSIONS)
    time = TimeDimension(id="TIME_PERIOD", local_representation=_free("ObservationalTimePeriod"))
    measure = Measure(id="OBS_VALUE", local_representation=_free("Double"))
    attributes = tuple(_attribute(name, values, level) for name, (values, level) in _ATTRIBUTES.items())
    structure = DataStructure(
        id="SDG",
        agency_id=AGENCY,
        version=VERSION,
        names={"en": "Benchmark data structure"},
        data_structure_components=DataStructureComponents(
            dimension_list=DimensionList(dimensions=dimensions, time_dimension=time),
            measure_list=MeasureList(measures=(measure,)),
            attribute_list=AttributeList(attributes=attributes),
        ),
    )
    dataflow = Dataflow(
        id="DF_SDG",
        agency_id=AGENCY,
        version=VERSION,
        names={"en": "Benchmark dataflow"},
        structure=f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={AGENCY}:SDG({VERSION})",
    )
    return DataSchema(structure=structure, dataflow=dataflow, components=_components(dimensions, time, measure, attributes))


def _components(
    dimensions: tuple[Dimension, ...], time: TimeDimension, measure: Measure, attributes: tuple[Attribute, ...]
) -> tuple[SchemaComponent, ...]:
    keys = tuple(DIMENSIONS)
    coded = tuple(
        _component(Role.DIMENSION, dimension, codes=DIMENSIONS[dimension.id], position=position, mandatory=True)
        for position, dimension in enumerate(dimensions)
    )
    timed = _component(Role.TIME_DIMENSION, time, position=len(coded), mandatory=True)
    attached = {Level.SERIES: keys, Level.OBSERVATION: (*keys, time.id)}
    described = []
    for attribute in attributes:
        values, level = _ATTRIBUTES[attribute.id]
        codes = None if isinstance(values, str) else values
        mandatory = attribute.usage == "mandatory"
        described.append(_component(Role.ATTRIBUTE, attribute, codes=codes, level=level, attached_to=attached[level], mandatory=mandatory))
    return (*coded, timed, _component(Role.MEASURE, measure), *described)


def _component(
    role: Role,
    definition: Dimension | TimeDimension | Measure | Attribute,
    *,
    codes: tuple[str, ...] | None = None,
    position: int | None = None,
    level: Level | None = None,
    attached_to: tuple[str, ...] = (),
    mandatory: bool = False,
) -> SchemaComponent:
    representation = definition.local_representation or Representation()
    return SchemaComponent(
        id=definition.id,
        role=role,
        definition=definition,
        concept=None,
        representation=representation,
        data_type=(representation.format and representation.format.data_type) or "String",
        codelist=None if codes is None else _codelist(definition.id, codes),
        position=position,
        level=level,
        attached_to=attached_to,
        mandatory=mandatory,
    )


def _attribute(name: str, values: tuple[str, ...] | str, level: Level) -> Attribute:
    relationship = (
        AttributeRelationship(dimensions=tuple(DIMENSIONS)) if level is Level.SERIES else AttributeRelationship(observation=Empty())
    )
    return Attribute(
        id=name,
        local_representation=_free(values) if isinstance(values, str) else _coded(name),
        usage="mandatory" if name in {"OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE"} else "optional",
        attribute_relationship=relationship,
    )


def _coded(name: str) -> Representation:
    return Representation(enumeration=f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:CL_{name}({VERSION})")


def _free(data_type: str) -> Representation:
    return Representation(format=TextFormat(data_type=data_type))


def _codelist(name: str, codes: tuple[str, ...]) -> Codelist:
    return Codelist(
        id=f"CL_{name}",
        agency_id=AGENCY,
        version=VERSION,
        names={"en": f"Codes of {name}"},
        codes=tuple(Code(id=code, names={"en": f"Name of {code}"}) for code in codes),
    )
