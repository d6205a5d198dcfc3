"""What SDMX-JSON 1.0 writes in another layout than 2.0, brought into that of 2.0 in place; messages that say 2.0 may have it too.

Services moved from 1.0 to 2.0 one property at a time, so the layout is recognised object by object and not by the version of the message.
What cannot be brought over stays as it is, and the reader refuses the artefact because it does not know the property.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from registry.model.base import SdmxStruct
from registry.model.constraints import ComponentSelection, ConstraintAttachment, CubeRegion, DataConstraint, DataKeySet
from registry.model.provision import ProvisionAgreement
from registry.model.structures import (
    Attribute,
    AttributeList,
    AttributeRelationship,
    Dimension,
    DimensionList,
    Measure,
    MeasureList,
    TimeDimension,
)

Document = dict[str, Any]

#: Role that marks the measure dimension of SDMX 2.1 (Section 6, concept roles).
MEASURE_ROLE: Final = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=SDMX:SDMX_CONCEPT_ROLES(1.0).MEASURE"


def _dimension_list(document: Document) -> None:
    times = document.get("timeDimensions")
    if isinstance(times, list) and len(times) < 2 and "timeDimension" not in document:
        del document["timeDimensions"]
        if times:
            document["timeDimension"] = times[0]
    measures = document.get("measureDimensions")
    if isinstance(measures, list) and all(isinstance(measure, dict) for measure in measures):
        del document["measureDimensions"]
        marked = [{**measure, "type": "MeasureDimension"} for measure in measures]
        document["dimensions"] = _in_order([*(document.get("dimensions") or ()), *marked])


def _in_order(dimensions: list[Any]) -> list[Any]:
    """Dimensions by position, when every one has it."""
    if not all(isinstance(dimension, dict) and isinstance(dimension.get("position"), int) for dimension in dimensions):
        return dimensions
    return sorted(dimensions, key=lambda dimension: int(dimension["position"]))


def _dimension(document: Document) -> None:
    if document.get("type") in {"Dimension", "TimeDimension"}:
        del document["type"]
    elif document.get("type") == "MeasureDimension":
        del document["type"]
        if MEASURE_ROLE not in (document.get("conceptRoles") or ()):
            document["conceptRoles"] = [*(document.get("conceptRoles") or ()), MEASURE_ROLE]


def _time_dimension(document: Document) -> None:
    """It always comes last, so its position says nothing."""
    _dimension(document)
    if isinstance(document.get("position"), int):
        del document["position"]


def _measure_list(document: Document) -> None:
    primary = document.get("primaryMeasure")
    if isinstance(primary, dict) and not document.get("measures"):
        del document["primaryMeasure"]
        document["measures"] = [{"id": "OBS_VALUE", **primary}]


def _attribute_list(document: Document) -> None:
    days = document.get("reportingYearStartDays")
    if isinstance(days, list) and all(isinstance(day, dict) for day in days):
        del document["reportingYearStartDays"]
        document["attributes"] = [
            *(document.get("attributes") or ()),
            *({"id": "REPORTING_YEAR_START_DAY", **day} for day in days),
        ]


def _usage(document: Document) -> None:
    usage = {"Mandatory": "mandatory", "Conditional": "optional"}.get(str(document.get("assignmentStatus")))
    if usage is not None:
        del document["assignmentStatus"]
        document.setdefault("usage", usage)


def _relationship(document: Document) -> None:
    groups = document.get("attachmentGroups")
    if isinstance(groups, list) and (document.get("dimensions") or not groups):
        del document["attachmentGroups"]  # redundant with the dimensions beside them
    elif isinstance(groups, list) and len(groups) == 1:
        document["group"] = document.pop("attachmentGroups")[0]
    if "none" in document:
        del document["none"]
        document["dataflow"] = {}
    if "primaryMeasure" in document:
        del document["primaryMeasure"]
        document["observation"] = {}


def _role(document: Document) -> None:
    if document.get("type") in {"Allowed", "Actual"}:
        document.setdefault("x-role", document.pop("type"))


def _attachment(document: Document) -> None:
    if isinstance(document.get("simpleDataSource"), str):
        document["x-simpleDataSources"] = [document.pop("simpleDataSource")]


def _region(document: Document) -> None:
    _rename(document, "isIncluded", "include")
    _rename(document, "attributes", "components")


def _agreement(document: Document) -> None:
    _rename(document, "structureUsage", "dataflow")


def _key_set(document: Document) -> None:
    _rename(document, "include", "isIncluded")


def _selection(document: Document) -> None:
    _rename(document, "isIncluded", "include")
    cascading = document.get("cascadeValues")
    values = document.get("values")
    if isinstance(cascading, list) and isinstance(values, list) and {*map(str, cascading)} <= {*map(str, values)}:
        del document["cascadeValues"]
        document["values"] = [{"value": str(value), "cascadeValues": True} if value in cascading else value for value in values]


def _rename(document: Document, old: str, new: str) -> None:
    if old in document and new not in document:
        document[new] = document.pop(old)


#: By the model class that the object becomes.
OLDER_LAYOUTS: Final[dict[type[SdmxStruct], Callable[[Document], None]]] = {
    DimensionList: _dimension_list,
    Dimension: _dimension,
    TimeDimension: _time_dimension,
    MeasureList: _measure_list,
    AttributeList: _attribute_list,
    Attribute: _usage,
    Measure: _usage,
    AttributeRelationship: _relationship,
    DataConstraint: _role,
    ConstraintAttachment: _attachment,
    CubeRegion: _region,
    DataKeySet: _key_set,
    ComponentSelection: _selection,
    ProvisionAgreement: _agreement,
}
