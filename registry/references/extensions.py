"""Codelist extension: the codes a codelist inherits from others (SDMX 3.1 Technical Notes, codelist extension).

Extensions are taken in order. Of each, the selected codes come in under their prefixed ids; a code of a later extension replaces
one of an earlier with the same id, and own codes replace all. The parent of an inherited code is dropped when it was not selected
or was replaced by a code of another list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from registry.errors import InvalidArtefact
from registry.model.base import Maintainable
from registry.model.codelists import Code, Codelist, CodelistExtension, CodeSelection, GeographicCodelist, GeoGridCodelist
from registry.model.identity import Urn
from registry.model.selection import Parents, cascaded, named

#: The lists that can extend others; value lists cannot.
ExtensibleCodelist = Codelist | GeographicCodelist | GeoGridCodelist

#: Finds the list an extension of some codelist points at; None when it is not there and may be left out.
Lookup = Callable[[CodelistExtension, ExtensibleCodelist], ExtensibleCodelist | None]


@dataclass(frozen=True, slots=True)
class ResolvedCodelist:
    """A codelist with all inherited codes and no extensions.

    Attributes:
        prefixes: Prefix under which an inherited code came in, for codes that have one.
        sources: The lists whose codes were inherited, nearest first.
    """

    codelist: ExtensibleCodelist
    prefixes: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[ExtensibleCodelist, ...] = ()


def extends(artefact: Maintainable) -> bool:
    """True for a codelist that inherits codes."""
    return isinstance(artefact, ExtensibleCodelist) and bool(artefact.codelist_extensions)


def resolve_extensions(codelist: ExtensibleCodelist, lookup: Lookup) -> ResolvedCodelist:
    """A codelist with its inherited codes: those of the extensions in order, then its own.

    Raises:
        InvalidArtefact: When the list inherits from itself.
    """
    return _resolve(codelist, lookup, ())


def _resolve(codelist: ExtensibleCodelist, lookup: Lookup, path: tuple[Urn, ...]) -> ResolvedCodelist:
    if not codelist.codelist_extensions:
        return ResolvedCodelist(codelist)
    urn = Urn.of(codelist)
    if urn in path:
        chain = " → ".join(step.short for step in (*path, urn))
        raise InvalidArtefact(f"Codelist {urn.short} inherits from itself: {chain}; remove one of these extensions")
    merged: dict[str, tuple[Code, int]] = {}
    prefixes: dict[str, str] = {}
    sources: list[ExtensibleCodelist] = []
    for origin, extension in enumerate(codelist.codelist_extensions):
        target = lookup(extension, codelist)
        if target is None:
            continue
        base = _resolve(target, lookup, (*path, urn))
        sources += [target, *base.sources]
        prefix = extension.prefix or ""
        for code in _inherited(base.codelist.codes, extension):
            merged[code.id] = (code, origin)
            prefixes[code.id] = prefix + base.prefixes.get(code.id.removeprefix(prefix), "")
    own = len(codelist.codelist_extensions)
    for code in codelist.codes:
        merged.pop(code.id, None)  # an own code stands among the own codes
        merged[code.id] = (code, own)
        prefixes.pop(code.id, None)
    codes = tuple(_with_valid_parent(code, origin, own, merged) for code, origin in merged.values())
    resolved = msgspec.structs.replace(codelist, codes=codes, codelist_extensions=())
    return ResolvedCodelist(resolved, {code: prefix for code, prefix in prefixes.items() if prefix}, tuple(sources))


def _with_valid_parent(code: Code, origin: int, own: int, merged: Mapping[str, tuple[Code, int]]) -> Code:
    """The code without its parent when an inherited parent is absent or comes from another list."""
    if code.parent is None or origin == own:
        return code
    parent = merged.get(code.parent)
    return code if parent is not None and parent[1] == origin else msgspec.structs.replace(code, parent=None)


def _inherited(codes: Iterable[Code], extension: CodelistExtension) -> list[Code]:
    """The selected codes of one extension under their prefixed ids."""
    codes = list(codes)
    parents = {code.id: code.parent for code in codes}
    if extension.inclusive_code_selection is not None:
        wanted = selected(extension.inclusive_code_selection, parents)
        codes = [code for code in codes if code.id in wanted]
    elif extension.exclusive_code_selection is not None:
        unwanted = selected(extension.exclusive_code_selection, parents)
        codes = [code for code in codes if code.id not in unwanted]
    prefix = extension.prefix
    if not prefix:
        return codes
    return [msgspec.structs.replace(code, id=prefix + code.id, parent=prefix + code.parent if code.parent else None) for code in codes]


def selected(selection: CodeSelection, parents: Parents) -> set[str]:
    """Ids that a code selection names, out of codes given with their parents."""
    found: set[str] = set()
    for pattern in selection.wildcarded_member_values:
        found |= named(pattern, parents)
    for member in selection.member_values:
        found |= cascaded(named(member.value, parents), member.cascade_values, parents)
    return found
