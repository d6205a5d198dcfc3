"""Decoded artefacts by content hash, in memory, bounded. Content never changes under its hash, so nothing is ever stale."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from registry.model.base import Maintainable

#: Decoded structs take a few times the room of their document.
_MEMORY_PER_BYTE = 4


class ArtefactCache:
    """The artefacts used last, at most ``max_artefacts`` and about ``max_bytes`` of memory. Safe for threads."""

    def __init__(self, *, max_artefacts: int = 20_000, max_bytes: int = 256 * 1024 * 1024) -> None:
        self._max_artefacts = max_artefacts
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[Maintainable, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, content_hash: str) -> Maintainable | None:
        """The artefact with this content, or None when it is not held."""
        with self._lock:
            entry = self._entries.get(content_hash)
            if entry is None:
                return None
            self._entries.move_to_end(content_hash)
            return entry[0]

    def put(self, content_hash: str, artefact: Maintainable, document_size: int) -> None:
        """Hold an artefact whose canonical document has ``document_size`` bytes; the ones used longest ago make room."""
        size = document_size * _MEMORY_PER_BYTE
        with self._lock:
            if size > self._max_bytes or content_hash in self._entries:
                return
            self._entries[content_hash] = (artefact, size)
            self._bytes += size
            while self._bytes > self._max_bytes or len(self._entries) > self._max_artefacts:
                _, (_, freed) = self._entries.popitem(last=False)
                self._bytes -= freed

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def estimated_bytes(self) -> int:
        """Memory the held artefacts are taken to need."""
        return self._bytes
