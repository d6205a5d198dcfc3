"""Names of artefact types in SDMX-REST: what the standard lists, what it listed once, and the old names of version 1.x."""

from __future__ import annotations

from typing import Final

#: ``artefactType`` of SDMX-REST 2.2.2 (34 names).
ARTEFACT_TYPES: Final = frozenset(
    [
        "datastructure",
        "metadatastructure",
        "categoryscheme",
        "conceptscheme",
        "codelist",
        "hierarchy",
        "hierarchyassociation",
        "valuelist",
        "agencyscheme",
        "dataproviderscheme",
        "metadataproviderscheme",
        "dataconsumerscheme",
        "organisationunitscheme",
        "dataflow",
        "metadataflow",
        "reportingtaxonomy",
        "provisionagreement",
        "metadataprovisionagreement",
        "structuremap",
        "representationmap",
        "conceptschememap",
        "categoryschememap",
        "organisationschememap",
        "reportingtaxonomymap",
        "process",
        "categorisation",
        "dataconstraint",
        "metadataconstraint",
        "transformationscheme",
        "rulesetscheme",
        "userdefinedoperatorscheme",
        "customtypescheme",
        "namepersonalisationscheme",
        "vtlmappingscheme",
    ]
)

#: Stale names that the official documents still list in ``references``; nothing is of these kinds.
STALE_TYPES: Final = frozenset({"structureset", "namealiasscheme", "attachmentconstraint", "hierarchicalcodelist", "reportingtaxonomy"})

_ORGANISATION_SCHEMES = frozenset(
    {"agencyscheme", "dataproviderscheme", "dataconsumerscheme", "metadataproviderscheme", "organisationunitscheme"}
)

#: Resources of SDMX-REST 1.5.0 and what they are called in 2.x; None stands for every type.
V1_RESOURCES: Final[dict[str, frozenset[str] | None]] = {
    "structure": None,
    "organisationscheme": _ORGANISATION_SCHEMES,
    "contentconstraint": frozenset({"dataconstraint"}),
    "allowedconstraint": frozenset({"allowedconstraint"}),
    "actualconstraint": frozenset({"actualconstraint"}),
    "hierarchicalcodelist": frozenset({"hierarchy"}),
    "attachmentconstraint": frozenset({"attachmentconstraint"}),
    "structureset": frozenset({"structureset"}),
    # Those that kept their names, and those that 1.5 had none for: links to the artefacts of a message have to lead somewhere.
    **{name: frozenset({name}) for name in sorted(ARTEFACT_TYPES)},
}
