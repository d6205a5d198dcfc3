"""What data there are, as SDMX says it: availability since 3.1, before that data constraints of role Actual.

Availability answers become such constraints for older versions; clients read the counts from annotations. The other way, a constraint of
role Actual would be a restriction in 3.1, which knows no roles. It becomes an availability constraint as far as that can say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from exchange.codecs.losses import Losses
from registry.model.base import Annotation, Maintainable, Reference
from registry.model.constraints import AvailabilityAttachment, AvailabilityConstraint, ConstraintAttachment, CubeRegion, DataConstraint
from registry.model.identity import Urn

#: Type of the annotations that hold the number of series and of observations.
METRICS: Final = "sdmx_metrics"
_SUFFIX: Final = "_AVAILABILITY"


def as_actual_constraints(answers: Iterable[AvailabilityConstraint]) -> tuple[DataConstraint, ...]:
    """Answers as artefacts of role Actual, each maintained with what it is about.

    Availability has no identification, artefacts have. They are called after what they are about; where a message has answers about
    several versions of one, the ids say the version, or they could not be told apart.
    """
    made = tuple(map(_as_actual_constraint, answers))
    known = Counter((subject.agency, subject.id) for subject, _ in made)
    return tuple(
        constraint if known[subject.agency, subject.id] == 1 else replace(constraint, id=_with_version(subject))
        for subject, constraint in made
    )


def _with_version(subject: Urn) -> str:
    return f"{subject.id}_{subject.version.replace('.', '_')}{_SUFFIX}"


def _as_actual_constraint(availability: AvailabilityConstraint) -> tuple[Urn, DataConstraint]:
    subject, attachment = _attachment(availability.constraint_attachment)
    region = availability.cube_region
    counts = (("series_count", availability.series_count), ("obs_count", availability.obs_count))
    annotations = tuple(Annotation(id=name, type=METRICS, title=str(count)) for name, count in counts if count is not None)
    return subject, DataConstraint(
        id=f"{subject.id}{_SUFFIX}",
        agency_id=subject.agency,
        version="1.0",
        names={"en": f"Availability of {subject.short}"},
        annotations=(*availability.annotations, *annotations),
        role="Actual",
        constraint_attachment=attachment,
        cube_regions=(region,) if region.key_values or region.components else (),
    )


def _attachment(attachment: AvailabilityAttachment) -> tuple[Urn, ConstraintAttachment]:
    structures, dataflows, agreements = (_one(attachment.data_structure), _one(attachment.dataflow), _one(attachment.provision_agreement))
    urn = next(iter((*structures, *dataflows, *agreements)))
    return Urn.parse(urn), ConstraintAttachment(data_structures=structures, dataflows=dataflows, provision_agreements=agreements)


def _one(reference: Reference | None) -> tuple[Reference, ...]:
    return () if reference is None else (reference,)


def split_actual(artefacts: Iterable[Maintainable], losses: Losses) -> tuple[tuple[Maintainable, ...], tuple[AvailabilityConstraint, ...]]:
    """Artefacts without the constraints of role Actual, and those as availability; what becomes of each is recorded as a loss."""
    kept: list[Maintainable] = []
    available: list[AvailabilityConstraint] = []
    for artefact in artefacts:
        if not isinstance(artefact, DataConstraint) or artefact.role != "Actual":
            kept.append(artefact)
            continue
        name = f"DataConstraint {artefact.agency_id}:{artefact.id}({artefact.version})"
        answer = as_availability(artefact)
        if answer is None:
            losses.leave_out("it says what data there are, which SDMX 3.1 has no such artefact for; it was left out", name)
        else:
            losses.lose("actual-became-availability", "it says what data there are; written as availability, without id and names", name)
            available.append(answer)
    return tuple(kept), tuple(available)


def as_availability(constraint: DataConstraint) -> AvailabilityConstraint | None:
    """A constraint of role Actual as availability; None when it is about several things, or says more than one region of what exists."""
    attachment = constraint.constraint_attachment
    if attachment is None or constraint.data_key_sets or len(constraint.cube_regions) > 1:
        return None
    region = constraint.cube_regions[0] if constraint.cube_regions else CubeRegion()
    about = [*attachment.data_structures, *attachment.dataflows, *attachment.provision_agreements]
    others = attachment.data_provider or attachment.data_sets or attachment.simple_data_sources
    if len(about) != 1 or others or not region.include:
        return None
    counts = {note.id: int(note.title or 0) for note in constraint.annotations if note.type == METRICS and (note.title or "").isdecimal()}
    return AvailabilityConstraint(
        annotations=tuple(note for note in constraint.annotations if note.type != METRICS),
        constraint_attachment=AvailabilityAttachment(
            data_structure=_first(attachment.data_structures),
            dataflow=_first(attachment.dataflows),
            provision_agreement=_first(attachment.provision_agreements),
        ),
        cube_region=region,
        series_count=counts.get("series_count"),
        obs_count=counts.get("obs_count"),
    )


def _first(references: tuple[Reference, ...]) -> Reference | None:
    return references[0] if references else None
