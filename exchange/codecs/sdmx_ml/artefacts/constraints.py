"""Data constraints and availability (SDMXStructureConstraint.xsd; in SDMX 2.1 content constraints)."""

from __future__ import annotations

import re
from typing import Final, Literal

from exchange.codecs.sdmx_ml.artefacts.regions import RegionWriter, admitted_key_set, admitted_region, read_cube_region, read_key_set
from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, read_notes, write_artefact
from exchange.codecs.sdmx_ml.dialect import XmlDialect
from exchange.codecs.sdmx_ml.markup import element, escape, text_element
from exchange.codecs.sdmx_ml.parsing import Node, Unreadable
from exchange.codecs.sdmx_ml.references import read_reference, read_references, write_reference
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.base import Reference
from registry.model.constraints import (
    AvailabilityAttachment,
    AvailabilityConstraint,
    ConstraintAttachment,
    CubeRegion,
    DataConstraint,
    ReferencePeriod,
    ReleaseCalendar,
)

_ROLES: Final[dict[str, Literal["Allowed", "Actual"]]] = {"Allowed": "Allowed", "Actual": "Actual"}
#: Role of an SDMX 2.1 content constraint that does not say (schema default).
_DEFAULT_TYPE: Final = "Actual"
_DATA_SET: Final = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.base\.DataProvider=[^#]+#[A-Za-z0-9_@$\-]+")


def read_data_constraint(node: Node) -> DataConstraint:
    """A ``DataConstraint`` or ``ContentConstraint``."""
    attachment = node.one("ConstraintAttachment")
    return DataConstraint(
        **read_maintenance(node),
        constraint_attachment=None if attachment is None else _read_attachment(attachment),
        data_key_sets=tuple([read_key_set(child) for child in node.all("DataKeySet")]),
        cube_regions=tuple([read_cube_region(child) for child in node.all("CubeRegion")]),
        role=_read_role(node),
        release_calendar=_read_calendar(node.one("ReleaseCalendar")),
        reference_period=_read_reference_period(node.one("ReferencePeriod")),
    )


def _read_role(node: Node) -> Literal["Allowed", "Actual"] | None:
    text = node.get("role") or node.get("type")
    if text is None:
        return _ROLES[_DEFAULT_TYPE] if node.name == "ContentConstraint" else None
    if text not in _ROLES:
        raise Unreadable(f"role {text!r} of {node.name!r} is neither Allowed nor Actual", node.line)
    return _ROLES[text]


def _read_calendar(node: Node | None) -> ReleaseCalendar | None:
    if node is None:
        return None
    return ReleaseCalendar(
        periodicity=node.need("Periodicity").text, offset=node.need("Offset").text, tolerance=node.need("Tolerance").text
    )


def _read_reference_period(node: Node | None) -> ReferencePeriod | None:
    return None if node is None else ReferencePeriod(start_time=node.require("startTime"), end_time=node.require("endTime"))


def _read_attachment(node: Node) -> ConstraintAttachment:
    _skip_queryable_sources(node)
    return ConstraintAttachment(
        data_provider=read_reference(node.one("DataProvider"), "DataProvider"),
        data_structures=read_references(node.all("DataStructure"), "DataStructure"),
        dataflows=read_references(node.all("Dataflow"), "Dataflow"),
        provision_agreements=read_references(node.all("ProvisionAgreement"), "ProvisionAgreement"),
        data_sets=tuple([_read_data_set(child) for child in node.all("DataSet")]),
        simple_data_sources=tuple([child.token for child in node.all("SimpleDataSource")]),
    )


def _skip_queryable_sources(node: Node) -> None:
    """Where data can be asked for restricts nothing, and the model has no place for it."""
    if node.all("QueryableDataSource"):
        node.document.note("queryable-source", "a queryable data source was left out", node.line)


def _read_data_set(node: Node) -> str:
    """A dataset of SDMX 2.1 as the URN of its provider and its id, joined by ``#``."""
    return f"{read_reference(node.need('DataProvider'), 'DataProvider')}#{node.need('ID').token}"


def write_data_constraint(writing: Writing, constraint: DataConstraint) -> str:
    """A ``DataConstraint`` or ``ContentConstraint``."""
    dialect = writing.dialect
    carried: Carried = {}
    attachment = _write_attachment(writing, constraint.constraint_attachment, carried)
    regions = _write_regions(writing, constraint, carried)
    if constraint.reference_period is not None and not dialect.has_reference_periods:
        carried["reference_period"] = constraint.reference_period
    if not dialect.has_constraint_roles:
        if constraint.role is not None:
            carried["role"] = constraint.role
        if constraint.release_calendar is not None:
            carried["release_calendar"] = constraint.release_calendar
        return write_artefact(writing, "str:DataConstraint", constraint, {}, carried, attachment, regions)
    role, calendar = constraint.role or "Allowed", _write_calendar(constraint.release_calendar)
    if dialect.has_primary_measure:
        return write_artefact(
            writing,
            "str:ContentConstraint",
            constraint,
            {"type": role},
            carried,
            attachment,
            regions,
            calendar,
            _write_period(constraint.reference_period),
        )
    return write_artefact(writing, "str:DataConstraint", constraint, {"role": role}, carried, attachment, calendar, regions)


def _write_calendar(calendar: ReleaseCalendar | None) -> str:
    if calendar is None:
        return ""
    return element(
        "str:ReleaseCalendar",
        None,
        text_element("str:Periodicity", calendar.periodicity),
        text_element("str:Offset", calendar.offset),
        text_element("str:Tolerance", calendar.tolerance),
    )


def _write_period(period: ReferencePeriod | None) -> str:
    return "" if period is None else element("str:ReferencePeriod", {"startTime": period.start_time, "endTime": period.end_time})


def _write_regions(writing: Writing, constraint: DataConstraint, carried: Carried) -> str:
    dialect = writing.dialect
    key_sets = tuple([admitted_key_set(key_set, dialect) for key_set in constraint.data_key_sets])
    regions = tuple([admitted_region(region, dialect) for region in constraint.cube_regions])
    if dialect.has_value_validity:
        regions = _one_of_each(regions)
    if key_sets != constraint.data_key_sets:
        carried["data_key_sets"] = constraint.data_key_sets
    if regions != constraint.cube_regions:
        carried["cube_regions"] = constraint.cube_regions
    writer = RegionWriter(writing)
    return "".join([*[writer.key_set(key_set) for key_set in key_sets], *[writer.region(region) for region in regions]])


def _one_of_each(regions: tuple[CubeRegion, ...]) -> tuple[CubeRegion, ...]:
    """SDMX 3 has room for one region that is included and one that is excluded."""
    first = {region.include: region for region in reversed(regions)}
    return tuple([region for region in regions if first[region.include] is region])


def _write_attachment(writing: Writing, attachment: ConstraintAttachment | None, carried: Carried) -> str:
    admitted = None if attachment is None else _admitted_attachment(attachment, writing.dialect)
    if admitted != attachment:
        carried["constraint_attachment"] = attachment
    if admitted is None:
        return ""
    return element(
        "str:ConstraintAttachment",
        None,
        write_reference("str:DataProvider", admitted.data_provider, writing.dialect),
        _write_references(writing, "DataStructure", admitted.data_structures),
        _write_references(writing, "Dataflow", admitted.dataflows),
        _write_references(writing, "ProvisionAgreement", admitted.provision_agreements),
        *[_write_data_set(writing, data_set) for data_set in admitted.data_sets],
        *[text_element("str:SimpleDataSource", source) for source in admitted.simple_data_sources],
    )


def _admitted_attachment(attachment: ConstraintAttachment, dialect: XmlDialect) -> ConstraintAttachment | None:
    """The first kind of attachment that is filled and that the dialect knows; None when there is none."""
    sources, data_sets = attachment.simple_data_sources, tuple([name for name in attachment.data_sets if _DATA_SET.fullmatch(name)])
    if dialect.has_primary_measure:  # SDMX 2.1 attaches a content constraint to one dataset or source
        sources, data_sets = sources[:1], data_sets[:1]
    else:
        sources, data_sets = sources if dialect.has_constraint_roles else (), ()
    kinds = (
        ConstraintAttachment(data_provider=attachment.data_provider),
        ConstraintAttachment(data_structures=attachment.data_structures),
        ConstraintAttachment(dataflows=attachment.dataflows),
        ConstraintAttachment(provision_agreements=attachment.provision_agreements),
        ConstraintAttachment(data_sets=data_sets),
        ConstraintAttachment(simple_data_sources=sources),
    )
    return next((kind for kind in kinds if kind != ConstraintAttachment()), None)


def _write_references(writing: Writing, name: str, references: tuple[Reference, ...]) -> str:
    return "".join([write_reference(f"str:{name}", reference, writing.dialect) for reference in references])


def _write_data_set(writing: Writing, data_set: str) -> str:
    provider, _, identifier = data_set.partition("#")
    return element(
        "str:DataSet", None, write_reference("com:DataProvider", provider, writing.dialect), element("com:ID", None, escape(identifier))
    )


def read_availability(node: Node) -> AvailabilityConstraint:
    """An ``AvailabilityConstraint``."""
    attachment = node.need("ConstraintAttachment")
    answer = AvailabilityConstraint(
        **read_notes(node),
        constraint_attachment=AvailabilityAttachment(
            data_structure=read_reference(attachment.one("DataStructure"), "DataStructure"),
            dataflow=read_reference(attachment.one("Dataflow"), "Dataflow"),
            provision_agreement=read_reference(attachment.one("ProvisionAgreement"), "ProvisionAgreement"),
        ),
        cube_region=read_cube_region(node.need("CubeRegion")),
        series_count=node.integer("seriesCount"),
        obs_count=node.integer("obsCount"),
    )
    return restored(answer)


def write_availability(writing: Writing, availability: AvailabilityConstraint) -> str:
    """An ``AvailabilityConstraint`` of SDMX 3.1."""
    attachment = availability.constraint_attachment
    references = (
        write_reference("str:DataStructure", attachment.data_structure, writing.dialect),
        write_reference("str:Dataflow", attachment.dataflow, writing.dialect),
        write_reference("str:ProvisionAgreement", attachment.provision_agreement, writing.dialect),
    )
    carried: Carried = {}
    region = admitted_region(availability.cube_region, writing.dialect)
    if region != availability.cube_region:
        carried["cube_region"] = availability.cube_region
    counts = {"seriesCount": _count(availability.series_count), "obsCount": _count(availability.obs_count)}
    return element(
        "str:AvailabilityConstraint",
        counts,
        writing.annotations(availability.annotations, carried),
        element("str:ConstraintAttachment", None, next((reference for reference in references if reference), "")),
        RegionWriter(writing).region(region),
    )


def _count(count: int | None) -> str | None:
    return None if count is None else str(count)
