"""Whether two runs did the same: their records side by side, without what can never be the same.

Left out, and why: times, durations and the names of runs, folders and pictures say when and where it was done, not what; the
numbers of refused requests in a notice count what happened to have been asked by then; a try that never left was made again (see
`recorder.looks.Place`); where a look or a picture caught an element that was chosen (its boxes in `Chosen`): it may have been
sliding in. Where the act hit it is compared, for that waits until it rests: places in the view may differ by two pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from operator_agent.flow.base import Frozen
from operator_agent.flow.record import Chosen, Judged, Observed, Record, StepStarted
from operator_agent.recorder.looks import never_left
from operator_agent.replay.ports import Ports

_TIMES = frozenset({"at", "seconds", "waited", "started"})
_PLACES = frozenset({"run", "report", "screen", "scale", "when", "versions", "conditions"})
_NAMED = frozenset({"inputs", "cells"})
_PIXELS = 2.0
_DURATION = re.compile(r"\b\d+(?:\.\d+)? (?=s\b|ms\b|seconds?\b)")
_FOLDER = re.compile(r"(?:[A-Za-z]:)?[/\\](?:[^/\\\s\"':]+[/\\])*operator-agent-downloads-[^/\\\s\"']+[/\\]")
_NUMBER = re.compile(r"\d+")
_FROM_RECORD = ", from a record"
_LONGEST = 300
Fact = dict[str, Any]


class Divergence(Frozen):
    """The first thing two runs do not share."""

    place: int
    """Among the records of both, from 1."""
    step: int
    title: str
    """Of the step; "" outside of all steps."""
    record: str
    """The kind of record; of both sides, `a / b`, when those differ."""
    field: str
    """Where in it, `verdict.reason`; "" when the whole record is another one, or missing."""
    recorded: str
    replayed: str

    def __str__(self) -> str:
        where = f"step {self.step}" + (f" ({self.title})" if self.title else "") if self.step else "outside of the steps"
        what = f"{self.record}, {self.field}" if self.field else self.record
        return f"{where}, {what}: recorded {self.recorded}; now {self.replayed}"


class Side(Frozen):
    """A step as one run did it."""

    title: str
    action: str
    verdict: str = ""
    """Empty when none was reached."""
    reason: str = ""
    url: str = ""
    """Where it left the page."""
    screen: str = ""
    """The picture afterwards, in the run's folder."""
    seconds: float = 0.0


class Pair(Frozen):
    """A step in both runs; None on the side that has no such step."""

    step: int
    first: Side | None
    second: Side | None
    difference: Divergence | None
    """The first in this step."""


class Comparison(Frozen):
    """Two runs side by side."""

    runs: tuple[str, str]
    outcomes: tuple[str, str]
    """`cut off` for a run that has no last record."""
    reasons: tuple[str, str]
    divergence: Divergence | None
    steps: tuple[Pair, ...]

    @property
    def same(self) -> bool:
        return self.divergence is None


def facts(records: Iterable[Record]) -> list[Fact]:
    """What the records say apart from what can never be the same, in their order; tries that never left are left out."""
    found: list[Fact] = []
    began, tree = 0, ""
    for record in records:
        if isinstance(record, Observed) and record.phase == "before":
            began = len(found)
        fact, tree = _fact(record, tree)
        found.append(fact)
        if never_left(record):
            del found[began:]
    return found


def divergence(recorded: Sequence[Record], replayed: Sequence[Record], *, moved: bool = False) -> Divergence | None:
    """The first difference of two runs; None when they did the same. `moved`: servers may have listened on other ports."""
    ours, theirs = facts(recorded), facts(replayed)
    return _first(ours, Ports.between(ours, theirs).back(theirs) if moved else theirs)


def compared(first: Path, second: Path, *, from_step: int = 0) -> Comparison:
    """Two run folders side by side, on whatever ports their servers listened; forks from a step on, and without what is cut
    there, plans and their lengths.

    Raises UsageError for a folder that cannot be read.
    """
    from operator_agent.replay.recording import read_recording

    runs = (read_recording(first), read_recording(second))
    whole = [facts(run.records) for run in runs]
    ports = Ports.between(*whole)
    ours, theirs = (_by_step(run.records) for run in runs)
    numbers = sorted(number for number in {*ours, *theirs} if number >= from_step)
    pairs = tuple(_pair(number, ours.get(number, []), theirs.get(number, []), from_step, ports) for number in numbers)
    tails = _tail(whole[0], from_step), _tail(ports.back(whole[1]), from_step)
    return Comparison(
        runs=(str(first), str(second)),
        outcomes=tuple(run.result.outcome if run.result else "cut off" for run in runs),
        reasons=tuple(run.result.reason if run.result else "" for run in runs),
        divergence=_first(*tails), steps=pairs,
    )  # fmt: skip


def _tail(whole: list[Fact], step: int) -> list[Fact]:
    """What was done from the step on, and how it ended; plans are not compared, for those of a fork are cut."""
    if not step:
        return whole
    tail = [fact for fact in whole if fact.get("step", 0) >= step or fact["kind"] == "ended"]
    return [_ending(fact) if fact["kind"] == "ended" else {name: fact[name] for name in fact if name != "of"} for fact in tail]


