"""Files that a recipe names lie in its folder or below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mappings.errors import InvalidRecipe, UnreadableSource
from mappings.recipe.paths import below
from mappings.structures.building import build_structures

OUTSIDE = "lies outside the folder of the recipe"


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in ("codes.csv", "structures.yaml", "dictionary.csv"):
        (folder / name).write_text("text,code,id,name\nnorth,N,N,North\n", encoding="utf-8")
    return folder


def named(small: Any, elsewhere: Path, way: str, name: str) -> str:
    """A name of a file outside, in one of the ways in which it can be said."""
    if way == "absolute":
        return str(elsewhere / name)
    if way == "dots":
        return (
            f"../{elsewhere.name}/{name}"
            if elsewhere.parent == small.folder.parent
            else f"{'../' * 20}{elsewhere / name}".replace("//", "/")
        )
    if way == "link":
        (small.folder / name).unlink(missing_ok=True)
        (small.folder / name).symlink_to(elsewhere / name)
        return name
    (small.folder / "linked").symlink_to(elsewhere)
    return f"linked/{name}"


WAYS = pytest.mark.parametrize("way", ["absolute", "dots", "link", "linked folder"])


@WAYS
def test_code_files_stay_in_the_folder(small: Any, elsewhere: Path, way: str) -> None:
    file = named(small, elsewhere, way, "codes.csv")
    small.change("codes: {north: N, south: S}", f"codes_file: {{file: {file}, text: text, code: code}}")
    with pytest.raises(InvalidRecipe, match=rf"recipe\.yaml:\d+: components\.REGION\.codes_file: .*{OUTSIDE}"):
        small.load()


@WAYS
def test_lookups_stay_in_the_folder(small: Any, elsewhere: Path, way: str) -> None:
    file = named(small, elsewhere, way, "codes.csv")
    small.change("  columns:\n", f"  lookups: [{{file: {file}, on: {{region: text}}, take: {{area: code}}}}]\n  columns:\n")
    assert any(OUTSIDE in problem and "source.lookups" in problem for problem in small.lint())


@pytest.mark.parametrize("way", ["absolute", "dots", "linked folder"])
def test_the_structures_file_stays_in_the_folder(small: Any, elsewhere: Path, way: str) -> None:
    small.change("structures: structures.yaml", f"structures: {named(small, elsewhere, way, 'structures.yaml')}")
    assert any(OUTSIDE in problem and "structures" in problem for problem in small.lint())
    with pytest.raises(UnreadableSource, match=OUTSIDE):
        _ = small.load().structures_path


@WAYS
def test_files_of_a_structures_file_stay_in_the_folder(small: Any, elsewhere: Path, way: str) -> None:
    dictionary = named(small, elsewhere, way, "dictionary.csv")
    text = small.structures_text
    path = small.folder / "structures.yaml"
    source = f"dictionary: {{file: {dictionary}, id_column: id, description_column: name}}"
    path.write_text(text.replace("  names: {en: Concepts}\n", f"  names: {{en: C}}\n  {source}\n"), encoding="utf-8")
    with pytest.raises(InvalidRecipe, match=OUTSIDE):
        build_structures(path)
    codes = dictionary.replace("dictionary.csv", "codes.csv") if way != "link" else named(small, elsewhere, way, "codes.csv")
    source = f"codes_file: {{file: {codes}, id: id, names: name}}"
    path.write_text(text.replace("CL_SIZE: {names: {en: Sizes}, ", f"CL_SIZE: {{names: {{en: Sizes}}, {source}, "), encoding="utf-8")
    with pytest.raises(InvalidRecipe, match=OUTSIDE):
        build_structures(path)


def test_a_folder_below_and_a_link_within_are_fine(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.csv").touch()
    (tmp_path / "b.csv").symlink_to(tmp_path / "lists" / "a.csv")
    assert below(tmp_path, "lists/a.csv").is_file()
    assert below(tmp_path, "lists/../b.csv").is_file()


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UnreadableSource, match=OUTSIDE):
        below(tmp_path, "a")
    with pytest.raises(UnreadableSource, match=OUTSIDE):
        below(tmp_path, "a\0b")
