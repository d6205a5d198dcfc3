"""What differs between the versions of SDMX-JSON structure messages, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class JsonDialect:
    """One version of SDMX-JSON.

    Attributes:
        version: As in the media type.
        structure_schema: URL of the JSON schema of structure messages.
        schema_at_root: The URL stands in ``$schema`` too; ``meta.schema``, deprecated in 2.1, is what readers (pysdmx) look at.
        renamed: Extension properties that the version has a name for, and properties that it knows as extensions only.
        data_constraint_role: Data constraints say whether they tell what is allowed or what is there.
        availability_constraints: The answer to an availability query is an artefact of its own, not a data constraint.
        key_values_repeat: A position of a data key may have several values.
        time_representation_required: The time dimension must have a representation of its own.
        urns_refused: Classes whose URNs the schema refuses in links (2.0 misspells ValueList there, sdmx-json issue 167).
        lower_case_languages: ``contentLanguages`` must be in lower case (the schema of 2.0 wants it).
    """

    version: str
    structure_schema: str
    schema_at_root: bool
    renamed: Mapping[str, str] = field(default_factory=dict)
    data_constraint_role: bool = False
    availability_constraints: bool = True
    key_values_repeat: bool = True
    time_representation_required: bool = False
    urns_refused: frozenset[str] = frozenset()
    lower_case_languages: bool = False

    def language(self, tag: str) -> str:
        """A language tag as it stands in ``contentLanguages``."""
        return tag.lower() if self.lower_case_languages else tag


JSON_2_1: Final = JsonDialect(
    version="2.1.0",
    structure_schema="https://json.sdmx.org/2.1/sdmx-json-structure-schema.json",
    schema_at_root=True,
)
JSON_2_0: Final = JsonDialect(
    version="2.0.0",
    # Readers (pysdmx) recognise the version by the end of this URL within the first 350 characters.
    structure_schema=(
        "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
    ),
    schema_at_root=False,
    renamed={
        "x-role": "role",
        "x-releaseCalendar": "releaseCalendar",
        "x-simpleDataSources": "simpleDataSources",
        "isPartialLanguage": "x-isPartialLanguage",
        "evolvingStructure": "x-evolvingStructure",
        "dimensionConstraint": "x-dimensionConstraint",
    },
    data_constraint_role=True,
    availability_constraints=False,
    key_values_repeat=False,
    time_representation_required=True,
    urns_refused=frozenset({"ValueList"}),
    lower_case_languages=True,
)
