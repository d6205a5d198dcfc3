"""SDMX versions: their forms and order, version queries of SDMX-REST, and version references in URNs.

Order and stability follow the semantic versioning annex of the Technical Notes; queries follow "querying versions" of SDMX-REST 2.2
with two decisions of our own (ADR 0023): a bare ``+`` falls back to legacy versions, and queries of SDMX-REST 1.x are about what is in
production. Nothing here compares version strings as text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, total_ordering
from typing import Final, Literal

from registry.errors import InvalidVersion

#: How a wildcard selects: the latest stable (``+``), the latest (``~``), or all versions (``*``).
Wildcard = Literal["+", "~", "*"]

_MAX_LENGTH: Final = 100
_EXTENSION_PART = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z\-][0-9A-Za-z\-]*)"
_SEMANTIC = re.compile(rf"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-({_EXTENSION_PART}(?:\.{_EXTENSION_PART})*))?")
_LEGACY = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_QUERY_PART = re.compile(r"(0|[1-9][0-9]*)?([+~*])?")
_REFERENCE_WILDCARD = re.compile(r"[0-9]+(?:\+\.[0-9]+\.[0-9]+|\.[0-9]+\+\.[0-9]+|\.[0-9]+\.[0-9]+\+)")


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version as written, with its meaning; ordered by precedence.

    >>> sorted(map(Version.parse, ["1.10.0", "1.9.0", "1.10.0-rc.1"]))[1].text
    '1.10.0-rc.1'

    Attributes:
        text: The version as it stands in the artefact.
        numbers: The numeric parts: three for semantic versions, any number for legacy ones.
        extension: What follows the hyphen of a semantic version, or None.
        is_semantic: True for ``X.Y.Z`` and ``X.Y.Z-EXT`` as SDMX 3.0 defines them.
        order_key: Text whose order, character by character, is the order of versions (the store sorts by it).
    """

    text: str
    numbers: tuple[int, ...]
    extension: str | None
    is_semantic: bool
    order_key: str

    @staticmethod
    def parse(text: str) -> Version:
        """Read a version: legacy (``1``, ``1.0``, and as SDMX 2.1 admits ``1.0.0.1``) or semantic (``1.2.0-draft``).

        Raises:
            InvalidVersion: When the text is neither.
        """
        return _parse(text)

    @property
    def is_stable(self) -> bool:
        """True for a semantic version without extension above 0: such an artefact never changes again."""
        return self.is_semantic and self.extension is None and self.numbers[0] > 0

    @property
    def is_draft(self) -> bool:
        """True for a semantic version that may still change: with an extension, or ``0.y.z``."""
        return self.is_semantic and not self.is_stable

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __lt__(self, other: Version) -> bool:
        return (self.order_key, self.text) < (other.order_key, other.text)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4_096)
def _parse(text: str) -> Version:
    if len(text) > _MAX_LENGTH:
        raise InvalidVersion(f"{text[:20]!r}… is longer than the {_MAX_LENGTH} characters a version may have")
    semantic = _SEMANTIC.fullmatch(text)
    if semantic is None and _LEGACY.fullmatch(text) is None:
        raise InvalidVersion(f"{text!r} is not a version; expected X.Y.Z, X.Y.Z-EXTENSION, or the legacy forms X and X.Y")
    extension = semantic[4] if semantic else None
    numbers = tuple(map(int, text.partition("-")[0].split(".")))
    return Version(text, numbers, extension, semantic is not None, _order_key(numbers, extension))


def _order_key(numbers: tuple[int, ...], extension: str | None) -> str:
    """Precedence as text.

    Numbers carry their length, so that 10 follows 9. After the last number, ``+`` (an extension follows) sorts before ``-`` (nothing
    follows) before ``.`` (a further number): ``1.0 < 1.0.0-draft < 1.0.0 < 1.0.0.1``. Extension identifiers are separated by a space,
    which sorts before every character they may contain; numeric ones sort before the others.
    """
    release = ".".join(map(_sortable_number, map(str, numbers)))
    if extension is None:
        return release + "-"
    identifiers = (f"0{_sortable_number(part)}" if part.isdigit() else f"1{part}" for part in extension.split("."))
    return f"{release}+{' '.join(identifiers)}"


