"""The catalogue of artefact families: adding one is its module plus one line here. What is particular to a family is said in its line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from registry.model.base import Maintainable
from registry.model.categories import Categorisation, CategoryScheme
from registry.model.codelists import Codelist, GeographicCodelist, GeoGridCodelist, ValueList
from registry.model.concepts import ConceptScheme
from registry.model.constraints import DataConstraint
from registry.model.fields import fields_of, structs_below
from registry.model.ids import IdGrammar
from registry.model.maps import RepresentationMap, StructureMap
from registry.model.metadata_flows import Metadataflow
from registry.model.metadata_structures import MetadataStructure
from registry.model.organisations import (
    AgencyScheme,
    DataConsumerScheme,
    DataProviderScheme,
    MetadataProviderScheme,
    OrganisationUnitScheme,
)
from registry.model.provision import ProvisionAgreement
from registry.model.structures import Dataflow, DataStructure


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of maintainable artefact.

    Attributes:
        struct: The model class; its name is the ``kind`` under which the store keeps it.
        package: SDMX package in the URNs of its artefacts and of what they hold.
        resource: Singular name used by SDMX-REST paths and ``references=``; GeographicCodelist shares ``codelist``.
        parts: Resource names that stand for some of its artefacts, with the test of which.
        ids: What the ids of its artefacts may look like.
        fixed_id: The id that SDMX fixes for all its artefacts, together with the version 1.0.
        items: Field that holds the items of an item scheme, or None.
        item_ids: What the ids of those items may look like.
        stub_keeps: Fields that belong to the identification, so that a stub has them too.
        content: Fields that say what an artefact is about; without one of them it is a stub, as ``detail=allstubs`` gives it.
        is_constrainable: Data constraints can be attached to it, or to an item of it.
        names_codes: Which codes of a codelist are used does not follow from a reference to the list: the artefact names single
            ones, or constraints say so. References of other families mean all codes.
    """

    struct: type[Maintainable]
    package: str
    resource: str
    parts: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict, compare=False)
    ids: IdGrammar = IdGrammar.ID
    fixed_id: str | None = None
    items: str | None = None
    item_ids: IdGrammar = IdGrammar.ID
    stub_keeps: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    is_constrainable: bool = False
    names_codes: bool = False

    @property
    def kind(self) -> str:
        """Name of the model class."""
        return self.struct.__name__

    @property
    def urn_class(self) -> str:
        """Class name in URNs."""
        return self.struct.urn_class

    @property
    def item_class(self) -> str | None:
        """URN class of the items; None for families without items, and for items without URN."""
        return _items_of(self)[0]

    @property
    def nested(self) -> str | None:
        """Field of an item that holds its child items, or None for flat schemes."""
        return _items_of(self)[1]

    @property
    def part_classes(self) -> tuple[str, ...]:
        """URN classes of what its artefacts hold: items, components, lists of components."""
        return _part_classes(self.struct)


@cache
def _items_of(family: Family) -> tuple[str | None, str | None]:
    """URN class of the items of a family, and the field in which items hold items."""
    holder = next((known for known in fields_of(family.struct) if known.name == family.items), None)
    if holder is None:
        return None, None
    (item,) = holder.structs
    return item.urn_class or None, next((below.name for below in fields_of(item) if item in below.structs), None)


@cache
def _part_classes(struct: type[Maintainable]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.urn_class for part in structs_below(struct) if part is not struct and part.urn_class))


