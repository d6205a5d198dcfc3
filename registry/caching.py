"""What was worked out before and still holds: the one kind of cache there is, bounded and safe for threads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Owner = TypeVar("Owner")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    revision: int
    value: V
    weight: int


class Cache(Generic[K, V]):
    """Values by key, each valid for one revision of what it was made from; the ones used longest ago make room.

    A revision is a number that grows with every change, as :meth:`registry.store.ports.ArtefactStore.revision` gives it. What never
    changes under its key needs none. A key names everything that decides the value: what is asked for, and who asks where that matters.

    Args:
        most: Upper bound of the number of values.
        heaviest: Upper bound of their weights together; a value that weighs more than half of it is not kept. None: no bound.
        weigh: What a value weighs (bytes, as a rule), unless :meth:`put` is told.
    """

    def __init__(self, *, most: int, heaviest: int | None = None, weigh: Callable[[V], int] = lambda _value: 0) -> None:
        self._most = most
        self._heaviest = heaviest
        self._weigh = weigh
        self._weight = 0
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, revision: int = 0) -> V | None:
        """The value of a key at a revision; None when it is not held, or was made at another revision."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.revision != revision:
                return None
            self._entries.move_to_end(key)
            return entry.value

    def outdated(self, key: K) -> V | None:
        """The value of a key at whatever revision, for who makes the next one from it."""
        with self._lock:
            entry = self._entries.get(key)
            return None if entry is None else entry.value

    def put(self, key: K, value: V, revision: int = 0, *, weight: int | None = None) -> None:
        """Hold a value, unless one of a later revision is held."""
        weight = self._weigh(value) if weight is None else weight
        with self._lock:
            known = self._entries.get(key)
            if (known is not None and known.revision > revision) or (self._heaviest is not None and weight > self._heaviest // 2):
                return
            if known is not None:
                self._weight -= self._entries.pop(key).weight
            self._entries[key] = _Entry(revision, value, weight)
            self._weight += weight
            while len(self._entries) > self._most or (self._heaviest is not None and self._weight > self._heaviest):
                self._weight -= self._entries.popitem(last=False)[1].weight

    def find(self, key: K, make: Callable[[], V], revision: int = 0) -> V:
        """The value of a key at a revision, made when it is not held. Threads that miss at the same time make it each for itself."""
        found = self.get(key, revision)
        if found is None:
            found = make()
            self.put(key, found, revision)
        return found

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """What the values weigh together."""
        return self._weight


class CachePerOwner(Generic[Owner, K, V]):
    """One cache for each owner, gone with it: what was worked out from a store, or from a snapshot of it."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._caches: WeakKeyDictionary[Owner, Cache[K, V]] = WeakKeyDictionary()
        self._lock = Lock()

    def of(self, owner: Owner) -> Cache[K, V]:
        """The cache of an owner."""
        with self._lock:
            return self._caches.setdefault(owner, Cache(most=self._most))
