"""What is open while a request or a command runs, as one value; ``exchange.app`` fills it, use cases take the parts they need."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.unpacking import MessageLimits
from exchange.observations.ports import ObservationStore
from exchange.services.agreements import Agreements
from exchange.services.availability import AvailabilityQueries
from exchange.services.data import DataQueries
from exchange.services.harvest_rules import HarvestRules
from exchange.services.intake import Intake
from exchange.services.ledger import Ledger
from exchange.settings import Settings
from registry.services.schemas import SchemaReader
from registry.store.ports import ArtefactStore, SubmissionLog


@dataclass(frozen=True)
class Services:
    """Everything a request or a command needs; close it when done."""

    settings: Settings
    artefacts: ArtefactStore
    schemas: SchemaReader
    agreements: Agreements
    observations: ObservationStore
    submissions: SubmissionLog
    ledger: Ledger
    intake: Intake
    data: DataQueries
    availability: AvailabilityQueries
    codecs: Catalogue

    @property
    def message_limits(self) -> MessageLimits:
        """How large messages may be."""
        return MessageLimits(self.settings.message_megabytes * 1024**2, self.settings.message_ratio)

    @property
    def harvest_rules(self) -> HarvestRules:
        """What may be fetched from URLs."""
        return HarvestRules(self.message_limits.size, self.settings.harvest_seconds, self.settings.harvest_private)

    def close(self) -> None:
        """Release connections."""
        self.artefacts.close()
