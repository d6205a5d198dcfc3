"""Opening a source file: its digest, what its first bytes say it is, and what is packed inside.

People rename archives and workbooks to ``.csv``; the first bytes are believed, not the name.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mappings.errors import UnreadableSource
from mappings.readers.bounds import check_archive, unpacked
from mappings.readers.ports import ReaderOptions
from registry.findings import Finding, Severity

_ZIP, _GZIP, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_MEMBERS = ("xl/workbook.xml", "xl/workbook.bin")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class SourceFile:
    """The bytes of a source, unpacked.

    Attributes:
        name: File name for messages.
        content: The bytes to be read, unpacked.
        digest: SHA-256 of the file as it lies on disk.
        size: Its size on disk.
        is_workbook: True when the bytes are a spreadsheet.
        findings: What was noticed while opening.
    """

    name: str
    content: bytes
    digest: str
    size: int
    is_workbook: bool = False
    findings: tuple[Finding, ...] = ()


def open_source(path: Path, options: ReaderOptions) -> SourceFile:
    """Read a file and unpack it when it is an archive.

    Raises:
        UnreadableSource: When it is missing, empty, an archive that does not hold exactly one table, or larger than the options allow.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(f"{path.name}: cannot be opened ({error.strerror}). Check the path and the permissions.") from error
    if not content:
        raise UnreadableSource(f"{path.name}: the file is empty. Export it again.")
    source = SourceFile(path.name, content, hashlib.sha256(content).hexdigest(), len(content))
    return _unpack(source, path.suffix.lower(), options)


def _unpack(source: SourceFile, suffix: str, options: ReaderOptions) -> SourceFile:
    if source.content.startswith(_GZIP):
        return _gunzip(source, suffix, options)
    if source.content.startswith(_OLE):
        return replace(source, is_workbook=True, findings=source.findings + _misnamed(suffix, "an Excel workbook", (".xls",)))
    if source.content.startswith(_ZIP):
        return _unzip(source, suffix, options)
    return source


def _gunzip(source: SourceFile, suffix: str, options: ReaderOptions) -> SourceFile:
    try:
        with gzip.open(io.BytesIO(source.content)) as stream:
            content = unpacked(stream, source.name, len(source.content), options)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSource(f"{source.name}: the gzip file is damaged ({error}). Transfer or export it again.") from error
    return replace(source, content=content, findings=source.findings + _misnamed(suffix, "a gzip file", (".gz",)))


def _unzip(source: SourceFile, suffix: str, options: ReaderOptions) -> SourceFile:
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            names = archive.namelist()
            if any(name in names for name in _WORKBOOK_MEMBERS):
                check_archive(archive, source.name, len(source.content), options)
                return replace(source, is_workbook=True, findings=_misnamed(suffix, "an Excel workbook", (".xlsx", ".xlsm", ".xlsb")))
            if "mimetype" in names and _begins_with(archive, "mimetype", _OPEN_DOCUMENT):
                check_archive(archive, source.name, len(source.content), options)
                return replace(source, is_workbook=True, findings=_misnamed(suffix, "an OpenDocument spreadsheet", (".ods",)))
            chosen = _choose_member(source.name, names, options.member)
            with archive.open(chosen) as stream:
                content = unpacked(stream, source.name, len(source.content), options)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        raise UnreadableSource(
            f"{source.name}: the ZIP archive cannot be opened ({error}). Unpack it by hand or export it again."
        ) from error
    if not content:
        raise UnreadableSource(f"{source.name}: {chosen!r} inside the ZIP archive is empty. Export it again.")
    findings = _misnamed(suffix, f"a ZIP archive; its file {chosen!r} was read", (".zip",))
    inner = replace(source, content=content, findings=source.findings + findings)
    if content.startswith(_ZIP):
        return _inner_workbook(inner, chosen, options)
    return _unpack(inner, PurePosixPath(chosen).suffix.lower(), options)


def _begins_with(archive: zipfile.ZipFile, member: str, text: bytes) -> bool:
    with archive.open(member) as stream:
        return stream.read(len(text)) == text


def _inner_workbook(source: SourceFile, member: str, options: ReaderOptions) -> SourceFile:
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            if not any(name in archive.namelist() for name in (*_WORKBOOK_MEMBERS, "mimetype")):
                raise UnreadableSource(f"{source.name}: {member!r} is an archive inside an archive. Unpack it by hand.")
            check_archive(archive, source.name, source.size, options)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        raise UnreadableSource(f"{source.name}: {member!r} inside the ZIP archive cannot be opened ({error}). Export it again.") from error
    return replace(source, is_workbook=True)


def _choose_member(name: str, members: list[str], wanted: str | None) -> str:
    files = [member for member in members if not member.endswith("/") and not member.startswith("__MACOSX/")]
    if wanted is not None:
        if wanted not in files:
            raise UnreadableSource(f"{name}: the ZIP archive has no {wanted!r}; it has {_listed(files)}. Correct `member` in the recipe.")
        return wanted
    if len(files) != 1:
        raise UnreadableSource(f"{name}: the ZIP archive holds {len(files)} files ({_listed(files)}). Name one as `member` in the recipe.")
    return files[0]


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown or "nothing"


def _misnamed(suffix: str, really: str, expected: tuple[str, ...]) -> tuple[Finding, ...]:
    if suffix in expected:
        return ()
    return (
        Finding(
            "misnamed-file",
            Severity.NOTE,
            f"The file name ends in {suffix or 'nothing'!r} but the file is {really}.",
            f"It was read as what it is; rename it to end in {expected[0]}.",
        ),
    )