def _ending(fact: Fact) -> Fact:
    return {**fact, "result": {name: fact["result"][name] for name in ("outcome", "reason", "exit_code", "values", "answer")}}


def _first(ours: Sequence[Fact], theirs: Sequence[Fact]) -> Divergence | None:
    title = ""
    for place, (one, other) in enumerate(zip_longest(ours, theirs), 1):
        some = one or other
        assert some
        title = some["title"] if some["kind"] == "step_started" else title
        if one is None or other is None or one["kind"] != other["kind"]:
            kinds = dict.fromkeys(side["kind"] for side in (one, other) if side)
            recorded, replayed = (_whole(side) if side else "nothing more" for side in (one, other))
            return _named(place, some, title, " / ".join(kinds), "", recorded, replayed)
        if found := _differs(one, other):
            field, *sides = found
            verdicts = field.startswith("verdict.") and one["verdict"]["status"] != other["verdict"]["status"]
            recorded, replayed = (_whole(one), _whole(other)) if verdicts else _shown(*sides)
            return _named(place, some, title, some["kind"], field, recorded, replayed)
    return None


def _named(place: int, some: Fact, title: str, record: str, field: str, recorded: str, replayed: str) -> Divergence:
    step = some.get("step", 0)
    return Divergence(
        place=place, step=step, title=title if step else "", record=record, field=field, recorded=recorded, replayed=replayed
    )


def _differs(one: Any, other: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """The first place where two values part."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys((*one, *other)):
            inner = f"{path}.{name}" if path else name
            if found := _differs(one.get(name), other.get(name), inner):
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((found for at, pair in pairs if (found := _differs(*pair, f"{path}[{at}]"))), None)
    if path.rpartition(".")[2].partition("[")[0] in ("box", "point") and isinstance(one, float) and isinstance(other, float):
        return None if abs(one - other) <= _PIXELS else (path, one, other)
    return None if one == other else (path, one, other)


def _shown(one: Any, other: Any) -> tuple[str, str]:
    """Both sides in a line each; of long texts the first lines that differ."""
    if isinstance(one, str) and isinstance(other, str) and "\n" in one + other:
        ours, theirs = one.split("\n"), other.split("\n")
        at = next(at for at, pair in enumerate(zip_longest(ours, theirs)) if pair[0] != pair[1])
        return tuple(_cut(repr(side[at].strip()) if at < len(side) else "nothing more") for side in (ours, theirs))  # type: ignore[return-value]
    return _cut(repr(one)), _cut(repr(other))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _whole(fact: Fact) -> str:
    match fact["kind"]:
        case "step_started":
            return f"step {fact['step']} began: {fact['title']}"
        case "asked":
            return f"a question: {fact['question']['text']}"
        case "ended":
            return f"the end: {fact['result']['outcome']}, {_cut(fact['result']['reason'])}"
        case "judged":
            return f"{fact['verdict']['status']}: {_cut(fact['verdict']['reason'])}"
        case "noted":
            return _cut(fact["text"])
        case kind:
            return f"a record “{kind.replace('_', ' ')}”"


def _fact(record: Record, tree: str) -> tuple[Fact, str]:
    said: Fact = _still(record.model_dump(mode="json"))
    if isinstance(record, Chosen):
        for caught in (said, *said["prints"].values()):
            del caught["box"]
    if isinstance(record, Observed):
        tree = said["tree"] = record.tree or tree
        said["notices"] = [_NUMBER.sub("some", notice) for notice in record.notices]
    return said, tree


def _still(value: Any) -> Any:
    """The value without times and places. What a page or a person named so is kept."""
    if isinstance(value, Mapping):
        return {
            name: dict(one) if name in _NAMED and isinstance(one, Mapping) else _still(one)
            for name, one in value.items()
            if name not in _TIMES and name not in _PLACES
        }
    if isinstance(value, list | tuple):
        return [_still(one) for one in value]
    return still(value) if isinstance(value, str) else value


def still(text: str) -> str:
    """The text without durations and the folder downloads are kept in."""
    return _FOLDER.sub("…/", _DURATION.sub("some ", text)).removesuffix(_FROM_RECORD)


def _by_step(records: Iterable[Record]) -> dict[int, list[Record]]:
    """Step → its records; what belongs to no step is left out."""
    found: dict[int, list[Record]] = {}
    for record in records:
        if number := getattr(record, "step", 0):
            found.setdefault(number, []).append(record)
    return found


def _pair(number: int, ours: list[Record], theirs: list[Record], from_step: int, ports: Ports) -> Pair:
    difference = _first(_tail(facts(ours), from_step), _tail(ports.back(facts(theirs)), from_step))
    return Pair(step=number, first=_side(ours), second=_side(theirs), difference=difference)


def _side(records: list[Record]) -> Side | None:
    begun = next((one for one in records if isinstance(one, StepStarted) and not one.recovery), None)
    if begun is None:
        return None
    judged = next((one for one in reversed(records) if isinstance(one, Judged)), None)
    seen = next((one for one in reversed(records) if isinstance(one, Observed)), None)
    return Side(
        title=begun.title, action=begun.action, verdict=judged.verdict.status if judged else "",
        reason=judged.verdict.reason if judged else "", url=seen.url if seen else "", screen=seen.screen if seen else "",
        seconds=round(records[-1].at - begun.at, 3),
    )  # fmt: skip
