"""Taking messages in: structures as artefacts, data into the observation store; formats are recognised by content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

import polars as pl
from msgspec.structs import replace

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.negotiation.media_types import Format
from exchange.codecs.ports import MessageKind, ReadDataSet, ReadStructures, StructureName
from exchange.codecs.sniffing import SNIFFED_BYTES, sniff, unpacked
from exchange.codecs.unpacking import GZIP_MAGIC, MessageLimits, unpacked_pieces
from exchange.errors import InvalidObservations, MalformedMessage, UnknownFormat
from exchange.observations.ports import Change, Mandate, Receipt
from exchange.query.values.data_query import Context
from exchange.services import unpacked_files
from exchange.services.agreements import Agreements
from exchange.services.checking import NOTHING_READ, LoadChecks
from exchange.services.intake import Described, Intake
from exchange.services.references import parse_agreement
from exchange.services.targets import dataflow_urn
from mappings.provenance.records import ProvenanceRecord, SourceRecord, StepEntry, SubmissionProvenance
from mappings.provenance.software import software
from registry.data_schema import DataSchema
from registry.findings import Finding, Severity
from registry.model.identity import Urn
from registry.services.schemas import ConstrainedSchema, SchemaReader
from registry.submissions import SubmissionKind

#: Lets somebody see batches pass by.
Watch = Callable[[Iterator[pl.DataFrame]], Iterator[pl.DataFrame]]

_TOO_DEEP = "is nested more deeply than any SDMX message is; nothing was stored. Send another."


@dataclass(frozen=True)
class Loaded:
    """What loading a data message did, or would do."""

    dataflow: Urn
    receipt: Receipt
    findings: tuple[Finding, ...] = ()


class RefusedObservations(InvalidObservations):
    """Data whose values do not fit their structure; ``findings`` has all that was seen."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        """Say what the first one is."""
        self.findings = tuple(findings)
        first = findings[0]
        place = f"row {first.row}: " if first.row is not None else ""
        value = f", {first.value!r}" if first.value is not None else ""
        more = f" There are {len(findings) - 1} more such findings." if len(findings) > 1 else ""
        super().__init__(f"{name}: {place}{first.message}{value}. {first.hint}{more} Nothing was stored.")


def decode_structures(codecs: Catalogue, content: bytes, name: str, limits: MessageLimits) -> ReadStructures:
    """Read a structure message of any format.

    Raises:
        UnknownFormat: When it is none, or a data message.
        MalformedMessage: When it cannot be read, or unpacks to more than the limits.
    """
    content = unpacked(content, name, limits)
    found = sniff(content[:SNIFFED_BYTES], name)
    if found.kind is not MessageKind.STRUCTURE:
        raise UnknownFormat(f"{name} is a data message ({found.media_type}); load it with: exchange data load {name} --dataflow …")
    try:
        return codecs.structure(found).decode(content)
    except RecursionError:
        raise MalformedMessage(f"{name} {_TOO_DEEP}") from None


def load_data(
    path: Path,
    dataflow: Urn,
    *,
    codecs: Catalogue,
    schemas: SchemaReader,
    agreements: Agreements,
    intake: Intake,
    limits: MessageLimits,
    agreement: Urn | None = None,
    dry_run: bool = False,
    allow_empty: bool = False,
    watch: Watch = iter,
) -> Loaded:
    """Read a data message of any format into a dataflow, in one atomic submission with its provenance record.

    Args:
        path: The message.
        dataflow: Its version may be a version query.
        codecs: The formats that are known.
        schemas: Where the data structure comes from.
        agreements: Where provision agreements come from.
        intake: Where the data go.
        limits: How large the message may be.
        agreement: The provision agreement they are handed in under; its version may be a version query. A dataset that names its own
            agreement is handed in under that one.
        dry_run: Only say what would change.
        allow_empty: The dataflow may be left without observations.
        watch: Sees the batches pass by, to show progress.

    Raises:
        UnknownFormat, MalformedMessage: When it cannot be read; name place and remedy.
        InvalidObservations: When it is about another structure or agreement, or its data do not fit (:class:`RefusedObservations`
            holds every finding); nothing is stored.
        WouldEmptyDataflow: When nothing would be left in a dataflow that holds data, and ``allow_empty`` is false.
        UnknownArtefact: When there is no such dataflow or agreement.
    """
    started = datetime.now(UTC)
    with _plain(path, limits) as plain:
        found = _data_format(plain, path.name)
        constrained = schemas.constrained(dataflow)
        mandates = _Mandates(agreements, constrained, agreement)
        loading = _Loading(intake, path, mandates, started=started, allow_empty=allow_empty)
        decoder = codecs.decoder(found)
        with _named(path.name):
            named = decoder.structures(plain)
            loading.mandates.admit(named)
            loading.noticed(_strangers(named, constrained.schema))
            loading.noticed(decoder.left_out(plain, constrained.schema))
            datasets = decoder.decode(plain, constrained.schema)
            receipt = loading.preview(datasets, watch) if dry_run else loading.submit(datasets, watch, found)
    return Loaded(dataflow_urn(constrained.schema), receipt, loading.findings)


class _Loading:
    """One message on its way into the store."""

    def __init__(self, intake: Intake, path: Path, mandates: _Mandates, *, started: datetime, allow_empty: bool) -> None:
        self.mandates = mandates
        self._checks: dict[Mandate | None, LoadChecks] = {}
        self._before: tuple[Finding, ...] = ()
        self._intake = intake
        self._path = path
        self._schema = mandates.schema
        self._started = started
        self._allow_empty = allow_empty

    def noticed(self, findings: Iterable[Finding]) -> None:
        """Something was noticed before the data were read."""
        self._before += tuple(findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was noticed."""
        if not any(checks.observations for checks in self._checks.values()):
            return (*self._before, NOTHING_READ)
        found = (finding for checks in self._checks.values() for finding in checks.findings)
        return (*self._before, *sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))

    def preview(self, datasets: Iterator[ReadDataSet], watch: Watch) -> Receipt:
        return self._intake.preview(self._schema, self._changes(datasets, watch), may_empty=self._allow_empty)

    def submit(self, datasets: Iterator[ReadDataSet], watch: Watch, format_: Format) -> Receipt:
        submission, source = str(uuid4()), _source(self._path, format_)

        def described() -> Described:
            return Described(SubmissionProvenance(self._record(submission, source)), self.findings)

        return self._intake.data(
            SubmissionKind.DATA, self._schema, self._changes(datasets, watch), described, submission=submission, may_empty=self._allow_empty
        )

    def _changes(self, datasets: Iterator[ReadDataSet], watch: Watch) -> Iterator[Change]:
        for dataset in datasets:
            mandate, constrained = self.mandates.of(dataset.structure)
            checks = self._checks.setdefault(mandate, LoadChecks(constrained))
            yield Change(dataset.action, watch(checks.watch(dataset.action, dataset.batches)), mandate)
        errors = [error for checks in self._checks.values() for error in checks.errors]
        if errors:
            raise RefusedObservations(self._path.name, errors)

    def _record(self, submission: str, source: SourceRecord) -> ProvenanceRecord:
        ended = datetime.now(UTC)
        observations = sum(checks.observations for checks in self._checks.values())
        under = dict.fromkeys(mandate.agreement for mandate in self._checks if mandate is not None)
        counts = {"observations": observations, "warnings": sum(len(checks.findings) for checks in self._checks.values())}
        return ProvenanceRecord(
            submission=submission,
            dataflow=dataflow_urn(self._schema).short,
            agreement=", ".join(under) or None,
            dimensions=tuple(dimension.id for dimension in self._schema.all_dimensions),
            source=replace(source, rows=observations),
            recipe=None,
            software=software(),
            agents=(),
            facts={},
            started=self._started,
            ended=ended,
            steps=(StepEntry(name="read and check", started=self._started, ended=ended, counts=counts),),
            observations=observations,
            suppressed=0,
            source_rows="exact",
        )


