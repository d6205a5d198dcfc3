"""Errors of the exchange; ``exchange.rest.errors`` has the one table from error class to HTTP status and SDMX error code.

ExchangeError
├── MalformedMessage        bytes that are not the message they claim to be
├── UnknownFormat           no codec can read or write this
├── NotAcceptable           none of the representations the client accepts is offered
├── InvalidQuery            a request does not follow the SDMX-REST grammar
│   └── DoesNotFit          a query names what a data structure does not have
├── NotServed               specified by SDMX-REST but not built here
├── NothingFound            a well-formed query that matches nothing
├── InvalidObservations     data that do not fit their structure
├── WouldEmptyDataflow      a submission that leaves nothing, without being allowed to
├── ConflictingSubmission   other writers kept changing the same observations
├── UnreachableSource       another service cannot be reached
├── ServiceBusy             as many answers are being made as the service takes on at once
└── StorageUnavailable      the disk or object store below the observations refuses
    └── DamagedStore        what lies there is not what was written
"""

from __future__ import annotations

from typing import ClassVar


class ExchangeError(Exception):
    """Base of all errors of the exchange. ``code`` is stable and documented; the message names place and remedy."""

    code: ClassVar[str] = "exchange-error"


class MalformedMessage(ExchangeError):
    """Bytes that are not the message they claim to be; the message names line and column."""

    code = "malformed-message"


class UnknownFormat(ExchangeError):
    """No codec can read or write this."""

    code = "unknown-format"


class NotAcceptable(ExchangeError):
    """None of the representations the client accepts is offered."""

    code = "not-acceptable"


class InvalidQuery(ExchangeError):
    """A request does not follow the SDMX-REST grammar."""

    code = "invalid-query"


class DoesNotFit(InvalidQuery):
    """A query names a component that a data structure does not have, or more positions of a key than it has dimensions.

    ``slip`` says that something near was probably meant.
    """

    code = "does-not-fit"

    def __init__(self, message: str, *, slip: bool = False) -> None:
        super().__init__(message)
        self.slip = slip


class NotServed(ExchangeError):
    """A resource that SDMX-REST specifies but that this service does not offer."""

    code = "not-served"


class NothingFound(ExchangeError):
    """A well-formed query that matches nothing."""

    code = "nothing-found"


class InvalidObservations(ExchangeError):
    """Data that do not fit their structure; nothing was stored."""

    code = "invalid-observations"


class WouldEmptyDataflow(ExchangeError):
    """A submission that would leave no observation, or none with a value, where there were some; nothing was stored."""

    code = "would-empty-dataflow"


class ConflictingSubmission(ExchangeError):
    """Other writers kept changing the same observations; submit again."""

    code = "conflicting-submission"


class UnreachableSource(ExchangeError):
    """Another service cannot be reached or answers with an error."""

    code = "unreachable-source"


class ServiceBusy(ExchangeError):
    """The service is making as many answers as it takes on at once; ask again a little later."""

    code = "service-busy"


class StorageUnavailable(ExchangeError):
    """The disk or object store below the observations refuses to read or write; nothing half-written is visible."""

    code = "storage-unavailable"


class DamagedStore(StorageUnavailable):
    """Files of the observation store are cut, altered or gone."""

    code = "damaged-store"
