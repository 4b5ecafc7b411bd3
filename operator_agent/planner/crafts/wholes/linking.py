"""Which value is for which control, and how strongly the words say so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import Control, content, other_ways, small
from operator_agent.planner.crafts.wholes.pieces import Piece, number_of, stem
from operator_agent.planner.crafts.wholes.saying import same_words
from operator_agent.planner.crafts.wholes.values import Value, values_in

TOLD = 6.0  # a label before the value
_FOLLOWED = 5.0  # a label behind it
_BOX = 4.0
_OPTION = 3.0
_PERSON = 2.5
_HABIT = 2.0
_ONLY = 1.0
_FAR = 5  # small words between a label and its value
_MAILS = frozenset({"e-mail", "email", "mail"})
_YEAR = re.compile(r"[12]\d{3}")
_PARTED = frozenset({"and", "then", "but", "or"})


class Mention(NamedTuple):
    """Pieces `start` to `end` call the control by its label, or a part of it (`share`)."""

    start: int
    end: int
    control: int
    share: float
    slight: bool = False
    """By a word that is anywhere: "from". It counts only right before its value."""


class Link(NamedTuple):
    strength: float
    value: Value
    control: Control
    covered: frozenset[int]


class Links:
    """What the pieces that are not done may mean to the controls that are offered."""

    def __init__(
        self, span: Sequence[Piece], done: frozenset[int], offered: Sequence[Control], habits: Mapping[str, int] | None = None
    ) -> None:
        self.span, self.done, self.offered, self.habits = span, done, offered, habits or {}
        self._fit: dict[str, list[int]] = {}
        self.mentions = list(self._mentions())
        labels = [(one.start, one.end) for one in self.mentions]
        self.values = list(values_in(span, done, offered, labels))

    @cached_property
    def all(self) -> list[Link]:
        """The strongest first."""
        return sorted([*self._boxes(), *self._given()], key=lambda link: -link.strength)

    def _mentions(self) -> Iterator[Mention]:
        """Where labels are said: in full, by a part of them that no other has, or by other words."""
        shared = Counter(word for control in self.offered for word in set(control.words))
        for number, control in enumerate(self.offered):
            for at, one in enumerate(self.span):
                if one.kind == "quoted" and one.text.casefold() == control.label:
                    yield Mention(at, at + 1, number, 1.0)
            ways = {control.words: 1.0} if control.words else {}
            ways |= {(word,): 0.6 for word in control.words if shared[word] == 1 and len(word) > 2}
            ways |= dict.fromkeys(sorted(other_ways(control.words, "same") - ways.keys()), 0.8)
            for words, share in ways.items():
                slight = len(words) == 1 and words[0] in small() and share < 0.9
                yield from (Mention(at, at + size, number, share, slight) for at, size in self._places(words))

    def _places(self, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        for at in self._saying.get(words[0], ()):
            if size := same_words(self.span, at, words):
                yield at, size

    @cached_property
    def _saying(self) -> dict[str, list[int]]:
        """Where a stem, or a number, is said, as far as it is not done."""
        found: dict[str, list[int]] = {}
        for at, one in enumerate(self.span):
            for word in {stem(one.text), *([number_of(one.text)] if one.kind == "number" else ())} if at not in self.done else ():
                found.setdefault(word, []).append(at)
        return found

    def _given(self) -> Iterator[Link]:
        mentions: dict[int, list[Mention]] = {}
        for mention in self.mentions:
            mentions.setdefault(mention.control, []).append(mention)
        for value in self.values:
            for number, control in enumerate(self.offered):
                if not takes(control, value, number):
                    continue
                told = [self._told(value, mention) for mention in mentions.get(number, ())]
                strength, covered = max(told, default=(0.0, frozenset[int]()), key=lambda one: one[0])
                if strength:
                    yield Link(strength + (_OPTION if value.control == number else 0), value, control, covered)
                elif loose := self._loose(value, number):
                    yield Link(loose, value, control, frozenset(range(value.start, value.end)))

    def _told(self, value: Value, mention: Mention) -> tuple[float, frozenset[int]]:
        """How strongly a label near a value says that it is for it, and the pieces this accounts for."""
        if value.kind == "name" and value.start and self.span[value.start - 1].text == "by" and self._names(mention.control):
            return 0.0, frozenset()
        covered = frozenset(range(min(value.start, mention.start), max(value.end, mention.end)))
        if mention.end <= value.start:
            between = self.span[mention.end : value.start]
            if mention.slight and (between or value.kind not in ("date", "name", "file")):
                return 0.0, covered
            if len(between) <= _FAR and all(one.text in known("whole", "leads") and not one.is_value for one in between):
                colon = any(one.text == ":" for one in between)
                return TOLD + mention.share + colon - 0.1 * len(between) + 0.5 * (value.kind == "free"), covered
        if value.end <= mention.start and not mention.slight:
            between = self.span[value.end : mention.start]
            if len(between) <= _FAR and all(one.kind == "word" and one.text in known("whole", "follows") for one in between):
                pointed = any(one.text in ("as", "for") for one in between)
                return _FOLLOWED + mention.share - 0.1 * len(between) + 0.5 * pointed, covered
        return 0.0, covered

    def _names(self, number: int) -> bool:
        """Whether another control than this is for a person's name."""
        labels = [" ".join(one.words) for one in self.offered]
        return labels[number] not in _person_labels() and any(label in _person_labels() for label in labels)

    def left_over(self, chosen: Sequence[Link]) -> Link | None:
        """The one text in quotes that is left for the one field that is left."""
        taken = {link.control.at for link in chosen}
        used = {i for link in chosen for i in link.covered}
        texts = [one for one in self.values if one.kind == "quoted" and not used & set(range(one.start, one.end))]
        fields = [one for one in self.offered if one.kind == "text" and not one.dated and one.at not in taken]
        if len(texts) != 1 or len(fields) != 1 or not chosen:
            return None
        spoken_of = any(self.offered[one.control] == fields[0] and not one.slight for one in self.mentions)
        return Link(_ONLY, texts[0], fields[0], frozenset(range(texts[0].start, texts[0].end))) if spoken_of else None

    def _loose(self, value: Value, number: int) -> float:
        """How strongly a value says what it is for without a label beside it."""
        control = self.offered[number]
        if value.control == number:
            return 0.0 if value.text.isdigit() or self._elsewhere(value) else _OPTION
        if self.habits.get(value.kind) == number:
            return _HABIT
        alone = len([one for one in self.values if one.kind == value.kind]) == 1
        if value.kind == "number" and control.kind == "text":
            years = [one for one in self.offered if "year" in one.words]
            return _ONLY if alone and years == [control] and _YEAR.fullmatch(value.text) else 0.0
        if value.kind in ("number", "file"):
            return _ONLY if alone and self._only_of_kind(number) else 0.0
        if value.kind in ("name", "quoted") and control.search:
            others = [one for one in self.offered if one.kind == "text" and one != control]
            return 0.0 if others else _ONLY
        if value.kind == "name" and self._only_text(control) and self._led(value):
            return _ONLY
        if value.kind == "name":
            return _PERSON if " ".join(control.words) in _person_labels() and self._is_person(value) else 0.0
        return _ONLY + 0.5 if alone and self._fitting(value.kind) == [number] else 0.0

    def _only_text(self, control: Control) -> bool:
        """Whether this is the one field for text, and there is one name or text to put there."""
        texts = [one for one in self.offered if one.kind == "text"]
        given = [one for one in self.values if one.kind in ("name", "quoted", "free")]
        return texts == [control] and len(given) == 1

    def _led(self, value: Value) -> bool:
        return value.start > 0 and self.span[value.start - 1].text in known("whole", "leading")

    @cached_property
    def _of_kind(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, one in enumerate(self.offered):
            found.setdefault(one.kind, []).append(number)
        return found

    def _fitting(self, kind: str) -> list[int]:
        if kind not in self._fit:
            self._fit[kind] = [i for i, one in enumerate(self.offered) if _fits(one, kind)]
        return self._fit[kind]

    def _elsewhere(self, value: Value) -> bool:
        """Whether another list has an option of these words, too."""
        others = (one for one in self.values if one.control not in (-1, value.control))
        return any(one.start < value.end and value.start < one.end for one in others)

    def _only_of_kind(self, number: int) -> bool:
        """Whether it is the only control of its kind, or the only one of them that the words speak of."""
        kind = self.offered[number].kind
        same = self._of_kind[kind]
        spoken_of = {one.control for one in self.mentions if one.control in same and not one.slight}
        return spoken_of == {number} or (same == [number] and kind != "file")

    def _is_person(self, value: Value) -> bool:
        before = self.span[value.start - 1] if value.start else None
        return before is None or before.kind == "mark" or before.text in known("whole", "persons")

    def _boxes(self) -> Iterator[Link]:
        """Boxes that are named, on unless words of their part of the sentence say off."""
        for mention in self.mentions:
            control = self.offered[mention.control]
            rivals = [one for one in self.mentions if one.start < mention.end and mention.start < one.end]
            shadowed = any(one.share >= mention.share for one in rivals if one.control != mention.control)
            if control.kind != "box" or mention.start in self.done or shadowed:
                continue
            part = self._part(mention)
            off = {i for i in part if self.span[i].text in known("whole", "off")}
            on = {i for i in part if self.span[i].text in known("whole", "on")} - off
            if len(off) < 2:
                value = Value(mention.start, mention.end, "off" if off else "on", "state")
                yield Link(_BOX + mention.share, value, control, frozenset({*range(mention.start, mention.end), *off, *on}))

    def _part(self, mention: Mention) -> list[int]:
        """The pieces between the marks and joints around it; a colon is none."""
        start, end = mention.start, mention.end
        while start and not _parts(self.span[start - 1]):
            start -= 1
        while end < len(self.span) and not _parts(self.span[end]):
            end += 1
        return [*range(start, mention.start), *range(mention.end, end)]


def _parts(one: Piece) -> bool:
    return (one.kind == "mark" and one.text != ":") or one.text in _PARTED or one.kind in ("quoted", "date", "file")


def _person_labels() -> frozenset[str]:
    return frozenset(" ".join(content(label)) for label in known("whole", "name"))


def _fits(control: Control, kind: str) -> bool:
    if kind == "date":
        return control.dated
    if kind == "mail":
        return control.kind == "text" and bool(_MAILS & set(control.words))
    return kind in ("quoted", "code") and control.kind == "text" and not control.dated


def takes(control: Control, value: Value, number: int) -> bool:
    """Whether the control, the `number`th of those offered, can take such a value at all."""
    if value.control >= 0:
        return value.control == number
    match control.kind:
        case "text":
            return value.kind != "file" and not value.spelled and (value.kind == "date" or not control.dated)
        case "number":
            return value.kind == "number"
        case "file":
            return value.kind == "file"
        case _:
            return False
