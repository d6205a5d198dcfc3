"""Organisation schemes: agencies, data providers, data consumers, metadata providers, organisation units."""

from __future__ import annotations

from typing import ClassVar

from registry.model.base import Maintainable, Nameable, SdmxStruct


class Contact(SdmxStruct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How to reach an organisation; each kind of address may occur several times."""

    id: str | None = None
    names: dict[str, str] = {}
    departments: dict[str, str] = {}
    roles: dict[str, str] = {}
    telephones: tuple[str, ...] = ()
    faxes: tuple[str, ...] = ()
    x400s: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class Organisation(Nameable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Common part of all organisations."""

    contacts: tuple[Contact, ...] = ()


class Agency(Organisation, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A maintenance agency; its full id is the dotted path below the SDMX root scheme."""

    urn_class: ClassVar[str] = "Agency"


class DataProvider(Organisation, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An organisation that reports data."""

    urn_class: ClassVar[str] = "DataProvider"


class DataConsumer(Organisation, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An organisation that uses data."""

    urn_class: ClassVar[str] = "DataConsumer"


class MetadataProvider(Organisation, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An organisation that reports reference metadata."""

    urn_class: ClassVar[str] = "MetadataProvider"


class OrganisationUnit(Organisation, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A unit of an organisation; ``parent`` is the id of another unit of the same scheme."""

    urn_class: ClassVar[str] = "OrganisationUnit"

    parent: str | None = None


class AgencyScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The sub-agencies of an agency. Fixed id ``AGENCIES``, fixed version ``1.0``."""

    urn_class: ClassVar[str] = "AgencyScheme"

    is_partial: bool = False
    agencies: tuple[Agency, ...] = ()


class DataProviderScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The data providers known to an agency. Fixed id ``DATA_PROVIDERS``, fixed version ``1.0``."""

    urn_class: ClassVar[str] = "DataProviderScheme"

    is_partial: bool = False
    data_providers: tuple[DataProvider, ...] = ()


class DataConsumerScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The data consumers known to an agency. Fixed id ``DATA_CONSUMERS``, fixed version ``1.0``."""

    urn_class: ClassVar[str] = "DataConsumerScheme"

    is_partial: bool = False
    data_consumers: tuple[DataConsumer, ...] = ()


class MetadataProviderScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The metadata providers known to an agency. Fixed id ``METADATA_PROVIDERS``, fixed version ``1.0``."""

    urn_class: ClassVar[str] = "MetadataProviderScheme"

    is_partial: bool = False
    metadata_providers: tuple[MetadataProvider, ...] = ()


class OrganisationUnitScheme(Maintainable, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The units of an organisation."""

    urn_class: ClassVar[str] = "OrganisationUnitScheme"

    is_partial: bool = False
    organisation_units: tuple[OrganisationUnit, ...] = ()
