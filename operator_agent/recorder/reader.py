"""Reads a run folder back: the same records a listener heard, also of a run that was killed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from operator_agent.errors import SetupError, UsageError
from operator_agent.flow.command import Command
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Picture
from operator_agent.flow.record import (
    EXIT_CODES,
    Called,
    Chosen,
    Ended,
    Judged,
    Noted,
    Observed,
    Planned,
    Record,
    Result,
    Started,
    StepResult,
    StepStarted,
    Thought,
    Usage,
)
from operator_agent.recorder.report import Report
from operator_agent.recorder.wording import count
from operator_agent.surfaces.redaction import Redaction
from operator_agent.version import __version__


def read(folder: Path, *, pictures: bool = True) -> Iterator[Record]:
    """The records of a run, with its pictures or without. A last line that was cut short is left out.

    Raises `UsageError` when `folder` is no run folder or a line before the last is broken.
    """
    journal = folder / "run.jsonl"
    if not journal.is_file():
        raise UsageError(f"{folder} is no run folder: it has no run.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            return
        try:
            record = _adapter().validate_json(line)
        except ValidationError as error:
            raise UsageError(f"{journal}:{number} cannot be read: {_why(lines[0], error)}") from None
        yield _with_picture(record, folder) if pictures else record


_END = b"\xff\xd9"
"""How a JPEG ends. Looking for it takes a thousandth of the time that reading the picture does."""


class Recording(NamedTuple):
    """What could be read of a run folder."""

    records: tuple[Record, ...]
    notes: tuple[str, ...]
    """What could not, a sentence each; empty when the recording is whole."""


def opened(folder: Path) -> Recording:
    """As much of a run as can be read: of one that was cut off, damaged, or written by another version.

    Raises `UsageError` when `folder` is no run folder, or when not one record of it can be read.
    """
    journal = folder / "run.jsonl"
    if not journal.is_file():
        raise UsageError(f"{folder} is no run folder: it has no run.jsonl")
    records: list[Record] = []
    damage = Damage()
    lines = journal.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            damage.cut = number
        elif record := damage.record(number, line):
            records.append(_with_picture(record, folder))
    if not records:
        raise UsageError(f"{folder} holds no record: the run was cut off before it began")
    if not isinstance(records[0], Started):
        when = datetime.fromtimestamp(journal.stat().st_mtime).astimezone().isoformat(timespec="seconds")
        told = Command(text="(the record of the command cannot be read)")
        records.insert(0, Started(run=folder.name, command=told, grant=Grant(), when=when))
    wrote = records[0].versions.get("operator-agent", "") if isinstance(records[0], Started) else ""
    return Recording(tuple(records), (*damage.notes(wrote), *_cut(folder), *_lost(records)))


def view(folder: Path) -> tuple[Result, Path]:
    """The result of a run and its report, built anew. A run that was cut off gets a result that says where.

    Raises `UsageError` as `opened` does, and `SetupError` when the report cannot be written.
    """
    return built(folder, opened(folder))


def built(folder: Path, recording: Recording) -> tuple[Result, Path]:
    """The same for a recording that was read before."""
    records = list(recording.records)
    report = folder / "report.html"
    last = records[-1]
    if not isinstance(last, Ended):
        result = cut_off(records).model_copy(update={"run": str(folder), "report": str(report)})
        last = Ended(at=last.at, result=result)
        records.append(last)
    fresh = folder / "report.html.new"
    try:
        page = Report(fresh, Redaction({}))
        try:
            for record in records[:-1]:
                page(record)
            if recording.notes:
                page.torn(recording.notes)
            page(last)
        finally:
            page.close()
        fresh.replace(report)
    except OSError as error:
        raise SetupError(f"{report} cannot be written ({error.strerror}); copy the run folder to a writable place") from error
    return last.result, report


class Damage:
    """Reads lines one by one, and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.cut = 0
        """The line that ends in the middle; 0 when none does."""
        self._left_out: list[int] = []
        self._unknown = 0
        """Records that say more than this version knows."""

    def record(self, number: int, line: bytes) -> Record | None:
        """The record of a line, what this version does not know of it left out; None when it cannot be read."""
        try:
            return _adapter().validate_json(line)
        except ValidationError as error:
            told = error.errors()
        try:
            if all(one["type"] == "extra_forbidden" for one in told):
                self._unknown += 1
                return _adapter().validate_python(_without(json.loads(line), [one["loc"] for one in told]))
        except ValidationError:
            self._unknown -= 1
        self._left_out.append(number)
        return None

    def notes(self, wrote: str) -> list[str]:
        """What a person should know. `wrote` is the version that made the recording, "" when that is not known."""
        notes = []
        if wrote and wrote != __version__:
            notes.append(f"It was written by operator-agent {wrote}, and this is {__version__}: that version may show more of it.")
        if self._unknown:
            notes.append(f"{count(self._unknown, 'record')} of run.jsonl said more than this version knows; that is not shown.")
        if self._left_out:
            named = ", ".join(map(str, self._left_out[:5])) + (" …" if len(self._left_out) > 5 else "")
            what = count(len(self._left_out), "line")
            notes.append(f"{what} of run.jsonl cannot be read and {'is' if len(self._left_out) == 1 else 'are'} left out: {named}.")
        if self.cut:
            notes.append(f"Line {self.cut}, the last of run.jsonl, was cut short: it was being written when the run was cut off.")
        return notes


