"""The findings of a dataset have the shape of all findings (:mod:`registry.findings`)."""

from __future__ import annotations

from registry.findings import Finding, Severity

__all__ = ["Finding", "Severity"]
