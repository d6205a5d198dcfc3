"""One constraint as plain rules: regions and key tables (SDMX 3.1 Section 2, constraints; Technical Notes, constraints)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from registry.constraints.domains import Codes, DatedValue, Domain, domain_of
from registry.model.constraints import CubeRegion, DataConstraint, DataKey, DataKeySet
from registry.model.identity import Urn

#: Component id to its value, or to several values of a multi-valued component. Components that are absent are not checked.
Row = Mapping[str, str | tuple[str, ...]]

#: The codes of each coded component.
CodesByComponent = Mapping[str, Codes]


class ConstraintLevel(IntEnum):
    """Where a constraint is attached, from the most general; a lower level can only restrict further."""

    STRUCTURE = 1
    DATAFLOW = 2
    AGREEMENT = 3
    PROVIDER = 4


@dataclass(frozen=True, slots=True)
class Region:
    """A region of the cube: a row lies in it when every component mentioned holds one of the values."""

    domains: Mapping[str, Domain]

    def holds(self, row: Row, on: date | None = None) -> bool:
        """True when a row lies in the region; every value of a multi-valued component must."""
        return all(domain.holds(value, on) for component, domain in self.domains.items() for value in _values(row, component))


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of a key table: one domain per component of the table, None where anything goes."""

    domains: tuple[Domain | None, ...]
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True, slots=True)
class KeyTable:
    """A key set as a table: ready to be joined with data."""

    is_included: bool
    components: tuple[str, ...]
    rows: tuple[KeyRow, ...]

    def holds(self, row: Row, on: date | None = None) -> bool:
        """True when some key of the table matches a row."""
        return any(self._matches(key, row, on) for key in self.rows)

    def _matches(self, key: KeyRow, row: Row, on: date | None) -> bool:
        if on is not None and not DatedValue("", key.valid_from, key.valid_to).covers(on):
            return False
        return all(
            domain.holds(value, on)
            for component, domain in zip(self.components, key.domains, strict=True)
            if domain is not None
            for value in _values(row, component)
        )


@dataclass(frozen=True, slots=True)
class Restriction:
    """A compiled constraint.

    A row passes when it lies in one of the included regions (if there are any), in no excluded region, and the last key table
    that matches it includes it. A row that no key table matches passes when the first table is one of exclusions.
    """

    constraint: Urn
    level: ConstraintLevel
    included: tuple[Region, ...] = ()
    excluded: tuple[Region, ...] = ()
    key_tables: tuple[KeyTable, ...] = ()

    @property
    def has_validity(self) -> bool:
        """True when the constraint lets other rows pass on other days."""
        keys = [key for table in self.key_tables for key in table.rows]
        domains = [domain for region in (*self.included, *self.excluded) for domain in region.domains.values()]
        domains += [domain for key in keys for domain in key.domains if domain is not None]
        return any(key.valid_from or key.valid_to for key in keys) or any(domain.has_validity for domain in domains)

    def admits(self, row: Row, on: date | None = None) -> bool:
        """True when the constraint lets a row pass, on a day when validity counts."""
        if self.included and not any(region.holds(row, on) for region in self.included):
            return False
        if any(_touches(region, row) and region.holds(row, on) for region in self.excluded):
            return False
        return self._keys_admit(row, on)

    def _keys_admit(self, row: Row, on: date | None) -> bool:
        if not self.key_tables:
            return True
        verdict = not self.key_tables[0].is_included
        for table in self.key_tables:
            if table.holds(row, on):
                verdict = table.is_included
        return verdict


def restriction_of(constraint: DataConstraint, level: ConstraintLevel, codes: CodesByComponent) -> Restriction:
    """Compile a constraint against the codes of the components it speaks of."""
    regions = [(region.include, _region(region, codes)) for region in constraint.cube_regions]
    return Restriction(
        constraint=Urn.of(constraint),
        level=level,
        included=tuple(region for include, region in regions if include),
        excluded=tuple(region for include, region in regions if not include),
        key_tables=tuple(_key_table(keys, codes) for keys in constraint.data_key_sets),
    )


def _region(region: CubeRegion | DataKey, codes: CodesByComponent) -> Region:
    selections = (*region.key_values, *region.components)
    return Region({selection.id: domain_of(selection, codes.get(selection.id)) for selection in selections})


def _key_table(keys: DataKeySet, codes: CodesByComponent) -> KeyTable:
    rows = [(_region(key, codes).domains, key) for key in keys.keys]
    components = tuple(dict.fromkeys(component for domains, _ in rows for component in domains))
    return KeyTable(
        is_included=keys.is_included,
        components=components,
        rows=tuple(
            KeyRow(tuple(domains.get(component) for component in components), key.valid_from, key.valid_to) for domains, key in rows
        ),
    )


def _values(row: Row, component: str) -> tuple[str, ...]:
    value = row.get(component)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _touches(region: Region, row: Row) -> bool:
    """True when the row has every component of the region, so that it can lie in it at all."""
    return all(component in row for component in region.domains)
