"""W3C PROV of one observation or series, in PROV-JSON (W3C member submission of 24 April 2013).

Entities are the source file, its rows, the recipe with the formula of each indicator, filters, files for lookups and codes, and the
observation; activities are the collection and the steps of the run in order; agents are the organisations and this software.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import polars as pl

from mappings.errors import UnknownKey
from mappings.provenance.records import ProvenanceRecord, StepEntry

#: Namespace of our own terms; a URN so that it promises no web page.
NAMESPACE: Final = "urn:citizen-data-exchange:provenance:"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
#: Counts of source rows a document lists at most; the whole list is in the ledger.
MAX_ROWS: Final = 10_000

#: Path of the resource that answers recipes by their digests.
RECIPES: Final = "/api/v1/recipes"
#: What an indicator says about its computation.
_FORMULA: Final = ("statistic", "of", "to", "among", "weight", "scale", "decimals", "rounding", "measure")

Document = dict[str, Any]


def prov_json(record: ProvenanceRecord, key: str, contributions: pl.DataFrame | None = None) -> Document:
    """The provenance of an observation or series.

    Args:
        record: The record of the submission that holds it.
        key: Dimension values joined by dots, in the order of the data structure; with the time period for one observation, without
            it for a series.
        contributions: Source rows per observation as the ledger has them; None when they were withheld.

    Raises:
        UnknownKey: When the key does not have one value per dimension, or no observation of the submission has it.
    """
    values = split_key(record, key)
    observation = f"cde:observation/{key}"
    document: Document = {
        "prefix": {"cde": NAMESPACE, "prov": "http://www.w3.org/ns/prov#", "xsd": _XSD, "dct": "http://purl.org/dc/terms/"},
        "entity": _entities(record, observation, key),
        "activity": _activities(record),
        "agent": _agents(record),
        **_relations(record, observation),
    }
    for number, name in enumerate(_explanations(record, key), start=1):
        document["used"][f"_:explained{number}"] = {"prov:activity": "cde:run", "prov:entity": name}
    if contributions is not None:
        rows = rows_of(contributions, record.dimensions, values, key)
        listed = {"prov:label": f"{len(rows)} rows of {record.source.name}", "cde:count": len(rows), "cde:row": rows[:MAX_ROWS]}
        _add_rows(document, record, observation, listed)
    elif record.source.first_row is not None:
        _add_rows(document, record, observation, _span(record))
    return document


def split_key(record: ProvenanceRecord, key: str) -> tuple[str, ...]:
    """The dimension values of a key.

    Raises:
        UnknownKey: When their number is not that of the dimensions, with or without the time period.
    """
    values = tuple(key.split("."))
    series = len(record.dimensions) - ("TIME_PERIOD" in record.dimensions)
    if len(values) not in {series, len(record.dimensions)} or not all(values):
        raise UnknownKey(f"the key {key!r} should have one value for each of {'.'.join(record.dimensions)}; TIME_PERIOD may be left out")
    return values


def rows_of(contributions: pl.DataFrame, dimensions: Sequence[str], values: Sequence[str], key: str) -> list[int]:
    """Source rows of all observations with a key.

    Raises:
        UnknownKey: When there is none.
    """
    wanted = [pl.col(dimension) == value for dimension, value in zip(dimensions, values, strict=False)]
    found = contributions.filter(pl.all_horizontal(*wanted))
    if found.is_empty():
        raise UnknownKey(f"no observation of this submission has the key {key!r}")
    return found.get_column("rows").explode().unique().sort().to_list()


def _entities(record: ProvenanceRecord, observation: str, key: str) -> Document:
    source = record.source
    return {
        "cde:source": _without_none(
            {
                "prov:type": _qualified("prov:Entity"),
                "prov:label": source.name,
                "cde:sha256": source.sha256,
                "cde:bytes": source.bytes,
                "cde:rows": source.rows,
                "cde:reader": ", ".join(f"{name}: {value}" for name, value in source.reader.items() if value is not None),
                "dct:source": source.url,
                "dct:license": source.licence,
            }
        ),
        **_plan(record),
        **_explanations(record, key),
        observation: {
            "prov:type": _qualified("cde:Observation" if len(key.split(".")) == len(record.dimensions) else "cde:Series"),
            "prov:label": key,
            "cde:dataflow": record.dataflow,
            **({"cde:provisionAgreement": record.agreement} if record.agreement else {}),
            "cde:submission": record.submission,
            "cde:sourceRows": record.source_rows,
            **{f"cde:{dimension}": value for dimension, value in zip(record.dimensions, key.split("."), strict=False)},
        },
    }


def _plan(record: ProvenanceRecord) -> Document:
    """The recipe; data that were loaded as they are have none."""
    recipe = record.recipe
    if recipe is None:
        return {}
    return {
        "cde:recipe": {
            "prov:type": _qualified("prov:Plan"),
            "prov:label": f"{recipe.agency}:{recipe.id}({recipe.version})",
            "cde:version": recipe.version,
            "cde:sha256": recipe.sha256,
            "prov:location": f"{RECIPES}/{recipe.sha256}",
        }
    }


def _explanations(record: ProvenanceRecord, key: str) -> Document:
    """What the number was computed with: the indicators that can have made it, the filters, and files besides the source."""
    values = dict(zip(record.dimensions, key.split("."), strict=False))
    indicators = {
        f"cde:indicator/{indicator.id}": _without_none(
            {
                "prov:type": _qualified("cde:Indicator"),
                "prov:label": indicator.id,
                **{f"cde:{name}": getattr(indicator, name) for name in _FORMULA},
            }
        )
        for indicator in record.indicators
        if all(values.get(dimension, value) == value for dimension, value in indicator.components.items() if dimension in values)
    }
    filters = {
        f"cde:filter/{number}": {"prov:type": _qualified("cde:Filter"), "prov:label": rule.reason, "cde:keep": rule.keep}
        for number, rule in enumerate(record.filters, start=1)
    }
    files = {
        f"cde:file/{number}": {
            "prov:type": _qualified("prov:Entity"),
            "prov:label": file.name,
            "cde:use": file.use,
            "cde:sha256": file.sha256,
            "cde:bytes": file.bytes,
        }
        for number, file in enumerate(record.files, start=1)
    }
    return {**indicators, **filters, **files}


def _activities(record: ProvenanceRecord) -> Document:
    facts = {f"cde:{name}": value for name, value in record.facts.items() if isinstance(value, str)}
    run = {"prov:type": _qualified("cde:Run"), **_times(record.started.isoformat(), record.ended.isoformat())}
    steps = {f"cde:step/{number}": _step(step) for number, step in enumerate(record.steps, start=1)}
    notes = {"cde:note": list(record.facts.get("notes") or ())} if record.facts.get("notes") else {}
    return {"cde:collection": {"prov:type": _qualified("cde:Collection"), **facts, **notes}, "cde:run": run, **steps}


def _step(step: StepEntry) -> Document:
    counts = {f"cde:{name}": number for name, number in step.counts.items()}
    details = {f"cde:{name}": _plain(value) for name, value in step.details.items() if value not in (None, [], "")}
    return {
        "prov:type": _qualified("cde:Step"),
        "prov:label": step.name,
        **_times(step.started.isoformat(), step.ended.isoformat()),
        **counts,
        **details,
    }


def _agents(record: ProvenanceRecord) -> Document:
    organisations = {
        f"cde:organisation/{agent.id}": _without_none(
            {"prov:type": _qualified("prov:Organization"), "prov:label": agent.name, "cde:role": agent.role, "cde:url": agent.url}
        )
        for agent in record.agents
    }
    return {**organisations, "cde:software": {"prov:type": _qualified("prov:SoftwareAgent"), "prov:label": record.software}}


def _relations(record: ProvenanceRecord, observation: str) -> Document:
    steps = [f"cde:step/{number}" for number in range(1, len(record.steps) + 1)]
    informed = {
        f"_:informed{n}": {"prov:informed": later, "prov:informant": earlier} for n, (earlier, later) in enumerate(pairwise(steps), 1)
    }
    collectors = [agent.id for agent in record.agents if agent.role == "collector"]
    publishers = [agent.id for agent in record.agents if agent.role == "publisher"]
    return {
        "used": {
            "_:used1": {"prov:activity": "cde:run", "prov:entity": "cde:source"},
            **({"_:used2": {"prov:activity": "cde:run", "prov:entity": "cde:recipe"}} if record.recipe else {}),
        },
        "wasGeneratedBy": {
            "_:generated1": {"prov:entity": "cde:source", "prov:activity": "cde:collection"},
            "_:generated2": {"prov:entity": observation, "prov:activity": "cde:run", "prov:time": record.ended.isoformat()},
        },
        "wasDerivedFrom": {
            "_:derived1": {"prov:generatedEntity": observation, "prov:usedEntity": "cde:source", "prov:activity": "cde:run"}
        },
        "wasAssociatedWith": {
            "_:associated1": {
                "prov:activity": "cde:run",
                "prov:agent": "cde:software",
                **({"prov:plan": "cde:recipe"} if record.recipe else {}),
            },
            **{
                f"_:collected{n}": {"prov:activity": "cde:collection", "prov:agent": f"cde:organisation/{agent}"}
                for n, agent in enumerate(collectors, 1)
            },
        },
        "wasAttributedTo": {
            f"_:attributed{n}": {"prov:entity": "cde:source", "prov:agent": f"cde:organisation/{agent}"}
            for n, agent in enumerate(publishers, 1)
        },
        "wasInformedBy": {**informed, "_:informed0": {"prov:informed": "cde:run", "prov:informant": steps[-1]}} if steps else {},
    }


def _span(record: ProvenanceRecord) -> Document:
    """All rows that were read, where a list of those that contribute would give away the number of units in small cells."""
    first, last = record.source.first_row, record.source.last_row
    return {
        "prov:label": f"rows {first} to {last} of {record.source.name}",
        "cde:firstRow": first,
        "cde:lastRow": last,
        "cde:note": "Which of these rows contribute is withheld: their number would give small cells away.",
    }


def _add_rows(document: Document, record: ProvenanceRecord, observation: str, rows: Document) -> None:
    document["entity"]["cde:source-rows"] = {"prov:type": _qualified("prov:Collection"), **rows}
    document["specializationOf"] = {"_:special1": {"prov:specificEntity": "cde:source-rows", "prov:generalEntity": "cde:source"}}
    document["wasDerivedFrom"]["_:derived2"] = {
        "prov:generatedEntity": observation,
        "prov:usedEntity": "cde:source-rows",
        "prov:activity": "cde:run",
    }


def _times(started: str, ended: str) -> Document:
    return {"prov:startTime": started, "prov:endTime": ended}


def _qualified(name: str) -> Document:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [", ".join(map(str, item)) if isinstance(item, list) else item for item in value]
    return value


def _without_none(values: Document) -> Document:
    return {name: value for name, value in values.items() if value is not None}
