"""Which elements of a page a command's words touch, and which hold a text that was asked for."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from math import log

from operator_agent.grounding.lexicon import lexicon
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_CJK}]+|[0-9]+(?:[.,'][0-9]+)*|[^\W_{_CJK}]+")
_WORD = re.compile(rf"[^\W\d_{_CJK}]{{4,}}")
_GROUPING = "[,.' ]?"
_VOCABULARY = 300_000  # characters of a page that are searched for what is like a word
_MOST = 24  # words of a command that are looked for; a longer one is a text, not a wish
_ALIKE = 0.78  # one slip in five letters
_RARE = 0.16
"""Weight from which a word tells elements apart: one that stands in fewer than some two hundred."""


class Touched:
    """What `words` touch of a page, by weight: a word weighs the less the more often the page has it."""

    def __init__(self, page: Page, words: str, find: Sequence[str] = ()) -> None:
        self._page = page
        self.terms = _terms(words)
        self.wanted = [text for text in (folded(one) for one in find) if text]
        self.found: dict[str, list[int]] = {text: self._holding(text) for text in self.wanted}
        """Text that was asked for → the elements that contain it."""
        self.asked = frozenset(index for indices in self.found.values() for index in indices)

    def weight(self, start: int, stop: int) -> float:
        """Of all words that stand somewhere in the elements from `start` to before `stop`."""
        places = self._places
        met = {term for at in range(bisect_left(places, start), bisect_left(places, stop)) for term in self._hits[places[at]]}
        return sum(self._weights[term] for term in met)

    def holds_asked(self, start: int, stop: int) -> bool:
        at = bisect_left(self._asked_places, start)
        return at < len(self._asked_places) and self._asked_places[at] < stop

    @cached_property
    def rare(self) -> frozenset[int]:
        """The elements with a word that few others have."""
        return frozenset(index for index in self._hits if self.weight(index, index + 1) >= _RARE)

    def windows(self, text: str) -> list[tuple[int, int]]:
        """Where in a text the words and the texts asked for stand; at most a few."""
        if not (pattern := self._pattern):
            return []
        found: list[tuple[int, int]] = []
        for match in pattern.finditer(text.lower()):
            found.append(match.span())
            if len(found) == 8:
                break
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        ways = [re.escape(text) for text in self.wanted]
        ways += [_edged(way)[1].pattern for ways in self._spelt.values() for way in ways]
        return re.compile("|".join(ways)) if ways else None

    @cached_property
    def _asked_places(self) -> list[int]:
        return sorted(self.asked)

    @cached_property
    def _text(self) -> tuple[str, list[int]]:
        """All that elements show, folded, a line each; and where each line begins."""
        lines = [
            label if not e.value or (label and not e.name) else f"{label} {folded(e.value)}"
            for label, e in zip(self._page.labels, self._page.elements, strict=True)
        ]
        return "\n".join(lines), [0, *accumulate(len(line) + 1 for line in lines)]

    def _lines(self, literal: str, pattern: re.Pattern[str] | None = None) -> list[int]:
        """The elements that show the literal, where the pattern matches; each once, however often it does."""
        (page, begins), found, at = self._text, [], 0
        while (at := page.find(literal, at)) >= 0:
            if pattern is not None and not pattern.match(page, at):
                at += 1
                continue
            found.append(bisect_right(begins, at) - 1)
            at = begins[found[-1] + 1]
        return found

    def _holding(self, text: str) -> list[int]:
        """The elements that contain the text; when none does, those that contain all its words."""
        if found := self._lines(text):
            return found
        words = [self._lines(*_edged(word)) for word in _RUN.findall(text)]
        return sorted(set.intersection(*map(set, words))) if words else []

    @cached_property
    def _spelt(self) -> dict[str, list[str]]:
        """Term → how the page writes it: for one that it does not have, what is like it."""
        found = {term: [term] for term in self.terms}
        missing = [term for term in self.terms if _WORD.fullmatch(term) and not self._lines(*_edged(term))]
        if missing:
            known = sorted(set(_WORD.findall(self._text[0][:_VOCABULARY])))
            found |= {term: _like(term, known) for term in missing}
        return found

    @cached_property
    def _hits(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for term, ways in self._spelt.items():
            for way in ways:
                for index in self._lines(*_edged(way)):
                    found.setdefault(index, set()).add(term)
        return found

    @cached_property
    def _places(self) -> list[int]:
        return sorted(self._hits)

    @cached_property
    def _weights(self) -> dict[str, float]:
        counts = dict.fromkeys(self.terms, 0)
        for terms in self._hits.values():
            for term in terms:
                counts[term] += 1
        return {term: 1 / (1 + log(max(1, count))) for term, count in counts.items()}


def _terms(words: str) -> list[str]:
    """What to look for: quoted parts as they are, words that say something, numbers, and Chinese two characters at a time."""
    found: dict[str, None] = {}
    for token in tokens(words[:4_000]):
        if token.kind == "quoted":
            found[folded(token.text)] = None
        if token.kind == "mark":
            continue
        for run in _RUN.findall(folded(token.text)):
            if run not in lexicon().stop and (len(run) > 1 or run.isdigit()):
                found[run] = None
    cjk = [run for run in re.findall(rf"[{_CJK}]+", folded(words[:4_000])) if len(run) > 1]
    found |= dict.fromkeys(run[at : at + 2] for run in cjk for at in range(len(run) - 1))
    return [term for term in found if term][:_MOST]


@lru_cache(maxsize=512)
def _edged(term: str) -> tuple[str, re.Pattern[str]]:
    """How a term begins on the page, and the expression that finds it there as a word of its own: long words also in the plural,
    numbers also grouped by thousands."""
    if re.match(rf"[{_CJK}]", term):
        return term, re.compile(re.escape(term))
    if term.isdecimal():
        groups = re.split(r"(?<=\d)(?=(?:\d{3})+$)", term)
        return groups[0], re.compile(rf"(?<![\w.,]){_GROUPING.join(groups)}(?!\w|[.,]\d)")
    stem = term.removesuffix("s") if len(term) > 4 and term.isalpha() else term
    end = "" if len(stem) >= 4 else rf"(?![^\W_{_CJK}])"
    return stem, re.compile(rf"(?<![^\W_{_CJK}]){re.escape(stem)}{end}")


def _like(term: str, known: Sequence[str]) -> list[str]:
    from rapidfuzz import process  # most pages have the words that are asked for
    from rapidfuzz.distance import OSA

    return [word for word, _, _ in process.extract(term, known, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=3)]
