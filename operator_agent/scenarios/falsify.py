"""A scenario whose checks check nothing passes whatever happens. Here each of its proofs is made false: then it has to fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from operator_agent.errors import ScriptError
from operator_agent.flow.check import (
    AllCheck,
    BecameCheck,
    Check,
    DownloadCheck,
    FileCheck,
    HoldsCheck,
    ResponseCheck,
    WithinCheck,
)
from operator_agent.scenarios.entries import UNSAID, CommandEntry, Entry, FileEntry, HttpEntry, SqlEntry
from operator_agent.scenarios.scenario import Scenario
from operator_agent.script import format_check, parse_check

WRONG = "~falsified~"
"""In no page, file or database."""


def falsified(scenario: Scenario) -> list[Scenario]:
    """The scenario once for each thing its proof expects, with that one made false and all else as it was; without a proof,
    once for each network or file check in `done`. None of them may pass. Empty for a scenario that has neither."""
    made = [
        replace(scenario, proof=(*scenario.proof[:number], wrong, *scenario.proof[number + 1 :]))
        for number, entry in enumerate(scenario.proof)
        for wrong in wrong_entries(entry)
    ]
    if scenario.proof:
        return made
    return [
        replace(scenario, done=(*scenario.done[:number], format_check(wrong), *scenario.done[number + 1 :]))
        for number, node in enumerate(scenario.done)
        if (wrong := _wrong_check(node)) is not None
    ]


def wrong_entries(entry: Entry) -> Iterator[Entry]:
    """The entry once for each of its expectations, with that one made false; it is read once, as nothing can come to hold."""
    entry = replace(entry, within=0.0)
    match entry:
        case SqlEntry(rows=rows):
            yield replace(entry, rows=((_wrong(rows[0][0]), *rows[0][1:]), *rows[1:]) if rows and rows[0] else ((WRONG,),))
        case HttpEntry():
            yield from _wrong_answers(entry)
        case FileEntry(contains=None, equals=None):
            yield replace(entry, absent=not entry.absent)
        case CommandEntry(contains=None, equals=None):
            yield replace(entry, code=entry.code + 1)
        case FileEntry() | CommandEntry():
            if entry.contains is not None:
                yield replace(entry, contains=WRONG)
            if entry.equals is not None:
                yield replace(entry, equals=f"{entry.equals}{WRONG}")


def _wrong_answers(entry: HttpEntry) -> Iterator[HttpEntry]:
    if entry.json is not UNSAID:
        yield replace(entry, json=_wrong(entry.json))
    if entry.contains is not None:
        yield replace(entry, contains=WRONG)
    if entry.json is UNSAID and entry.contains is None:
        yield replace(entry, status=404 if entry.status is None else 100 + (entry.status + 101) % 500)


def _wrong(value: Any) -> Any:
    """A value that is not this one; of several, the first is changed."""
    if isinstance(value, Mapping):
        return {**value, **{key: _wrong(first) for key, first in list(value.items())[:1]}} or WRONG
    if isinstance(value, (list, tuple)):
        return [_wrong(value[0]), *value[1:]] if value else [WRONG]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value}{WRONG}"


def _wrong_check(node: Any) -> Check | None:
    """A network or file check made false; None for any other, and for one that cannot be read without its inputs."""
    try:
        return _wrong_of(parse_check(node))
    except ScriptError:
        return None


def _wrong_of(check: Check) -> Check | None:
    match check:
        case ResponseCheck(times=0):
            return check.model_copy(update={"times": 99})
        case ResponseCheck():
            return check.model_copy(update={"path": f"{check.path}/{WRONG}"})
        case FileCheck():
            return check.model_copy(update={"path": f"{check.path}{WRONG}"})
        case DownloadCheck():
            return check.model_copy(update={"name": f"{check.name}{WRONG}"})
        case HoldsCheck() | BecameCheck() | WithinCheck():
            inner = _wrong_of(check.check)
            return None if inner is None else check.model_copy(update={"check": inner})
        case AllCheck():
            wrong = [(number, inner) for number, one in enumerate(check.checks) if (inner := _wrong_of(one)) is not None]
            return check.model_copy(update={"checks": tuple(one for _, one in wrong)}) if wrong else None
    return None
