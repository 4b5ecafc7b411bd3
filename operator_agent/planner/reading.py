"""A command read for one skill: the inputs it gives, and everything that keeps it from being sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operator_agent.flow.skill import InputSpec
from operator_agent.planner.chunks import Cutter, Part
from operator_agent.planner.groups import UNCLEAR, Builder, Group, Problem
from operator_agent.planner.phrases import Vocabulary
from operator_agent.planner.slots import Tag, Tagged
from operator_agent.planner.times import SOON

_KNOWN = frozenset({"value", "intent", "number", "time", "text"})


@dataclass(frozen=True, slots=True)
class Match:
    """What a command says for one skill. The inputs hold only what was said: defaults are filled in by `skills.fill`."""

    inputs: dict[str, Any]
    leftovers: tuple[str, ...]
    """Words that were not understood, in the person's own words."""
    score: float
    """Share of the command's content that means something for the skill; 0.0 when nothing speaks for it, 1.0 when all does."""
    missing: tuple[str, ...]
    """Required inputs not said, by path: `drink`, or `items.1.drink` in the second of several groups."""
    conflicts: tuple[Problem, ...]
    """Why the inputs cannot be taken as they are, the gravest first."""
    groups: int = 1
    mine: bool = False
    """Whether the command is for this skill at all; if not, another planner may try."""
    evidence: float = 0.0


@dataclass
class _Reading:
    groups: list[Group] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def open_ended(self) -> bool:
        """Whether a plural goes without its number: then the number before it was its own."""
        return any(group.plural and group.number is None for group in self.groups)

    @property
    def meaning(self) -> list[tuple[dict[str, Any], float]]:
        return [(group.values, group.number or 1) for group in self.groups]


