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
            Otherwise several values are joined by a semicolon, multilingual text is written in the preferred language, and attributes
            of the dataset are XML attributes of ``DataSet``.
        data_scope: ``dataScope``, where datasets have to state it.
    """

    base: XmlDialect
    actions: Mapping[Action, str]
    has_components: bool
    data_scope: str | None = None


_MERGE_IS_APPEND: Final = MappingProxyType(
    {Action.MERGE: "Append", Action.APPEND: "Append", Action.REPLACE: "Replace", Action.DELETE: "Delete"}
)

DATA_2_1: Final = XmlDataDialect(SDMX_ML_2_1, _MERGE_IS_APPEND, has_components=False, data_scope="DataStructure")
DATA_3_0: Final = XmlDataDialect(SDMX_ML_3_0, _MERGE_IS_APPEND, has_components=True)
DATA_3_1: Final = XmlDataDialect(
    SDMX_ML_3_1,
    MappingProxyType({**_MERGE_IS_APPEND, Action.MERGE: "Merge"}),
    has_components=True,
)
