"""Formats as they are named on the command line."""

from __future__ import annotations

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.negotiation.media_types import Format, format_by_alias
from exchange.codecs.ports import MessageKind
from exchange.errors import UnknownFormat


def structure_format(codecs: Catalogue, alias: str) -> Format:
    """The format of structure messages with an alias.

    Raises:
        UnknownFormat: Lists the aliases there are.
    """
    wanted = format_by_alias(alias, MessageKind.STRUCTURE)
    if wanted is None or wanted not in codecs.structure_formats:
        raise UnknownFormat(f"{alias} is not a structure format; write {', '.join(known.alias for known in codecs.structure_formats)}.")
    return wanted
