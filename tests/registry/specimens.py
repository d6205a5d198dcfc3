"""One artefact of every family, with something in as many fields as make sense."""

from __future__ import annotations

from registry.model.base import Annotation, Link, Maintainable
from registry.model.categories import Categorisation, Category, CategoryScheme
from registry.model.codelists import (
    Code,
    Codelist,
    CodelistExtension,
    CodeSelection,
    GeoFeatureSetCode,
    GeographicCodelist,
    GeoGridCode,
    GeoGridCodelist,
    MemberValue,
    ValueItem,
    ValueList,
)
from registry.model.concepts import Concept, ConceptScheme, IsoConceptReference
from registry.model.constraints import (
    ComponentSelection,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.maps import (
    ComponentMap,
    DatePatternMap,
    EpochMap,
    FixedValueMap,
    MappedComponents,
    MappedList,
    MappedValue,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)
from registry.model.metadata_flows import Metadataflow
from registry.model.metadata_structures import MetadataAttribute, MetadataAttributeList, MetadataStructure, MetadataStructureComponents
from registry.model.organisations import (
    Agency,
    AgencyScheme,
    Contact,
    DataConsumer,
    DataConsumerScheme,
    DataProvider,
    DataProviderScheme,
    MetadataProvider,
    MetadataProviderScheme,
    OrganisationUnit,
    OrganisationUnitScheme,
)
from registry.model.provision import ProvisionAgreement
from registry.model.representations import Representation, SentinelValue, TextFormat
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
    MetadataAttributeUsage,
    TimeDimension,
)

NAMES = {"en": "Water points", "fr": "Points d’eau", "ky": "Суу пункттары"}
NOTE = Annotation(id="NOTE", type="REMARK", texts={"en": "Checked"}, links=(Link(rel="alternate", href="https://example.org"),))


