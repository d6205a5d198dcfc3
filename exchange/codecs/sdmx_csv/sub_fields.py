"""The grammar of a cell with sub-fields (field guide 2.1, multiple values and languages): exact, whatever stands in the texts.

Sub-fields are parted by the separator that the header declares. One that begins with a quote ends with the next single quote, and quotes
inside it are doubled; separators and line breaks inside quotes are text. A quote anywhere else is text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

#: A text with its language: ``en:Value``.
_TAGGED = re.compile(r"(?P<lang>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*):(?P<value>.*)", re.DOTALL)

#: Language and text.
Text = dict[str, str]


@lru_cache(maxsize=16)
def _grammar(separator: str) -> re.Pattern[str]:
    apart = re.escape(separator)
    return re.compile(rf'(?:"(?P<quoted>(?:[^"]|"")*)"(?={apart}|\Z)|(?P<plain>[^{apart}]*))(?:{apart}|\Z)', re.DOTALL)


def split(text: str, separator: str) -> list[str]:
    r"""The sub-fields of a cell.

    >>> split('a;"b;c";d "e"', ";")
    ['a', 'b;c', 'd "e"']
    """
    return [value for value, _ in _parts(text, separator)]


def _parts(text: str, separator: str) -> list[tuple[str, bool]]:
    """Each sub-field, and whether it was quoted."""
    found: list[tuple[str, bool]] = []
    position, grammar = 0, _grammar(separator)
    while (match := grammar.match(text, position)) is not None:
        quoted = match["quoted"]
        found.append((match["plain"], False) if quoted is None else (quoted.replace('""', '"'), True))
        position = match.end()
        if not match.group().endswith(separator):
            break
    return found


def texts(text: str, separator: str, languages: Collection[str], *, several: bool) -> list[list[Text]]:
    """``en:Value;fr:Valeur`` as sets of texts in different languages, one set per value.

    Args:
        text: The cell.
        separator: Between the texts of a set, and between sets.
        languages: Those that the header names, in lower case; nothing else before a colon is a language.
        several: The component takes several values: whatever is quoted is a set. Otherwise quotes are also there for the sake of a
            separator in a text.
    """
    sets: list[list[Text]] = []
    is_open = False
    for part, quoted in _parts(text, separator):
        inner = _inner_set(part, separator, languages, several=several) if quoted else None
        tagged = _tagged(part, languages)
        if inner is not None:
            sets.append(inner)
            is_open = False
        elif tagged is None and is_open and not quoted:
            # A separator inside a text that was not quoted.
            sets[-1][-1]["value"] += separator + part
        else:
            entry = tagged or {"lang": "en", "value": part}
            # A language that comes again begins the next value.
            if not is_open or entry["lang"] in {known["lang"] for known in sets[-1]}:
                sets.append([])
            sets[-1].append(entry)
            is_open = True
    return sets


def _inner_set(part: str, separator: str, languages: Collection[str], *, several: bool) -> list[Text] | None:
    """The texts of a quoted set; None when the part is a text itself. A set of one whose text could be mistaken is quoted again."""
    pieces = _parts(part, separator)
    tagged = [found for piece, _ in pieces if (found := _tagged(piece, languages)) is not None]
    if len(tagged) == len(pieces) and (several or len(pieces) > 1 or pieces[0][1]):
        return tagged
    return [_tagged(part, languages) or {"lang": "en", "value": part}] if several else None


def _tagged(part: str, languages: Collection[str]) -> Text | None:
    match = _TAGGED.fullmatch(part)
    return {"lang": match["lang"], "value": match["value"]} if match and match["lang"].lower() in languages else None
