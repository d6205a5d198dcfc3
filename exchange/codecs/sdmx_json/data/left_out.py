"""What stands in an SDMX-JSON data message and is not kept: annotations, reference metadata, properties that SDMX-JSON does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from exchange.codecs.sdmx_json.data.reading_structure import Json
from registry.findings import Finding, Severity

#: Properties of datasets, series and structures in any version (``sdmx-json-data-schema.json``), and those of the samples of 1.0.
_OF_DATASETS: Final = frozenset(
    {
        "structure", "action", "reportingBegin", "reportingEnd", "validFrom", "validTo", "publicationYear", "publicationPeriod", "links",
        "annotations", "attributes", "dimensionGroupAttributes", "series", "observations", "name", "names", "description", "descriptions",
        "id", "dataScope", "setId", "provider",
    }
)  # fmt: skip
_OF_SERIES: Final = frozenset({"attributes", "annotations", "observations"})
_METADATA: Final = frozenset({"metadata", "metadataSets", "metadataAttributes"})


def left_out_of(data: Json) -> Sequence[Finding]:
    """A finding per kind of thing that is not kept.

    Args:
        data: The ``data`` object of a message.
    """
    return [*_annotations(data), *_metadata(data), *_strangers(data)]


def _annotations(data: Json) -> Iterator[Finding]:
    structures = [*_objects(data.get("structures")), *_objects([data.get("structure")])]
    described = sum(len(_list(structure.get("annotations"))) for structure in structures)
    # Version 1.0 of some writers puts the annotations themselves into the datasets.
    inside = sum(len(list(_objects(dataset.get("annotations")))) for dataset in _objects(data.get("dataSets")))
    if count := described + inside:
        message = "annotations of data are not kept; they were left out"
        yield Finding("annotations-left-out", Severity.WARNING, message, "Send what describes data as attributes.", count=count)


def _metadata(data: Json) -> Iterator[Finding]:
    holders = [data, *_objects(data.get("dataSets"))]
    count = sum(len(_list(holder[name])) or 1 for holder in holders for name in sorted(_METADATA & holder.keys()) if holder[name])
    if count:
        message = "reference metadata in datasets are not kept; they were left out"
        yield Finding("metadata-left-out", Severity.WARNING, message, "Send what describes data as attributes.", count=count)


def _strangers(data: Json) -> Iterator[Finding]:
    """Properties that nobody reads: whatever they hold would vanish without a word."""
    found: Counter[tuple[str, str]] = Counter()
    for dataset in _objects(data.get("dataSets")):
        found.update(("a dataset", name) for name in dataset.keys() - _OF_DATASETS - _METADATA)
        series = dataset.get("series")
        for one in series.values() if isinstance(series, Mapping) else ():
            found.update(("a series", name) for name in (one.keys() - _OF_SERIES if isinstance(one, Mapping) else ()))
    for (holder, name), count in sorted(found.items()):
        near = _nearest(name, _OF_DATASETS if holder == "a dataset" else _OF_SERIES)
        hint = f"Did you mean {near}? Correct it and load the message again." if near else "Nothing is to be done if it is one of your own."
        message = f"{name!r} of {holder} is no property of SDMX-JSON and was left out"
        yield Finding("unknown-property", Severity.WARNING, message, hint, count=count)


def _nearest(name: str, known: Collection[str]) -> str | None:
    return next(iter(get_close_matches(name, sorted(known), n=1)), None)


def _objects(value: object) -> Iterator[Json]:
    return (entry for entry in _list(value) if isinstance(entry, Mapping))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
