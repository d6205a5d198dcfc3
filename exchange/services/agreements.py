"""Provision agreements: what was reported under them, and what a submission under one may touch."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.errors import InvalidObservations
from exchange.observations.ports import Mandate
from registry.model.identity import Urn
from registry.model.provision import ProvisionAgreement
from registry.services.schemas import ConstrainedSchema, SchemaReader
from registry.services.snapshots import snapshot_of
from registry.store.ports import ArtefactStore


class Agreements:
    """What the registry says about the agreements of a dataflow."""

    def __init__(self, artefacts: ArtefactStore, schemas: SchemaReader) -> None:
        self._artefacts = artefacts
        self._schemas = schemas

    def of_dataflow(self, dataflow: Urn) -> list[ProvisionAgreement]:
        """The agreements on a dataflow, in all their versions."""
        snapshot = snapshot_of(self._artefacts)
        referrers = {urn for found in snapshot.parents([dataflow]).values() for urn in found if urn.cls == "ProvisionAgreement"}
        return [artefact for artefact in snapshot.load(sorted(referrers)).values() if isinstance(artefact, ProvisionAgreement)]

    def reported_under(self, agreements: Iterable[ProvisionAgreement], dataflow: Urn) -> frozenset[str | None]:
        """Whose observations answer for some agreements: theirs, and those of nobody where the dataflow has just one agreement."""
        asked = {Urn.of(agreement) for agreement in agreements}
        there_are = {(urn.agency, urn.id) for urn in map(Urn.of, self.of_dataflow(dataflow))}
        return frozenset({urn.short for urn in asked} | ({None} if asked and len(there_are) == 1 else set()))

    def mandate(self, agreement: ProvisionAgreement, dataflow: Urn) -> Mandate:
        """What a submission under an agreement may touch: what was reported under it, in whatever version of it."""
        own = Urn.of(agreement)
        versions = [known for known in self.of_dataflow(dataflow) if (known.agency_id, known.id) == (own.agency, own.id)]
        return Mandate(own.short, self.reported_under([agreement, *versions], dataflow))

    def constrained(self, agreement: Urn, dataflow: Urn) -> ConstrainedSchema:
        """The schema of a dataflow as an agreement on it sees it, with the constraints of the agreement and of its provider.

        Raises:
            UnknownArtefact: When there is no such agreement.
            InvalidObservations: When it is about another dataflow.
        """
        found = self._schemas.constrained(agreement)
        about = found.schema.dataflow
        if about is None or Urn.of(about) != dataflow:
            other = "another dataflow" if about is None else Urn.of(about).short
            known = ", ".join(sorted(Urn.of(known).short for known in self.of_dataflow(dataflow))) or "none"
            raise InvalidObservations(
                f"The provision agreement {agreement.short} is about {other}, not about {dataflow.short}, whose agreements are: {known}."
            )
        return found
