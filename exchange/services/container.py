"""The use cases that the HTTP layer and the command line share, as one value; ``exchange.app`` fills it."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.codecs.catalogue import Catalogue
from exchange.observations.ports import ObservationStore
from exchange.services.availability import AvailabilityQueries
from exchange.services.data import DataQueries
from exchange.settings import Settings
from mappings.provenance.ports import Ledger
from registry.services.schemas import SchemaReader
from registry.store.ports import ArtefactStore


@dataclass(frozen=True)
class Services:
    """Everything a request or a command needs; close it when done."""

    settings: Settings
    artefacts: ArtefactStore
    schemas: SchemaReader
    observations: ObservationStore
    ledger: Ledger
    data: DataQueries
    availability: AvailabilityQueries
    codecs: Catalogue

    def close(self) -> None:
        """Release connections."""
        self.artefacts.close()
