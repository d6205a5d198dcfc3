"""Short references that people type: ``AGENCY:ID(VERSION)``."""

from __future__ import annotations

import re

from exchange.errors import InvalidQuery
from registry.model.identity import Urn

_SHORT = re.compile(r"(?P<agency>[A-Za-z][A-Za-z0-9_\-.]*)[:,](?P<id>[A-Za-z0-9_@$\-]+)(?:[(,](?P<version>[^(),\s]+)\)?)?")


def parse_dataflow(text: str) -> Urn:
    """Read ``AGENCY:ID(VERSION)``; without a version the latest is meant (version ``~``).

    >>> parse_dataflow("CDE:DF_X(1.0.0)").short
    'CDE:DF_X(1.0.0)'

    Raises:
        InvalidQuery: When the text is not such a reference.
    """
    return _reference(text, "Dataflow", "dataflow", "CDE_DEMO:DF_WATER_POINTS(1.0.0)")


def parse_agreement(text: str) -> Urn:
    """Read ``AGENCY:ID(VERSION)`` of a provision agreement; without a version the latest is meant (version ``~``).

    Raises:
        InvalidQuery: When the text is not such a reference.
    """
    return _reference(text, "ProvisionAgreement", "provision agreement", "CDE_DEMO:PA_WATER_POINTS(1.0.0)")


def _reference(text: str, urn_class: str, what: str, example: str) -> Urn:
    match = _SHORT.fullmatch(text.strip())
    if match is None:
        raise InvalidQuery(f"{text!r} is not a {what} reference; write AGENCY:ID(VERSION), for instance {example}.")
    return Urn(urn_class, match["agency"], match["id"], match["version"] or "~")
