"""Structures as real registries export them: imported, and served back artefact by artefact."""

import os
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from exchange.app import create_app
from exchange.codecs.catalogue import default_catalogue
from exchange.codecs.negotiation.media_types import STRUCTURE_ML_3_1
from exchange.codecs.unpacking import MessageLimits
from exchange.services.loading import decode_structures
from exchange.settings import Settings
from registry.imports.apply import import_structures
from registry.model.families import family_of
from tests.rest.conftest import services_of

VENDORED = sorted((Path(__file__).parents[1] / "specimens" / "structures").glob("*.gz"))
EXTRA = Path(os.environ.get("EXCHANGE_EXTRA_DATA", "")).parent / "sdmx"
#: A data message that lies among the structures.
DATA = "Kenya_KE1.xml"
OTHERS = (
    [p for p in sorted(EXTRA.rglob("*")) if p.suffix in {".xml", ".json"} and p.name != DATA] if "EXCHANGE_EXTRA_DATA" in os.environ else []
)


@pytest.mark.parametrize("path", [*VENDORED, *OTHERS], ids=lambda path: path.name)
def test_what_a_registry_exported_is_imported_and_served_back(path: Path, tmp_path: Path) -> None:
    read = decode_structures(default_catalogue(), path.read_bytes(), path.name, MessageLimits())
    artefacts = read.message.artefacts
    assert artefacts
    assert not [finding for finding in read.findings if finding.severity.value == "error"]
    with TestClient(create_app(Settings(home=tmp_path))) as client:
        services = services_of(client)
        report = import_structures(services.artefacts, artefacts)
        assert not report.refused, report.lines
        codec = services.codecs.structure(STRUCTURE_ML_3_1)
        for artefact in artefacts:
            resource = family_of(type(artefact)).resource
            target = f"/sdmx/v2/structure/{resource}/{artefact.agency_id}/{artefact.id}/{artefact.version}?format=sdmx-ml-3.1"
            answer = client.get(target)
            assert answer.status_code == 200, target
            assert codec.decode(answer.content).message.artefacts == (artefact,), target