class _Mandates:
    """Under which provision agreement each dataset of a message is handed in."""

    def __init__(self, agreements: Agreements, constrained: ConstrainedSchema, given: Urn | None) -> None:
        self.schema = constrained.schema
        self._agreements = agreements
        self._dataflow = dataflow_urn(constrained.schema)
        self._without: tuple[Mandate | None, ConstrainedSchema] = (None, constrained)
        self._named: dict[StructureName, tuple[Mandate | None, ConstrainedSchema]] = {}
        self._given = given
        if given is not None:
            self._without = self._under(given)

    def admit(self, named: Sequence[StructureName]) -> None:
        """See whether the agreements that a message names are those of the dataflow, and the one that was given.

        Raises:
            UnknownArtefact: When there is no such agreement.
            InvalidObservations: When it is about another dataflow, or another one was given.
        """
        for structure in named:
            if structure[0] is not Context.PROVISION_AGREEMENT:
                continue
            self._named[structure] = own = self._under(parse_agreement(structure[1]))
            given = self._without[0]
            if given is not None and own[0] != given:
                raise InvalidObservations(
                    f"The message holds data under {structure[1]}, not under {given.agreement}; leave --agreement out, or name that one."
                )

    def of(self, structure: StructureName) -> tuple[Mandate | None, ConstrainedSchema]:
        """The mandate of a dataset by the structure it names, and the schema with the constraints that hold under it."""
        return self._named.get(structure, self._without)

    def _under(self, agreement: Urn) -> tuple[Mandate | None, ConstrainedSchema]:
        constrained = self._agreements.constrained(agreement, self._dataflow)
        found = constrained.schema.provision_agreement
        return (None if found is None else self._agreements.mandate(found, self._dataflow)), constrained


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors that name the file they are about."""
    try:
        yield
    except (InvalidObservations, MalformedMessage) as error:
        if name in str(error):
            raise
        raise type(error)(f"{name}: {error}") from error
    except RecursionError:
        raise MalformedMessage(f"{name} {_TOO_DEEP}") from None


def _data_format(plain: Path, name: str) -> Format:
    with plain.open("rb") as stream:
        found = sniff(stream.read(SNIFFED_BYTES), name)
    if found.kind is not MessageKind.DATA:
        raise UnknownFormat(f"{name} is a structure message ({found.media_type}); import it with: exchange structures import {name}")
    return found


def _source(path: Path, format_: Format) -> SourceRecord:
    """Name, size and digest of the file as it was given; its rows are counted later."""
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return SourceRecord(name=path.name, sha256=digest, bytes=path.stat().st_size, rows=0, reader={"format": format_.alias})


def _strangers(named: list[StructureName], schema: DataSchema) -> Iterator[Finding]:
    """A message may name the dataflow, its structure or an agreement.

    Another agency or version is a warning: national copies of a global structure keep its id, and every value is checked against ours
    anyway. Another id is an error.
    """
    ours = {Context.DATAFLOW: schema.dataflow, Context.DATASTRUCTURE: schema.structure}
    for context, name in named:
        known = ours.get(context)
        if known is None or name == Urn.of(known).short:
            continue
        if name.partition("(")[0].rpartition(":")[2] != known.id:
            raise InvalidObservations(
                f"The message holds data of {context.value} {name}, not of {Urn.of(known).short}; "
                f"load it into a dataflow of that structure, or map it with a recipe."
            )
        yield Finding(
            "other-structure",
            Severity.WARNING,
            f"the message names {context.value} {name}; it is read as {Urn.of(known).short}",
            "Check that the two mean the same.",
        )


@contextmanager
def _plain(path: Path, limits: MessageLimits) -> Iterator[Path]:
    """The file without a compression around it."""
    with path.open("rb") as stream:
        if stream.read(2) != GZIP_MAGIC:
            yield path
            return
        stream.seek(0)
        with NamedTemporaryFile(prefix=unpacked_files.prefix(), suffix=path.stem) as temporary:
            for piece in unpacked_pieces(stream, path.name, limits):
                temporary.write(piece)
            temporary.flush()
            yield Path(temporary.name)
