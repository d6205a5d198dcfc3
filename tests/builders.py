"""Small artefacts for tests: every builder gives a valid artefact and takes what a test wants to be different."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.model.base import Maintainable
from registry.model.categories import Categorisation, Category, CategoryScheme
from registry.model.codelists import Code, Codelist
from registry.model.concepts import Concept, ConceptScheme
from registry.model.constraints import ComponentSelection, ConstraintAttachment, CubeRegion, DataConstraint, SelectedValue
from registry.model.identity import Urn
from registry.model.organisations import Agency, AgencyScheme, DataProvider, DataProviderScheme
from registry.model.provision import ProvisionAgreement
from registry.model.representations import Representation, TextFormat
from registry.model.structures import (
    Attribute,
    AttributeList,
    AttributeRelationship,
    Dataflow,
    DataStructure,
    DataStructureComponents,
    Dimension,
    DimensionList,
    Empty,
    Group,
    Measure,
    MeasureList,
    TimeDimension,
)

AGENCY = "CDE"


def urn(artefact: Maintainable, item: str | None = None, cls: str | None = None) -> str:
    """The URN of an artefact, or of an item of it (``cls`` is the class of the item)."""
    of = Urn.of(artefact)
    return str(of.item_urn(cls or "Concept", item) if item else of)


def named(text: str) -> dict[str, str]:
    return {"en": text.replace("_", " ").capitalize()}


def a_codelist(id: str = "CL_AREA", codes: Iterable[str] | Mapping[str, str | None] = ("KG", "MW", "RW"), **fields: Any) -> Codelist:  # noqa: A002
    """A codelist; codes are ids, or ids with their parents."""
    parents = codes if isinstance(codes, Mapping) else dict.fromkeys(codes)
    items = tuple(Code(id=code, names=named(code), parent=parent) for code, parent in parents.items())
    return Codelist(**{"id": id, "agency_id": AGENCY, "version": "1.0.0", "names": named(id), "codes": items, **fields})


def a_concept(id: str, enumeration: Codelist | str | None = None, data_type: str | None = None) -> Concept:  # noqa: A002
    """A concept, with a core representation when an enumeration or a data type is given."""
    representation = None
    if enumeration is not None:
        representation = Representation(enumeration=enumeration if isinstance(enumeration, str) else urn(enumeration))
    elif data_type is not None:
        representation = Representation(format=TextFormat(data_type=data_type))
    return Concept(id=id, names=named(id), core_representation=representation)


def a_concept_scheme(
    id: str = "CS_WATER",  # noqa: A002
    concepts: Iterable[str | Concept] = ("FREQ", "AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "TITLE"),
    **fields: Any,
) -> ConceptScheme:
    """A concept scheme; plain strings become concepts without representation."""
    items = tuple(a_concept(concept) if isinstance(concept, str) else concept for concept in concepts)
    return ConceptScheme(**{"id": id, "agency_id": AGENCY, "version": "1.0.0", "names": named(id), "concepts": items, **fields})


def enumerated(codelist: Codelist | str) -> Representation:
    """The representation by a codelist."""
    return Representation(enumeration=codelist if isinstance(codelist, str) else urn(codelist))


def an_attribute(
    id: str,  # noqa: A002
    scheme: ConceptScheme,
    *,
    dimensions: Sequence[str] = (),
    group: str | None = None,
    dataset: bool = False,
    representation: Representation | None = None,
) -> Attribute:
    """An attribute of the observation, unless dimensions, a group or the dataset are named."""
    if dataset:
        relationship = AttributeRelationship(dataflow=Empty())
    elif group:
        relationship = AttributeRelationship(group=group)
    elif dimensions:
        relationship = AttributeRelationship(dimensions=tuple(dimensions))
    else:
        relationship = AttributeRelationship(observation=Empty())
    return Attribute(
        id=id,
        concept_identity=urn(scheme, id),
        local_representation=representation,
        attribute_relationship=relationship,
        usage="optional",
    )


def a_data_structure(
    scheme: ConceptScheme,
    dimensions: Mapping[str, Representation | None],
    *,
    id: str = "DSD_WATER",  # noqa: A002
    attributes: Iterable[Attribute] = (),
    groups: Iterable[Group] = (),
    time: bool = True,
    **fields: Any,
) -> DataStructure:
    """A data structure with the dimensions named, TIME_PERIOD and one numeric measure OBS_VALUE, all concepts from one scheme."""
    components = DataStructureComponents(
        dimension_list=DimensionList(
            dimensions=tuple(
                Dimension(id=name, position=position, concept_identity=urn(scheme, name), local_representation=representation)
                for position, (name, representation) in enumerate(dimensions.items(), start=1)
            ),
            time_dimension=TimeDimension(id="TIME_PERIOD", concept_identity=urn(scheme, "TIME_PERIOD")) if time else None,
        ),
        measure_list=MeasureList(
            measures=(
                Measure(
                    id="OBS_VALUE",
                    concept_identity=urn(scheme, "OBS_VALUE"),
                    local_representation=Representation(format=TextFormat(data_type="Double")),
                ),
            )
        ),
        attribute_list=AttributeList(attributes=tuple(attributes)),
        groups=tuple(groups),
    )
    return DataStructure(
        **{
            "id": id,
            "agency_id": AGENCY,
            "version": "1.0.0",
            "names": named(id),
            "data_structure_components": components,
            **fields,
        }
    )


def a_dataflow(structure: DataStructure | str, id: str = "DF_WATER", **fields: Any) -> Dataflow:  # noqa: A002
    """A dataflow of a data structure."""
    reference = structure if isinstance(structure, str) else urn(structure)
    return Dataflow(**{"id": id, "agency_id": AGENCY, "version": "1.0.0", "names": named(id), "structure": reference, **fields})


def an_agency_scheme(*agencies: str, owner: str = "SDMX", **fields: Any) -> AgencyScheme:
    """The agencies known to an owner."""
    items = tuple(Agency(id=agency, names=named(agency)) for agency in agencies or (AGENCY,))
    return AgencyScheme(**{"id": "AGENCIES", "agency_id": owner, "version": "1.0", "names": named("agencies"), "agencies": items, **fields})


def a_provider_scheme(*providers: str, **fields: Any) -> DataProviderScheme:
    """The data providers known to the agency."""
    items = tuple(DataProvider(id=provider, names=named(provider)) for provider in providers or ("CSO",))
    return DataProviderScheme(
        **{
            "id": "DATA_PROVIDERS",
            "agency_id": AGENCY,
            "version": "1.0",
            "names": named("providers"),
            "data_providers": items,
            **fields,
        }
    )


def a_provision_agreement(
    dataflow: Dataflow,
    providers: DataProviderScheme,
    id: str = "PA_WATER",  # noqa: A002
    **fields: Any,
) -> ProvisionAgreement:
    """The first provider of a scheme reports a dataflow."""
    provider = Urn.of(providers).item_urn("DataProvider", providers.data_providers[0].id)
    return ProvisionAgreement(
        **{
            "id": id,
            "agency_id": AGENCY,
            "version": "1.0.0",
            "names": named(id),
            "dataflow": urn(dataflow),
            "data_provider": str(provider),
            **fields,
        }
    )


def a_category_scheme(*categories: Category | str, **fields: Any) -> CategoryScheme:
    """A category scheme; plain strings become categories without children."""
    items = tuple(Category(id=category, names=named(category)) if isinstance(category, str) else category for category in categories)
    return CategoryScheme(
        **{
            "id": "CAT_TOPICS",
            "agency_id": AGENCY,
            "version": "1.0.0",
            "names": named("topics"),
            "categories": items or (Category(id="WATER", names=named("water")),),
            **fields,
        }
    )


def a_categorisation(source: Maintainable, scheme: CategoryScheme, category: str = "WATER", **fields: Any) -> Categorisation:
    """Puts an artefact under a category."""
    return Categorisation(
        **{
            "id": f"CAT_{source.id}",
            "agency_id": AGENCY,
            "version": "1.0",
            "names": named("categorisation"),
            "source": urn(source),
            "target": str(Urn.of(scheme).item_urn("Category", category)),
            **fields,
        }
    )


def a_selection(component: str, *values: str | SelectedValue, **fields: Any) -> ComponentSelection:
    """Values of a component."""
    selected = tuple(SelectedValue(value=value) if isinstance(value, str) else value for value in values)
    return ComponentSelection(id=component, values=selected, **fields)


def a_constraint(
    target: Maintainable | str | None,
    *selections: ComponentSelection,
    include: bool = True,
    id: str = "CON_WATER",  # noqa: A002
    **fields: Any,
) -> DataConstraint:
    """A constraint with one cube region of dimension values, attached to a structure, dataflow, agreement or provider (URN)."""
    regions = (CubeRegion(include=include, key_values=selections),) if selections else ()
    return DataConstraint(
        **{
            "id": id,
            "agency_id": AGENCY,
            "version": "1.0.0",
            "names": named(id),
            "constraint_attachment": attached_to(target),
            "cube_regions": regions,
            **fields,
        }
    )


def attached_to(target: Maintainable | str | None) -> ConstraintAttachment | None:
    """The attachment of a constraint to an artefact, or to a provider by URN."""
    match target:
        case None:
            return None
        case str():
            return ConstraintAttachment(data_provider=target)
        case DataStructure():
            return ConstraintAttachment(data_structures=(urn(target),))
        case ProvisionAgreement():
            return ConstraintAttachment(provision_agreements=(urn(target),))
        case _:
            return ConstraintAttachment(dataflows=(urn(target),))
