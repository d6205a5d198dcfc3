"""Files that a recipe names lie in its folder: a recipe from somewhere else must not read what it likes."""

from __future__ import annotations

from pathlib import Path

from mappings.errors import UnreadableSource


def below(folder: Path, name: str) -> Path:
    """The file of a name in the folder of a recipe, or in a folder below it.

    Raises:
        UnreadableSource: When it lies elsewhere: an absolute path, too many ``..``, or a link that leads out.
    """
    path = folder / name
    try:
        inside = not Path(name).is_absolute() and path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        # Links in a circle, or a name that no file can have.
        inside = False
    if not inside:
        raise UnreadableSource(f"{name} lies outside the folder of the recipe; put the file beside the recipe or in a folder below it")
    return path