class Reader:
    """Reads commands for one skill."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def match(self, text: str, now: datetime, given: Mapping[str, str] | None = None) -> Match:
        """The command in `text`, with values given besides it by path (answers to questions, inputs of the command line)."""
        tagged = Tagged(text, self.vocabulary, now)
        reading = self._read(tagged)
        evidence, score, mine = self._evidence(tagged)
        return self._settle(tagged, reading, now, given or {}, evidence, score if evidence else 0.0, mine)

    def _read(self, tagged: Tagged) -> _Reading:
        """The groups. Where one thing ends can be read in two ways without commas; when both hold and differ, it is asked."""
        voc = self.vocabulary
        cutter = Cutter(tagged, voc.anchors, list(voc.group))
        first = self._build(cutter, cutter.parts())
        if cutter.crowded:
            other = self._build(cutter, cutter.parts(counts_follow=True))
            if other.open_ended:
                pass
            elif first.problems and not other.problems:
                first = other
            elif not first.problems and not other.problems and first.meaning != other.meaning:
                first.problems.append(Problem(UNCLEAR, tagged.text))
        return first

    def _build(self, cutter: Cutter, parts: list[Part]) -> _Reading:
        voc = self.vocabulary
        builder = Builder(voc.anchors, flat=not voc.list_name)
        problems: list[Problem] = []
        for part in parts:
            problems += self._unknown(cutter.tagged, part, begun=bool(builder.groups))
            builder.add(part)
            index = max(0, len(builder.groups) - 1)
            for name, options in part.clashes:
                problems.append(
                    Problem("conflict", part.words, name or voc.counter, index, options) if name else Problem(UNCLEAR, part.words)
                )
        builder.finish()
        if cutter.dangling:
            problems.append(Problem(UNCLEAR, cutter.tagged.text))
        return _Reading(builder.groups, problems + builder.problems)

    def _unknown(self, tagged: Tagged, part: Part, *, begun: bool) -> list[Problem]:
        """Unknown words: in the place of the thing itself they are something that is not offered, else a wish not understood."""
        if not part.unknown:
            return []
        runs = _runs(part.unknown)
        anchored = any(name in part.values for name in self.vocabulary.anchors)
        counted = part.number is not None or part.vague or part.joint == "and"
        foreign = bool(self.vocabulary.anchors) and not anchored and not part.led and (counted or not begun)
        return [Problem("foreign" if foreign else "unknown", tagged.said(*run)) for run in runs]

    def _evidence(self, tagged: Tagged) -> tuple[float, float, bool]:
        voc = self.vocabulary
        anchored = [tag for tag in tagged.tags if tag.kind == "value" and tag.field in voc.anchors]
        intents = [
            at for at, tag in enumerate(tagged.tags) if tag.kind == "intent" or (tag.kind == "text" and tag.field in voc.derived)
        ]
        known = sum(tag.kind in _KNOWN for tag in tagged.tags)
        words = [at for at, tag in enumerate(tagged.tags) if tag.kind == "word"]
        evidence = len(intents) + sum(0.8 if tag.guessed else 1.0 for tag in anchored)
        score = known / (known + len(words)) if known else 0.0
        if anchored:
            return evidence, score, score >= 0.3
        first = intents[0] if intents else len(tagged.tags)
        return evidence, score, bool(intents) and score >= 0.3 and not any(at < first for at in words)

    def _settle(
        self, tagged: Tagged, reading: _Reading, now: datetime, given: Mapping[str, str], evidence: float, score: float, mine: bool
    ) -> Match:  # fmt: skip
        settled = _Settled(self.vocabulary, tagged, reading, given, now)
        inputs, missing, problems = settled.inputs()
        return Match(
            inputs=inputs,
            leftovers=tuple(problem.words for problem in problems if problem.kind in ("unknown", "foreign")),
            score=round(score, 3),
            missing=missing,
            conflicts=tuple(sorted(problems, key=lambda problem: _GRAVITY.index(problem.kind))),
            groups=max(1, len(reading.groups)),
            mine=mine,
            evidence=evidence,
        )


_GRAVITY = (
    "answer",
    "foreign",
    UNCLEAR,
    "unknown",
    "amount",
    "time",
    "conflict",
    "ambiguous",
    "denied",
    "implied",
    "reserved",
    "vague",
)


class _Settled:
    """Makes inputs of groups: one value for each field, what was given besides put in, the skill's own rules applied."""

    def __init__(self, vocabulary: Vocabulary, tagged: Tagged, reading: _Reading, given: Mapping[str, str], now: datetime) -> None:
        self.vocabulary, self.tagged, self.reading, self.given, self.now = vocabulary, tagged, reading, given, now
        self.problems = list(reading.problems)
        self.missing: list[str] = []
        self.groups = reading.groups or [Group()]

    def inputs(self) -> tuple[dict[str, Any], tuple[str, ...], list[Problem]]:
        voc = self.vocabulary
        rows = [self._row(index, group) for index, group in enumerate(self.groups)]
        inputs: dict[str, Any] = {voc.list_name: rows} if voc.list_name else rows[0]
        inputs |= self._top()
        return inputs, tuple(self.missing), self.problems

    def path(self, name: str, index: int) -> str:
        return path(self.vocabulary, name, index, len(self.groups))

    def _row(self, index: int, group: Group) -> dict[str, Any]:
        voc, row = self.vocabulary, {}
        for name, spec in voc.group.items():
            if name in voc.single:
                continue
            where = self.path(name, index)
            if where in self.given:
                row[name] = self._given(where, name)
                self._answered(name, index)
            elif name in group.values:
                row[name] = self._one(name, index, group.values[name])
            elif name == voc.counter and group.number is not None:
                row[name] = group.number
                if group.vague and not group.loose:
                    self.problems.append(Problem("vague", field=name, group=index))
            elif name == voc.counter and (group.plural or group.vague):
                self.problems.append(Problem("vague", field=name, group=index))
            elif spec.default is None and not spec.optional and not self._implied(row, name):
                self.missing.append(where)
        if not voc.counter and group.number not in (None, 1):
            self.problems.append(Problem("unknown", f"{group.number:g}"))
        self._check(row, index)
        return row

    def _answered(self, name: str, index: int) -> None:
        self.problems = [p for p in self.problems if (p.field, p.group) != (name, index)]

    def _one(self, name: str, index: int, values: tuple[Any, ...]) -> Any:
        if len(values) > 1 and not any((p.field, p.group) == (name, index) for p in self.problems):
            self.problems.append(Problem("ambiguous", field=name, group=index, options=values))
        return values[0]

    def _implied(self, row: Mapping[str, Any], name: str) -> bool:
        specs = self.vocabulary.group
        return any(
            name in specs[other].one_of[str(value)].implies for other, value in row.items() if str(value) in specs[other].one_of
        )

    def _check(self, row: dict[str, Any], index: int) -> None:
        """What one choice implies for another, and values that belong only to choices which imply them; amounts in bounds."""
        specs = self.vocabulary.group
        implied = {
            other: value
            for name, one in row.items()
            if one in specs[name].one_of
            for other, value in specs[name].one_of[one].implies.items()
        }
        for name, value in row.items():
            spec = specs[name]
            if name in implied and value != implied[name]:
                self.problems.append(Problem("implied", str(value), name, index, (implied[name],)))
            elif name not in implied and spec.one_of and value in self.vocabulary.implied(name):
                self.problems.append(Problem("reserved", str(value), name, index, self.vocabulary.options(name)))
            elif spec.type in ("integer", "number") and not _within(spec.type, value, spec.min, spec.max):
                self.problems.append(
                    Problem("amount", f"{value:g}" if isinstance(value, (int, float)) else str(value), name, index)
                )

    def _top(self) -> dict[str, Any]:
        """Inputs outside the groups: each said once, or more than once alike."""
        found: dict[str, Any] = {}
        for name in self.vocabulary.top:
            if name in self.vocabulary.group and name not in self.vocabulary.single:
                continue
            said = [
                value
                for tag in self.tagged.tags
                if tag.field == name and tag.kind in ("text", "time", "value")
                for value in _values(tag)
            ]
            spec = self.vocabulary.top[name]
            if name in self.given:
                found[name] = self._given(name, name)
                self._answered(name, 0)
            elif said:
                found[name] = said[0] if said[0] != SOON else self._soon(spec)
                if any(value != said[0] for value in said):
                    self.problems.append(Problem("conflict", field=name, options=tuple(dict.fromkeys(said))))
                elif said[0] == "":
                    self.problems.append(Problem("time", self.tagged.text, name))
            elif spec.default is None and not spec.optional:
                self.missing.append(name)
        return found

    def _soon(self, spec: InputSpec) -> Any:
        """`as soon as possible` is no time of day: nothing when the time may stay open, else its default, else now."""
        if spec.optional:
            return ""
        return spec.default if spec.default is not None else f"{self.now:%H:%M}"

    def _given(self, where: str, name: str) -> Any:
        """A value given by itself, in any words that would do in a command."""
        spec, text = self.vocabulary.fields[name], self.given[where].strip()
        if spec.type == "text" and not spec.one_of:
            return text
        tags = Tagged(text if spec.type != "time" or not text[:1].isdigit() else f"at {text}", self.vocabulary, self.now).tags
        if any(tag.kind in ("word", "not", "or", "fix") for tag in tags):
            values: list[Any] = []
        elif spec.one_of:
            values = [value for tag in tags if tag.kind == "value" and tag.field == name for value in _values(tag)]
        else:
            values = [tag.value for tag in tags if tag.kind == ("time" if spec.type == "time" else "number")]
        if spec.type == "date":
            return text
        if len(values) == 1 and values[0] != "":
            return values[0] if values[0] != SOON else self._soon(spec)
        self.problems.append(Problem("answer", text, name, options=self.vocabulary.options(name)))
        return text


def path(vocabulary: Vocabulary, name: str, index: int, groups: int) -> str:
    """Where an input is: its name, or `items.1.name` when there are several groups."""
    inside = vocabulary.list_name and name in vocabulary.group and groups > 1
    return f"{vocabulary.list_name}.{index}.{name}" if inside else name


def _values(tag: Tag) -> tuple[Any, ...]:
    return tag.value if tag.kind == "value" else (tag.value,)


def _within(kind: str, value: Any, least: float | None, most: float | None) -> bool:
    if not isinstance(value, (int, float)) or (kind == "integer" and value != int(value) if value != float("inf") else True):
        return False
    return (least is None or value >= least) and (most is None or value <= most)


def _runs(tags: list[Tag]) -> list[list[Tag]]:
    runs: list[list[Tag]] = []
    for tag in tags:
        if runs and runs[-1][-1].end == tag.start:
            runs[-1].append(tag)
        else:
            runs.append([tag])
    return runs
