"""Which known phrase a mistyped one is. Imported only when a command holds a word nobody knows: the library takes 20 ms to load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA


def nearest(word: str, pool: Mapping[str, Any], *, spaced: bool) -> list[str]:
    """The phrases of `pool` (written without spaces) that `word` may be a typing error of: all at the least distance, or none.

    Short words need near-exact spelling and their first letter; `spaced` is for a run of words: a typing error in a phrase.
    """
    allowed = _allowed(len(word) + 1)
    if spaced and len(word) < 6:
        return []
    found = process.extract(word, pool.keys(), scorer=OSA.distance, score_cutoff=allowed, limit=8)
    close = [(phrase, int(distance)) for phrase, distance, _ in found if _close(word, phrase, int(distance))]
    return [phrase for phrase, distance in close if distance == close[0][1]] if close else []


def _close(word: str, phrase: str, distance: int) -> bool:
    shorter = min(len(word), len(phrase))
    if distance > _allowed(shorter):
        return False
    swapped = sorted(word[:2]) == sorted(phrase[:2])
    return distance == 0 or word[0] == phrase[0] or swapped or (distance == 1 and shorter >= 6)


def _allowed(length: int) -> int:
    """How many letters may be wrong in a word of that length."""
    return 0 if length <= 3 else 1 if length <= 6 else 2 if length <= 9 else 3
