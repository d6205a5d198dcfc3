"""Answering data and availability queries over HTTP: negotiate, open, encode as a stream."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from starlette.responses import Response

from exchange.codecs.data_writing.losses import foreseen
from exchange.codecs.negotiation.choice import Choice
from exchange.codecs.negotiation.languages import used
from exchange.codecs.negotiation.media_types import Syntax
from exchange.codecs.ports import DataEncoder, DataMessage, StructureOptions
from exchange.errors import InvalidQuery, NothingFound
from exchange.query.values.availability_query import AvailabilityQuery
from exchange.query.values.data_query import DataQuery
from exchange.rest.caching import strong_etag
from exchange.rest.call import Call
from exchange.rest.negotiation import negotiated_data, negotiated_structure, wants_file
from exchange.rest.responses import VARY, AnswerHead, complete, not_modified, packed, streamed
from exchange.services.data import DataAnswer

#: Header that names components of which a format may carry only a part.
NOTICE = "X-Not-Carried"
#: What is written without series.
_FLAT = frozenset({Syntax.CSV, Syntax.COLUMNAR})
#: So often an answer is opened anew because something was stored meanwhile.
_ATTEMPTS = 5
T = TypeVar("T")
_X_RANGE = re.compile(r"values\s*=\s*(\d{1,15})\s*-\s*(\d{1,15})")


@dataclass(frozen=True)
class _State:
    """What an answer is made from, besides the request: a revision of the registry, and when the data last changed."""

    revision: int
    modified: datetime | None


def data_response(call: Call, query: DataQuery) -> Response:
    """Answer a data query.

    Raises:
        NothingFound: When no observation matches.
        UnknownArtefact: When a named dataflow, structure or agreement does not exist.
        InvalidQuery, NotAcceptable: As their names say.
    """
    choice = negotiated_data(call)
    languages = call.languages()

    def head(state: _State) -> AnswerHead:
        facts = (call.api, call.target, call.header("x-range"), state.revision, state.modified, choice.content_type, languages)
        return AnswerHead(choice.content_type, etag=strong_etag(*facts), modified=state.modified, extra=_extra(call, choice))

    def opened() -> tuple[_Slice, DataAnswer]:
        slice_ = _read_range(call, query)
        return slice_, call.services.data.answer(slice_.query, flat=choice.format.syntax in _FLAT)

    state = _state(call, query)
    unchanged = not_modified(call, head(state))
    if unchanged is not None:
        return unchanged
    state, (slice_, answer) = _settled(call, query, state, opened)
    if not answer.datasets:
        raise NothingFound("No observation matches this query.")
    answer_head = head(state)
    header = call.message_header(answer_head.etag, state.modified)
    encoder = call.services.codecs.encoder(choice.format)
    chunks = encoder.encode(DataMessage(answer.datasets, header), choice.data_options(languages))
    announced = used((tag for dataset in answer.datasets for component in dataset.schema.components for tag in component.names), languages)
    extra = {**answer_head.extra, **slice_.headers, **_notice(encoder, answer)}
    return streamed(call, replace(answer_head, languages=announced, extra=extra), chunks, status=slice_.status)


def _notice(encoder: DataEncoder, answer: DataAnswer) -> dict[str, str]:
    """What the format may not carry, for formats without footer: which components, and what becomes of them.

    It has to be said before any value is read, so it speaks of what the structure admits; footers count what was there.
    """
    if encoder.has_lists:
        return {}
    components = {schema_part.id: schema_part for part in answer.datasets for schema_part in map(part.schema.__getitem__, part.columns)}
    lost = foreseen(components.values())
    return {NOTICE: "; ".join(f"{finding.component} {finding.code}" for finding in lost)} if lost else {}


def availability_response(call: Call, query: AvailabilityQuery) -> Response:
    """Answer an availability query; an empty region of the cube is an answer, not an error.

    Raises:
        UnknownArtefact: When a named dataflow, structure or agreement does not exist.
        InvalidQuery, NotAcceptable: As their names say.
    """
    choice = negotiated_structure(call)
    languages = call.languages()

    def head(state: _State) -> AnswerHead:
        facts = (call.api, call.target, call.root, state.revision, state.modified, choice.content_type, languages)
        return AnswerHead(choice.content_type, etag=strong_etag(*facts), modified=state.modified)

    state = _state(call, query.data)
    unchanged = not_modified(call, head(state))
    if unchanged is not None:
        return unchanged
    state, message = _settled(call, query.data, state, lambda: call.services.availability.answer(query))
    answer_head = head(state)
    message = replace(message, header=call.message_header(answer_head.etag, state.modified))
    written = call.services.codecs.write_structures(
        choice.format, message, StructureOptions(languages=languages, base_url=call.structures_root)
    )
    return complete(call, answer_head, packed(call, written.content))


def _state(call: Call, query: DataQuery) -> _State:
    return _State(call.services.artefacts.revision(), call.services.data.last_updated(query))


def _settled(call: Call, query: DataQuery, before: _State, make: Callable[[], T]) -> tuple[_State, T]:
    """What is made of one state, and that state; made again when something was stored meanwhile.

    An ETag belongs to the bytes that it is sent with: it must not name the state before a commit while the bytes hold that commit.
    """
    for _ in range(_ATTEMPTS):
        made = make()
        after = _state(call, query)
        if after == before:
            break
        before = after
    else:  # commits without end: a state that no other answer has
        before = replace(before, modified=datetime.now(UTC))
    return before, made


@dataclass(frozen=True)
class _Slice:
    """A data query cut to the rows that ``X-Range`` asks for (.Stat Suite), and how to say so."""

    query: DataQuery
    headers: dict[str, str]
    status: int = 200


def _read_range(call: Call, query: DataQuery) -> _Slice:
    text = call.header("x-range")
    if text is None:
        return _Slice(query, {})
    match = _X_RANGE.fullmatch(text.strip())
    if match is None or int(match[1]) > int(match[2]):
        raise InvalidQuery(f"X-Range: {text} is malformed; write for instance X-Range: values=0-2499.")
    first, last = int(match[1]), int(match[2])
    total = call.services.data.count(query)
    cut = replace(query, selection=replace(query.selection, offset=first, limit=last - first + 1))
    end = max(first, min(last, total - 1))
    return _Slice(cut, {"Content-Range": f"values {first}-{end}/{total}"}, status=206 if (first, end) != (0, total - 1) else 200)


def _extra(call: Call, choice: Choice) -> dict[str, str]:
    headers = {"Vary": f"{VARY}, X-Range"}
    if wants_file(call):
        headers["Content-Disposition"] = f'attachment; filename="data{choice.format.extension}"'
    return headers
