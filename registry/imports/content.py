"""Checks of what an artefact says, as far as it can be judged alone: one function per family, one table that applies them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from registry.imports.components import check_data_structure
from registry.imports.findings import Findings
from registry.imports.identification import check_identification
from registry.imports.items import check_items
from registry.imports.stubs import is_stub
from registry.model.base import Maintainable
from registry.model.families import families_by_kind
from registry.model.maps import RepresentationMap, StructureMap
from registry.model.structures import DataStructure


def check_content(artefact: Maintainable, findings: Findings) -> None:
    """Everything that can be said about an artefact without looking at others."""
    check_identification(artefact, findings)
    if type(artefact).__name__ not in families_by_kind():
        return
    check_items(artefact, findings)
    if not artefact.names and not is_stub(artefact):
        findings.warn("missing-name", "names", "the artefact has no name in any language; its id is shown instead")
    check = _BY_FAMILY.get(type(artefact))
    if check and not is_stub(artefact):
        check(artefact, findings)


def _check_structure_map(structure_map: StructureMap, findings: Findings) -> None:
    for index, component_map in enumerate(structure_map.component_maps):
        if not component_map.source or not component_map.target:
            findings.refuse(
                "empty-component-map", f"componentMaps[{index}]", "a component map has at least one source and one target component"
            )
    for index, fixed in enumerate(structure_map.fixed_value_maps):
        if (fixed.source is None) == (fixed.target is None):
            findings.refuse(
                "ambiguous-fixed-value", f"fixedValueMaps[{index}]", "a fixed value is that of one source or of one target component"
            )


def _check_representation_map(representation_map: RepresentationMap, findings: Findings) -> None:
    sources, targets = len(representation_map.source), len(representation_map.target)
    for index, mapping in enumerate(representation_map.representation_mappings):
        place = f"representationMappings[{index}]"
        if len(mapping.source_values) != sources:
            findings.refuse(
                "mapping-width", place, f"it has {len(mapping.source_values)} source values, the map has {sources} source columns"
            )
        if mapping.target_values and len(mapping.target_values) != targets:
            findings.refuse(
                "mapping-width", place, f"it has {len(mapping.target_values)} target values, the map has {targets} target columns"
            )


_BY_FAMILY: Final[dict[type[Maintainable], Callable[[Any, Findings], None]]] = {
    DataStructure: check_data_structure,
    StructureMap: _check_structure_map,
    RepresentationMap: _check_representation_map,
}
