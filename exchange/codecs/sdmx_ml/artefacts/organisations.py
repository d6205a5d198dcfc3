"""Organisation schemes (SDMXStructureOrganisation.xsd)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from exchange.codecs.sdmx_ml.artefacts.contacts import read_contacts, write_contact
from exchange.codecs.sdmx_ml.artefacts.items import read_partial, write_item, write_scheme
from exchange.codecs.sdmx_ml.artefacts.shared import read_maintenance, read_naming
from exchange.codecs.sdmx_ml.parsing import Node
from exchange.codecs.sdmx_ml.references import read_local, write_local
from exchange.codecs.sdmx_ml.writing import Carried, Writing, restored
from registry.model.organisations import (
    Agency,
    AgencyScheme,
    DataConsumer,
    DataConsumerScheme,
    DataProvider,
    DataProviderScheme,
    MetadataProvider,
    MetadataProviderScheme,
    Organisation,
    OrganisationUnit,
    OrganisationUnitScheme,
)

_AnyOrganisation = TypeVar("_AnyOrganisation", bound=Organisation)


def _read_organisations(node: Node, name: str, make: Callable[[Node], _AnyOrganisation]) -> tuple[_AnyOrganisation, ...]:
    return tuple([restored(make(child)) for child in node.all(name)])


def _organisation_writer(name: str) -> Callable[[Writing, Organisation, str], str]:
    def write(writing: Writing, organisation: Organisation, stem: str) -> str:
        carried: Carried = {}
        parent = ""
        if isinstance(organisation, OrganisationUnit):
            parent = write_local("str:Parent", organisation.parent, writing.dialect, name)
        contacts = [write_contact(writing, contact) for contact in organisation.contacts]
        return write_item(writing, f"str:{name}", organisation, stem + organisation.id, carried, parent, *contacts)

    return write


_write_agency = _organisation_writer("Agency")
_write_data_provider = _organisation_writer("DataProvider")
_write_data_consumer = _organisation_writer("DataConsumer")
_write_metadata_provider = _organisation_writer("MetadataProvider")
_write_organisation_unit = _organisation_writer("OrganisationUnit")


def read_agency_scheme(node: Node) -> AgencyScheme:
    """An ``AgencyScheme``."""
    agencies = _read_organisations(node, "Agency", lambda item: Agency(**read_naming(item), contacts=read_contacts(item.all("Contact"))))
    return AgencyScheme(**read_maintenance(node), is_partial=read_partial(node), agencies=agencies)


def write_agency_scheme(writing: Writing, scheme: AgencyScheme) -> str:
    """An ``AgencyScheme``."""
    return write_scheme(writing, "str:AgencyScheme", scheme, scheme.agencies, "Agency", _write_agency, is_partial=scheme.is_partial)


def read_data_provider_scheme(node: Node) -> DataProviderScheme:
    """A ``DataProviderScheme``."""
    providers = _read_organisations(
        node, "DataProvider", lambda item: DataProvider(**read_naming(item), contacts=read_contacts(item.all("Contact")))
    )
    return DataProviderScheme(**read_maintenance(node), is_partial=read_partial(node), data_providers=providers)


def write_data_provider_scheme(writing: Writing, scheme: DataProviderScheme) -> str:
    """A ``DataProviderScheme``."""
    return write_scheme(
        writing,
        "str:DataProviderScheme",
        scheme,
        scheme.data_providers,
        "DataProvider",
        _write_data_provider,
        is_partial=scheme.is_partial,
    )


def read_data_consumer_scheme(node: Node) -> DataConsumerScheme:
    """A ``DataConsumerScheme``."""
    consumers = _read_organisations(
        node, "DataConsumer", lambda item: DataConsumer(**read_naming(item), contacts=read_contacts(item.all("Contact")))
    )
    return DataConsumerScheme(**read_maintenance(node), is_partial=read_partial(node), data_consumers=consumers)


def write_data_consumer_scheme(writing: Writing, scheme: DataConsumerScheme) -> str:
    """A ``DataConsumerScheme``."""
    return write_scheme(
        writing,
        "str:DataConsumerScheme",
        scheme,
        scheme.data_consumers,
        "DataConsumer",
        _write_data_consumer,
        is_partial=scheme.is_partial,
    )


def read_metadata_provider_scheme(node: Node) -> MetadataProviderScheme:
    """A ``MetadataProviderScheme``."""
    providers = _read_organisations(
        node, "MetadataProvider", lambda item: MetadataProvider(**read_naming(item), contacts=read_contacts(item.all("Contact")))
    )
    return MetadataProviderScheme(**read_maintenance(node), is_partial=read_partial(node), metadata_providers=providers)


def write_metadata_provider_scheme(writing: Writing, scheme: MetadataProviderScheme) -> str:
    """A ``MetadataProviderScheme``."""
    return write_scheme(
        writing,
        "str:MetadataProviderScheme",
        scheme,
        scheme.metadata_providers,
        "MetadataProvider",
        _write_metadata_provider,
        is_partial=scheme.is_partial,
    )


def read_organisation_unit_scheme(node: Node) -> OrganisationUnitScheme:
    """An ``OrganisationUnitScheme``."""
    units = _read_organisations(node, "OrganisationUnit", _read_unit)
    return OrganisationUnitScheme(**read_maintenance(node), is_partial=read_partial(node), organisation_units=units)


def _read_unit(node: Node) -> OrganisationUnit:
    return OrganisationUnit(**read_naming(node), contacts=read_contacts(node.all("Contact")), parent=read_local(node.one("Parent")))


def write_organisation_unit_scheme(writing: Writing, scheme: OrganisationUnitScheme) -> str:
    """An ``OrganisationUnitScheme``."""
    return write_scheme(
        writing,
        "str:OrganisationUnitScheme",
        scheme,
        scheme.organisation_units,
        "OrganisationUnit",
        _write_organisation_unit,
        is_partial=scheme.is_partial,
    )