def _sortable_number(digits: str) -> str:
    return f"{len(digits):03d}{digits}"


def latest(versions: Iterable[Version]) -> Version | None:
    """The highest version, or None when there is none."""
    return max(versions, default=None)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One alternative of a version query: an exact version, or a wildcard at a position with a lower bound.

    Attributes:
        exact: The version asked for, when there is no wildcard.
        wildcard: How to select otherwise.
        position: The first part that may differ from ``bound``; parts before it are fixed.
        bound: The parts of the query; its length is the number of parts a version must have, empty for any number.
    """

    exact: Version | None = None
    wildcard: Wildcard = "*"
    position: int = 0
    bound: tuple[int, ...] = ()

    def select(self, versions: list[Version]) -> list[Version]:
        if self.exact is not None:
            return [version for version in versions if version == self.exact]
        admitted = [version for version in versions if self._admits(version)]
        if not admitted and self.wildcard == "+" and not self.bound:
            # Most registries hold X.Y only, and clients that ask for the latest stable version mean the latest of those (ADR 0023).
            admitted = [version for version in versions if not version.is_semantic]
        return admitted if self.wildcard == "*" else sorted(admitted)[-1:]

    def select_in_production(self, versions: list[Version]) -> list[Version]:
        """As SDMX-REST 1.5 means it: the latest version is one in production; a number that is written out also means its draft."""
        if self.exact is not None:
            found = self.select(versions)
            return found or sorted(version for version in versions if version.is_draft and version.numbers == self.exact.numbers)[-1:]
        return self.select(versions if self.wildcard == "*" else [version for version in versions if not version.is_draft])

    def _admits(self, version: Version) -> bool:
        if self.wildcard == "+" and not version.is_stable:
            return False
        if not self.bound:
            return True
        fixed, open_part = self.bound[: self.position], self.bound[self.position :]
        return (
            len(version.numbers) == len(self.bound)
            and version.numbers[: self.position] == fixed
            and version.numbers[self.position :] >= open_part
        )


@dataclass(frozen=True, slots=True)
class VersionQuery:
    """A version query of SDMX-REST 2.x: alternatives, each an exact version or one wildcard form; :meth:`parse` makes it.

    >>> [v.text for v in VersionQuery.parse("1.2+.0").select(map(Version.parse, ["1.2.0", "1.10.1", "2.0.0", "1.11.0-draft"]))]
    ['1.10.1']
    """

    text: str
    alternatives: tuple[_Pattern, ...]

    @staticmethod
    def parse(text: str) -> VersionQuery:
        """Read a comma-separated version query.

        Raises:
            InvalidVersion: When an alternative has no form of the standard; the message says which and why.
        """
        return VersionQuery(text, tuple(_parse_pattern(part.strip()) for part in text.split(",")))

    def select(self, versions: Iterable[Version], *, in_production: bool = False) -> list[Version]:
        """The versions asked for among those of one artefact, in ascending order, each once.

        Args:
            versions: The versions there are.
            in_production: As SDMX-REST 1.5 means it, drafts only on request and never beside another version of the same number: ``~`` is
                the latest version in production (stable or legacy), ``*`` has drafts too, and ``X.Y.Z`` means its latest draft as long as
                no such version is stable, because the messages of SDMX 2.1 write the numbers only.
        """
        known = list(versions)
        if not in_production:
            return sorted({version for pattern in self.alternatives for version in pattern.select(known)})
        return without_double_drafts({version for pattern in self.alternatives for version in pattern.select_in_production(known)})


def without_double_drafts(versions: Collection[Version]) -> list[Version]:
    """Versions of one artefact in ascending order, without drafts of whose number a higher version is among them."""
    highest = {version.numbers: version for version in sorted(versions)}
    return sorted(version for version in versions if not version.is_draft or highest[version.numbers] == version)


def version_text(query: str, *, in_production: bool) -> str:
    """A version query as an error message shows it, with what the person may not know."""
    if not in_production:
        return f"({query})"
    return f"({query.replace('~', 'latest')}) in production (drafts are answered when their version is asked for)"


@lru_cache(maxsize=1_024)
def _parse_pattern(text: str) -> _Pattern:
    wildcards = [character for character in text if character in "+~*"]
    if not wildcards:
        return _Pattern(exact=Version.parse(text))
    if len(wildcards) > 1:
        raise InvalidVersion(f"{text!r} has more than one wildcard; use one, or separate alternatives by commas")
    if "-" in text:
        raise InvalidVersion(f"{text!r} combines a wildcard with an extension; ask for the exact version or leave the extension out")
    return _parse_wildcard(text, text.split("."))


def _parse_wildcard(text: str, parts: list[str]) -> _Pattern:
    matches = [_QUERY_PART.fullmatch(part) for part in parts]
    if len(parts) > 3 or any(match is None or not match[0] for match in matches):
        raise InvalidVersion(f"{text!r} is not a version query; a wildcard stands for or after one of up to three numbers, as in 1.2+.0")
    numbers = [match[1] for match in matches if match]
    position, wildcard = next((index, match[2]) for index, match in enumerate(matches) if match and match[2])
    if len(parts) == 1:
        return _parse_single(text, wildcard, bare=numbers[0] is None)
    if wildcard == "+" and len(parts) == 2:
        raise InvalidVersion(f"{text!r}: + selects semantic versions, which have three parts, as in {text}.0")
    if numbers[position] is None and any(number not in {None, "0"} for number in numbers[position + 1 :]):
        raise InvalidVersion(f"{text!r} bounds a part below a free one; write the number before the wildcard, as in 2{wildcard}.3.1")
    return _Pattern(None, wildcard, position, tuple(int(number or 0) for number in numbers))  # type: ignore[arg-type]  # one of three characters


def _parse_single(text: str, wildcard: str, *, bare: bool) -> _Pattern:
    """``+``, ``~`` and ``*`` alone: the first means ``+.0.0``, the others any form of version."""
    if not bare:
        raise InvalidVersion(f"{text!r} is not a version query; say how many parts are meant, as in {text}.0 or {text}.0.0")
    return _Pattern(wildcard=wildcard)  # type: ignore[arg-type]  # one of three characters


@dataclass(frozen=True, slots=True)
class VersionReference:
    """The version part of a reference: an exact version, ``2+.3.1``, ``2.3+.1``, ``2.3.1+``, or ``*``; :meth:`parse` makes it.

    A wildcard with bounds admits stable versions, and in an artefact that is itself not stable also versions with an extension.
    ``*``, which only references that do not depend on their target may use, admits every version.
    """

    text: str
    pattern: _Pattern

    @staticmethod
    def parse(text: str) -> VersionReference:
        """Read a version reference.

        Raises:
            InvalidVersion: When the text is neither a version nor a wildcard that references may have.
        """
        if text == "*" or _REFERENCE_WILDCARD.fullmatch(text):
            return VersionReference(text, replace(_parse_pattern(text), wildcard="*"))
        if any(character in text for character in "+~*"):
            raise InvalidVersion(f"{text!r} is not a version reference; expected a version, X+.Y.Z, X.Y+.Z, X.Y.Z+ or *")
        return VersionReference(text, _Pattern(exact=Version.parse(text)))

    @property
    def is_wildcard(self) -> bool:
        """True when several versions can answer."""
        return self.pattern.exact is None

    def select(self, versions: Iterable[Version], *, referrer_stable: bool) -> list[Version]:
        """The versions the reference may mean among those of one artefact, in ascending order; the last one is what it resolves to."""
        admitted = self.pattern.select(list(versions))
        if self.pattern.bound:
            admitted = [version for version in admitted if version.is_stable or (version.is_semantic and not referrer_stable)]
        return sorted(admitted)
