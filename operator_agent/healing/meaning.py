"""Whether two names of controls say the same: by words of several languages (`words.toml`), never by likeness of letters alone.

Likeness is what makes "Save as template" look like "Save"; so a word too many counts, unless it is an article or repeats what the
element stands in: "Save profile" in the form "Profile" is "Save".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded

Words = tuple[str, ...]
_LONGEST = 5
_JOIN = 4  # letters; "sign-in" and "signin" are one word, "a" and "n" are not


class _Lexicon(NamedTuple):
    meanings: dict[Words, int]
    neutral: frozenset[str]
    turning: frozenset[str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    data = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    meanings = {_cut(text): number for number, line in enumerate(data["same"]) for text in line}
    return _Lexicon(meanings, frozenset(data["neutral"]), frozenset(data["turning"]))


class _Said(NamedTuple):
    """A name, read: the things it says to do, and what else it says."""

    meanings: frozenset[int]
    rest: frozenset[str]


def same(one: str, other: str, around: Iterable[str] = ()) -> bool:
    """Whether two names say the same to somebody who stands in front of what `around` says. An empty name says nothing."""
    a, b = _read(folded(one)), _read(folded(other))
    if folded(one) == folded(other):
        return bool(folded(one))
    if not (a.meanings or a.rest) or not (b.meanings or b.rest):
        return False
    return a.meanings == b.meanings and bool(a.meanings or a.rest & b.rest) and (a.rest ^ b.rest) <= _context(around)


def differ(one: str, other: str) -> bool:
    """Whether the two are known to say different things: both are in the lists, and in none together."""
    a, b = _read(folded(one)), _read(folded(other))
    return bool(a.meanings and b.meanings and not a.meanings & b.meanings)


def _context(around: Iterable[str]) -> frozenset[str]:
    words = frozenset(word for text in around for word in _cut(folded(text)))
    return words - _lexicon().turning


@lru_cache(maxsize=4096)
def _read(text: str) -> _Said:
    words, found, rest = _cut(text), set(), []
    at = 0
    while at < len(words):
        size = next((n for n in range(min(_LONGEST, len(words) - at), 0, -1) if words[at : at + n] in _lexicon().meanings), 0)
        if size:
            found.add(_lexicon().meanings[words[at : at + size]])
        elif words[at] not in _lexicon().neutral:
            rest.append(words[at])
        at += size or 1
    return _Said(frozenset(found), frozenset(rest))


def _cut(text: str) -> Words:
    """Its words; of a sign without letters (🔍) the sign itself."""
    text = folded(text)
    return letters(text) or tuple(text.replace("\ufe0f", "").split())
