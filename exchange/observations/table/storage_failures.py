"""Failures of the disk or object store below the tables, translated into an error of the exchange in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import polars as pl
from deltalake.exceptions import DeltaError

from exchange.errors import DamagedStore, StorageUnavailable
from exchange.observations.ports import Scan, Transaction

T = TypeVar("T")

#: How Polars says that a file is not what it should be; some damage makes its readers panic.
_NO_SENSE = (pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.PanicException)
_REASON = re.compile(r"([A-Z][A-Za-z ,'-]+?) \(os error [0-9]+\)")


@contextmanager
def writing() -> Iterator[None]:
    """Around what writes and commits.

    Raises:
        StorageUnavailable: When the storage refuses; nothing of the submission is visible.
    """
    try:
        yield
    except (OSError, DeltaError, pl.exceptions.ComputeError) as error:
        raise StorageUnavailable(
            f"The observations cannot be written ({_reason(error)}); nothing of the submission is stored. "
            "Check space, permissions and connection of the storage, then submit again."
        ) from error


@contextmanager
def reading() -> Iterator[None]:
    """Around what opens and reads tables.

    Raises:
        StorageUnavailable: When the storage refuses.
        DamagedStore: When a file is there and cannot be made sense of.
    """
    try:
        yield
    except _NO_SENSE as error:
        raise DamagedStore(
            "The observations cannot be read, for a file of them is damaged. Bring it back from a backup; exchange store check names it."
        ) from error
    except FileNotFoundError as error:
        raise DamagedStore(
            "The observations cannot be read, for a file of them is gone. Bring it back from a backup; exchange store check names it."
        ) from error
    except (OSError, DeltaError) as error:
        raise StorageUnavailable(
            f"The observations cannot be read ({_reason(error)}). Check permissions and connection of the storage, then ask again."
        ) from error


def scanned_safely(scan: Scan) -> Scan:
    """The scan, with failures of its batches translated."""
    return replace(
        scan,
        batches=_safely(scan.batches),
        deleted=scan.deleted and _safely(scan.deleted),
        transactions=scan.transactions and _safely(map(_told_safely, scan.transactions)),
    )


def _told_safely(transaction: Transaction) -> Transaction:
    return replace(
        transaction,
        deleted=transaction.deleted and _safely(transaction.deleted),
        written=transaction.written and _safely(transaction.written),
    )


def _safely(parts: Iterator[T]) -> Iterator[T]:
    with reading():
        yield from parts


def _reason(error: Exception) -> str:
    """Why, without the paths and addresses that the message of the error may hold: clients read it. The log has the rest."""
    found = _REASON.search(str(error))
    if found is not None:
        return found[1]
    return getattr(error, "strerror", None) or type(error).__name__
