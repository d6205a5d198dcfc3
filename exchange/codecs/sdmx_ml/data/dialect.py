"""What differs between the versions of SDMX-ML in data messages, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from exchange.codecs.sdmx_ml.dialect import SDMX_ML_2_1, SDMX_ML_3_0, SDMX_ML_3_1, XmlDialect
from exchange.observations.ports import Action


@dataclass(frozen=True, slots=True)
class XmlDataDialect:
    """One version of SDMX-ML data.

    Attributes:
        base: Namespaces and reference style.
        actions: How the actions are called. Before 3.1 there is no merge; append comes nearest.
        has_components: ``Comp`` elements for values that do not fit an XML attribute, and ``Atts`` for attributes of the dataset.
            Otherwise a cell holds one text, and attributes of the dataset are XML attributes of ``DataSet``.
        has_missing: Values that are missing on purpose have a token of their own, ``#N/A``. Otherwise they are left out, but for
            ``NaN``, which is a binary number in every version.
        data_scope: ``dataScope``, where datasets have to state it.
    """

    base: XmlDialect
    actions: Mapping[Action, str]
    has_components: bool
    has_missing: bool
    data_scope: str | None = None


_MERGE_IS_APPEND: Final = MappingProxyType(
    {Action.MERGE: "Append", Action.APPEND: "Append", Action.REPLACE: "Replace", Action.DELETE: "Delete"}
)

DATA_2_1: Final = XmlDataDialect(SDMX_ML_2_1, _MERGE_IS_APPEND, has_components=False, has_missing=False, data_scope="DataStructure")
DATA_3_0: Final = XmlDataDialect(SDMX_ML_3_0, _MERGE_IS_APPEND, has_components=True, has_missing=False)
DATA_3_1: Final = XmlDataDialect(
    SDMX_ML_3_1,
    MappingProxyType({**_MERGE_IS_APPEND, Action.MERGE: "Merge"}),
    has_components=True,
    has_missing=True,
)