FAMILIES: tuple[Family, ...] = (
    Family(
        struct=AgencyScheme,
        package="base",
        resource="agencyscheme",
        fixed_id="AGENCIES",
        items="agencies",
        item_ids=IdGrammar.NCNAME,
    ),
    Family(
        struct=DataProviderScheme,
        package="base",
        resource="dataproviderscheme",
        fixed_id="DATA_PROVIDERS",
        items="data_providers",
        is_constrainable=True,
    ),
    Family(
        struct=DataConsumerScheme,
        package="base",
        resource="dataconsumerscheme",
        fixed_id="DATA_CONSUMERS",
        items="data_consumers",
    ),
    Family(
        struct=MetadataProviderScheme,
        package="base",
        resource="metadataproviderscheme",
        fixed_id="METADATA_PROVIDERS",
        items="metadata_providers",
    ),
    Family(struct=OrganisationUnitScheme, package="base", resource="organisationunitscheme", items="organisation_units"),
    Family(struct=Codelist, package="codelist", resource="codelist", ids=IdGrammar.NCNAME, items="codes", names_codes=True),
    Family(struct=GeographicCodelist, package="codelist", resource="codelist", ids=IdGrammar.NCNAME, items="codes", names_codes=True),
    Family(struct=GeoGridCodelist, package="codelist", resource="codelist", ids=IdGrammar.NCNAME, items="codes", names_codes=True),
    Family(struct=ValueList, package="codelist", resource="valuelist", items="value_items", item_ids=IdGrammar.TEXT),
    Family(
        struct=ConceptScheme,
        package="conceptscheme",
        resource="conceptscheme",
        ids=IdGrammar.NCNAME,
        items="concepts",
        item_ids=IdGrammar.NCNAME,
        names_codes=True,
    ),
    Family(struct=CategoryScheme, package="categoryscheme", resource="categoryscheme", ids=IdGrammar.NCNAME, items="categories"),
    Family(struct=Categorisation, package="categoryscheme", resource="categorisation", content=("source", "target"), names_codes=True),
    Family(
        struct=DataStructure,
        package="datastructure",
        resource="datastructure",
        content=("data_structure_components",),
        is_constrainable=True,
        names_codes=True,
    ),
    Family(
        struct=MetadataStructure,
        package="metadatastructure",
        resource="metadatastructure",
        content=("metadata_structure_components",),
    ),
    Family(struct=Metadataflow, package="metadatastructure", resource="metadataflow", content=("structure",), names_codes=True),
    Family(struct=Dataflow, package="datastructure", resource="dataflow", content=("structure",), is_constrainable=True),
    Family(
        struct=ProvisionAgreement,
        package="registry",
        resource="provisionagreement",
        content=("dataflow", "data_provider"),
        is_constrainable=True,
    ),
    Family(
        struct=DataConstraint,
        package="registry",
        resource="dataconstraint",
        parts={"actualconstraint": lambda found: found.is_actual, "allowedconstraint": lambda found: not found.is_actual},
        stub_keeps=("role",),
        names_codes=True,
    ),
    Family(struct=StructureMap, package="structuremapping", resource="structuremap", content=("source", "target")),
    Family(struct=RepresentationMap, package="structuremapping", resource="representationmap"),
)


@cache
def family_of(struct: type[Maintainable]) -> Family:
    """The family of a model class.

    Raises:
        KeyError: When the class is not in the catalogue.
    """
    return {family.struct: family for family in FAMILIES}[struct]


@cache
def families_by_kind() -> dict[str, Family]:
    """Families by the name of their model class."""
    return {family.kind: family for family in FAMILIES}


@cache
def families_by_resource(resource: str) -> tuple[Family, ...]:
    """Families that a REST resource name stands for; empty when the name is not known."""
    return tuple(family for family in FAMILIES if resource == family.resource or resource in family.parts)


def is_meant(artefact: Maintainable, resources: Collection[str]) -> bool:
    """Whether an artefact is among those that REST resource names stand for."""
    family = family_of(type(artefact))
    return family.resource in resources or any(test(artefact) for name, test in family.parts.items() if name in resources)


@cache
def families_by_urn_class(cls: str) -> tuple[Family, ...]:
    """Families whose artefacts have a class in their URNs: three have Codelist; empty when the class is not known."""
    return tuple(family for family in FAMILIES if family.urn_class == cls)
