"""Writing the observations of a dataflow as one message, without HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.codecs.catalogue import Catalogue
from exchange.codecs.losses import Losses
from exchange.codecs.negotiation.media_types import format_by_alias
from exchange.codecs.ports import DataMessage, DataOptions, MessageKind
from exchange.errors import NothingFound, UnknownFormat
from exchange.query.grammar.keys import parse_keys_v2
from exchange.query.values.data_query import Context, DataQuery, ObservationSelection
from exchange.services.data import DataQueries
from registry.model.identity import Urn
from registry.model.messages import Header, MessageParty


def export_data(
    dataflow: Urn, alias: str, key: str = "*", *, data: DataQueries, codecs: Catalogue, sender: str, losses: Losses
) -> Iterator[bytes]:
    """The message in chunks; ``sender`` is the id in its header, ``losses`` takes what the format cannot carry.

    Raises:
        UnknownFormat: Lists the formats there are.
        NothingFound: When no observation matches.
    """
    wanted = format_by_alias(alias, MessageKind.DATA)
    if wanted is None or wanted not in codecs.data_formats:
        raise UnknownFormat(f"{alias} is not a data format; write {', '.join(known.alias for known in codecs.data_formats)}.")
    query = DataQuery(
        context=Context.DATAFLOW,
        agencies=frozenset({dataflow.agency}),
        ids=frozenset({dataflow.id}),
        versions=dataflow.version,
        selection=ObservationSelection(keys=parse_keys_v2(key)),
    )
    answer = data.answer(query)
    if not answer.datasets:
        raise NothingFound(f"{dataflow.short} holds no observation that matches {key}.")
    message = DataMessage(answer.datasets, Header(sender=MessageParty(sender)), losses)
    return codecs.encoder(wanted).encode(message, DataOptions())