def _without(said: Any, places: Iterable[tuple[int | str, ...]]) -> Any:
    """The object without the fields at `places`. A place names the kinds of unions, too; they are no keys, and passed over."""
    for place in places:
        node: Any = said
        for part in place[:-1]:
            if part in node if isinstance(node, dict) else isinstance(part, int):
                node = node[part]
        if isinstance(node, dict):
            node.pop(place[-1], None)
    return said


def _cut(folder: Path) -> list[str]:
    """The other journals that end in the middle of a line."""
    found = []
    for name, holds in (("model.jsonl", "call to a model"), ("network.jsonl", "exchange")):
        if (folder / name).is_file() and (data := (folder / name).read_bytes()) and not data.endswith(b"\n"):
            found.append(f"The last {holds} of {name} was cut short and is left out.")
    return found


def _lost(records: Iterable[Record]) -> list[str]:
    """The pictures that are not there."""
    lost = {record.screen for record in records if isinstance(record, Observed) and record.screen and not record.picture}
    named = ", ".join(sorted(lost)[:5]) + (" …" if len(lost) > 5 else "")
    return [f"{count(len(lost), 'picture')} missing from screens/, or unreadable: {named}."] if lost else []


def cut_off(records: list[Record]) -> Result:
    """What can be said of a run without its last record: where it was, and whether an act may have been under way."""
    started = next((record for record in records if isinstance(record, Started)), None)
    plan = next((record.plan for record in reversed(records) if isinstance(record, Planned)), None)
    last = next((record for record in reversed(records) if isinstance(record, StepStarted)), None)
    ended = any(isinstance(record, Judged) and record.step == 0 for record in records[records.index(last) :]) if last else False
    where = "after its last check" if ended else f"in step {last.step} ({last.title})" if last else "while planning"
    reason = f"the run was cut off {where}"
    if isinstance(records[-1], Chosen):
        reason += "; its act may have been delivered: look before you run it again"
    steps, calls = tuple(_steps(records)), [record for record in records if isinstance(record, Called)]
    used = sum((call.usage for call in calls), Usage(cost=0.0))
    return Result(
        outcome="incomplete", reason=reason, exit_code=EXIT_CODES["incomplete"], command=started.command.text if started else "",
        plan=plan, steps=steps, seconds=records[-1].at, model_calls=sum(call.requests for call in calls),
        tokens=used.input + used.output, cost=used.cost, thoughts=tuple(_thought(call, steps) for call in calls),
    )  # fmt: skip


def _thought(call: Called, steps: tuple[StepResult, ...]) -> Thought:
    """A call and what the step after it came to."""
    return Thought(
        step=call.step, purpose=call.purpose, level=call.level, trigger=call.trigger, tokens=call.usage.input + call.usage.output,
        reasoning_tokens=call.usage.reasoning, cost=call.usage.cost, before=call.before,
        after=steps[call.step - 1].verdict if 0 < call.step <= len(steps) else "",
    )  # fmt: skip


def _steps(records: list[Record]) -> Iterator[StepResult]:
    """The steps that were begun; the last one lasted until the last record."""
    begun = [record for record in records if isinstance(record, StepStarted) and not record.recovery]
    for record, then in zip(begun, [*begun[1:], records[-1]], strict=False):
        verdict = next((one.verdict for one in reversed(records) if isinstance(one, Judged) and one.step == record.step), None)
        skipped = any(isinstance(one, Noted) and one.step == record.step for one in records)
        status = verdict.status if verdict else "skipped" if skipped and record is not begun[-1] else "unknown"
        checks = tuple(evidence.model_dump() for evidence in verdict.evidence) if verdict else ()
        seconds = round(then.at - record.at, 3)
        yield StepResult(intent=record.title, action=record.action, verdict=status, checks=checks, seconds=seconds)


def _why(first: bytes, error: ValidationError) -> str:
    """A journal of another version is not broken: it wants that version."""
    try:
        wrote = json.loads(first)["versions"]["operator-agent"]
    except (ValueError, KeyError, TypeError):
        wrote = __version__
    if wrote != __version__:
        return f"it was written by operator-agent {wrote}, and this is {__version__}; view it with that version"
    problem = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    return f"it is no record ({where + ': ' if where else ''}{problem['msg']}); the file was changed after the run"


def _with_picture(record: Record, folder: Path) -> Record:
    if not isinstance(record, Observed) or not record.screen or not (file := folder / record.screen).is_file():
        return record
    from PIL import Image

    try:
        jpeg = file.read_bytes()
        with Image.open(BytesIO(jpeg)) as image:
            width, height = image.size
    except OSError:
        jpeg = b""  # no picture any more
    if _END not in jpeg[-64:]:
        return record  # cut short: the report says so where it would stand
    return record.model_copy(update={"picture": Picture(jpeg=jpeg, width=width, height=height, scale=record.scale)})


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)
