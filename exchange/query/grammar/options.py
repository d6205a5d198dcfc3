"""Options that both versions of SDMX-REST share: references, detail, mode, versions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from exchange.errors import InvalidQuery
from exchange.query.grammar.identifiers import split_list
from exchange.query.grammar.nearest import nearest
from exchange.query.grammar.resources import ARTEFACT_TYPES, STALE_TYPES
from exchange.query.values.availability_query import ALL_AVAILABILITY_REFERENCES
from registry.errors import InvalidVersion
from registry.services.structure_query import Detail, Relation
from registry.versions import VersionQuery

_WORDS_OF_VERSION_1 = frozenset({"latest", "all"})


def parse_references(
    text: str | None, old_names: Mapping[str, frozenset[str] | None] = MappingProxyType({})
) -> tuple[frozenset[Relation], frozenset[str]]:
    """Read ``references``: relations and artefact type names, comma separated.

    Args:
        text: The value as written; None when there is none.
        old_names: What the names of SDMX-REST 1.x stand for, where they are understood.

    Raises:
        InvalidQuery: When a value is neither.
    """
    relations: set[Relation] = set()
    resources: set[str] = set()
    for value in split_list(text):
        lowered = value.lower()
        if lowered in Relation._value2member_map_:
            relations.add(Relation(lowered))
        elif old_names.get(lowered):
            resources |= old_names[lowered] or frozenset()
        elif lowered in ARTEFACT_TYPES | STALE_TYPES:
            resources.add(lowered)
        elif lowered in {"contentconstraint", "allowedconstraint", "actualconstraint"}:
            resources.add("dataconstraint" if lowered == "contentconstraint" else lowered)
        else:
            allowed = [relation.value for relation in Relation]
            near = nearest(value, [*allowed, *ARTEFACT_TYPES, *old_names])
            raise InvalidQuery(
                f"references={value} is not known; {f'the nearest is {near}; ' if near else ''}"
                f"write {', '.join(allowed)} or the name of an artefact type."
            )
    if not relations and not resources:
        relations.add(Relation.NONE)
    return frozenset(relations), frozenset(resources)


def parse_detail(text: str | None) -> Detail:
    """Read ``detail`` of structure queries, in any case.

    Raises:
        InvalidQuery: When the value is not known.
    """
    try:
        return Detail((text or "full").lower())
    except ValueError as error:
        raise InvalidQuery(f"detail={text} is not known; write {', '.join(detail.value for detail in Detail)}.") from error


def parse_mode(text: str | None) -> bool:
    """Read ``mode`` of availability queries; True for ``available``.

    Raises:
        InvalidQuery: When the value is neither exact nor available.
    """
    mode = (text or "exact").lower()
    if mode not in {"exact", "available"}:
        raise InvalidQuery(f"mode={text} is not known; write exact or available.")
    return mode == "available"


def parse_availability_references(text: str | None) -> frozenset[str]:
    """Read ``references`` of availability queries.

    Raises:
        InvalidQuery: When a value is not one of those the standard lists.
    """
    values = {value.lower() for value in split_list(text)}
    unknown = values - ALL_AVAILABILITY_REFERENCES - {"all", "none"}
    if unknown:
        allowed = ", ".join(sorted(ALL_AVAILABILITY_REFERENCES))
        raise InvalidQuery(f"references={','.join(sorted(unknown))} is not known; write all, none, {allowed}.")
    return ALL_AVAILABILITY_REFERENCES if "all" in values else frozenset(values - {"none"})


def parse_versions(text: str, *, default: str) -> str:
    """Check a version query and return it as written, or the default when it is left out.

    Raises:
        InvalidVersion: Names the reason.
    """
    versions = text or default
    if versions.lower() in _WORDS_OF_VERSION_1:
        raise InvalidVersion(
            f"{versions!r} belongs to SDMX-REST 1.x; write ~ for the latest version, + for the latest stable one, * for all of them"
        )
    VersionQuery.parse(versions)
    return versions
