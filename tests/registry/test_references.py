"""From references to artefacts: items, agencies, wildcards, stability."""

from __future__ import annotations

import pytest

from registry.model.identity import Urn
from registry.references.resolve import ReferenceIndex, agency_reference

STABLE = Urn("DataStructure", "CDE", "DSD", "1.0.0")
DRAFT = Urn("DataStructure", "CDE", "DSD", "1.0.0-draft")
LEGACY = Urn("DataStructure", "CDE", "DSD", "1.0")


def codelist(version: str, name: str = "CL", agency: str = "CDE") -> Urn:
    return Urn("Codelist", agency, name, version)


VERSIONS = ["1.0", "0.9.0", "1.9.0", "1.9.1", "1.10.0", "2.0.0", "2.1.0-draft", "3.0.0-draft"]
INDEX = ReferenceIndex.over(map(codelist, VERSIONS))


@pytest.mark.parametrize(
    ("written", "referrer", "found"),
    [
        ("1.9.0", STABLE, "1.9.0"),
        ("1.0", STABLE, "1.0"),
        ("1.0.0", STABLE, None),
        ("1.9.0+", STABLE, "1.9.1"),
        ("1.9+.0", STABLE, "1.10.0"),
        ("1+.9.0", STABLE, "2.0.0"),
        ("1+.9.0", DRAFT, "3.0.0-draft"),
        ("1+.9.0", LEGACY, "2.0.0"),
        ("2.1+.0", STABLE, None),
        ("2.1+.0", DRAFT, "2.1.0-draft"),
        ("2.1+.0", LEGACY, "2.1.0-draft"),
        ("2.1.0-draft", STABLE, "2.1.0-draft"),
    ],
)
def test_reference_means_the_latest_version_it_admits(written: str, referrer: Urn, found: str | None) -> None:
    resolved = INDEX.resolve(codelist(written), referrer=referrer)
    assert [urn.version for urn in resolved] == ([found] if found else [])
    assert INDEX.resolve_one(codelist(written), referrer=referrer) == (codelist(found) if found else None)


def test_star_means_all_versions() -> None:
    assert [urn.version for urn in INDEX.resolve(codelist("*"), referrer=LEGACY)] == [
        "0.9.0", "1.0", "1.9.0", "1.9.1", "1.10.0", "2.0.0", "2.1.0-draft", "3.0.0-draft",
    ]  # fmt: skip


def test_ids_and_agencies_may_be_left_open() -> None:
    index = ReferenceIndex.over([codelist("1.0.0", "A"), codelist("1.0.0", "B"), codelist("1.0.0", "A", "OTHER")])
    assert set(index.resolve(codelist("*", "*"), referrer=LEGACY)) == {codelist("1.0.0", "A"), codelist("1.0.0", "B")}


@pytest.mark.parametrize(
    ("item", "holder"),
    [
        (Urn("Code", "CDE", "CL", "2.0.0", "A"), codelist("2.0.0")),
        (Urn("Concept", "CDE", "CS", "1.0", "AREA"), Urn("ConceptScheme", "CDE", "CS", "1.0")),
        (Urn("Category", "CDE", "CAT", "1.0", "ENV.WATER"), Urn("CategoryScheme", "CDE", "CAT", "1.0")),
        (Urn("DataProvider", "CDE", "DATA_PROVIDERS", "1.0", "CSO"), Urn("DataProviderScheme", "CDE", "DATA_PROVIDERS", "1.0")),
        (Urn("Dimension", "CDE", "DSD", "1.0", "FREQ"), Urn("DataStructure", "CDE", "DSD", "1.0")),
    ],
)
def test_reference_to_an_item_means_its_scheme(item: Urn, holder: Urn) -> None:
    assert ReferenceIndex.over([holder]).resolve(item, referrer=STABLE) == (holder,)


@pytest.mark.parametrize(
    ("agency", "scheme", "item"),
    [("SDMX", "SDMX", "SDMX"), ("BIS", "SDMX", "BIS"), ("BIS.XTD", "BIS", "XTD"), ("BIS.XTD.A", "BIS.XTD", "A")],
)
def test_agency_stands_in_the_scheme_of_its_parent(agency: str, scheme: str, item: str) -> None:
    assert agency_reference(agency) == Urn("Agency", scheme, "AGENCIES", "1.0", item)


def test_a_version_that_no_reference_may_have_means_nothing() -> None:
    assert INDEX.resolve(codelist("~"), referrer=STABLE) == ()
