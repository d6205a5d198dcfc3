"""exchange structures: what officers of metadata type, and what they are told."""

import gzip
import http.server
import json
import threading
from functools import partial
from pathlib import Path

import pytest

from registry.model.base import Maintainable
from registry.model.codelists import ValueItem, ValueList
from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, written

SPECIMENS = Path(__file__).parent.parent / "specimens" / "structures"
ALIASES = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-ml-3.1", "sdmx-json-2.0", "sdmx-json-2.1")


def a_family() -> list[Maintainable]:
    area, concepts = a_codelist(), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    return [area, concepts, structure, a_dataflow(structure)]


def test_an_import_prints_one_line_per_artefact(exchange: Command, tmp_path: Path) -> None:
    file = written(tmp_path / "all.xml", *a_family())
    first, second = exchange("structures", "import", file), exchange("structures", "import", file)
    assert {tuple(line.split()) for line in first.lines} == {
        ("added", "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF_WATER(1.0.0)"),
        ("added", "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=CDE:CL_AREA(1.0.0)"),
        ("added", "urn:sdmx:org.sdmx.infomodel.conceptscheme.ConceptScheme=CDE:CS_WATER(1.0.0)"),
        ("added", "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=CDE:DSD_WATER(1.0.0)"),
    }
    assert len(first.lines) == 4
    assert {line.split()[0] for line in second.lines} == {"unchanged"}
    assert (first.code, second.code) == (0, 0)


def test_a_refused_artefact_says_why_and_the_exit_status_is_1(exchange: Command, tmp_path: Path) -> None:
    exchange("structures", "import", written(tmp_path / "a.xml", a_codelist()))
    changed = exchange("structures", "import", written(tmp_path / "b.xml", a_codelist(codes=("KG",)), a_codelist("CL_NEW")))
    assert changed.code == 1
    assert [line.split()[0] for line in changed.lines] == ["refused", "added"]
    assert "raise the version" in changed.lines[0]
    assert "[refused]" in changed.err


def test_a_dry_run_says_the_same_and_stores_nothing(exchange: Command, tmp_path: Path) -> None:
    # The second file changes a stable artefact of the first one, as it would if the first were stored.
    files = [written(tmp_path / "a.xml", a_codelist()), written(tmp_path / "b.xml", a_codelist(codes=("KG",)))]
    dry = exchange("structures", "import", *files, "--dry-run")
    assert exchange("structures", "export", "codelist/*", "--format", "sdmx-ml-3.0").code == 1
    real = exchange("structures", "import", *files)
    assert dry.out == real.out
    assert [line.split()[0] for line in real.lines] == ["added", "refused"]
    assert (dry.code, real.code) == (1, 1)


@pytest.mark.parametrize("reverse", [False, True])
def test_files_of_one_call_may_depend_on_each_other(exchange: Command, tmp_path: Path, reverse: bool) -> None:
    files = [written(tmp_path / f"{number}.xml", artefact) for number, artefact in enumerate(a_family())]
    done = exchange("structures", "import", *(reversed(files) if reverse else files))
    assert done.code == 0
    assert "warning" not in done.out


