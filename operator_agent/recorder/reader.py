"""Reads a run folder back: the same records a listener heard, also of a run that was killed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from operator_agent.errors import SetupError, UsageError
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
from operator_agent.surfaces.redaction import Redaction
from operator_agent.version import __version__


def read(folder: Path) -> Iterator[Record]:
    """The records of a run, pictures included. A last line that was cut short is left out.

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
        yield _with_picture(record, folder)


def view(folder: Path) -> tuple[Result, Path]:
    """The result of a run and its report, built anew. A run that was cut off gets a result that says where.

    Raises `UsageError` as `read` does, and `SetupError` when the report cannot be written.
    """
    records = list(read(folder))
    if not records:
        raise UsageError(f"{folder} holds no record: the run was cut off before it began")
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
            for record in records:
                page(record)
        finally:
            page.close()
        fresh.replace(report)
    except OSError as error:
        raise SetupError(f"{report} cannot be written ({error.strerror}); copy the run folder to a writable place") from error
    return last.result, report


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

    jpeg = file.read_bytes()
    with Image.open(BytesIO(jpeg)) as image:
        width, height = image.size
    return record.model_copy(update={"picture": Picture(jpeg=jpeg, width=width, height=height, scale=record.scale)})


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)
