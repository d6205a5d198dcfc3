"""What travels in one message: a header and artefacts or availability answers. Wire formats live in ``exchange.codecs``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from registry.model.base import Maintainable
from registry.model.constraints import AvailabilityConstraint
from registry.model.organisations import Contact


@dataclass(frozen=True, slots=True)
class MessageParty:
    """A sender or receiver."""

    id: str
    names: dict[str, str] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """Message header. ``prepared`` is an aware datetime."""

    id: str = field(default_factory=lambda: f"IREF{uuid4().hex[:12].upper()}")
    prepared: datetime = field(default_factory=lambda: datetime.now(UTC))
    sender: MessageParty = field(default_factory=lambda: MessageParty("CDE"))
    receivers: tuple[MessageParty, ...] = ()
    test: bool = False
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StructureMessage:
    """A structure message; artefacts in any order, each at most once per URN."""

    artefacts: tuple[Maintainable, ...] = ()
    availability: tuple[AvailabilityConstraint, ...] = ()
    header: Header = field(default_factory=Header)
