"""How the constraints in force combine: the cascade data structure → dataflow → provision agreement (and provider).

All restrictions apply together; what a lower level adds to a component counts only within what the level above admits, and is
ignored for that component when nothing would be left (Technical Notes, constraints: the higher level wins).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from registry.constraints.domains import Codes, Domain
from registry.constraints.restrictions import CodesByComponent, ConstraintLevel, KeyTable, Region, Restriction, Row, restriction_of
from registry.model.constraints import DataConstraint


@dataclass(frozen=True, slots=True)
class ConstraintSet:
    """All constraints in force for a data structure, dataflow or provision agreement, compiled. Plain data, no data set.

    Attributes:
        restrictions: Each constraint as regions and key tables, from the most general level down.
        allowed: Per component, the values that can pass; components that nothing closes are absent.
        denied: Per component, values that cannot pass; for components that are not in ``allowed``.
        without_prefix: Components whose codes are reported without the prefix of the codelist extension.
    """

    restrictions: tuple[Restriction, ...] = ()
    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    denied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without_prefix: frozenset[str] = frozenset()

    @property
    def restricted(self) -> frozenset[str]:
        """Every component that some constraint speaks of."""
        return frozenset(component for restriction in self.restrictions for component in _mentioned(restriction))

    @property
    def is_separable(self) -> bool:
        """True when a row passes exactly if each of its values does, so that combinations need not be looked at."""
        return not any(
            restriction.key_tables or len(restriction.included) > 1 or any(len(region.domains) > 1 for region in restriction.excluded)
            for restriction in self.restrictions
        )

    @property
    def has_validity(self) -> bool:
        """True when it depends on the period of an observation what may be reported."""
        return any(restriction.has_validity for restriction in self.restrictions)

    def admits(self, component: str, value: str, on: date | None = None) -> bool:
        """True when a value of a component can pass, whatever the others are; on a day, else on any."""
        allowed = self.allowed.get(component)
        if (allowed is not None and value not in allowed) or value in self.denied.get(component, ()):
            return False
        return all(_can_hold(restriction, component, value, on) for restriction in self.restrictions)

    def admits_row(self, row: Row, on: date | None = None) -> bool:
        """True when every restriction lets a row pass."""
        return all(restriction.admits(row, on) for restriction in self.restrictions)


def combine(constraints: Iterable[tuple[ConstraintLevel, DataConstraint]], codes: CodesByComponent) -> ConstraintSet:
    """Compile constraints and put them together; the order of the levels counts, not that of the input."""
    ordered = sorted(constraints, key=lambda pair: pair[0])
    restrictions = tuple(restriction_of(constraint, level, codes) for level, constraint in ordered)
    allowed = {}
    denied = {}
    for component in dict.fromkeys(component for restriction in restrictions for component in _mentioned(restriction)):
        values = _cascade(restrictions, component, codes)
        restrictions = tuple(
            _without(restriction, component) if restriction.level in values.overruled else restriction for restriction in restrictions
        )
        if values.listed is not None:
            allowed[component] = values.listed
        elif values.refused:
            denied[component] = values.refused
    return ConstraintSet(
        restrictions=restrictions,
        allowed=allowed,
        denied=denied,
        without_prefix=frozenset(component for component, domain in _domains(restrictions) if domain.removes_prefix),
    )


def _mentioned(restriction: Restriction) -> list[str]:
    regions = [component for region in (*restriction.included, *restriction.excluded) for component in region.domains]
    return regions + [component for table in restriction.key_tables for component in table.components]


def _domains(restrictions: Iterable[Restriction]) -> Iterator[tuple[str, Domain]]:
    """The domains of all included regions, by component."""
    for restriction in restrictions:
        for region in restriction.included:
            yield from region.domains.items()


@dataclass(frozen=True, slots=True)
class _ComponentValues:
    """What the cascade leaves of one component: the values listed (None: not closed), those refused, the levels overruled."""

    listed: frozenset[str] | None
    refused: frozenset[str]
    overruled: frozenset[ConstraintLevel]


def _cascade(restrictions: tuple[Restriction, ...], component: str, codes: CodesByComponent) -> _ComponentValues:
    everything = _reported_codes(restrictions, component, codes.get(component))
    listed: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    overruled: set[ConstraintLevel] = set()
    for level in ConstraintLevel:
        attached = [restriction for restriction in restrictions if restriction.level is level]
        here = _listed_at(attached, component, everything)
        refused = refused.union(*(_excluded(restriction, component, everything) for restriction in attached))
        if here is not None and listed and not here & listed:
            overruled.add(level)
            continue
        refused = refused.union(*(_complement(restriction, component) for restriction in attached))
        if here is not None:
            listed = here if listed is None else listed & here
    if listed is None and refused and everything is not None:
        listed = everything
    return _ComponentValues(listed - refused if listed is not None else None, refused, frozenset(overruled))


def _without(restriction: Restriction, component: str) -> Restriction:
    """A restriction that no longer says in its included regions what a component may hold."""
    included = tuple(Region({c: domain for c, domain in region.domains.items() if c != component}) for region in restriction.included)
    return replace(restriction, included=included)


def _reported_codes(restrictions: Iterable[Restriction], component: str, codes: Codes | None) -> frozenset[str] | None:
    """All codes of a component as they are reported; None when it has none."""
    if codes is None:
        return None
    if any(name == component and domain.removes_prefix for name, domain in _domains(restrictions)):
        return frozenset(code.removeprefix(codes.prefixes.get(code, "")) for code in codes.parents)
    return frozenset(codes.parents)


def _listed_at(restrictions: list[Restriction], component: str, everything: frozenset[str] | None) -> frozenset[str] | None:
    """Values that the constraints of one level list for a component, None when none does."""
    found: frozenset[str] | None = None
    for restriction in restrictions:
        for listed in (_listed_by_regions(restriction, component, everything), _listed_by_keys(restriction, component, everything)):
            if listed is not None:
                found = listed if found is None else found & listed
    return found


def _listed_by_regions(restriction: Restriction, component: str, everything: frozenset[str] | None) -> frozenset[str] | None:
    if not restriction.included:
        return None
    return _union([region.domains.get(component) for region in restriction.included], everything)


def _listed_by_keys(restriction: Restriction, component: str, everything: frozenset[str] | None) -> frozenset[str] | None:
    tables = restriction.key_tables
    if not tables or not tables[0].is_included:
        return None
    domains: list[Domain | None] = []
    for table in tables:
        if table.is_included:
            domains += _column(table, component)
    return _union(domains, everything)


def _column(table: KeyTable, component: str) -> list[Domain | None]:
    if component not in table.components:
        return [None] * len(table.rows)
    position = table.components.index(component)
    return [row.domains[position] for row in table.rows]


def _union(domains: list[Domain | None], everything: frozenset[str] | None) -> frozenset[str] | None:
    """All values of some domains; None as soon as one of them cannot be listed."""
    values: set[str] = set()
    for domain in domains:
        listed = _listed(domain, everything)
        if listed is None:
            return None
        values |= listed
    return frozenset(values)


def _listed(domain: Domain | None, everything: frozenset[str] | None) -> frozenset[str] | None:
    if domain is None:
        return None
    if domain.is_closed:
        return domain.values
    if domain.is_complement and domain.is_everything:
        return frozenset()
    if domain.is_complement and domain.time_range is None and everything is not None:
        return everything - {value for value in domain.values if not domain.is_limited(value)}
    return None


def _excluded(restriction: Restriction, component: str, everything: frozenset[str] | None) -> frozenset[str]:
    """Values that no row can have, because a region about this component alone excludes them."""
    alone = [region.domains[component] for region in restriction.excluded if region.domains.keys() == {component}]
    return frozenset().union(*(_listed(domain, everything) or () for domain in alone if not domain.dated))


def _complement(restriction: Restriction, component: str) -> frozenset[str]:
    """Values that no row can have, because every included region takes everything but them."""
    domains = [region.domains.get(component) for region in restriction.included]
    refused = [domain.values for domain in domains if domain is not None and domain.is_complement and not domain.dated]
    return frozenset.intersection(*refused) if refused and len(refused) == len(domains) else frozenset()


def _can_hold(restriction: Restriction, component: str, value: str, on: date | None) -> bool:
    """True when a row with this value could pass: some included region takes it, and no region about it alone excludes it."""
    row = {component: value}
    if restriction.included and not any(region.holds(row, on) for region in restriction.included):
        return False
    return not any(
        region.domains.keys() == {component} and region.holds(row, on) and not (on is None and region.domains[component].is_limited(value))
        for region in restriction.excluded
    )
