"""Importing structure messages from files and URLs: all messages of a call are read first, then imported together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from exchange.codecs.ports import ReadStructures
from exchange.errors import ExchangeError
from exchange.services.container import Services
from exchange.services.harvesting import fetch
from exchange.services.loading import decode_structures
from registry.errors import RegistryError
from registry.findings import Finding, Severity
from registry.imports.apply import import_submissions
from registry.imports.report import ImportReport


@dataclass(frozen=True)
class ImportedMessage:
    """What became of one message.

    Attributes:
        source: File or URL.
        report: One line per artefact; None when the message could not be read.
        unread: Artefacts that could not be read, and why.
        remarks: What else the reader noticed.
        problem: Why the message could not be read.
    """

    source: str
    report: ImportReport | None = None
    unread: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()
    problem: Exception | None = None

    @property
    def refused(self) -> bool:
        """True when the message, or any artefact of it, was refused."""
        return self.problem is not None or bool(self.unread) or (self.report is not None and self.report.refused)


def import_messages(services: Services, sources: Iterable[str], *, dry_run: bool = False) -> list[ImportedMessage]:
    """Import structure messages of any version and format, in one transaction.

    References may lead from each message to each. What cannot be read is left out; the rest is imported as if it came alone.

    Raises:
        ConflictingWrite, StoreUnavailable: When nothing could be stored.
    """
    read = {source: _read(services, source) for source in dict.fromkeys(sources)}
    messages = {source: found.message.artefacts for source, found in read.items() if isinstance(found, ReadStructures)}
    reports = dict(zip(messages, import_submissions(services.artefacts, messages.values(), dry_run=dry_run), strict=True))
    return [_outcome(source, found, reports.get(source)) for source, found in read.items()]


def _read(services: Services, source: str) -> ReadStructures | Exception:
    try:
        content = fetch(source) if "://" in source else Path(source).read_bytes()
        return decode_structures(services.codecs, content, source)
    except (ExchangeError, RegistryError, OSError) as error:
        return error


def _outcome(source: str, found: ReadStructures | Exception, report: ImportReport | None) -> ImportedMessage:
    outcome = ImportedMessage(source, report)
    if isinstance(found, Exception):
        return replace(outcome, problem=found)
    errors = tuple(finding for finding in found.findings if finding.severity is Severity.ERROR)
    return replace(outcome, unread=errors, remarks=tuple(finding for finding in found.findings if finding not in errors))
