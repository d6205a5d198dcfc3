"""Agencies whose artefacts are made elsewhere: a local list that calls itself SDMX or IAEG-SDGs cannot be told from the real one."""

from __future__ import annotations

from typing import Final

#: Structures and dataflows of citizen data never claim to be theirs.
STANDARD_AGENCIES: Final = frozenset({"SDMX", "IAEG-SDGs", "IAEG", "UNSD", "BIS", "ECB", "ESTAT", "IMF", "OECD", "WB", "ILO", "UNICEF"})
