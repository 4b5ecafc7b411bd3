"""Everything on a page by what it is called, so that what answers to some words is found without asking every element.

The scores are those of `Wanted`; here only labels are passed over whose words rule them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from operator_agent.grounding.around import labelled_by
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.lexicon import lexicon
from operator_agent.grounding.page import Page
from operator_agent.grounding.score import CLOSE, LONG, Wanted, alike
from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded

_MOST_APART = 2
"""Letters by which two words may differ in length and still be one with a slip."""

Bearers = dict[str, list[int]]
"""A folded label → the elements that bear it, in document order."""


class Names:
    """Labels by their words."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._labels = {label for label in labels if label}
        self._with: dict[str, set[str]] = {}
        self._joined: dict[str, list[str]] = {}
        self._long: dict[int, list[str]] = {}
        """Words in which a slip may be, by their number of letters."""
        for label in self._labels:
            words = letters(label)
            self._joined.setdefault("".join(words), []).append(label)
            for word in words:
                self._with.setdefault(word, set()).add(label)
        for word in self._with:
            if len(word) >= LONG and word.isalpha():
                self._long.setdefault(len(word), []).append(word)

    def answering(self, said: Wanted) -> dict[str, float]:
        """The labels with more than 0 points."""
        found = {said.label} & self._labels
        if said.label in lexicon().cross_names:
            found |= self._labels & lexicon().crosses
        if said.words:
            found |= self._in_pieces("".join(said.words))
            found |= set.intersection(*(self._near(word) for word in said.words))
        return {label: points for label in found if (points := said.score(label)) > 0}

    def _in_pieces(self, joined: str) -> set[str]:
        """Labels that hold the words when white space does not count."""
        return {label for whole, labels in self._joined.items() if joined in whole for label in labels}

    def _near(self, word: str) -> set[str]:
        """Labels with this word, or with one that may be it with a slip."""
        found = set(self._with.get(word, ()))
        if len(word) >= LONG and word.isalpha():
            for size in range(len(word) - _MOST_APART, len(word) + _MOST_APART + 1):
                for other in self._long.get(size, ()):
                    if other != word and alike(word, other) >= CLOSE:
                        found |= self._with[other]
        return found


class Called(NamedTuple):
    names: Names
    own: Bearers
    hint: Bearers
    """By placeholder."""
    beside: Bearers
    """By the text that labels them, of those that have no name."""
    content: Bearers
    """By all they show, of controls that have no name."""


_known: WeakKeyDictionary[Page, Called] = WeakKeyDictionary()


def called(page: Page) -> Called:
    """Worked out once for a page."""
    if page not in _known:
        _known[page] = _called(page)
    return _known[page]


def _called(page: Page) -> Called:
    own: Bearers = {}
    hint: Bearers = {}
    beside: Bearers = {}
    content: Bearers = {}
    for index, element in enumerate(page.elements):
        label = page.labels[index]
        own.setdefault(label, []).append(index)
        if element.placeholder:
            hint.setdefault(folded(element.placeholder), []).append(index)
        if (by := labelled_by(index, page)) is not None:
            beside.setdefault(page.labels[by], []).append(index)
        if not label and (element.clickable or element.role in INTERACTIVE) and page.ends[index] > index + 1:
            content.setdefault(folded(page.observation.text_of(index)), []).append(index)
    return Called(Names({*own, *hint, *beside, *content}), own, hint, beside, content)
