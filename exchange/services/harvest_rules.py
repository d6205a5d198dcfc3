"""What may be fetched from other services."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HarvestRules:
    """What may be fetched.

    Attributes:
        size: Bytes of the body, without compression.
        seconds: From the first look-up of a name to the last byte, redirects included.
        private: Addresses that are not public may be asked: loopback, private, link-local and other reserved ones.
    """

    size: int
    seconds: float
    private: bool = False
