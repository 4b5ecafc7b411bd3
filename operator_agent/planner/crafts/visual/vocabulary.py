"""The words for looks, from `words/*.toml`, and the way through a phrase by them."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from operator_agent.flow.looks import Colour
from operator_agent.planner.crafts.visual.colours import parse_hex

_CJK = r"\u3400-\u9fff"
_LETTERS = rf"[^\W\d{_CJK}]+"
_WORD = re.compile(
    rf"#[0-9a-f]{{3,6}}\b|\"[^\"]*\"|'[^']*'|[{_CJK}]|-?\d+(?:st|nd|rd|th|s)?\b|{_LETTERS}(?:[-']{_LETTERS})*", re.IGNORECASE
)


class Term(NamedTuple):
    """`sort` is the table it stands in, `value` the key there."""

    sort: str
    value: str


class Word(NamedTuple):
    """One term of a phrase, or, with `term` None, a word that says nothing of looks."""

    text: str
    term: Term | None
    start: int
    end: int


@lru_cache(maxsize=1)
def _terms() -> dict[tuple[str, ...], Term]:
    found: dict[tuple[str, ...], Term] = {}
    for path in sorted((Path(__file__).parent / "words").glob("*.toml")):
        for sort, values in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for value, texts in values.items():
                for text in texts:
                    found.setdefault(_split(text), Term(sort if sort != "all" else value, value))
    return found


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, _terms()))


def words(phrase: str) -> list[Word]:
    """The phrase as terms, the longest first; plurals count as what they are of."""
    spans = [(found[0], found.start(), found.end()) for found in _WORD.finditer(phrase)]
    found: list[Word] = []
    at = 0
    while at < len(spans):
        size, term = _term([text.casefold() for text, _, _ in spans[at : at + _longest()]])
        start, end = spans[at][1], spans[at + size - 1][2]
        if size == 1 and len(phrase[start:end]) == 1 and phrase[start:end].isupper() and found:
            term = None  # "the letter A", "Card A": no article
        found.append(Word(phrase[start:end], term, start, end))
        at += size
    return found


def colour_named(text: str) -> Colour | None:
    """The colour of a name or hexadecimal number."""
    term = _terms().get(_split(text)) or _terms().get((text.casefold().replace(" ", ""),))
    return parse_hex(term.value) if term and term.sort == "colours" else parse_hex(text) if text.startswith("#") else None


def _term(texts: list[str]) -> tuple[int, Term | None]:
    for size in range(min(len(texts), _longest()), 0, -1):
        key = tuple(texts[:size])
        for form in (key, (*key[:-1], _singular(key[-1])), ("".join(key),) if size == 2 and key[0] in ("light", "dark") else key):
            if term := _terms().get(form):
                return size, term
    return 1, (Term("colours", texts[0]) if parse_hex(texts[0]) and texts[0].startswith("#") else None)


def _singular(word: str) -> str:
    if word.endswith("xes") or word.endswith("shes"):
        return word[:-2]
    if word == "vertices":
        return "vertex"
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def _split(text: str) -> tuple[str, ...]:
    return tuple(found[0].casefold() for found in _WORD.finditer(text))
