"""``structures build``: codelists, concept schemes and dataflows from a YAML file, without a recipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exchange.codecs.catalogue import default_catalogue
from tests.cli.conftest import Command
from tests.mappings.conftest import EXAMPLES, STRUCTURES

HEAD = "structures: 1\nagency: MY_ORG\nversion: 1.0.0\n"
CODELIST = f"""{HEAD}codelists:
  CL_SOURCE:
    names: {{en: Sources, fr: Sources}}
    codes: {{IMP: Improved, TAP: {{names: {{en: Tap, fr: Robinet}}, parent: IMP}}}}
"""
CONCEPTS = HEAD + "concept_scheme: {id: CS, names: {en: Concepts}, concepts: {AREA: Area}}\n"
ON_EXISTING = HEAD + "data_structure: LOCAL:DSD(1.0.0)\ndataflow: {id: DF_OURS, names: {en: Ours}}\n"


def yaml(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("alias", [known.alias for known in default_catalogue().structure_formats])
@pytest.mark.parametrize(
    ("text", "urn"),
    [
        (CODELIST, "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=MY_ORG:CL_SOURCE(1.0.0)"),
        (CONCEPTS, "urn:sdmx:org.sdmx.infomodel.conceptscheme.ConceptScheme=MY_ORG:CS(1.0.0)"),
    ],
)
def test_one_artefact_is_built_and_imported_in_every_format(tmp_path: Path, exchange: Command, alias: str, text: str, urn: str) -> None:
    message = tmp_path / "message"
    built = exchange("structures", "build", yaml(tmp_path, text), "--format", alias, "-o", message)
    assert (built.code, built.err) == (0, "")
    assert f"{message}: 1 artefacts, " in built.out
    assert exchange("structures", "import", message).out == f"added     {urn}\n"


def test_without_output_the_message_goes_to_standard_output(tmp_path: Path, exchange: Command) -> None:
    assert '"CL_SOURCE"' in exchange("structures", "build", yaml(tmp_path, CODELIST)).out


def test_a_dataflow_stands_on_a_data_structure_of_the_registry(tmp_path: Path, exchange: Command) -> None:
    path, message = tmp_path / "own.yaml", tmp_path / "message.json"
    assert exchange("structures", "build", yaml(tmp_path, ON_EXISTING), "-o", message).code == 0
    assert "dangling-reference" in exchange("structures", "import", message, "--dry-run").out
    path.write_text(STRUCTURES, encoding="utf-8")
    assert exchange("structures", "import", EXAMPLES / "shared" / "sdmx_cross_domain.xml").code == 0
    assert exchange("structures", "build", path, "-o", tmp_path / "own.json").code == 0
    imported = exchange("structures", "import", tmp_path / "own.json", message)
    assert (imported.code, "dangling" in imported.out) == (0, False)
    exported = exchange("structures", "export", "dataflow/MY_ORG/DF_OURS/1.0.0?references=children", "--format", "sdmx-json-2.1")
    assert "DataStructure=LOCAL:DSD(1.0.0)" in exported.out


def test_what_a_format_cannot_carry_is_named(tmp_path: Path, exchange: Command) -> None:
    path = yaml(tmp_path, STRUCTURES.replace("OBS_VALUE:", "AMOUNT:").replace("SIZE: Size", "SIZE: Size, AMOUNT: Amount"))
    built = exchange("structures", "build", path, "--format", "sdmx-ml-2.1", "-o", tmp_path / "message.xml")
    assert (built.code, "measure-renamed" in built.err) == (0, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD, "mine.yaml:1: describes nothing"),
        (HEAD + "codelist: {}\n", "mine.yaml:4: codelist: is not a key here; did you mean 'codelists'?"),
        (HEAD.replace("1.0.0", "one") + "codelists: {}\n", "mine.yaml:3: version: 'one' is not a version"),
        (HEAD.replace("MY_ORG", "SDMX") + "codelists: {}\n", "mine.yaml:2: agency: SDMX maintains its own artefacts"),
        (HEAD + "dataflow: {id: DF, names: {en: F}}\n", "mine.yaml:4: dataflow: needs a data structure"),
        (
            HEAD + "data_structure: DSD\ndataflow: {id: DF, names: {en: F}}\n",
            "mine.yaml:4: data_structure: 'DSD' should be AGENCY:ID(VERSION)",
        ),
        (
            HEAD + "data_structure: A:DSD(one)\ndataflow: {id: DF, names: {en: F}}\n",
            "mine.yaml:4: data_structure: 'A:DSD(one)' names nothing",
        ),
        (
            HEAD + "codelists:\n  CL:\n    names: {en: X}\n    codes: {'A B': x}\n",
            "mine.yaml:7: codelists.CL.codes.A B: 'A B' has the wrong form",
        ),
        (
            HEAD + "codelists:\n  CL: {names: {en: X}, codes_file: {file: no.csv, id: a, names: b}}\n",
            "mine.yaml:5: codelists.CL.codes_file: no.csv",
        ),
        (
            CONCEPTS + "data_structure:\n  id: D\n  names: {en: D}\n  dimensions: {AREA: {type: Strng}}\n  measures: {AREA: {}}\n",
            "mine.yaml:8: data_structure.dimensions.AREA.type: 'Strng' is no data type of SDMX; did you mean String?",
        ),
        (
            HEAD + "data_structure:\n  id: D\n  names: {en: D}\n  dimensions: {AREA: {}}\n  measures: {M: {}}\n",
            "mine.yaml:7: data_structure.dimensions.AREA: there is no concept 'AREA' here; add a concept_scheme",
        ),
        ("only text\n", "mine.yaml:1: should have keys with values"),
    ],
)
def test_problems_are_told_with_file_and_line(tmp_path: Path, exchange: Command, text: str, problem: str) -> None:
    built = exchange("structures", "build", yaml(tmp_path, text), "-o", tmp_path / "message.json")
    assert built.code != 0
    assert re.sub(r"\s+", " ", problem) in re.sub(r"\s+", " ", built.err)
    assert not (tmp_path / "message.json").exists()


def test_the_structures_file_of_the_readme_is_built(tmp_path: Path, exchange: Command) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(# my_structures.yaml\n.*?)```", readme, flags=re.DOTALL)
    (tmp_path / "districts.csv").write_text("code,name\nN,North\n", encoding="utf-8")
    built = exchange("structures", "build", yaml(tmp_path, text), "-o", tmp_path / "message.json")
    assert (built.code, "2 artefacts" in built.out) == (0, True)
