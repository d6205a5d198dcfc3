"""Artefacts that say the same though they are spelled differently: older formats write out what newer ones leave to be understood."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from registry.model.base import Maintainable
from registry.model.constraints import DataConstraint
from registry.model.instants import zoned
from registry.model.representations import Representation, TextFormat
from registry.model.structures import Attribute, Component, DataStructure, Dimension, Measure
from registry.versions import Version

#: What a time dimension is without a representation of its own; SDMX-ML and SDMX-JSON 2.0 demand that it is written.
_ANY_PERIOD = Representation(format=TextFormat(data_type="ObservationalTimePeriod"))


def say_the_same(stored: Maintainable, submitted: Maintainable) -> bool:
    """Whether a submitted artefact differs from the stored one at most in what goes without saying."""
    if submitted.is_final is False:  # not final says nothing against what is stored as final
        submitted = replace(submitted, is_final=stored.is_final)
    return _plain(stored) == _plain(submitted)


def _plain(artefact: Maintainable) -> Maintainable:
    """The artefact without defaults that are written out: final for a stable version, the allowed role, positions, optional usage."""
    changes: dict[str, Any] = {
        name: zoned(written) for name in ("valid_from", "valid_to") if (written := getattr(artefact, name)) and zoned(written) != written
    }
    if artefact.is_final is Version.parse(artefact.version).is_stable:  # what the version says too
        changes["is_final"] = None
    if isinstance(artefact, DataConstraint) and artefact.role == "Allowed":
        changes["role"] = None
    if isinstance(artefact, DataStructure) and artefact.data_structure_components is not None:
        changes["data_structure_components"] = _plain_components(artefact.data_structure_components)
    return replace(artefact, **changes) if changes else artefact


def _plain_components(components: Any) -> Any:
    dimensions, attributes, measures = components.dimension_list, components.attribute_list, components.measure_list
    time = dimensions.time_dimension
    return replace(
        components,
        dimension_list=replace(
            dimensions,
            dimensions=tuple(_plain_component(dimension) for dimension in dimensions.dimensions),
            time_dimension=_plain_component(time) if time else None,
        ),
        attribute_list=_plain_list(attributes, "attributes"),
        measure_list=_plain_list(measures, "measures"),
    )


def _plain_list(components: Any, field: str) -> Any:
    """A list of components; one without any says nothing."""
    if components is None or components == type(components)():
        return None
    return replace(components, **{field: tuple(_plain_component(component) for component in getattr(components, field))})


def _plain_component(component: Component) -> Component:
    if isinstance(component, Dimension):
        return replace(component, position=None)
    if isinstance(component, Attribute | Measure):
        return replace(component, usage=None) if component.usage == "optional" else component
    return replace(component, local_representation=None) if component.local_representation == _ANY_PERIOD else component
