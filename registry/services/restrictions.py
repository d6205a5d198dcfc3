"""The constraints in force for a data structure, a dataflow or a provision agreement, found in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.constraints.restrictions import ConstraintLevel
from registry.constraints.scope import latest_in_force, restricts
from registry.model.constraints import DataConstraint
from registry.model.identity import Urn
from registry.services.snapshots import Snapshot

_CONSTRAINT = "DataConstraint"


@dataclass(frozen=True, slots=True)
class Usage:
    """What data are seen through: a data structure, and as far as known a dataflow, an agreement and its provider (item URN)."""

    structure: Urn
    dataflow: Urn | None = None
    agreement: Urn | None = None
    provider: Urn | None = None

    @property
    def levels(self) -> Mapping[Urn, ConstraintLevel]:
        """The artefacts that constraints can be attached to."""
        places = {
            self.structure: ConstraintLevel.STRUCTURE,
            self.dataflow: ConstraintLevel.DATAFLOW,
            self.agreement: ConstraintLevel.AGREEMENT,
            self.provider.artefact if self.provider else None: ConstraintLevel.PROVIDER,
        }
        return {urn: level for urn, level in places.items() if urn is not None}


def constraints_for(snapshot: Snapshot, usage: Usage) -> list[tuple[ConstraintLevel, DataConstraint]]:
    """The constraints that restrict the data of a usage, each with the level it is attached to."""
    levels = usage.levels
    found = snapshot.parents(levels)
    attached = {urn: level for target, level in levels.items() for urn in found[target] if urn.cls == _CONSTRAINT}
    restricting = {
        urn: constraint
        for urn, constraint in snapshot.load(_all_versions(snapshot, attached)).items()
        if isinstance(constraint, DataConstraint) and not constraint.is_actual  # what there is says nothing about what may be
    }
    return [
        (attached[urn], restricting[urn])
        for urn in sorted(latest_in_force(restricting) & attached.keys())
        if restricts(restricting[urn]) and _concerns(restricting[urn], attached[urn], usage)
    ]


def _all_versions(snapshot: Snapshot, constraints: Mapping[Urn, ConstraintLevel]) -> list[Urn]:
    """Every version of some constraints, whatever they are attached to."""
    keys = dict.fromkeys((urn.cls, urn.agency, urn.id) for urn in constraints)
    return [Urn(*key, version.text) for key in keys for version in snapshot.index.versions[key]]


def _concerns(constraint: DataConstraint, level: ConstraintLevel, usage: Usage) -> bool:
    """False for a constraint on another provider of the same scheme."""
    attachment = constraint.constraint_attachment
    if level is not ConstraintLevel.PROVIDER or attachment is None or attachment.data_provider is None or usage.provider is None:
        return True
    return Urn.parse(attachment.data_provider).item == usage.provider.item
