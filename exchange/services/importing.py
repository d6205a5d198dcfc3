"""Importing structure messages from files and URLs: all messages of a call are read first, then imported together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.ports import ReadStructures
from exchange.codecs.unpacking import MessageLimits, check_size
from exchange.errors import ExchangeError
from exchange.services.harvest_rules import HarvestRules
from exchange.services.harvesting import fetch
from exchange.services.intake import Intake
from exchange.services.loading import decode_structures
from registry.errors import RegistryError
from registry.findings import Finding, Severity
from registry.imports.report import ImportReport
from registry.submissions import Part


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
        """True when the message, or any artefact of it, was refused, or when it held nothing that could be stored."""
        return self.problem is not None or bool(self.unread) or self.report is None or self.report.refused or not self.report.lines


def import_structures(
    sources: Iterable[str],
    *,
    codecs: Catalogue,
    intake: Intake,
    limits: MessageLimits,
    harvest: HarvestRules,
    dry_run: bool = False,
) -> list[ImportedMessage]:
    """Import structure messages of any version and format, as one submission.

    References may lead from each message to each. What cannot be read is left out; the rest is imported as if it came alone.
    ``limits`` say how large a message may be, ``harvest`` what may be fetched.

    Raises:
        ConflictingWrite, StoreUnavailable: When nothing could be stored.
    """
    parts: dict[str, Part] = {}
    read = {source: _read(codecs, source, parts, limits, harvest) for source in dict.fromkeys(sources)}
    messages = {source: found for source, found in read.items() if isinstance(found, ReadStructures)}
    reports = intake.structures(
        [found.message.artefacts for found in messages.values()],
        parts=[parts[source] for source in messages],
        findings=[finding for found in messages.values() for finding in found.findings],
        dry_run=dry_run,
    )
    told = dict(zip(messages, reports, strict=True))
    return [_outcome(source, found, told.get(source)) for source, found in read.items()]


def _read(
    codecs: Catalogue, source: str, parts: dict[str, Part], limits: MessageLimits, harvest: HarvestRules
) -> ReadStructures | Exception:
    """A message as read, or why it cannot be; its name, digest and size join the parts."""
    try:
        content = fetch(source, harvest) if "://" in source else _content(Path(source), limits)
        parts[source] = Part(source if "://" in source else Path(source).name, sha256(content).hexdigest(), len(content))
        return decode_structures(codecs, content, source, limits)
    except (ExchangeError, RegistryError, OSError) as error:
        return error


def _content(path: Path, limits: MessageLimits) -> bytes:
    check_size(path, limits)
    return path.read_bytes()


def _outcome(source: str, found: ReadStructures | Exception, report: ImportReport | None) -> ImportedMessage:
    outcome = ImportedMessage(source, report)
    if isinstance(found, Exception):
        return replace(outcome, problem=found)
    errors = tuple(finding for finding in found.findings if finding.severity is Severity.ERROR)
    remarks = [finding for finding in found.findings if finding not in errors]
    if found.message.availability:
        text = "availability constraints say what data another service has; they are not kept here"
        remarks.append(Finding("availability-ignored", Severity.WARNING, text, count=len(found.message.availability)))
    return replace(outcome, unread=errors, remarks=tuple(remarks))
