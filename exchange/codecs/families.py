"""Every family of the registry has a place in every version of a codec, or the codec says what is lost: a gap does not build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.model.base import Maintainable
from registry.model.families import FAMILIES

#: Where the artefacts of a family stand, by version of the format; no entry for versions that have no place for them.
Containers = Mapping[str, str]
#: What becomes of the artefacts of a family in a version that has no place for them, by version and kind.
LossTable = Mapping[tuple[str, str], str]


class IncompleteCodec(Exception):
    """A codec neither writes a family in one of its versions nor names it as lost there; the family's row or loss is missing."""


def check_families(codec: str, versions: Iterable[str], rows: Mapping[type[Maintainable], Containers], losses: LossTable) -> None:
    """See that a codec covers every family in every version, and loses nothing that it has a place for.

    Raises:
        IncompleteCodec: Names the gaps, and what to add.
    """
    gaps = []
    for version in versions:
        for family in FAMILIES:
            is_written = version in rows.get(family.struct, {})
            is_lost = (version, family.kind) in losses
            if is_written == is_lost:
                gaps.append(f"{family.kind} in {version} is {'both written and lost' if is_lost else 'neither written nor lost'}")
    if gaps:
        raise IncompleteCodec(f"{codec}: {'; '.join(gaps)}; give the family a row with its container, or an entry in the loss table")
