"""What only a process shows: interrupts, taken ports, several at once, one killed, several workers on PostgreSQL."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from threading import Timer
from urllib.request import urlopen

import polars as pl
import pytest

from tests.builders import a_codelist, a_concept_scheme, a_data_structure, a_dataflow, enumerated
from tests.cli.conftest import Command, serving, started, written

FLOW = "CDE:DF_WATER(1.0.0)"


@pytest.fixture
def structures(tmp_path: Path) -> Path:
    area, concepts = a_codelist(codes=[f"A{number}" for number in range(400)]), a_concept_scheme()
    structure = a_data_structure(concepts, {"AREA": enumerated(area)})
    return written(tmp_path / "structures.xml", area, concepts, structure, a_dataflow(structure))


def data(path: Path, areas: range, periods: int = 100) -> Path:
    rows = pl.DataFrame({"AREA": [f"A{number}" for number in areas]}).join(
        pl.DataFrame({"TIME_PERIOD": [f"{1900 + year}" for year in range(periods)]}), how="cross"
    )
    structure = [pl.lit("dataflow").alias("STRUCTURE"), pl.lit(FLOW).alias("STRUCTURE_ID"), pl.lit("M").alias("ACTION")]
    rows.select(*structure, "AREA", "TIME_PERIOD", pl.lit(1.5).alias("OBS_VALUE")).write_csv(path)
    return path


def finished(*processes: subprocess.Popen[str]) -> list[tuple[int, str, str]]:
    outputs = [process.communicate(timeout=60) for process in processes]
    return [(process.returncode, *output) for process, output in zip(processes, outputs, strict=True)]


def test_a_port_that_is_taken_is_said(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        outcomes = finished(started(home, "serve", "--port", port), started(home, "demo", "--port", port))
    for code, out, err in outcomes:
        assert (code, out) == (1, "")
        assert err.startswith(f"error: Cannot listen on 127.0.0.1, port {port}: Address already in use")
        assert err.count("\n") == 1


def test_a_server_ends_quietly_on_an_interrupt(home: Path) -> None:
    with serving(home) as (_, process):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert "Traceback" not in out + err
        assert process.returncode == 0


def test_an_interrupted_command_leaves_no_traceback(home: Path) -> None:
    with socket.socket() as silent:  # a service that never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        with started(home, "structures", "import", url, EXCHANGE_HARVEST_PRIVATE="true") as process:
            try:
                connection, _ = silent.accept()
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=20)
            finally:
                process.kill()
            connection.close()
    assert "Traceback" not in err
    # Typer's status of an interrupt, or that of the signal itself when a library handed it on.
    assert process.returncode in {130, -signal.SIGINT}


def test_a_killed_export_leaves_the_file_as_it_was(exchange: Command, home: Path, structures: Path, tmp_path: Path) -> None:
    exchange("structures", "import", structures)
    exchange("data", "load", data(tmp_path / "all.csv", range(400)), "--dataflow", FLOW)
    file = tmp_path / "out.csv"
    file.write_text("as it was", encoding="utf-8")
    with started(home, "data", "export", "--dataflow", FLOW, "--format", "sdmx-ml-2.1-generic", "-o", file) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.kill()
    assert file.read_text(encoding="utf-8") == "as it was" or process.returncode == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_several_processes_at_once_lose_nothing(
    exchange: Command, home: Path, structures: Path, tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    settings = {"EXCHANGE_DATABASE_URL": request.getfixturevalue("postgres_url")} if database == "postgresql" else {}
    # Both find an empty database and make its tables; one of them adds, the other finds it unchanged.
    imports = finished(*(started(home, "structures", "import", structures, **settings) for _ in range(2)))
    assert [code for code, _, _ in imports] == [0, 0], imports
    assert sorted(out.split()[0] for _, out, _ in imports) == ["added", "unchanged"]
    files = [data(tmp_path / f"{number}.csv", range(number * 100, number * 100 + 120)) for number in range(3)]
    loads = [started(home, "data", "load", file, "--dataflow", FLOW, **settings) for file in files]
    loads[2].kill()
    outcomes = finished(*loads)
    assert [code for code, _, _ in outcomes[:2]] == [0, 0], outcomes
    file = tmp_path / "out.csv"
    assert exchange("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", file, **settings).code == 0
    assert pl.read_csv(file, infer_schema=False)["AREA"].n_unique() in {220, 320}
    again = exchange("data", "load", files[2], "--dataflow", FLOW, **settings)
    assert again.code == 0


@pytest.mark.parametrize("moment", [0.0, 0.2])
def test_a_load_that_is_killed_is_whole_or_nothing(exchange: Command, home: Path, structures: Path, tmp_path: Path, moment: float) -> None:
    exchange("structures", "import", structures)
    file = data(tmp_path / "all.csv", range(400))
    with started(home, "data", "load", file, "--dataflow", FLOW) as process:
        assert process.stderr is not None
        process.stderr.readline()  # it is reading
        time.sleep(moment)
        process.kill()
    out = tmp_path / "out.csv"
    exported = exchange("data", "export", "--dataflow", FLOW, "--format", "sdmx-csv-2.1", "-o", out)
    held = pl.read_csv(out, infer_schema=False).height if exported.code == 0 else 0
    assert held in {0, 40_000}
    again = exchange("data", "load", file, "--dataflow", FLOW)
    assert again.lines[-1].endswith(f"{40_000 - held:,} inserted, 0 updated, {held:,} unchanged, 0 deleted")


def test_the_demo_runs_twice_on_postgresql_and_two_workers_answer_the_same(home: Path, postgres_url: str, exchange: Command) -> None:
    settings = {"EXCHANGE_DATABASE_URL": postgres_url}
    first, second = exchange("demo", "--no-serve", **settings), exchange("demo", "--no-serve", **settings)
    assert (first.code, second.code) == (0, 0)
    assert "331 inserts, 0 updates, 0 deletes, 0 unchanged" in first.out
    assert "0 inserts, 0 updates, 0 deletes, 331 unchanged" in second.out
    assert {line.split(maxsplit=2)[2] for line in second.lines if line.startswith("Structures:")} == {"unchanged"}
    addresses = [line.split()[-1].partition(":8000")[2] for line in first.lines if ":8000/" in line]
    assert len(addresses) == 7
    with serving(home, "--workers", "2", **settings) as (root, process):
        for address in addresses:
            assert len({_etag(root + address) for _ in range(6)}) == 1
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert "Traceback" not in err


def _etag(url: str) -> str | None:
    with urlopen(url) as answer:
        assert answer.status == 200
        etag: str | None = answer.headers["ETag"]
        return etag


def test_a_server_says_where_it_is_and_when_it_answers(home: Path) -> None:
    with serving(home) as (root, process):
        assert process.stdout is not None
        assert process.stdout.readline() == "Ready\n"
        with urlopen(f"{root}/health/ready") as answer:
            assert answer.status == 200


def test_workers_that_load_for_long_are_waited_for_and_then_announced(home: Path, tmp_path: Path) -> None:
    """A slow machine: Uvicorn would kill a worker that does not answer for five seconds while it loads."""
    slow = tmp_path / "slow"
    slow.mkdir()
    # While a C extension is loaded no other thread runs; a worker is silent for as long.
    slow.joinpath("sitecustomize.py").write_text(
        "import sys\n"
        "if 'multiprocessing.spawn' in str(sys.orig_argv):\n"
        "    import ctypes\n"
        "    import uvicorn.config\n"
        "    load = uvicorn.config.Config.load\n"
        "    def slowly(config):\n"
        "        ctypes.PyDLL(None).sleep(7)\n"
        "        load(config)\n"
        "    uvicorn.config.Config.load = slowly\n"
    )
    with serving(home, "--workers", "2", PYTHONPATH=str(slow)) as (_, process):
        assert process.stdout is not None
        assert process.stdout.readline() == "Starting 2 workers …\n"
        give_up = Timer(90, process.kill)
        give_up.start()
        assert process.stdout.readline() == "Ready: 2 workers answer\n"
        give_up.cancel()
