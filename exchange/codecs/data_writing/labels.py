"""Names in the language a client prefers, and the labels of coded values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from exchange.codecs.negotiation.languages import lookup
from registry.data_schema import SchemaComponent


def best_match(names: Mapping[str, str], languages: Sequence[str], default: str = "") -> str:
    """The text in the language that suits best (see :func:`exchange.codecs.negotiation.languages.lookup`)."""
    tag = lookup(names, languages)
    return default if tag is None else names[tag]


def code_labels(component: SchemaComponent, languages: Sequence[str]) -> tuple[pl.Series, pl.Series]:
    """Ids and names of the codes of a component; both empty when it is not coded."""
    names = component.code_names
    labels = [best_match(texts, languages, default=code) for code, texts in names.items()]
    return pl.Series(list(names), dtype=pl.String), pl.Series(labels, dtype=pl.String)
