"""The words people point with, from `words/*.toml`: one file a language, all of them read together."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from operator_agent.grounding.tokens import tokens

Relation = Literal["in", "near", "after", "before"]
_RELATIONS: tuple[Relation, ...] = ("in", "near", "after", "before")
Words = tuple[str, ...]


class Lexicon(NamedTuple):
    """Each expression as the tuple of its tokens."""

    articles: frozenset[Words]
    naming: frozenset[Words]
    looks: frozenset[Words]
    stop: frozenset[str]
    pointing: frozenset[Words]
    """What is said behind a thing and only tells that it is on the page: "the button below"."""
    any_one: frozenset[Words]
    """Articles that leave open which: "a", "any"."""
    widgets: frozenset[str]
    """What any control is called: "widget"."""
    crosses: frozenset[str]
    cross_names: frozenset[str]
    ordinals: dict[Words, int]
    roles: dict[Words, frozenset[str]]
    places: tuple[tuple[Relation, str], ...]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """All languages in one; an expression that two of them have keeps the meanings of both."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((Path(__file__).parent / "words").glob("*.toml"))]
    roles: dict[Words, frozenset[str]] = {}
    for file in files:
        for said, meant in file["roles"].items():
            roles[split(said)] = roles.get(split(said), frozenset()) | frozenset(meant)
    return Lexicon(
        articles=frozenset(split(text) for file in files for text in file["articles"]),
        naming=frozenset(split(text) for file in files for text in file["naming"]),
        looks=frozenset(split(text) for file in files for text in file["looks"]),
        stop=frozenset(text for file in files for text in file["stop"]),
        pointing=frozenset(split(text) for file in files for text in file.get("pointing", ())),
        any_one=frozenset(split(text) for file in files for text in file.get("any_one", ())),
        widgets=frozenset(text for file in files for text in file.get("widgets", ())),
        crosses=frozenset(text for file in files for text in file["crosses"]),
        cross_names=frozenset(text for file in files for text in file["cross_names"]),
        ordinals={split(text): place for file in files for text, place in file["ordinals"].items()},
        roles=roles,
        places=tuple((kind, text) for kind in _RELATIONS for file in files for text in file["places"].get(kind, ())),
    )


def split(text: str) -> Words:
    return tuple(token.text for token in tokens(text))
