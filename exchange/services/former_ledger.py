"""Takes over the provenance records that version 0.1 kept in a folder of one machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from mappings.provenance.records import ProvenanceRecord
from registry.errors import RegistryError
from registry.store.ports import KeptProvenance, SubmissionLog
from registry.submissions import Part, Submission, SubmissionKind, SubmissionStatus

_log = logging.getLogger(__name__)

_RECORD: Final = "record.json"
_ROWS: Final = "rows.parquet"
#: A file in the folder: everything in it was taken over.
_TAKEN_OVER: Final = "taken-over"
#: The former records do not say who handed the data in.
_UNKNOWN: Final = "unknown"


def take_over(folder: Path, log: SubmissionLog) -> None:
    """Record every submission of the folder that the log does not have. The folder stays as it is, marked as taken over."""
    if not folder.is_dir() or (folder / _TAKEN_OVER).exists():
        return
    try:
        taken = log.take_over(_recorded(folder))
    except RegistryError as error:  # a home that can only be read is served without them
        _log.warning("the provenance records in %s were not taken over: %s", folder, error)
        return
    _log.info("%d provenance records of %s were taken over", taken, folder)
    with suppress(OSError):
        (folder / _TAKEN_OVER).touch()


def _recorded(folder: Path) -> Iterator[tuple[Submission, KeptProvenance]]:
    for path in sorted(folder.glob(f"[!.]*/{_RECORD}")):
        content = path.read_bytes()
        record = msgspec.json.decode(content, type=ProvenanceRecord)
        rows = path.parent / _ROWS
        submission = Submission(
            kind=SubmissionKind.RECIPE if record.recipe else SubmissionKind.DATA,
            actor=_UNKNOWN,
            parts=(Part(record.source.name, record.source.sha256, record.source.bytes),),
            dataflow=record.dataflow,
            outcome={"observations": record.observations},
            status=SubmissionStatus.COMMITTED,
            id=record.submission,
            instant=record.ended,
        )
        yield submission, KeptProvenance(content, rows.read_bytes() if rows.is_file() else None)