def _urn(package: str, rest: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.{package}.{rest}"


CONCEPT = _urn("conceptscheme", "Concept=CDE:CS(1.0.0).FREQ")
CODELIST = _urn("codelist", "Codelist=CDE:CL(1.0.0)")
FLOW = _urn("datastructure", "Dataflow=CDE:DF(1.0.0)")
PROVIDER = _urn("base", "DataProvider=CDE:DATA_PROVIDERS(1.0).P1")

SPECIMENS: tuple[Maintainable, ...] = (
    AgencyScheme(
        id="AGENCIES",
        agency_id="SDMX",
        version="1.0",
        names=NAMES,
        agencies=(Agency(id="CDE", names=NAMES, contacts=(Contact(id="C", names=NAMES, emails=("a@example.org",)),)),),
    ),
    DataProviderScheme(
        id="DATA_PROVIDERS", agency_id="CDE", version="1.0", names=NAMES, data_providers=(DataProvider(id="P1", names=NAMES),)
    ),
    DataConsumerScheme(id="DATA_CONSUMERS", agency_id="CDE", version="1.0", names=NAMES, data_consumers=(DataConsumer(id="C1"),)),
    MetadataProviderScheme(id="METADATA_PROVIDERS", agency_id="CDE", version="1.0", metadata_providers=(MetadataProvider(id="M1"),)),
    OrganisationUnitScheme(
        id="UNITS", agency_id="CDE", version="1.0.0", organisation_units=(OrganisationUnit(id="U"), OrganisationUnit(id="V", parent="U"))
    ),
    Codelist(
        id="CL",
        agency_id="CDE.SUB",
        version="1.2.0-draft",
        names=NAMES,
        annotations=(NOTE,),
        valid_from="2024-01-01T00:00:00",
        service_url="https://example.org/ws",
        is_final=True,
        is_partial=True,
        codes=(Code(id="A", names=NAMES, uri="https://example.org/A"), Code(id="1", parent="A", annotations=(NOTE,))),
        codelist_extensions=(
            CodelistExtension(
                codelist=CODELIST,
                prefix="P_",
                inclusive_code_selection=CodeSelection(
                    wildcarded_member_values=("X%",), member_values=(MemberValue(value="A", cascade_values="excluderoot"),)
                ),
            ),
        ),
    ),
    GeographicCodelist(id="CL_GEO", agency_id="CDE", version="1.0.0", names=NAMES, codes=(GeoFeatureSetCode(id="A", value="POINT (1 2)"),)),
    GeoGridCodelist(id="CL_GRID", agency_id="CDE", version="1.0.0", grid_definition="0.25", codes=(GeoGridCode(id="A", geo_cell="1,2"),)),
    ValueList(id="VL", agency_id="CDE", version="1.0.0", names=NAMES, value_items=(ValueItem(id="≥ 10 %", names=NAMES),)),
    ConceptScheme(
        id="CS",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        concepts=(
            Concept(
                id="FREQ",
                names=NAMES,
                core_representation=Representation(enumeration=CODELIST, enumeration_format=TextFormat(data_type="String", max_length=1)),
                iso_concept_reference=IsoConceptReference(concept_agency="ISO", concept_scheme_id="S", concept_id="C"),
            ),
        ),
    ),
    CategoryScheme(
        id="CATS",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        categories=(Category(id="A", names=NAMES, categories=(Category(id="B"),)),),
    ),
    Categorisation(
        id="CAT1",
        agency_id="CDE",
        version="1.0",
        names=NAMES,
        source=FLOW,
        target=_urn("categoryscheme", "Category=CDE:CATS(1.0.0).A.B"),
    ),
    DataStructure(
        id="DSD",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        evolving_structure=True,
        metadata=_urn("metadatastructure", "MetadataStructure=CDE:MSD(1.0.0)"),
        data_structure_components=DataStructureComponents(
            dimension_list=DimensionList(
                dimensions=(Dimension(id="FREQ", position=1, concept_identity=CONCEPT, concept_roles=(CONCEPT,)),),
                time_dimension=TimeDimension(id="TIME_PERIOD", concept_identity=CONCEPT),
            ),
            measure_list=MeasureList(
                measures=(
                    Measure(
                        id="OBS_VALUE",
                        concept_identity=CONCEPT,
                        usage="mandatory",
                        local_representation=Representation(
                            format=TextFormat(data_type="Double", min_value=0, sentinel_values=(SentinelValue(value=-1, names=NAMES),)),
                            min_occurs=1,
                            max_occurs="unbounded",
                        ),
                    ),
                )
            ),
            attribute_list=AttributeList(
                attributes=(
                    Attribute(
                        id="NOTE",
                        concept_identity=CONCEPT,
                        attribute_relationship=AttributeRelationship(observation=Empty()),
                        measure_relationship=("OBS_VALUE",),
                    ),
                    Attribute(id="TITLE", concept_identity=CONCEPT, attribute_relationship=AttributeRelationship(group="G")),
                ),
                metadata_attribute_usages=(
                    MetadataAttributeUsage(
                        metadata_attribute_reference="CONTACT",
                        attribute_relationship=AttributeRelationship(dimensions=("FREQ",), are_dimensions_optional=(True,)),
                    ),
                ),
            ),
            groups=(Group(id="G", group_dimensions=("FREQ",)),),
        ),
    ),
    MetadataStructure(
        id="MSD",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        metadata_structure_components=MetadataStructureComponents(
            metadata_attribute_list=MetadataAttributeList(
                metadata_attributes=(
                    MetadataAttribute(
                        id="CONTACT",
                        concept_identity=CONCEPT,
                        max_occurs="unbounded",
                        metadata_attributes=(MetadataAttribute(id="EMAIL", concept_identity=CONCEPT, is_presentational=False),),
                    ),
                )
            )
        ),
    ),
    Dataflow(
        id="DF",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        structure=_urn("datastructure", "DataStructure=CDE:DSD(1.0+.0)"),
        dimension_constraint=("FREQ",),
    ),
    ProvisionAgreement(id="PA", agency_id="CDE", version="1.0.0", names=NAMES, dataflow=FLOW, data_provider=PROVIDER),
    DataConstraint(
        id="CONSTRAINT",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        role="Allowed",
        constraint_attachment=ConstraintAttachment(dataflows=(FLOW,)),
        cube_regions=(
            CubeRegion(
                include=False,
                key_values=(
                    ComponentSelection(id="FREQ", values=(SelectedValue(value="A%", cascade_values=True, valid_from="2020"),)),
                    ComponentSelection(
                        id="TIME_PERIOD", time_range=TimeRange(start_period=TimePeriodBound(period="2020", is_inclusive=False))
                    ),
                ),
            ),
        ),
        data_key_sets=(
            DataKeySet(is_included=False, keys=(DataKey(key_values=(ComponentSelection(id="FREQ", values=(SelectedValue(value="M"),)),)),)),
        ),
    ),
    Metadataflow(
        id="MDF",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        structure=_urn("metadatastructure", "MetadataStructure=CDE:MSD(1.0.0)"),
        targets=(_urn("datastructure", "Dataflow=CDE:*(*)"), _urn("base", "DataProvider=CDE:DATA_PROVIDERS(1.0).*")),
    ),
    StructureMap(
        id="SM",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        source=FLOW,
        target=_urn("datastructure", "Dataflow=CDE:DF2(1.0.0)"),
        epoch_maps=(
            EpochMap(
                base_period="1970-01-01",
                epoch_period="second",
                mapped_components=(MappedComponents(source="T", target="U"),),
                target_frequency_id="D",
            ),
        ),
        date_pattern_maps=(DatePatternMap(source_pattern="dd.MM.yyyy", locale="ky", target_frequency_id="D"),),
        component_maps=(
            ComponentMap(source=("A", "B"), target=("C",), representation_map=_urn("structuremapping", "RepresentationMap=CDE:RM(1.0.0)")),
        ),
        fixed_value_maps=(FixedValueMap(target="D", values=("X",)),),
    ),
    RepresentationMap(
        id="RM",
        agency_id="CDE",
        version="1.0.0",
        names=NAMES,
        source=(MappedList(codelist=CODELIST), MappedList(data_type="String")),
        target=(MappedList(codelist=CODELIST),),
        representation_mappings=(
            ValueMapping(
                source_values=(MappedValue(value="A"), MappedValue(value="^B.*", is_reg_ex=True, start_index=1)),
                target_values=("C",),
                valid_from="2020-01-01",
            ),
        ),
    ),
)
