"""Mappings that are formally right and still wrong; each is a case seen in published national or citizen data."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.recipe.model import ComponentSource, Recipe


def check_mappings(recipe: Recipe) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Mappings that are wrong though every code exists: place in the recipe, finding code and message."""
    for name, source in recipe.components.items():
        if source.mapped_on_purpose:
            continue
        place = ("components", name)
        codes = source.codes or {}
        if any(label.strip().upper() in {"PWD", "PD"} and label.strip().upper() == code for label, code in codes.items()):
            yield (
                place,
                "pwd-mapped-to-itself",
                "in CL_DISABILITY of IAEG-SDGs PWD means persons WITHOUT disability; map by meaning, or write mapped_on_purpose",
            )
        if name == "REF_AREA" and _numbers_as_areas(source):
            yield (
                place,
                "ref-area-looks-local",
                "numbers map to themselves, but 1 is World and 2 Africa in M49; use ids such as ISO 3166-2, or write mapped_on_purpose",
            )
        if name == "REPORTING_TYPE" and (source.value == "G" or "G" in codes.values()):
            yield (
                place,
                "reporting-type-global",
                "REPORTING_TYPE G is for custodian agencies; national data are N; write mapped_on_purpose when you are one",
            )


def _numbers_as_areas(source: ComponentSource) -> bool:
    codes = source.codes or {}
    same = [label for label, code in codes.items() if label == code and label.isdigit()]
    return len(same) >= 1 and len(same) == len(codes)
