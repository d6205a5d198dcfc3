"""Versions and version ranges in media types: ``version=2.1``, ``2.0.0``, ``3.0.0+``, ``2.3+.1``, ``2+.0.1`` (SDMX-REST 2.2.2)."""

from __future__ import annotations

import re

_VERSION = re.compile(r"(?P<major>\d+)(?P<a>\+)?(?:\.(?P<minor>\d+)(?P<b>\+)?(?:\.(?P<patch>\d+)(?P<c>\+)?)?)?(?:-[0-9A-Za-z.-]+)?")


def version_matches(wanted: str, offered: tuple[int, int, int]) -> bool:
    """True when a version falls under what a client asks for.

    Parts that are not written are not compared (``2.0`` is ``2.0.0``, ``2`` is any ``2.y.z``). ``+`` after a part lets that part
    and those right of it grow. Release suffixes of old clients (``1.0.0-wd``) are not compared. What is no version matches nothing.

    >>> [version_matches(wanted, (2, 1, 0)) for wanted in ("2.1", "2.0+.0", "2+.0.1", "2.0.0+", "3.0.0+")]
    [True, True, True, False, False]
    """
    wanted = wanted.strip()
    if wanted in {"+", "~", "*"}:
        return True
    match = _VERSION.fullmatch(wanted)
    if match is None or sum(match[sign] is not None for sign in "abc") > 1:
        return False
    parts = [int(match[part]) for part in ("major", "minor", "patch") if match[part] is not None]
    growing = next((position for position, sign in enumerate("abc") if match[sign]), None)
    if growing is None:
        return list(offered[: len(parts)]) == parts
    return list(offered[:growing]) == parts[:growing] and offered >= tuple(parts + [0] * (3 - len(parts)))
