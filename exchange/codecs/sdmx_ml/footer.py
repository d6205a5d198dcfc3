"""Message footers (SDMXMessageFooter.xsd): what the reader of a message has to know about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from exchange.codecs.losses import told
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.markup import element, text_element
from registry.findings import Finding

#: Code of SDMX for what only this service knows; a number, because readers in use (sdmx1) take it for one.
_CUSTOM: Final = "1000"


def write_footer(dialect: XmlDialect, losses: Sequence[Finding]) -> str:
    """A ``Footer`` with a warning per loss; nothing when nothing was lost."""
    messages = [
        element("foo:Message", {"code": _CUSTOM, "severity": "Warning"}, text_element("com:Text", text, {"xml:lang": "en"}))
        for _, text in told(losses)
    ]
    return element("foo:Footer", {"xmlns:foo": dialect.footer, "xmlns:com": dialect.common}, *messages) if messages else ""
