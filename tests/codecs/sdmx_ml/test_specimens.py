"""Genuine messages are read whole, written validly in every version, and come back as they were."""

from __future__ import annotations

import gzip
import hashlib
import os
import tomllib
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from exchange.codecs.ports import ReadStructures, StructureOptions
from exchange.codecs.sdmx_ml.dialect import DIALECTS, SDMX_ML_2_1, SDMX_ML_3_1, XmlDialect
from exchange.codecs.sdmx_ml.structure_message import SdmxMlStructureCodec
from registry.findings import Severity
from registry.model.codelists import Codelist
from registry.model.identity import Urn
from registry.model.messages import StructureMessage
from registry.model.structures import DataStructure

FOLDER = Path(__file__).parents[2] / "specimens" / "structures"
SPECIMENS: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "SPECIMENS.toml").read_text())
OPTIONS = StructureOptions()


def extra_files() -> list[Path]:
    """Files that may not be distributed with the project, if they are there."""
    extra = os.environ.get("EXCHANGE_EXTRA_DATA")
    folder = Path(extra).resolve().parent / "sdmx" if extra else None
    known = {specimen["sha256"] for specimen in SPECIMENS.values()}
    files = sorted(folder.rglob("*.xml")) if folder is not None and folder.is_dir() else []
    return [path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() not in known]


def content_of(name: str) -> bytes:
    return gzip.decompress((FOLDER / SPECIMENS[name]["file"]).read_bytes())


def read(name: str) -> ReadStructures:
    return SdmxMlStructureCodec().decode(content_of(name))


def by_urn(message: StructureMessage) -> dict[str, object]:
    return {f"{type(artefact).__name__} {Urn.of(artefact)}": artefact for artefact in message.artefacts}


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_is_the_file_it_says(name: str) -> None:
    assert hashlib.sha256(content_of(name)).hexdigest() == SPECIMENS[name]["sha256"]


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_is_read_whole(name: str) -> None:
    result = read(name)
    assert Counter(type(artefact).__name__ for artefact in result.message.artefacts) == SPECIMENS[name]["holds"]
    assert not result.findings


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_comes_back_from_every_version(
    name: str, dialect: XmlDialect, assert_valid: Callable[[bytes, XmlDialect], None]
) -> None:
    message = read(name).message
    codec = SdmxMlStructureCodec(dialect)
    content, losses = codec.write(message, OPTIONS)
    assert_valid(content, dialect)
    assert {loss.code for loss in losses} <= {"parent-in-annotation"}
    assert by_urn(codec.decode(content).message) == by_urn(message)


@pytest.mark.skipif(not extra_files(), reason="the folder 'sdmx' beside the folder EXCHANGE_EXTRA_DATA is not there")
def test_files_that_are_not_distributed_are_read_and_written(assert_valid: Callable[[bytes, XmlDialect], None]) -> None:
    structures = [path for path in extra_files() if b"Structures>" in path.read_bytes()]
    assert structures
    for path in structures:
        result = SdmxMlStructureCodec().decode(path.read_bytes())
        assert result.message.artefacts, path.name
        assert not [finding for finding in result.findings if finding.severity is Severity.ERROR], path.name
        for dialect in DIALECTS:
            assert_valid(SdmxMlStructureCodec(dialect).write(result.message, OPTIONS).content, dialect)
        codec = SdmxMlStructureCodec(SDMX_ML_3_1)
        assert by_urn(codec.decode(codec.write(result.message, OPTIONS).content).message) == by_urn(result.message), path.name


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
@pytest.mark.parametrize("name", ["kg_nsc_sdg_1.5"])
def test_pysdmx_reads_what_we_write(name: str, dialect: XmlDialect) -> None:
    from pysdmx.io import read_sdmx  # noqa: PLC0415 - slow to import, and an oracle only

    message = read(name).message
    theirs = read_sdmx(SdmxMlStructureCodec(dialect).write(message, OPTIONS).content.decode()).structures
    ours = {(type(artefact).__name__, artefact.agency_id, artefact.id, artefact.version) for artefact in message.artefacts}
    kinds = {"DataStructureDefinition": "DataStructure"}
    found = {(kinds.get(type(s).__name__, type(s).__name__), str(getattr(s.agency, "id", s.agency)), s.id, s.version) for s in theirs}
    assert found == ours
    codes = {artefact.id: len(artefact.codes) for artefact in message.artefacts if isinstance(artefact, Codelist)}
    assert {s.id: len(s.items) for s in theirs if type(s).__name__ == "Codelist"} == codes


@pytest.mark.parametrize("name", ["nisr_sdgs_sdg_1.3"])
def test_sdmx1_reads_what_we_write_in_2_1(name: str) -> None:
    import sdmx  # noqa: PLC0415 - slow to import, and an oracle only

    message = read(name).message
    content = SdmxMlStructureCodec(SDMX_ML_2_1).write(message, OPTIONS).content
    theirs = sdmx.read_sdmx(BytesIO(content))
    codes = {artefact.id: len(artefact.codes) for artefact in message.artefacts if isinstance(artefact, Codelist)}
    assert {codelist.id: len(codelist.items) for codelist in theirs.codelist.values()} == codes
    (structure,) = [artefact for artefact in message.artefacts if isinstance(artefact, DataStructure)]
    assert structure.data_structure_components
    (read_back,) = theirs.structure.values()
    assert [d.id for d in read_back.dimensions.components] == [
        *[d.id for d in structure.data_structure_components.dimension_list.dimensions],
        "TIME_PERIOD",
    ]
