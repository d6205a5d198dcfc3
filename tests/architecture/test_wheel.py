"""What is shipped: the wheel holds three typed packages with their data, and works on its own."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_three_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"exchange", "mappings", "registry"}
    for wanted in ("exchange/py.typed", "mappings/py.typed", "registry/py.typed", "registry/store/migrations/env.py"):
        assert wanted in names
    assert any(name.startswith("mappings/examples/") and name.endswith("recipe.yaml") for name in names)
    assert any(name.startswith("registry/store/migrations/versions/") for name in names)


def test_the_demo_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(unpacked)
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "EXCHANGE_HOME": str(tmp_path / "home")}
    command = [
        sys.executable,
        "-c",
        "import exchange; print(exchange.__file__); from exchange.cli import main; main()",
        "demo",
        "--no-serve",
    ]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(unpacked) in done.stdout
