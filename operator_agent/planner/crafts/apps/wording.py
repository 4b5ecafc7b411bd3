"""What the crafts for apps, reading and reasoning hear: patterns and lists of words from `words/*.toml`, one file a language.

The notation is that of `grounding/pattern.py`; `@name` stands for one of a list. A request may span clauses, for what is found in
one is often used in the next.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from operator_agent.grounding.pattern import first_words, match, open_slots
from operator_agent.grounding.tokens import Token, said, tokens
from operator_agent.matching import folded
from operator_agent.planner.grammar import Clause, clauses

_LONGEST = 60  # tokens of a request; a longer one is several
_MOST_CLAUSES = 4
_NO_OWNERS = frozenset({"what", "it", "that", "let", "who", "where", "how", "there", "here"})
_LIST = re.compile(r"\(@(\w+):(\w+)\)|@(\w+):(\w+)|@(\w+)")


class Wording(NamedTuple):
    """One way a request was heard: what fills its slots, as it was written, and where in the words it ends."""

    slots: dict[str, str]
    end: int
    quoted: frozenset[str] = frozenset()
    """The slots that stood in quotes, so that their words mean themselves."""

    def get(self, slot: str) -> str:
        return self.slots.get(slot, "")


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, dict[str, Any]]:
    """The tables of all languages, joined: section → key → words."""
    joined: dict[str, dict[str, Any]] = {}
    for path in sorted((Path(__file__).parent / "words").glob("*.toml")):
        for section, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            into = joined.setdefault(section, {})
            for key, value in table.items():
                lists = isinstance(value, list) and section != "superlatives"
                into[key] = [*into.get(key, ()), *value] if lists else value
    return joined


def words_of(section: str, key: str) -> tuple[str, ...]:
    """A list of the vocabulary, folded."""
    return tuple(folded(word) for word in vocabulary()[section].get(key, ()))


@lru_cache(maxsize=64)
def patterns(kind: str) -> tuple[str, ...]:
    """The patterns of one kind of request, their lists filled in."""
    return tuple(_LIST.sub(_filled, pattern) for pattern in vocabulary()["says"][kind])


def _filled(found: re.Match[str]) -> str:
    bracketed, bracketed_slot, listed, slot, plain = found.groups()
    name = bracketed or listed or plain
    known = vocabulary()["lists"].get(name) or vocabulary()[name]
    values = "|".join(sorted(known, key=lambda value: -len(value.split())))
    return f"{{{bracketed_slot or slot}:{values}}}" if bracketed or listed else values


@lru_cache(maxsize=256)
def wordings(kind: str, words: str) -> tuple[Wording, ...]:
    """Every way the beginning of the words is such a request, the shortest first, then the one that leaves fewest to its slots."""
    found: list[tuple[int, int, Wording]] = []
    for size, span in _beginnings(words):
        first = span[0].text if span[0].kind != "quoted" else ""
        for pattern in patterns(kind):
            if first_words(pattern) & {"", first}:
                for slots in match(pattern, span, 8):
                    left = sum(end - start for name, (start, end) in slots.items() if name in open_slots(pattern))
                    found.append((size, left, _wording(words, span, slots)))
    return tuple(one for _, _, one in sorted(found, key=lambda each: each[:2]))


def _wording(words: str, span: list[Token], slots: Mapping[str, tuple[int, int]]) -> Wording:
    quoted = frozenset(name for name, (start, end) in slots.items() if end == start + 1 and span[start].kind == "quoted")
    return Wording({name: said(words, span[start:end]) for name, (start, end) in slots.items()}, span[-1].end, quoted)


@lru_cache(maxsize=64)
def _cut(words: str) -> tuple[list[Clause], list[Token]]:
    return clauses(words), spoken(words)


def spoken(words: str) -> list[Token]:
    """The tokens, with the 's of an owner apart: `Bob`, `'s`."""
    found: list[Token] = []
    for token in tokens(words):
        if token.kind == "word" and token.text.endswith(("'s", "’s")) and len(token.text) > 2 and token.text[:-2] not in _NO_OWNERS:
            found += [Token(token.text[:-2], token.start, token.end - 2), Token("'s", token.end - 2, token.end)]
        else:
            found.append(token)
    return found


def _beginnings(words: str) -> Iterator[tuple[int, list[Token]]]:
    """The first clause, the first two …, as tokens."""
    found, all_ = _cut(words)
    for size in range(1, min(len(found), _MOST_CLAUSES) + 1):
        span = [token for token in all_ if found[0].start <= token.start < found[size - 1].end]
        while span and span[-1].kind == "mark":
            span = span[:-1]
        if not span or len(span) > _LONGEST:
            return
        yield size, span


def number_said(text: str) -> int | None:
    """`3`, `three`, `a`; None when it is none."""
    text = folded(text)
    found = vocabulary()["numbers"].get(text)
    return int(text) if text.isdecimal() and len(text) < 7 else found if isinstance(found, int) else None


def ordinal_said(text: str) -> int | None:
    """`3rd`, `third`; -1 for `last`; None when it is none."""
    text = folded(text)
    if found := re.fullmatch(r"(\d{1,4})(?:st|nd|rd|th|\.)?", text):
        return int(found[1])
    found_ = vocabulary()["ordinals"].get(text)
    return found_ if isinstance(found_, int) else None
