"""Taking messages in: structures as artefacts, data into the observation store; formats are recognised by content."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from uuid import uuid4

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.ports import Finding, Kind, ReadStructures, StructureName
from exchange.codecs.sniffing import SNIFFED_BYTES, sniff, unpacked
from exchange.errors import InvalidObservations, UnknownFormat
from exchange.observations.ports import Change, Receipt
from exchange.query.data_query import Context
from exchange.services.container import Services
from exchange.services.data import dataflow_urn
from registry.data_schema import DataSchema
from registry.model.identity import Urn

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class Loaded:
    """What loading a data message did, or would do."""

    dataflow: Urn
    receipt: Receipt
    findings: tuple[Finding, ...] = ()


def decode_structures(codecs: Catalogue, content: bytes, name: str) -> ReadStructures:
    """Read a structure message of any format.

    Raises:
        UnknownFormat: When it is none, or a data message.
        MalformedMessage: When it cannot be read.
    """
    content = unpacked(content, name)
    found = sniff(content[:SNIFFED_BYTES], name)
    if found.kind is not Kind.STRUCTURE:
        raise UnknownFormat(f"{name} is a data message ({found.media_type}); load it with: exchange data load {name} --dataflow …")
    return codecs.structure(found).decode(content)


def load_data(services: Services, path: Path, dataflow: Urn, *, dry_run: bool = False) -> Loaded:
    """Read a data message of any format into a dataflow, in one atomic submission.

    Raises:
        UnknownFormat, MalformedMessage: When it cannot be read; name place and remedy.
        InvalidObservations: When it is about another structure, or its data do not fit; nothing is stored.
        UnknownArtefact: When there is no such dataflow.
    """
    schema = services.schemas.of(dataflow)
    with _plain(path) as plain:
        with plain.open("rb") as stream:
            found = sniff(stream.read(SNIFFED_BYTES), path.name)
        if found.kind is not Kind.DATA:
            raise UnknownFormat(
                f"{path.name} is a structure message ({found.media_type}); import it with: exchange structures import {path.name}"
            )
        decoder = services.codecs.decoder(found)
        findings = tuple(_strangers(decoder.structures(plain), schema))
        changes = (Change(dataset.action, dataset.batches) for dataset in decoder.decode(plain, schema))
        if dry_run:
            receipt = services.observations.preview(schema, changes)
        else:
            receipt = services.observations.submit(schema, changes, submission=str(uuid4()))
    return Loaded(dataflow_urn(schema), receipt, findings)


def _strangers(named: list[StructureName], schema: DataSchema) -> Iterator[Finding]:
    """A message may name the dataflow, its structure or an agreement; another version is a warning, something else an error."""
    ours = {Context.DATAFLOW: schema.dataflow, Context.DATASTRUCTURE: schema.structure}
    for context, name in named:
        known = ours.get(context)
        if known is None or name == Urn.of(known).short:
            continue
        if name.partition("(")[0] != Urn.of(known).short.partition("(")[0]:
            raise InvalidObservations(
                f"The message holds data of {context.value} {name}, not of {Urn.of(known).short}; "
                f"load it into a dataflow of that structure, or map it with a recipe."
            )
        yield Finding("other-version", f"the message names {context.value} {name}; it is read as {Urn.of(known).short}", place=name)


@contextmanager
def _plain(path: Path) -> Iterator[Path]:
    """The file without a compression around it."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP_MAGIC
    if not packed:
        yield path
        return
    with NamedTemporaryFile(suffix=path.stem) as temporary, gzip.open(path) as stream:
        copyfileobj(stream, temporary)
        temporary.flush()
        yield Path(temporary.name)
