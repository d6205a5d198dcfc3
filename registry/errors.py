"""Errors of the registry: facts about artefacts, without any notion of HTTP.

RegistryError
├── InvalidUrn            a string is not an SDMX URN
├── InvalidVersion        a string is not an SDMX version, version reference or version query
├── InvalidTimePeriod     a string is not an SDMX time period
├── UnknownArtefact       nothing in the registry answers to an identification
├── UnresolvedReference   an artefact points at something that does not exist
├── InvalidArtefact       an artefact breaks a rule of the information model
├── ConflictingWrite      somebody else committed the same artefact first
└── StoreUnavailable      the database cannot be reached or is at another schema revision
"""

from __future__ import annotations

from typing import ClassVar


class RegistryError(Exception):
    """Base of all registry errors. ``code`` is stable and documented; the message names place and remedy."""

    code: ClassVar[str] = "registry-error"


class InvalidUrn(RegistryError):
    """A string does not follow the SDMX URN grammar (Registry Specification, section 6.2)."""

    code = "invalid-urn"


class InvalidVersion(RegistryError):
    """A string is not a version, version reference or version query (SDMX-REST, querying versions)."""

    code = "invalid-version"


class InvalidTimePeriod(RegistryError):
    """A string is not a time period, or not the start of a reporting year (Technical Notes, time and time format)."""

    code = "invalid-time-period"


class UnknownArtefact(RegistryError):
    """Nothing in the registry answers to an identification."""

    code = "unknown-artefact"


class UnresolvedReference(RegistryError):
    """An artefact points at something that is neither stored nor submitted with it."""

    code = "unresolved-reference"


class InvalidArtefact(RegistryError):
    """An artefact breaks a rule of the information model."""

    code = "invalid-artefact"


class ConflictingWrite(RegistryError):
    """Another writer committed a revision of the same artefact first; read again and retry."""

    code = "conflicting-write"


class StoreUnavailable(RegistryError):
    """The database cannot be reached, or its schema is at another revision than this software."""

    code = "store-unavailable"
