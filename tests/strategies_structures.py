"""Random artefacts that the schemas of SDMX-JSON 2.1 admit: every family, every property."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

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
    AvailabilityAttachment,
    AvailabilityConstraint,
    ComponentSelection,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    DataKey,
    DataKeySet,
    ReferencePeriod,
    ReleaseCalendar,
    SelectedValue,
    TimePeriodBound,
    TimeRange,
)
from registry.model.maps import (
    ComponentMap,
    DatePatternMap,
    EpochMap,
    FixedValueMap,
    FrequencyFormatMapping,
    MappedComponents,
    MappedList,
    MappedValue,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)
from registry.model.metadata_flows import Metadataflow
from registry.model.metadata_structures import (
    MetadataAttribute,
    MetadataAttributeList,
    MetadataStructure,
    MetadataStructureComponents,
    MetadataTarget,
    ReportStructure,
    TargetObject,
)
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

PREFIX = "urn:sdmx:org.sdmx.infomodel."


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def few(strategy: st.SearchStrategy[Any], least: int = 0, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most, unique_by=repr).map(tuple)


def with_unique_ids(strategy: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most, unique_by=lambda item: item.id).map(tuple)


#: Ids that follow the rules of names (NCName) and of codes.
names_of_components = st.sampled_from(["FREQ", "AREA", "Sex", "age-2", "UNIT_MEASURE", "x"])
ids = st.sampled_from(["A", "B1", "_T", "10", "KG@x", "a$b", "Y15T24"])
periods = st.sampled_from(["2020", "2020-05", "2020-05-17", "2020-Q1", "2020-W07", "2020-05-17T01:02:03Z"])
instants = st.sampled_from(["2020-01-01T00:00:00Z", "2021-12-31T23:59:59+02:00"])
urls = st.sampled_from(["https://example.org/a", "https://example.org/b?c=d#e"])
text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=8).filter(
    lambda value: value.strip() == value
)
some_texts = st.dictionaries(st.sampled_from(["en", "fr", "ky", "pt-BR", "zh-Hant"]), text, min_size=1, max_size=3)
no_texts: dict[str, str] = {}
texts = st.just(no_texts) | some_texts
agencies = st.sampled_from(["SDMX", "CDE", "BIS.XTD"])
versions = st.sampled_from(["1.0", "2", "1.0.0", "0.3.0", "2.10.1-draft.1"])
links = few(
    st.builds(Link, rel=st.just("related"), href=urls, titles=texts, type=maybe(text), hreflang=maybe(st.just("pt-BR")), uri=maybe(urls)),
    most=1,
)
some_annotations = few(
    st.builds(Annotation, id=maybe(text), title=maybe(text), type=maybe(text), value=maybe(text), texts=texts, links=links), most=1
)
annotable: dict[str, Any] = {"annotations": some_annotations}
identifiable: dict[str, Any] = {**annotable, "links": links, "uri": maybe(urls)}
nameable: dict[str, Any] = {**identifiable, "names": texts, "descriptions": texts}
item: dict[str, Any] = {**nameable, "id": ids}
maintainable: dict[str, Any] = {
    **nameable,
    "id": names_of_components,
    "agency_id": agencies,
    "version": versions,
    "valid_from": maybe(instants),
    "valid_to": maybe(instants),
    "is_partial_language": st.booleans(),
    "is_external_reference": st.booleans(),
    "service_url": maybe(urls),
    "structure_url": maybe(urls),
    "is_final": st.booleans(),
}


def of_fixed_scheme(fixed: str) -> dict[str, Any]:
    return {**maintainable, "id": st.just(fixed), "version": st.just("1.0"), "is_partial": st.booleans()}


def reference(package: str, cls: str, path: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[str]:
    version = st.sampled_from(["1.0", "1.2.0", "2.0+.1"])
    artefact = st.builds(f"{PREFIX}{package}.{cls}={{}}:{{}}({{}})".format, agencies, names_of_components, version)
    return artefact if path is None else st.builds("{}.{}".format, artefact, path)


codelist_reference = reference("codelist", "Codelist")
any_codelist_reference = codelist_reference | reference("codelist", "ValueList")
concept_reference = reference("conceptscheme", "Concept", names_of_components)
flow_reference = reference("datastructure", "Dataflow")
structure_reference = reference("datastructure", "DataStructure")
agreement_reference = reference("registry", "ProvisionAgreement")
provider_reference = reference("base", "DataProvider", ids).map(lambda urn: urn)

# Codelists

codes = with_unique_ids(st.builds(Code, **item, parent=maybe(ids)))
member_values = few(st.builds(MemberValue, value=ids, cascade_values=maybe(st.booleans() | st.just("excluderoot"))), least=1)
selections = st.builds(CodeSelection, wildcarded_member_values=few(st.sampled_from(["A%", "B1"]), least=1)) | st.builds(
    CodeSelection, member_values=member_values
)
extensions = few(
    st.builds(CodelistExtension, codelist=codelist_reference, prefix=maybe(st.just("P_")))
    | st.builds(CodelistExtension, codelist=codelist_reference, inclusive_code_selection=selections)
    | st.builds(CodelistExtension, codelist=codelist_reference, exclusive_code_selection=selections)
)
lists: dict[str, Any] = {**maintainable, "is_partial": st.booleans(), "codelist_extensions": extensions}
codelists = st.builds(Codelist, **lists, codes=codes)
geographic_codelists = st.builds(
    GeographicCodelist, **lists, codes=with_unique_ids(st.builds(GeoFeatureSetCode, **item, parent=maybe(ids), value=text))
)
grid_codelists = st.builds(
    GeoGridCodelist,
    **lists,
    grid_definition=maybe(text),
    codes=with_unique_ids(st.builds(GeoGridCode, **item, parent=maybe(ids), geo_cell=text)),
)
value_lists = st.builds(
    ValueList,
    **maintainable,
    value_items=with_unique_ids(st.builds(ValueItem, id=text, names=texts, descriptions=texts, **annotable)),
)

# Representations and concepts

sentinels = few(st.builds(SentinelValue, value=text | st.integers(-9, 9), names=texts, descriptions=texts), most=1)
periods_of_time: dict[str, Any] = {"start_time": maybe(periods), "end_time": maybe(periods)}
whole = maybe(st.integers(0, 99))
lengths = maybe(st.integers(1, 99))  # xs:positiveInteger
numbers = maybe(st.integers(-9, 9) | st.sampled_from([0.5, -1.25]))
coded_formats = st.builds(
    TextFormat,
    data_type=maybe(st.sampled_from(["String", "Alpha", "Integer"])),
    is_sequence=maybe(st.booleans()),
    interval=whole,
    start_value=whole,
    end_value=whole,
    time_interval=maybe(st.just("P1Y")),
    min_length=lengths,
    max_length=lengths,
    min_value=whole,
    max_value=whole,
    pattern=maybe(text),
    **periods_of_time,
)
facets: dict[str, Any] = {
    "is_sequence": maybe(st.booleans()),
    "interval": whole,
    "start_value": numbers,
    "end_value": numbers,
    "time_interval": maybe(st.just("P1Y")),
    "min_length": lengths,
    "max_length": lengths,
    "min_value": numbers,
    "max_value": numbers,
    "decimals": lengths,
    "pattern": maybe(text),
    "sentinel_values": sentinels,
    **periods_of_time,
}
simple_formats = st.builds(TextFormat, data_type=maybe(st.sampled_from(["String", "Double", "Boolean", "GregorianYear"])), **facets)
formats = st.builds(
    TextFormat, data_type=maybe(st.sampled_from(["String", "XHTML", "Decimal"])), is_multi_lingual=maybe(st.booleans()), **facets
)
time_formats = st.builds(
    TextFormat, data_type=st.sampled_from(["ObservationalTimePeriod", "GregorianYear"]), sentinel_values=sentinels, **periods_of_time
)
occurrences: dict[str, Any] = {"min_occurs": whole, "max_occurs": maybe(st.integers(1, 9) | st.just("unbounded"))}
dimension_representations = st.builds(Representation, enumeration=codelist_reference, enumeration_format=maybe(coded_formats)) | st.builds(
    Representation, format=simple_formats
)
metadata_representations = st.builds(Representation, enumeration=codelist_reference, enumeration_format=maybe(coded_formats)) | st.builds(
    Representation, format=formats
)
representations = st.builds(
    Representation, enumeration=any_codelist_reference, enumeration_format=maybe(coded_formats), **occurrences
) | st.builds(Representation, format=formats, **occurrences)
concept_schemes = st.builds(
    ConceptScheme,
    **maintainable,
    is_partial=st.booleans(),
    concepts=with_unique_ids(
        st.builds(
            Concept,
            **{**item, "id": names_of_components},
            core_representation=maybe(representations),
            iso_concept_reference=maybe(st.builds(IsoConceptReference, concept_agency=text, concept_scheme_id=text, concept_id=text)),
            parent=maybe(names_of_components),
        )
    ),
)

# Organisations, categories, provision

contacts = few(
    st.builds(
        Contact,
        id=maybe(ids),
        names=texts,
        departments=texts,
        roles=texts,
        telephones=few(text),
        faxes=few(text),
        x400s=few(text),
        uris=few(urls),
        emails=few(st.just("data@example.org")),
    ),
    most=1,
)
organisation: dict[str, Any] = {**item, "contacts": contacts}
agency_schemes = st.builds(
    AgencyScheme,
    **of_fixed_scheme("AGENCIES"),
    agencies=with_unique_ids(st.builds(Agency, **{**organisation, "id": names_of_components})),
)
data_provider_schemes = st.builds(
    DataProviderScheme, **of_fixed_scheme("DATA_PROVIDERS"), data_providers=with_unique_ids(st.builds(DataProvider, **organisation))
)
data_consumer_schemes = st.builds(
    DataConsumerScheme, **of_fixed_scheme("DATA_CONSUMERS"), data_consumers=with_unique_ids(st.builds(DataConsumer, **organisation))
)
metadata_provider_schemes = st.builds(
    MetadataProviderScheme,
    **of_fixed_scheme("METADATA_PROVIDERS"),
    metadata_providers=with_unique_ids(st.builds(MetadataProvider, **organisation)),
)
organisation_unit_schemes = st.builds(
    OrganisationUnitScheme,
    **of_fixed_scheme("UNITS"),
    organisation_units=with_unique_ids(st.builds(OrganisationUnit, **organisation, parent=maybe(ids))),
)
categories = with_unique_ids(
    st.recursive(
        st.builds(Category, **item), lambda children: st.builds(Category, **item, categories=with_unique_ids(children)), max_leaves=3
    )
)
category_schemes = st.builds(CategoryScheme, **maintainable, is_partial=st.booleans(), categories=categories)
categorisations = st.builds(
    Categorisation,
    **{**maintainable, "version": st.just("1.0")},
    source=maybe(flow_reference),
    target=maybe(reference("categoryscheme", "Category", ids)),
)
provision_agreements = st.builds(
    ProvisionAgreement,
    **maintainable,
    dataflow=maybe(flow_reference),
    data_provider=maybe(st.just(f"{PREFIX}base.DataProvider=CDE:DATA_PROVIDERS(1.0).P1")),
)

# Data structures and dataflows

relationships = st.one_of(
    st.builds(AttributeRelationship, dataflow=st.just(Empty())),
    st.builds(AttributeRelationship, dimensions=few(names_of_components, least=1), are_dimensions_optional=few(st.booleans())),
    st.builds(AttributeRelationship, group=ids),
    st.builds(AttributeRelationship, observation=st.just(Empty())),
)
component: dict[str, Any] = {**identifiable, "id": names_of_components, "concept_identity": concept_reference}
roles = few(concept_reference)
usages = maybe(st.sampled_from(["mandatory", "optional"]))
dimension_lists = st.builds(
    DimensionList,
    **annotable,
    dimensions=with_unique_ids(
        st.builds(
            Dimension,
            **component,
            position=maybe(st.integers(0, 9)),
            concept_roles=roles,
            local_representation=maybe(dimension_representations),
        )
    ),
    time_dimension=maybe(
        st.builds(
            TimeDimension,
            **{**component, "id": st.just("TIME_PERIOD")},
            local_representation=maybe(st.builds(Representation, format=time_formats)),
        )
    ),
)
attribute_lists = st.builds(
    AttributeList,
    **annotable,
    attributes=with_unique_ids(
        st.builds(
            Attribute,
            **component,
            usage=usages,
            attribute_relationship=relationships,
            measure_relationship=few(names_of_components),
            concept_roles=roles,
            local_representation=maybe(representations),
        )
    ),
    metadata_attribute_usages=few(
        st.builds(MetadataAttributeUsage, **annotable, metadata_attribute_reference=st.just("A.B"), attribute_relationship=relationships)
    ),
)
measure_lists = st.builds(
    MeasureList,
    **annotable,
    measures=with_unique_ids(
        st.builds(Measure, **component, usage=usages, concept_roles=roles, local_representation=maybe(representations))
    ),
)
data_structures = st.builds(
    DataStructure,
    **maintainable,
    evolving_structure=st.booleans(),
    metadata=maybe(reference("metadatastructure", "MetadataStructure")),
    data_structure_components=maybe(
        st.builds(
            DataStructureComponents,
            dimension_list=dimension_lists,
            attribute_list=maybe(attribute_lists),
            measure_list=maybe(measure_lists),
            groups=with_unique_ids(st.builds(Group, **{**identifiable, "id": ids}, group_dimensions=few(names_of_components, least=1))),
        )
    ),
)
dataflows = st.builds(Dataflow, **maintainable, structure=maybe(structure_reference), dimension_constraint=few(names_of_components))

# Metadata structures and metadataflows

wildcard_targets = st.sampled_from(
    [
        f"{PREFIX}datastructure.Dataflow=CDE:*(*)",
        f"{PREFIX}codelist.Codelist=CDE:CL_AGE(1.0+.0)",
        f"{PREFIX}codelist.Code=CDE:CL_AGE(1.0.0).A",
        f"{PREFIX}conceptscheme.Concept=*:*(*).*",
    ]
)
metadataflows = st.builds(
    Metadataflow, **maintainable, structure=maybe(reference("metadatastructure", "MetadataStructure")), targets=few(wildcard_targets)
)

metadata_attribute: dict[str, Any] = {
    **component,
    **occurrences,
    "is_presentational": maybe(st.booleans()),
    "local_representation": maybe(metadata_representations),
}
metadata_attributes = st.recursive(
    st.builds(MetadataAttribute, **metadata_attribute),
    lambda children: st.builds(MetadataAttribute, **metadata_attribute, metadata_attributes=with_unique_ids(children)),
    max_leaves=2,
)
metadata_structures = st.builds(
    MetadataStructure,
    **maintainable,
    metadata_structure_components=maybe(
        st.builds(
            MetadataStructureComponents,
            metadata_attribute_list=maybe(
                st.builds(MetadataAttributeList, **annotable, metadata_attributes=with_unique_ids(metadata_attributes, least=1))
            ),
            metadata_targets=with_unique_ids(
                st.builds(
                    MetadataTarget,
                    **{**identifiable, "id": ids},
                    target_objects=with_unique_ids(
                        st.builds(TargetObject, **{**identifiable, "id": ids}, kind=text, object_type=maybe(text)), most=1
                    ),
                ),
                most=1,
            ),
            report_structures=with_unique_ids(
                st.builds(ReportStructure, **{**identifiable, "id": ids}, metadata_targets=few(ids), metadata_attributes=few(ids)), most=1
            ),
        ).filter(lambda components: components != MetadataStructureComponents())  # beside a stub, empty lists are none
    ),
)

# Constraints

bounds = st.builds(TimePeriodBound, period=periods, is_inclusive=st.booleans())
ranges = st.one_of(
    st.builds(TimeRange, before_period=bounds),
    st.builds(TimeRange, after_period=bounds),
    st.builds(TimeRange, start_period=bounds, end_period=bounds, valid_from=maybe(periods), valid_to=maybe(periods)),
)
cascades = maybe(st.booleans() | st.just("excluderoot"))
validity: dict[str, Any] = {"valid_from": maybe(periods), "valid_to": maybe(periods)}
selection: dict[str, Any] = {"id": names_of_components, "include": maybe(st.booleans()), "remove_prefix": maybe(st.booleans())}


def component_selections(values: st.SearchStrategy[SelectedValue], **more: Any) -> st.SearchStrategy[ComponentSelection]:
    return st.builds(ComponentSelection, **selection, **more, values=few(values)) | st.builds(
        ComponentSelection, **selection, **more, time_range=ranges
    )


cube_regions = st.builds(
    CubeRegion,
    **annotable,
    include=st.booleans(),
    key_values=with_unique_ids(component_selections(st.builds(SelectedValue, value=text, cascade_values=cascades, **validity), **validity)),
    components=with_unique_ids(
        component_selections(st.builds(SelectedValue, value=text, cascade_values=cascades, lang=maybe(st.just("pt-BR")), **validity))
    ),
)
key_positions = st.builds(
    ComponentSelection,
    id=names_of_components,
    include=st.just(True) | st.none(),
    remove_prefix=maybe(st.booleans()),
    values=few(st.builds(SelectedValue, value=text), least=1),
)
data_key_sets = few(
    st.builds(
        DataKeySet,
        is_included=st.booleans(),
        keys=few(
            st.builds(
                DataKey,
                **annotable,
                **validity,
                key_values=with_unique_ids(key_positions, least=1),
                components=with_unique_ids(
                    component_selections(st.builds(SelectedValue, value=text, cascade_values=cascades, lang=maybe(st.just("pt-BR"))))
                ),
            ),
            least=1,
        ),
    ),
    most=1,
)
attachments = st.one_of(
    st.builds(ConstraintAttachment, data_provider=st.just(f"{PREFIX}base.DataProvider=CDE:DATA_PROVIDERS(1.0).P1")),
    st.builds(ConstraintAttachment, data_structures=few(structure_reference, least=1)),
    st.builds(ConstraintAttachment, dataflows=few(flow_reference, least=1)),
    st.builds(ConstraintAttachment, provision_agreements=few(agreement_reference, least=1)),
    st.builds(ConstraintAttachment, data_sets=few(text, least=1)),
    st.builds(ConstraintAttachment, simple_data_sources=few(urls, least=1)),
)
data_constraints = st.builds(
    DataConstraint,
    **maintainable,
    constraint_attachment=maybe(attachments),
    data_key_sets=data_key_sets,
    cube_regions=few(cube_regions),
    role=st.sampled_from([None, "Allowed"]),
    release_calendar=maybe(st.builds(ReleaseCalendar, periodicity=st.just("P1M"), offset=st.just("P1D"), tolerance=st.just("P5D"))),
    reference_period=maybe(st.builds(ReferencePeriod, start_time=st.just("2020-01-01T00:00:00"), end_time=st.just("2020-12-31T00:00:00"))),
)
availability_constraints = st.builds(
    AvailabilityConstraint,
    **annotable,
    constraint_attachment=st.one_of(
        st.builds(AvailabilityAttachment, data_structure=structure_reference),
        st.builds(AvailabilityAttachment, dataflow=flow_reference),
        st.builds(AvailabilityAttachment, provision_agreement=agreement_reference),
    ),
    cube_region=cube_regions,
    series_count=whole,
    obs_count=whole,
)

# Maps

date_map: dict[str, Any] = {
    **identifiable,
    "id": maybe(ids),
    "mapped_components": few(st.builds(MappedComponents, source=names_of_components, target=names_of_components), least=1),
    "resolve_period": maybe(st.sampled_from(["startOfPeriod", "endOfPeriod", "midPeriod"])),
}
by_dimension: dict[str, Any] = {**date_map, "frequency_dimension": ids, "mapped_frequencies": few(ids)}
by_target: dict[str, Any] = {**date_map, "target_frequency_id": ids}
epoch: dict[str, Any] = {"base_period": periods, "epoch_period": st.sampled_from(["second", "day"])}
pattern: dict[str, Any] = {"source_pattern": text, "locale": st.just("en")}
structure_maps = st.builds(
    StructureMap,
    **maintainable,
    source=maybe(structure_reference | flow_reference),
    target=maybe(structure_reference | flow_reference),
    epoch_maps=few(st.builds(EpochMap, **by_dimension, **epoch) | st.builds(EpochMap, **by_target, **epoch), most=1),
    date_pattern_maps=few(st.builds(DatePatternMap, **by_dimension, **pattern) | st.builds(DatePatternMap, **by_target, **pattern), most=1),
    frequency_format_mappings=few(
        st.builds(FrequencyFormatMapping, **{**identifiable, "id": maybe(ids)}, frequency_id=ids, date_pattern=text), most=1
    ),
    component_maps=few(
        st.builds(
            ComponentMap,
            **annotable,
            source=few(names_of_components, least=1),
            target=few(names_of_components, least=1),
            representation_map=maybe(reference("structuremapping", "RepresentationMap")),
        )
    ),
    fixed_value_maps=few(
        st.builds(FixedValueMap, **annotable, source=names_of_components, values=few(text, least=1))
        | st.builds(FixedValueMap, **annotable, target=names_of_components, values=few(text, least=1))
    ),
)
columns = few(
    st.builds(MappedList, codelist=any_codelist_reference) | st.builds(MappedList, data_type=st.sampled_from(["String", "Double"])), least=1
)
representation_maps = st.builds(
    RepresentationMap,
    **maintainable,
    source=columns,
    target=columns,
    representation_mappings=few(
        st.builds(
            ValueMapping,
            **annotable,
            source_values=few(st.builds(MappedValue, value=text, is_reg_ex=st.booleans(), start_index=whole, end_index=whole), least=1),
            target_values=few(text),
            valid_from=maybe(instants),
            valid_to=maybe(instants),
        )
    ),
)

#: One strategy per family, by the name of the model class.
FAMILIES_OF_ARTEFACTS: dict[str, st.SearchStrategy[Maintainable]] = {
    "AgencyScheme": agency_schemes,
    "DataProviderScheme": data_provider_schemes,
    "DataConsumerScheme": data_consumer_schemes,
    "MetadataProviderScheme": metadata_provider_schemes,
    "OrganisationUnitScheme": organisation_unit_schemes,
    "Codelist": codelists,
    "GeographicCodelist": geographic_codelists,
    "GeoGridCodelist": grid_codelists,
    "ValueList": value_lists,
    "ConceptScheme": concept_schemes,
    "CategoryScheme": category_schemes,
    "Categorisation": categorisations,
    "DataStructure": data_structures,
    "MetadataStructure": metadata_structures,
    "Metadataflow": metadataflows,
    "Dataflow": dataflows,
    "ProvisionAgreement": provision_agreements,
    "DataConstraint": data_constraints,
    "StructureMap": structure_maps,
    "RepresentationMap": representation_maps,
}
