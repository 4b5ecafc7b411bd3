"""Which known phrase a mistyped one is. Imported only when a command holds a word nobody knows: the library takes 20 ms to load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

_distance: Any = OSA.distance


def nearest(word: str, pool: Iterable[str]) -> list[str]:
    """The phrases of `pool` (written without spaces) that `word` may be a typing error of: all at the least distance, or none."""
    found = process.extract(word, pool, scorer=_distance, score_cutoff=_allowed(len(word) + 1), limit=8)
    close = [(phrase, int(distance)) for phrase, distance, _ in found if _close(word, phrase, int(distance))]
    return [phrase for phrase, distance in close if distance == close[0][1]] if close else []


def aligned(words: Sequence[str], fixed: Sequence[bool], phrases: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The phrases of as many words that `words` is with typing errors, those known to be right (`fixed`) equal; the nearest."""
    found: list[tuple[int, tuple[str, ...]]] = []
    sure = next((at for at, certain in enumerate(fixed) if certain), 0)
    for phrase in phrases:
        if phrase[sure] != words[sure] and (fixed[sure] or phrase[sure][0] != words[sure][0]):
            continue
        total = 0
        for word, certain, wanted in zip(words, fixed, phrase, strict=True):
            if word != wanted:
                distance = _distance(word, wanted, score_cutoff=3)
                if certain or not (_close(word, wanted, distance) or _close_inside(word, wanted, distance)):
                    break
                total += distance
        else:
            found.append((total, phrase))
    return [phrase for total, phrase in found if total == min(found)[0]]


def _close(word: str, phrase: str, distance: int) -> bool:
    """Short words need near-exact spelling and their first letter; three letters may only have two changed about."""
    shorter = min(len(word), len(phrase))
    if shorter == 3 and distance == 1 and sorted(word) == sorted(phrase):
        return True
    if distance > _allowed(shorter):
        return False
    swapped = sorted(word[:2]) == sorted(phrase[:2])
    return distance == 0 or word[0] == phrase[0] or swapped or (distance == 1 and shorter >= 6)


def _close_inside(word: str, wanted: str, distance: int) -> bool:
    """The other words of a phrase speak for a short one: `grean tee`."""
    return distance == 1 and len(word) == len(wanted) == 3 and word[0] == wanted[0]


def _allowed(length: int) -> int:
    """How many letters may be wrong in a word of that length."""
    return 0 if length <= 3 else 1 if length <= 6 else 2 if length <= 9 else 3
