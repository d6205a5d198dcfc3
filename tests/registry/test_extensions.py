"""Codelist extension: selection, prefixes, precedence, parents."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidArtefact
from registry.model.codelists import Cascade, Codelist, CodelistExtension, CodeSelection, MemberValue
from registry.references.extensions import ResolvedCodelist, resolve_extensions
from tests.builders import a_codelist, urn

BASE = a_codelist("CL_BASE", {"AFR": None, "MW": "AFR", "RW": "AFR", "RW_N": "RW", "ASI": None})


def extension(
    of: Codelist = BASE, *, prefix: str | None = None, include: CodeSelection | None = None, exclude: CodeSelection | None = None
) -> CodelistExtension:
    return CodelistExtension(codelist=urn(of), prefix=prefix, inclusive_code_selection=include, exclusive_code_selection=exclude)


def resolved(*extensions: CodelistExtension, own: Collection[str] = (), lists: tuple[Codelist, ...] = (BASE,)) -> ResolvedCodelist:
    by_urn = {urn(codelist): codelist for codelist in lists}
    codelist = a_codelist("CL_EXT", own, codelist_extensions=extensions)
    return resolve_extensions(codelist, lambda extension, _: by_urn.get(extension.codelist))


def parents(found: ResolvedCodelist) -> dict[str, str | None]:
    return {code.id: code.parent for code in found.codelist.codes}


def members(*values: str, cascade: Cascade | None = None) -> CodeSelection:
    return CodeSelection(member_values=tuple(MemberValue(value=value, cascade_values=cascade) for value in values))


def test_a_list_without_extensions_is_itself() -> None:
    found = resolved(own=["A"])
    assert parents(found) == {"A": None}
    assert found.sources == ()


def test_inherited_codes_come_in_order_and_own_codes_last() -> None:
    found = resolved(extension(), own=["_T"])
    assert list(parents(found)) == ["AFR", "MW", "RW", "RW_N", "ASI", "_T"]
    assert found.codelist.codelist_extensions == ()
    assert found.sources == (BASE,)


def test_prefix_goes_before_ids_and_parents() -> None:
    found = resolved(extension(prefix="X_", include=members("AFR", "MW")))
    assert parents(found) == {"X_AFR": None, "X_MW": "X_AFR"}
    assert found.prefixes == {"X_AFR": "X_", "X_MW": "X_"}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (members("RW"), {"RW"}),
        (members("RW", cascade=True), {"RW", "RW_N"}),
        (members("AFR", cascade="excluderoot"), {"MW", "RW", "RW_N"}),
        (members("RW%"), {"RW", "RW_N"}),
        (CodeSelection(wildcarded_member_values=("A%",)), {"AFR", "ASI"}),
        (CodeSelection(wildcarded_member_values=("%W",), member_values=(MemberValue(value="ASI"),)), {"MW", "RW", "ASI"}),
    ],
)
def test_selection_takes_in_or_leaves_out(selection: CodeSelection, expected: set[str]) -> None:
    everything = {code.id for code in BASE.codes}
    assert set(parents(resolved(extension(include=selection)))) == expected
    assert set(parents(resolved(extension(exclude=selection)))) == everything - expected


def test_parent_that_was_not_selected_is_dropped() -> None:
    assert parents(resolved(extension(exclude=members("RW"))))["RW_N"] is None


def test_later_extension_replaces_codes_of_an_earlier_and_their_children_lose_the_parent() -> None:
    later = a_codelist("CL_LATER", {"AFR": None, "EGY": "AFR"})
    found = resolved(extension(), extension(later), lists=(BASE, later))
    assert parents(found) == {"AFR": None, "MW": None, "RW": None, "RW_N": "RW", "ASI": None, "EGY": "AFR"}
    assert next(code for code in found.codelist.codes if code.id == "AFR") == later.codes[0]


def test_own_codes_replace_all_others_and_may_have_inherited_parents() -> None:
    found = resolved(extension(), own={"AFR": None, "ZZ": "RW"})
    assert parents(found)["MW"] is None
    assert parents(found)["ZZ"] == "RW"


def test_extensions_of_extensions_are_followed() -> None:
    middle = a_codelist("CL_MIDDLE", ["M"], codelist_extensions=(extension(prefix="B_", include=members("MW")),))
    found = resolved(extension(middle, prefix="A_"), lists=(BASE, middle))
    assert list(parents(found)) == ["A_B_MW", "A_M"]
    assert found.prefixes == {"A_B_MW": "A_B_", "A_M": "A_"}
    assert found.sources == (middle, BASE)


def test_absent_list_adds_nothing() -> None:
    assert parents(resolved(extension(), own=["A"], lists=())) == {"A": None}


def test_list_that_inherits_from_itself_is_refused_with_the_chain() -> None:
    first = a_codelist("CL_1", codelist_extensions=(CodelistExtension(codelist=urn(a_codelist("CL_EXT"))),))
    second = a_codelist("CL_EXT", codelist_extensions=(CodelistExtension(codelist=urn(first)),))
    by_urn = {urn(codelist): codelist for codelist in (first, second)}
    with pytest.raises(InvalidArtefact, match=r"CL_EXT.*→.*CL_1.*→.*CL_EXT"):
        resolve_extensions(second, lambda extension, _: by_urn.get(extension.codelist))


_ids = st.sets(st.sampled_from(["A", "B", "C", "AB", "AC", "_T"]), min_size=1)


@given(base=_ids, own=_ids, wanted=_ids)
def test_inclusion_and_exclusion_share_out_the_inherited_codes(base: set[str], own: set[str], wanted: set[str]) -> None:
    source = a_codelist("CL_BASE", sorted(base))
    chosen = members(*sorted(wanted))
    included = set(parents(resolved(extension(source, include=chosen), lists=(source,))))
    excluded = set(parents(resolved(extension(source, exclude=chosen), lists=(source,))))
    assert included | excluded == base
    assert not included & excluded
    assert set(parents(resolved(extension(source), own=sorted(own), lists=(source,)))) == base | own
