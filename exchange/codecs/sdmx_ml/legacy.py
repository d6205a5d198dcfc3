"""Artefacts of SDMX 3 as SDMX 2.1 can say them (SDMX 3.1 Technical Notes, conversions and compatibility between versions).

What becomes of what, and the code of the finding that says so:

- ``no-place-artefact``: families without a container are left out (``artefacts/catalogue.py`` names them).
- ``geography-lost``: a geographic or grid codelist becomes a codelist.
- ``extension-materialised``: a codelist gets the codes it inherits, as far as the lists they come from are in the message;
  ``extension-dropped``: a codelist that inherits from itself keeps its own codes.
- ``measure-became-attribute``: of several measures ``OBS_VALUE`` (or the first) is primary, the others are attributes of the observation.
- ``measure-renamed``: the primary measure is called ``OBS_VALUE``.
- ``measure-invented``: without any measure, ``OBS_VALUE`` of the cross-domain concepts.
- ``measure-facts-lost``: usage and concept roles of the primary measure.
- ``measure-relationship-lost``: which measures an attribute is about.
- ``metadata-usage-lost``: metadata attributes used with data, and the metadata structure they come from.
- ``no-place-artefact`` is also a draft beside the stable version of the same number, or beside a later draft of it: SDMX 2.1 would
  call them the same.
- ``reference-version-changed``: a reference by a version range names the version that it means, one to a draft the plain version.
- ``invented-report``: a metadata structure without reports gets one on any object; ``incomplete-report``: targets and reports
  that SDMX 2.1 could not read.
- ``no-place-annotation-value``: becomes the title if there is none; ``no-place-annotation-url``: all but the first, and its language.
- ``no-place-`` and the name of a field: anything else that has no place and is left out (links, facets, occurrences, validity,
  the extension of a version, cascading without the root, …).

Two more changes are no losses of content: a thing without name takes its id as name, and dimensions without position are numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from exchange.codecs.sdmx_ml.references import legacy_version
from exchange.codecs.sdmx_ml.writing import Writing
from registry.errors import InvalidArtefact
from registry.model.base import Maintainable, Reference
from registry.model.codelists import Code, Codelist, CodelistExtension, GeographicCodelist, GeoGridCodelist
from registry.model.identity import Urn
from registry.model.references import with_references
from registry.model.structures import (
    Attribute,
    AttributeList,
    AttributeRelationship,
    DataStructure,
    DataStructureComponents,
    Empty,
    Measure,
    MeasureList,
)
from registry.references.extensions import ExtensibleCodelist, resolve_extensions
from registry.references.resolve import ReferenceIndex
from registry.versions import Version

PRIMARY_MEASURE: Final = "OBS_VALUE"
_INVENTED_CONCEPT: Final = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=SDMX:CROSS_DOMAIN_CONCEPTS(2.0).OBS_VALUE"


class LegacyForm:
    """Brings the artefacts of one message into the form of SDMX 2.1, and records what that costs.

    Attributes:
        kept: The artefacts without drafts that SDMX 2.1 could not tell from another version in the message.
    """

    def __init__(self, writing: Writing, artefacts: Sequence[Maintainable], index: ReferenceIndex | None = None) -> None:
        """Take the artefacts of a message; ``index`` knows what there is beside them."""
        self._writing = writing
        self.kept = self._told_apart(artefacts)
        self._indexes = [known for known in (index, ReferenceIndex.over(map(Urn.of, self.kept))) if known is not None]
        self._codelists = {
            str(Urn.of(artefact)): artefact
            for artefact in self.kept
            if isinstance(artefact, Codelist | GeographicCodelist | GeoGridCodelist)
        }

    def _told_apart(self, artefacts: Sequence[Maintainable]) -> list[Maintainable]:
        by_number: dict[tuple[str, str, str, str], list[Maintainable]] = {}
        for artefact in artefacts:
            key = (artefact.urn_class, artefact.agency_id, artefact.id, legacy_version(artefact.version))
            by_number.setdefault(key, []).append(artefact)
        kept = []
        for same in by_number.values():
            if len(same) > 1:
                same.sort(key=lambda artefact: Version.parse(artefact.version))
            kept.append(same.pop())
            for draft in same:
                self._writing.begin(draft)
                self._writing.losses.leave_out(
                    f"SDMX-ML {self._writing.dialect.version} cannot tell it from {kept[-1].version}; it was left out",
                    self._writing.artefact,
                )
        return kept

    def of(self, artefact: Maintainable) -> Maintainable:
        """The artefact as SDMX 2.1 can say it."""
        own = Urn.of(artefact)
        artefact = with_references(artefact, lambda reference: self._fixed(reference, own))
        if isinstance(artefact, Codelist | GeographicCodelist | GeoGridCodelist):
            return self._codelist(artefact)
        return self._data_structure(artefact) if isinstance(artefact, DataStructure) else artefact

    def _fixed(self, reference: Reference, own: Urn) -> Reference:
        """A reference to the one version that it means, in the registry or else in the message."""
        urn = Urn.parse(reference)
        if "*" in (urn.id, urn.agency) or not (urn.is_wildcard or "-" in urn.version):
            return reference
        fixed = reference
        if urn.is_wildcard:
            found = next((found for index in self._indexes if (found := index.resolve_one(urn, referrer=own))), None)
            version = legacy_version(urn.version) if found is None else found.version
            fixed = str(Urn(urn.cls, urn.agency, urn.id, version, urn.item))
        self._writing.lose(
            "reference-version-changed",
            f"the reference to {urn.short} was written with the version {legacy_version(Urn.parse(fixed).version)}",
        )
        return fixed

    def _codelist(self, codelist: ExtensibleCodelist) -> Codelist:
        if codelist.codelist_extensions:
            codelist = self._materialised(codelist)
        if isinstance(codelist, Codelist):
            return codelist
        self._writing.lose("geography-lost", "a geographic codelist was written as a plain one")
        fields = {field: getattr(codelist, field) for field in Codelist.__struct_fields__ if field != "codes"}
        codes = tuple([Code(**{field: getattr(code, field) for field in Code.__struct_fields__}) for code in codelist.codes])
        return Codelist(**fields, codes=codes)

    def _materialised(self, codelist: ExtensibleCodelist) -> ExtensibleCodelist:
        missing: list[str] = []

        def lookup(extension: CodelistExtension, _: ExtensibleCodelist) -> ExtensibleCodelist | None:
            found = self._codelists.get(extension.codelist)
            if found is None:
                missing.append(Urn.parse(extension.codelist).short)
            return found

        try:
            resolved = resolve_extensions(codelist, lookup).codelist
        except InvalidArtefact as error:
            self._writing.lose("extension-dropped", f"only own codes were written: {error}")
            return msgspec.structs.replace(codelist, codelist_extensions=())
        without = f"; left out because they are not in the message: {', '.join(missing)}" if missing else ""
        self._writing.lose("extension-materialised", f"inherited codes were written as own codes{without}")
        return msgspec.structs.replace(resolved, codelist_extensions=())

    def _data_structure(self, structure: DataStructure) -> DataStructure:
        components = structure.data_structure_components
        if structure.metadata is not None:
            self._writing.lose("metadata-usage-lost", "the reference to a metadata structure was left out")
        if components is None:
            return structure
        return msgspec.structs.replace(structure, metadata=None, data_structure_components=self._components(components))

    def _components(self, components: DataStructureComponents) -> DataStructureComponents:
        measures = () if components.measure_list is None else components.measure_list.measures
        primary = next((measure for measure in measures if measure.id == PRIMARY_MEASURE), measures[0] if measures else None)
        others = [self._as_attribute(measure) for measure in measures if measure is not primary]
        attributes = components.attribute_list
        kept = () if attributes is None else tuple([self._attribute(attribute) for attribute in attributes.attributes])
        if attributes is not None and attributes.metadata_attribute_usages:
            self._writing.lose("metadata-usage-lost", "metadata attributes used with data were left out")
        notes = () if attributes is None else attributes.annotations
        return msgspec.structs.replace(
            components,
            attribute_list=AttributeList(annotations=notes, attributes=(*kept, *others)) if kept or others else None,
            measure_list=MeasureList(
                annotations=() if components.measure_list is None else components.measure_list.annotations,
                measures=(self._primary(primary),),
            ),
        )

    def _attribute(self, attribute: Attribute) -> Attribute:
        if attribute.measure_relationship:
            self._writing.lose("measure-relationship-lost", f"attribute {attribute.id!r} no longer says which measures it is about")
        return msgspec.structs.replace(attribute, measure_relationship=())

    def _primary(self, measure: Measure | None) -> Measure:
        if measure is None:
            self._writing.lose("measure-invented", f"there is no measure; {PRIMARY_MEASURE} was written because SDMX 2.1 needs one")
            return Measure(id=PRIMARY_MEASURE, concept_identity=_INVENTED_CONCEPT)
        if measure.id != PRIMARY_MEASURE:
            self._writing.lose("measure-renamed", f"measure {measure.id!r} was written as {PRIMARY_MEASURE}")
        if measure.usage is not None or measure.concept_roles:
            self._writing.lose("measure-facts-lost", f"usage and concept roles of measure {measure.id!r} were left out")
        return msgspec.structs.replace(measure, id=PRIMARY_MEASURE, usage=None, concept_roles=())

    def _as_attribute(self, measure: Measure) -> Attribute:
        self._writing.lose("measure-became-attribute", f"measure {measure.id!r} was written as an attribute of the observation")
        return Attribute(
            **{field: getattr(measure, field) for field in Measure.__struct_fields__},
            attribute_relationship=AttributeRelationship(observation=Empty()),
        )
