"""Which format answers a call: the offered formats and the defaults of each API, put before the negotiation."""

from __future__ import annotations

from exchange.codecs.negotiation.choice import Choice, FormatParameters, negotiate
from exchange.codecs.negotiation.defaults import V1_DATA, V1_STRUCTURES, V2_DATA, V2_STRUCTURES
from exchange.rest.call import Api, Call

_STRUCTURES = {Api.V1: V1_STRUCTURES, Api.V2: V2_STRUCTURES}
_DATA = {Api.V1: V1_DATA, Api.V2: V2_DATA}


def negotiated_structure(call: Call) -> Choice:
    """The format of a structure message.

    Raises:
        NotAcceptable: When the client accepts none that is offered.
    """
    return negotiate(call.header("accept"), _parameters(call), call.services.codecs.structure_formats, _STRUCTURES[call.api])


def negotiated_data(call: Call) -> Choice:
    """The format of a data message.

    Raises:
        NotAcceptable: When the client accepts none that is offered.
    """
    return negotiate(call.header("accept"), _parameters(call), call.services.codecs.data_formats, _DATA[call.api])


def wants_file(call: Call) -> bool:
    """True when the client asks for a download: ``format=csvfile`` or the media type parameter ``file=true`` (.Stat Suite)."""
    asked = (call.parameters.any_case("format") or "").lower()
    return asked.startswith("csvfile") or "file=true" in (call.header("accept") or "").replace(" ", "").lower()


def _parameters(call: Call) -> FormatParameters:
    return FormatParameters.of({name: call.parameters.one(name) or "" for name in call.parameters.names() if not name.startswith("c[")})
