"""Choosing among texts in several languages: ``Accept-Language`` (RFC 9110), lookup and filtering (RFC 4647, sections 3.4 and 3.3.1).

SDMX-JSON writes ``name`` by lookup and ``names`` by filtering; ``*`` and no preference mean all languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from exchange.codecs.negotiation.weighted_lists import parse_weighted_list

#: Language of texts that carry none, and the one to fall back on.
DEFAULT_LANGUAGE: Final = "en"
#: The range that takes in every language.
ANY_LANGUAGE: Final = "*"
#: Query parameters that name languages and win over the header; ``all`` is ``*`` (``extend.md``).
_PARAMETERS: Final = ("lang", "locale")


def requested_languages(accept_language: str | None, query: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Language ranges in order of preference, from ``lang=``/``locale=`` or else from ``Accept-Language``; empty means no preference.

    >>> requested_languages("en;q=0.7, ru, en-GB;q=0.8, de;q=0")
    ('ru', 'en-gb', 'en')
    """
    given = {name.casefold(): value for name, value in (query or {}).items()}
    named = next((given[name] for name in _PARAMETERS if given.get(name)), None)
    elements = [element for element in parse_weighted_list(named or accept_language or "") if element.weight > 0]
    ranked = sorted(elements, key=lambda element: -element.weight)
    return tuple(dict.fromkeys(ANY_LANGUAGE if element.value == "all" else element.value.replace("_", "-") for element in ranked))


def lookup(tags: Iterable[str], languages: Sequence[str]) -> str | None:
    """The one tag that suits best; None only when there are no tags.

    Ranges are shortened from the right until a tag matches (lookup); then a tag that is more specific than a range will do; then
    English; then the first tag.

    >>> lookup(["en", "fr", "pt-BR"], ["fr-CA"]), lookup(["en", "pt-BR"], ["pt"]), lookup(["fr", "en"], ["ky"])
    ('fr', 'pt-BR', 'en')
    """
    by_folded = {tag.casefold(): tag for tag in tags}
    for wanted in languages:
        if wanted == ANY_LANGUAGE:
            break
        shortened = wanted.casefold()
        while shortened:
            if shortened in by_folded:
                return by_folded[shortened]
            shortened = _shorten(shortened)
        longer = next((tag for folded, tag in by_folded.items() if folded.startswith(wanted.casefold() + "-")), None)
        if longer is not None:
            return longer
    return (
        by_folded.get(DEFAULT_LANGUAGE)
        or next((tag for folded, tag in by_folded.items() if folded.startswith("en-")), None)
        or next(iter(by_folded.values()), None)
    )


def filtered(tags: Iterable[str], languages: Sequence[str]) -> tuple[str, ...]:
    """The tags that fall under any of the ranges, in the order given; all of them without preference or with ``*``.

    >>> filtered(["en", "fr-BE", "ru"], ["fr", "en"])
    ('en', 'fr-BE')
    """
    if not languages or ANY_LANGUAGE in languages:
        return tuple(tags)
    ranges = [wanted.casefold() for wanted in languages]
    return tuple(tag for tag in tags if any(tag.casefold() == wanted or tag.casefold().startswith(wanted + "-") for wanted in ranges))


def best(texts: Mapping[str, str], languages: Sequence[str] = ()) -> str | None:
    """The text that suits best; None when there is none."""
    tag = lookup(texts, languages)
    return None if tag is None else texts[tag]


def used(tags: Iterable[str], languages: Sequence[str]) -> tuple[str, ...]:
    """The languages that texts in some languages are delivered in: those asked for, else the one to fall back on (``Content-Language``).

    >>> used({"en", "fr"}, ["fr-CA", "de"]), used({"en", "fr"}, [])
    (('fr',), ('en', 'fr'))
    """
    known = sorted(set(tags))
    fallback = lookup(known, languages)
    return filtered(known, languages) or ((fallback,) if fallback else ())


def usual_form(tag: str) -> str:
    """A language tag with the upper and lower case that RFC 5646, section 2.1.1, recommends.

    >>> usual_form("pt-br"), usual_form("ZH-hant-tw"), usual_form("en-x-us")
    ('pt-BR', 'zh-Hant-TW', 'en-x-us')
    """
    first, *rest = tag.lower().split("-")
    formed = [first]
    for position, subtag in enumerate(rest):
        if len(subtag) == 1 or (position and len(rest[position - 1]) == 1):
            return "-".join([*formed, *rest[position:]])
        formed.append({2: str.upper, 4: str.title}.get(len(subtag), str)(subtag))
    return "-".join(formed)


def _shorten(tag: str) -> str:
    """Without its last subtag, and without a single-letter subtag that would then be last (RFC 4647, section 3.4)."""
    head = tag.rpartition("-")[0]
    return head[:-2] if head[-2:-1] == "-" else head
