"""Provision agreements: which provider reports data for which dataflow."""

from __future__ import annotations

from typing import Annotated, ClassVar

from registry.model.base import Maintainable, Reference, To


class ProvisionAgreement(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A provision agreement. Both references are None only in a stub."""

    urn_class: ClassVar[str] = "ProvisionAgreement"

    dataflow: Annotated[Reference, To("Dataflow")] | None = None
    data_provider: Annotated[Reference, To("DataProvider")] | None = None
