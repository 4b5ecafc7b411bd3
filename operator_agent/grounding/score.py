"""How well a label answers to what was said, in points out of 100.

100 equal · 98 but for punctuation · 96 but for spaces and hyphens · 78-94 said in full as a part of the label · 74-84 its words in
another order · 74-85 with a slip of the pen · 0 otherwise. A word that was said and is not in the label always gives 0: "Save
Encounter" is not "New Encounter".
"""

from __future__ import annotations

from functools import lru_cache

from operator_agent.grounding.lexicon import lexicon
from operator_agent.grounding.tokens import letters

CLOSE = 0.8
"""How alike two words are that differ by one slip in five letters."""
LONG = 4
"""Letters; in a shorter word a slip makes another word."""


class Wanted:
    """What was said, ready to be compared with thousands of labels."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.words = letters(label)
        self._joined = "".join(self.words)
        self._strict = frozenset(word for word in self.words if len(word) < LONG or not word.isalpha())
        self._known: dict[str, float] = {}

    def score(self, label: str) -> float:
        if label not in self._known:
            self._known[label] = self._score(label)
        return self._known[label]

    def _score(self, label: str) -> float:
        if label == self.label:
            return 100.0
        if label in lexicon().crosses and self.label in lexicon().cross_names:
            return 95.0
        seen = letters(label)
        if not seen or not self.words:
            return 0.0
        if seen == self.words:
            return 98.0
        if "".join(seen) == self._joined:
            return 96.0
        return self._part(seen) or self._joined_part(seen) or self._slips(seen)

    def _part(self, seen: tuple[str, ...]) -> float:
        if not set(self.words) <= set(seen):
            return 0.0
        share = min(1.0, _weight(self.words) / max(1, _weight(seen)))
        size = len(self.words)
        at = next((i for i in range(len(seen) - size + 1) if seen[i : i + size] == self.words), None)
        if at is None:
            # Single characters in another order are another word.
            return 0.0 if all(len(word) == 1 for word in self.words) else 74 + 10 * share
        return 78 + 12 * share + 4 * (at == 0)

    def _joined_part(self, seen: tuple[str, ...]) -> float:
        """Like `_part`, but for spaces: "check out" in "proceed to checkout"."""
        if len(self._joined) < 5 or self._joined not in "".join(seen):
            return 0.0
        for start in range(len(seen)):
            for end in range(start + 1, min(len(seen), start + 4) + 1):
                if "".join(seen[start:end]) == self._joined:
                    return 76 + 12 * (end - start) / len(seen)
        return 0.0

    def _slips(self, seen: tuple[str, ...]) -> float:
        if not self._strict.issubset(seen):
            return 0.0
        likeness = [max(alike(word, other) for other in seen) for word in self.words]
        if min(likeness) < CLOSE:
            return 0.0
        share = min(1.0, len(self.words) / len(seen))
        return 60 + 25 * sum(likeness) / len(likeness) - 10 * (1 - share)


@lru_cache(maxsize=8)
def wanted(label: str) -> Wanted:
    """`Wanted`, remembered while one instruction's readings are tried: most of them share their label."""
    return Wanted(label)


@lru_cache(maxsize=16_384)
def alike(word: str, other: str) -> float:
    """1.0 for the same word, less for a slip; short words and those with digits must be the same."""
    if word == other:
        return 1.0
    if len(word) < LONG or abs(len(word) - len(other)) > 2 or not (word + other).isalpha():
        return 0.0
    from rapidfuzz.distance import OSA  # most runs have no slip to judge, and this takes longer to load than all else here

    if sorted(word) == sorted(other):
        return 0.9 if OSA.distance(word, other) == 1 else 0.0
    return OSA.normalized_similarity(word, other)


def _weight(words: tuple[str, ...]) -> int:
    """How many of the words say something."""
    return sum(word not in lexicon().stop for word in words)
