"""Encoded structure messages, kept while the registry stays as it is."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from exchange.rest.responses import Body, Representation


@dataclass(frozen=True)
class EncodedAnswer:
    """An encoded structure message and what identifies it."""

    representation: Representation
    body: Body


class AnswerCache:
    """Encoded answers by request, valid for one revision of the registry, bounded in bytes; the least used goes first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._revision = -1
        self._bytes = 0
        self._answers: OrderedDict[tuple[object, ...], EncodedAnswer] = OrderedDict()

    def get(self, revision: int, key: tuple[object, ...]) -> EncodedAnswer | None:
        """The answer to a request, if it was kept since this revision."""
        with self._lock:
            if revision != self._revision or key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key]

    def put(self, revision: int, key: tuple[object, ...], answer: EncodedAnswer) -> None:
        """Keep an answer, unless it alone would fill the cache."""
        size = len(answer.body.content)
        if size > self._max_bytes // 4:
            return
        with self._lock:
            if revision != self._revision:
                self._answers.clear()
                self._bytes, self._revision = 0, revision
            if key in self._answers:
                self._bytes -= len(self._answers.pop(key).body.content)
            self._answers[key] = answer
            self._bytes += size
            while self._bytes > self._max_bytes:
                self._bytes -= len(self._answers.popitem(last=False)[1].body.content)