def test_a_broken_file_is_named_and_the_others_are_imported(exchange: Command, tmp_path: Path) -> None:
    good = written(tmp_path / "good.xml", a_codelist())
    text = good.read_text(encoding="utf-8")
    broken = tmp_path / "broken.xml"
    broken.write_text(text[: len(text) // 2], encoding="utf-8")
    damaged = tmp_path / "damaged.xml.gz"
    damaged.write_bytes(gzip.compress(good.read_bytes())[:-12])
    done = exchange("structures", "import", broken, damaged, tmp_path / "none.xml", tmp_path, good)
    assert done.code == 1
    assert [line.split()[0] for line in done.lines] == ["added"]
    errors = [line for line in done.err.splitlines() if line.startswith("error:")]
    for file, error in zip((broken, damaged, tmp_path / "none.xml", tmp_path), errors, strict=False):
        assert str(file) in error
        assert error.endswith("]")
    assert "line 2" in errors[0]
    assert len(errors) == 5


@pytest.mark.parametrize("alias", ALIASES)
@pytest.mark.parametrize("packed", [False, True])
def test_what_is_exported_can_be_imported(exchange: Command, tmp_path: Path, alias: str, packed: bool) -> None:
    exchange("structures", "import", written(tmp_path / "all.xml", *a_family()))
    file = tmp_path / "exported"
    done = exchange("structures", "export", "dataflow/CDE/DF_WATER/~?references=all", "--format", alias, "-o", file)
    assert done.out.startswith(f"{file}: 4 artefacts")
    if packed:
        file.write_bytes(gzip.compress(file.read_bytes()))
    elsewhere = exchange("structures", "import", file, EXCHANGE_HOME=str(tmp_path / "other"))
    assert [line.split()[0] for line in elsewhere.lines] == ["added"] * 4
    assert [line.split()[0] for line in exchange("structures", "import", file).lines] == ["unchanged"] * 4


def test_an_export_without_a_file_goes_to_standard_output(exchange: Command, tmp_path: Path) -> None:
    exchange("structures", "import", written(tmp_path / "all.xml", *a_family()))
    done = exchange("structures", "export", "structure/codelist/*/CL_AREA/*", "--format", "sdmx-json-2.0")
    assert (done.code, done.out[0], done.err) == (0, "{", "")


@pytest.mark.parametrize(
    ("query", "alias", "code"),
    [
        ("codelist/SDMX/CL_NONE/*", "sdmx-ml-3.0", "nothing-found"),
        ("codelists", "sdmx-ml-3.0", "invalid-query"),
        ("codelist/*?detail=x", "sdmx-ml-3.0", "invalid-query"),
        ("codelist/*", "sdmx-csv-1.0", "unknown-format"),
        ("codelist/*", "excel", "unknown-format"),
    ],
)
def test_an_export_that_cannot_be_says_what_is_wrong(exchange: Command, tmp_path: Path, query: str, alias: str, code: str) -> None:
    file = tmp_path / "out.xml"
    done = exchange("structures", "export", query, "--format", alias, "-o", file)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert done.err.rstrip().endswith(f"[{code}]")
    assert not file.exists()


def test_structures_come_from_other_services(exchange: Command, tmp_path: Path) -> None:
    written(tmp_path / "all.xml", *a_family())
    handler = partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        done = exchange("structures", "import", f"{root}/all.xml", f"{root}/none.xml", EXCHANGE_HARVEST_PRIVATE="true")
        server.shutdown()
    assert done.code == 1
    assert [line.split()[0] for line in done.lines] == ["added"] * 4
    assert "none.xml: the service answered 404" in done.err


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that the base class gives
        pass


def test_the_structures_of_kyrgyzstan_and_rwanda_come_and_go(exchange: Command, tmp_path: Path) -> None:
    files = [SPECIMENS / "kg_nsc_sdg_1.5.xml.gz", SPECIMENS / "nisr_sdgs_sdg_1.3.xml.gz"]
    assert exchange("structures", "import", *files).code == 0
    file = tmp_path / "kg.json"
    query = "dataflow/KG_NSC/DF_SDG_KG/~?references=descendants"
    assert exchange("structures", "export", query, "--format", "sdmx-json-2.1", "-o", file).code == 0
    again = exchange("structures", "import", file)
    assert {line.split()[0] for line in again.lines} == {"unchanged"}
    assert len(again.lines) > 20


def test_an_export_names_what_the_format_cannot_carry_and_counts_what_is_there(exchange: Command, tmp_path: Path) -> None:
    values = ValueList(id="VL", agency_id="CDE", version="1.0", names={"en": "Sizes"}, value_items=(ValueItem(id="< 5"),))
    exchange("structures", "import", written(tmp_path / "all.xml", a_codelist(), values))
    file = tmp_path / "out.xml"
    done = exchange("structures", "export", "*", "--format", "sdmx-ml-2.1", "-o", file)
    assert done.code == 0
    assert done.out.startswith(f"{file}: 1 artefacts (1 left out)")
    assert "ValueList CDE:VL(1.0)" in done.err
    assert "no-place-artefact" in done.err
    assert "ValueList CDE:VL(1.0)" in file.read_text(encoding="utf-8").split("Footer")[1]


def test_an_export_of_which_nothing_is_left_fails_and_writes_no_file(exchange: Command, tmp_path: Path) -> None:
    values = ValueList(id="VL", agency_id="CDE", version="1.0", names={"en": "Sizes"}, value_items=(ValueItem(id="< 5"),))
    exchange("structures", "import", written(tmp_path / "all.xml", values))
    done = exchange("structures", "export", "valuelist/*", "--format", "sdmx-ml-2.1", "-o", tmp_path / "out.xml")
    assert done.code == 1
    assert "[not-acceptable]" in done.err
    assert not (tmp_path / "out.xml").exists()


@pytest.mark.parametrize("held", ["hierarchies", "availability", "nothing"])
def test_a_message_of_which_nothing_can_be_stored_has_exit_status_1(exchange: Command, tmp_path: Path, held: str) -> None:
    data = {
        "hierarchies": {"hierarchies": [{"id": "H", "agencyID": "CDE", "version": "1.0", "name": "H"}]},
        "availability": {
            "availabilityConstraints": [
                {
                    "constraintAttachment": {"dataflow": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=CDE:DF(1.0)"},
                    "cubeRegion": {"keyValues": [{"id": "A", "values": ["B"]}]},
                }
            ]
        },
        "nothing": {},
    }[held]
    file = tmp_path / "strange.json"
    meta = {"id": "x", "test": False, "prepared": "2020-01-01T00:00:00Z", "sender": {"id": "x"}}
    file.write_text(json.dumps({"$schema": "https://json.sdmx.org/2.1/sdmx-json-structure-schema.json", "meta": meta, "data": data}))
    done = exchange("structures", "import", file)
    assert done.code == 1
    assert "nothing was stored" in done.err


def test_a_message_with_something_to_store_beside_strangers_is_imported_with_a_warning(exchange: Command, tmp_path: Path) -> None:
    file = written(tmp_path / "a.xml", a_codelist())
    text = file.read_text(encoding="utf-8")
    added = '<str:Hierarchies><str:Hierarchy id="H" agencyID="CDE" version="1.0"/></str:Hierarchies></mes:Structures>'
    file.write_text(text.replace("</mes:Structures>", added), encoding="utf-8")
    done = exchange("structures", "import", file)
    assert done.code == 0
    assert [line.split()[0] for line in done.lines] == ["added"]
    assert "Hierarchy CDE:H(1.0)" in done.err
