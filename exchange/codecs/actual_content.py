"""Availability answers before SDMX 3.1: a data constraint of role Actual; clients read the counts from annotations."""

from __future__ import annotations

from typing import Final

from registry.model.base import Annotation, Reference
from registry.model.constraints import AvailabilityAttachment, AvailabilityConstraint, ConstraintAttachment, DataConstraint
from registry.model.identity import Urn

#: Type of the annotations that hold the number of series and of observations.
METRICS: Final = "sdmx_metrics"


def as_actual_constraint(availability: AvailabilityConstraint) -> DataConstraint:
    """The answer as an artefact of role Actual, maintained with what it is about."""
    subject, attachment = _attachment(availability.constraint_attachment)
    region = availability.cube_region
    counts = (("series_count", availability.series_count), ("obs_count", availability.obs_count))
    annotations = tuple(Annotation(id=name, type=METRICS, title=str(count)) for name, count in counts if count is not None)
    return DataConstraint(
        id=f"{subject.id}_AVAILABILITY",
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
