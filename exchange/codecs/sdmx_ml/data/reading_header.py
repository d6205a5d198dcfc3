"""What the header of an SDMX-ML data message says about its datasets: structure, action, dimension at the observation."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from exchange.codecs.data_reading.batches import ACTIONS, structure_of_urn
from exchange.codecs.ports import StructureName
from exchange.codecs.sdmx_ml.parsing import local_name
from exchange.errors import MalformedMessage
from exchange.observations.ports import Action
from exchange.query.values.data_query import Context

#: Children of ``Header/Structure`` (2.1 misspells the provision agreement).
_KINDS = {
    "Structure": Context.DATASTRUCTURE,
    "StructureUsage": Context.DATAFLOW,
    "ProvisionAgreement": Context.PROVISION_AGREEMENT,
    "ProvisionAgrement": Context.PROVISION_AGREEMENT,
}


@dataclass(frozen=True, slots=True)
class StructureUse:
    """A ``Structure`` of the header: what data follow it and how they are laid out.

    Attributes:
        has_explicit_measures: The ``xsi:type`` of an observation says which measure it is (2.1).
    """

    structure: StructureName
    dimension_at_observation: str
    has_explicit_measures: bool = False


@dataclass
class DataHeader:
    """The header, as far as reading data needs it: structures by their local id, and the action for datasets that state none."""

    structures: dict[str, StructureUse] = field(default_factory=dict)
    action: str = ""

    def use_of(self, dataset: etree._Element) -> StructureUse:
        """The structure of a dataset.

        Raises:
            MalformedMessage: When the message does not say which one it is.
        """
        reference = attribute(dataset, "structureRef")
        if reference in self.structures:
            return self.structures[reference]
        if reference is None and len(self.structures) == 1:
            return next(iter(self.structures.values()))
        known = ", ".join(map(repr, self.structures)) or "none"
        raise MalformedMessage(
            f"line {dataset.sourceline}: the dataset refers to the structure {reference!r}; the header declares {known}. "
            "Give Header/Structure a structureID and repeat it as structureRef."
        )

    def action_of(self, dataset: etree._Element) -> Action:
        """The action of a dataset.

        Raises:
            MalformedMessage: When it is none that SDMX knows.
        """
        action = (attribute(dataset, "action") or self.action).strip()
        if action.lower() not in ACTIONS:
            raise MalformedMessage(f"line {dataset.sourceline}: the action {action!r} is not known. Write Merge, Replace or Delete.")
        return ACTIONS[action.lower()]


def read_header(header: etree._Element) -> DataHeader:
    """Read the header element."""
    found = DataHeader()
    for child in header.iterchildren("*"):
        match local_name(child):
            case "Structure":
                identifier = attribute(child, "structureID") or f"_{len(found.structures)}"
                found.structures[identifier] = _use(child)
            case "DataSetAction":
                found.action = (child.text or "").strip()
    return found


def _use(element: etree._Element) -> StructureUse:
    observed = attribute(element, "dimensionAtObservation") or "TIME_PERIOD"
    explicit = (attribute(element, "explicitMeasures") or "").strip() in {"true", "1"}
    for child in element.iterchildren("*"):
        name = local_name(child)
        if name in _KINDS:
            return StructureUse(_reference(child, _KINDS[name]), observed, explicit)
    # Some writers say it only in the namespace of the dataset, whose name is a URN with a suffix.
    urn = (attribute(element, "namespace") or "").split(":ObsLevelDim:")[0]
    structure = structure_of_urn(urn)
    if structure is None:
        raise MalformedMessage(f"line {element.sourceline}: Header/Structure does not say which structure it is. Add a Ref or a URN.")
    return StructureUse(structure, observed, explicit)


def _reference(element: etree._Element, kind: Context) -> StructureName:
    """A reference by ``Ref`` (with or without its class), by ``URN``, or by the URN as text (3.0)."""
    for child in element.iterchildren("*"):
        if local_name(child) == "Ref":
            agency, identifier = attribute(child, "agencyID"), attribute(child, "id")
            version = attribute(child, "version") or "1.0"
            if agency and identifier:
                return kind, f"{agency}:{identifier}({version})"
    text = "".join(str(part) for part in element.itertext()).strip()
    structure = structure_of_urn(text)
    if structure is None:
        raise MalformedMessage(
            f"line {element.sourceline}: the reference {text!r} names no data structure, dataflow or provision agreement. "
            "Write a URN, or a Ref with agencyID, id and version."
        )
    return structure


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute with or without namespace."""
    value = element.get(name)
    if value is not None:
        return str(value)
    return next((str(other) for key, other in element.attrib.items() if str(key).endswith(f"}}{name}")), None)
