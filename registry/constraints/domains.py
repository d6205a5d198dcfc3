"""What a selection of a constraint says about one component, as a set of values.

Wildcards and cascades are resolved against the codes of the component once, so that checking is set membership. Components without
codes keep wildcards as patterns, and time ranges are compared by the instants of periods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from registry.constraints.time_ranges import lies_within
from registry.constraints.validity import days_of
from registry.model.constraints import ComponentSelection, SelectedValue, TimeRange
from registry.model.selection import Parents, cascaded, named, wildcard_pattern


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes a component may hold: each with its parent, and with the prefix under which it was inherited, if any."""

    parents: Parents
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value that counts only for periods from ``valid_from`` to ``valid_to`` (time periods as written, inclusive)."""

    value: str
    valid_from: str | None = None
    valid_to: str | None = None

    def covers(self, day: date) -> bool:
        """True when the value counts on a day."""
        starts = self.valid_from is None or days_of(self.valid_from)[0] <= day
        return starts and (self.valid_to is None or day <= days_of(self.valid_to)[1])


@dataclass(frozen=True, slots=True)
class Domain:
    """A set of values of one component.

    Attributes:
        values: The values named; for coded components after wildcards, cascades and removal of prefixes.
        patterns: Wildcards of components without codes, ``%`` as written.
        dated: Those of the values that are limited in time.
        time_range: Range of periods, instead of values; it counts while it is valid.
        is_complement: True when the set is everything but that.
        is_everything: True when the selection names neither values nor a range.
        removes_prefix: True when the values are codes without the prefix of the extension they came from.
    """

    values: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    dated: tuple[DatedValue, ...] = ()
    time_range: TimeRange | None = None
    is_complement: bool = False
    is_everything: bool = False
    removes_prefix: bool = False

    @property
    def is_closed(self) -> bool:
        """True when the set can be listed."""
        return not (self.is_complement or self.is_everything or self.patterns or self.time_range)

    @property
    def has_validity(self) -> bool:
        """True when the set is another one on other days."""
        return bool(self.dated) or self._range_validity is not None

    def is_limited(self, value: str) -> bool:
        """True when it depends on the day whether a value is in the set."""
        return self._range_validity is not None or any(dated.value == value for dated in self.dated)

    def holds(self, value: str, on: date | None = None) -> bool:
        """True when a value is in the set on a day; without a day, when there is one on which it is."""
        if on is None and self.is_complement and self.is_limited(value):
            return True
        if self.is_everything:
            return not self.is_complement
        named = self._names(value, on) if self.time_range is None else self._spans(self.time_range, value, on)
        return named is not self.is_complement

    def _names(self, value: str, on: date | None) -> bool:
        if value not in self.values:
            return any(wildcard_pattern(pattern).fullmatch(value) for pattern in self.patterns)
        spans = [dated for dated in self.dated if dated.value == value]
        return on is None or not spans or any(span.covers(on) for span in spans)

    def _spans(self, limits: TimeRange, value: str, on: date | None) -> bool:
        validity = self._range_validity
        return lies_within(limits, value) and (on is None or validity is None or validity.covers(on))

    @property
    def _range_validity(self) -> DatedValue | None:
        limits = self.time_range
        return DatedValue("", limits.valid_from, limits.valid_to) if limits and (limits.valid_from or limits.valid_to) else None


def domain_of(selection: ComponentSelection, codes: Codes | None) -> Domain:
    """Compile a selection against the codes of its component (None: the component has no codes)."""
    values: set[str] = set()
    patterns: list[str] = []
    spans: dict[str, list[DatedValue]] = {}
    strip = bool(selection.remove_prefix)
    for member in selection.values:
        found = _members(member, codes, strip=strip)
        if not found and "%" in member.value and codes is None:
            patterns.append(member.value)
        values |= found
        first, last = member.valid_from or selection.valid_from, member.valid_to or selection.valid_to
        for value in found:
            spans.setdefault(value, []).append(DatedValue(value, first, last))
    return Domain(
        values=frozenset(values),
        patterns=tuple(patterns),
        dated=tuple(span for of_value in spans.values() if _all_limited(of_value) for span in of_value),
        time_range=_range(selection),
        is_complement=selection.include is False,
        is_everything=not selection.values and selection.time_range is None,
        removes_prefix=strip,
    )


def _range(selection: ComponentSelection) -> TimeRange | None:
    """The range of a selection, with the validity of the selection where it has none of its own."""
    limits = selection.time_range
    if limits is None:
        return None
    first, last = limits.valid_from or selection.valid_from, limits.valid_to or selection.valid_to
    return msgspec.structs.replace(limits, valid_from=first, valid_to=last)


def _members(member: SelectedValue, codes: Codes | None, *, strip: bool) -> set[str]:
    if codes is None:
        return set() if "%" in member.value else {member.value}
    # A value that is no code stays: the check against the codelist reports it, and nobody is shut out by a stale constraint.
    literal = set() if "%" in member.value else {member.value}
    found = cascaded(named(member.value, codes.parents.keys()) or literal, member.cascade_values, codes.parents)
    return {code.removeprefix(codes.prefixes.get(code, "")) for code in found} if strip else found


def _all_limited(spans: Iterable[DatedValue]) -> bool:
    return all(span.valid_from or span.valid_to for span in spans)
