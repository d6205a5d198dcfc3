"""The canonical document of an artefact: its SDMX-JSON form as bytes, and the hash that stands for its content."""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec

from registry.model.base import Maintainable
from registry.model.families import families_by_kind

# Deterministic: the languages of a name have no order, so equal artefacts give equal bytes.
_ENCODER = msgspec.json.Encoder(order="deterministic")


def encode(artefact: Maintainable) -> bytes:
    """The canonical document."""
    return _ENCODER.encode(artefact)


def decode(kind: str, document: bytes) -> Maintainable:
    """The artefact of a canonical document; ``kind`` is the name of its model class."""
    return _decoder(kind).decode(document)


def content_hash(kind: str, document: bytes) -> str:
    """SHA-256 (hex) over kind and document: two empty schemes of different kinds are not the same content."""
    return hashlib.sha256(kind.encode() + b"\n" + document).hexdigest()


def hash_of(artefact: Maintainable) -> str:
    """The content hash of an artefact."""
    return content_hash(type(artefact).__name__, encode(artefact))


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Maintainable]:
    return msgspec.json.Decoder(families_by_kind()[kind].struct)
