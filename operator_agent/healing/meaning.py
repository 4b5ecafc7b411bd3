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


class _Lexicon(NamedTuple):
    acts: dict[Words, str]
    things: dict[Words, str]
    neutral: frozenset[str]
    turning: frozenset[str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    data = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    acts, things = ({_cut(text): f"={line[0]}" for line in data[key] for text in line} for key in ("same", "things"))
    return _Lexicon(acts, things, frozenset(data["neutral"]), frozenset(data["turning"]))


class _Said(NamedTuple):
    """A name, read: what it says to do, and the other words of it; what the lists know in the first of its spellings."""

    acts: frozenset[str]
    rest: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        return self.acts | {word for word in self.rest if word.startswith("=")}


def same(one: str, other: str, around: Iterable[str] = ()) -> bool:
    """Whether two names say the same to somebody who stands in front of what `around` says. An empty name says nothing."""
    a, b = _read(folded(one)), _read(folded(other))
    if folded(one) == folded(other):
        return bool(folded(one))
    return a.acts == b.acts and bool(a.acts or a.rest & b.rest) and (a.rest ^ b.rest) <= _context(around)


def differ(one: str, other: str) -> bool:
    """Whether the two are known to say different things: both are in the lists, and in none together."""
    a, b = _read(folded(one)).known, _read(folded(other)).known
    return bool(a and b and not a & b)


def _context(around: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in around for word in _read(folded(text)).rest) - _lexicon().turning


@lru_cache(maxsize=4096)
def _read(text: str) -> _Said:
    words, acts, rest = _cut(text), set(), set()
    acts_known, things, neutral, _ = _lexicon()
    at = 0
    while at < len(words):
        pieces = [words[at : at + size] for size in range(min(_LONGEST, len(words) - at), 0, -1)]
        found = next((piece for piece in pieces if piece in acts_known or piece in things), words[at : at + 1])
        if found in acts_known:
            acts.add(acts_known[found])
        elif found in things or words[at] not in neutral:
            rest.add(things.get(found, words[at]))
        at += len(found)
    return _Said(frozenset(acts), frozenset(rest))


def _cut(text: str) -> Words:
    """Its words; of a sign without letters (🔍) the sign itself."""
    text = folded(text)
    return letters(text) or tuple(text.replace("\ufe0f", "").split())
