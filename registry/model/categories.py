"""Category schemes and categorisations."""

from __future__ import annotations

from typing import Annotated, ClassVar

from registry.model.base import Maintainable, Nameable, Reference, To


class Category(Nameable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A category; children are nested, so its URN holds the path of ids."""

    urn_class: ClassVar[str] = "Category"

    categories: tuple[Category, ...] = ()


class CategoryScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A tree of categories."""

    urn_class: ClassVar[str] = "CategoryScheme"

    is_partial: bool = False
    categories: tuple[Category, ...] = ()


class Categorisation(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Puts an artefact (``source``) under a category (``target``). Version ``1.0`` by the rule of SDMX 3.1."""

    urn_class: ClassVar[str] = "Categorisation"

    source: Reference | None = None
    target: Annotated[Reference, To("Category")] | None = None
