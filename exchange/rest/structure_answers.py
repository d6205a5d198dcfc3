"""Answering structure queries over HTTP: negotiate, look up or encode, respond.

A stable structure never changes, so an encoded answer is kept until anything is committed to the registry: the second request for
the same thing is a dictionary look-up and a socket write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from starlette.responses import Response

from exchange.codecs.negotiation.languages import used
from exchange.codecs.ports import StructureOptions
from exchange.errors import NothingFound
from exchange.query.grammar.urls import Parameters
from exchange.rest.caching import strong_etag
from exchange.rest.call import Api, Call
from exchange.rest.negotiation import negotiated_structure
from exchange.rest.responses import AnswerHead, Body, complete, not_modified, packed
from registry.caching import Cache
from registry.errors import UnknownArtefact
from registry.model.base import Maintainable
from registry.model.families import family_of
from registry.model.identity import Urn
from registry.model.messages import StructureMessage
from registry.model.structures import Dataflow
from registry.services.structure_query import Detail, Relation, StructureQuery
from registry.services.structures import answer
from registry.versions import version_text

#: Reads a path and parameters as a query: one per version of SDMX-REST.
ParseStructure = Callable[[Sequence[str], Parameters], StructureQuery]

#: Values of ``references`` that bring in the constraints of a dataflow.
_WITH_CONSTRAINTS = frozenset({Relation.PARENTS, Relation.PARENTS_AND_SIBLINGS, Relation.ANCESTORS, Relation.ALL})
_CONSTRAINTS = frozenset({"dataconstraint", "actualconstraint"})
_STUBS = frozenset({Detail.ALL_STUBS, Detail.ALL_COMPLETE_STUBS, Detail.REFERENCE_STUBS, Detail.REFERENCE_COMPLETE_STUBS})


@dataclass(frozen=True)
class EncodedAnswer:
    """An encoded structure message and what identifies it."""

    representation: AnswerHead
    body: Body


#: Encoded answers by request, valid for one revision of the registry.
AnswerCache = Cache[tuple[object, ...], EncodedAnswer]


def answer_cache(max_bytes: int) -> AnswerCache:
    """A cache of answers, bounded by their bytes."""
    return AnswerCache(most=1_000_000, heaviest=max_bytes, weigh=lambda answer: len(answer.body.content))


def structure_response(call: Call, parse: ParseStructure, cache: AnswerCache, *, parts: frozenset[str] | None = None) -> Response:
    """Answer a structure query; ``parts`` names the only artefact types that the answer may hold.

    Raises:
        UnknownArtefact: When a named artefact does not exist.
        NothingFound: When a query with wildcards matches nothing.
    """
    store = call.services.artefacts
    revision = store.revision()
    negotiated = tuple(call.header(name) for name in ("accept", "accept-language", "accept-encoding"))
    key = (call.audience, call.api, call.target, call.root, *negotiated)
    encoded = cache.get(key, revision)
    if encoded is None:
        query = parse(call.segments, call.parameters)
        encoded = _encode(call, query, parts)
        if not _wants_actual_content(call, query):  # what a dataflow holds changes without a commit of the registry
            cache.put(key, encoded, revision)
    return not_modified(call, encoded.representation) or complete(call, encoded.representation, encoded.body)


def _encode(call: Call, query: StructureQuery, parts: frozenset[str] | None) -> EncodedAnswer:
    choice = negotiated_structure(call)
    found = answer(call.services.artefacts, query)
    if not found.matches:
        raise _nothing(query)
    dataflows = (
        [Urn.of(artefact) for artefact in found.matches if isinstance(artefact, Dataflow)] if _wants_actual_content(call, query) else []
    )
    actual = call.services.availability.of_dataflows(dataflows)
    instants = [found.last_modified, *(call.services.observations.last_updated(urn) for urn in dataflows)]
    modified = max((instant for instant in instants if instant), default=datetime.now(UTC))
    languages = call.languages()
    etag = strong_etag(call.api, parts is None, found.content_key, modified, choice.format.media_type, languages, call.root)
    artefacts = tuple(
        _with_structure_url(artefact, call) for artefact in found.artefacts if parts is None or family_of(type(artefact)).resource in parts
    )
    message = StructureMessage(artefacts=artefacts, availability=actual, header=call.message_header(etag, modified))
    written = call.services.codecs.write_structures(
        choice.format, message, StructureOptions(languages=languages, index=found.index, base_url=call.structures_root)
    )
    announced = used((tag for artefact in artefacts for tag in _languages(artefact)), languages)
    return EncodedAnswer(AnswerHead(choice.content_type, etag=etag, modified=modified, languages=announced), packed(call, written.content))


def _wants_actual_content(call: Call, query: StructureQuery) -> bool:
    """SDMX-REST 1.x: constraints among the references of dataflows say what there is, too (rule 9 that follows from the clients)."""
    asked = bool(query.relations & _WITH_CONSTRAINTS) or not _CONSTRAINTS.isdisjoint(query.related_resources)
    return (
        call.api is Api.V1 and asked and query.ids is not None and query.resources == frozenset({"dataflow"}) and query.detail not in _STUBS
    )


def _languages(artefact: Maintainable) -> Iterator[str]:
    """Languages of the names of an artefact and of its items."""
    yield from artefact.names
    items = family_of(type(artefact)).items
    for item in getattr(artefact, items) if items else ():
        yield from item.names


def _nothing(query: StructureQuery) -> Exception:
    what = ", ".join(sorted(query.resources)) if query.resources else "artefact"
    if query.ids is None:
        return NothingFound(f"There is no {what} that answers to this query.")
    agencies = ",".join(sorted(query.agencies)) if query.agencies else "*"
    versions = version_text(query.versions, in_production=query.in_production)
    return UnknownArtefact(
        f"There is no {what} {agencies}:{','.join(sorted(query.ids))}{versions} in this registry; "
        f"leave out parts of the path or write * to see what there is."
    )


def _with_structure_url(artefact: Maintainable, call: Call) -> Maintainable:
    """Stubs say where the whole artefact is."""
    if not artefact.is_external_reference or artefact.structure_url:
        return artefact
    urn, resource = Urn.of(artefact), family_of(type(artefact)).resource
    return msgspec.structs.replace(artefact, structure_url=f"{call.structures_root}/{resource}/{urn.agency}/{urn.id}/{urn.version}")
