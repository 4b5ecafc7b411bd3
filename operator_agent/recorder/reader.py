"""Reads a run folder back: the same records a listener heard, also of a run that was killed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from operator_agent.errors import SetupError, UsageError
from operator_agent.flow.observation import Picture
from operator_agent.flow.record import EXIT_CODES, Chosen, Ended, Observed, Record, Result, Started, StepStarted
from operator_agent.recorder.report import Report
from operator_agent.surfaces.redaction import Redaction


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
            raise UsageError(f"{journal}:{number}: not a record of this version ({error.error_count()} problems)") from None
        yield _with_picture(record, folder)


def view(folder: Path) -> tuple[Result, Path]:
    """The result of a run and its report, built anew. A run that was cut off gets a result that says where."""
    records = list(read(folder))
    if not records:
        raise UsageError(f"{folder} holds no record: the run was cut off before it began")
    ended = records[-1]
    report = folder / "report.html"
    try:
        report.unlink(missing_ok=True)
        page = Report(report, Redaction({}))
        for record in records:
            page(record)
    except OSError as error:
        raise SetupError(f"{report} cannot be written ({error.strerror}); copy the run folder to a writable place") from error
    return (ended.result if isinstance(ended, Ended) else cut_off(records)), report


def cut_off(records: list[Record]) -> Result:
    """What can be said of a run without its last record: where it was, and whether an act may have been under way."""
    started = next((record for record in records if isinstance(record, Started)), None)
    step = next((record for record in reversed(records) if isinstance(record, StepStarted)), None)
    where = f"during step {step.step} ({step.title})" if step else "while planning"
    reason = f"the run was cut off {where}"
    if isinstance(records[-1], Chosen):
        reason += "; its act may have been delivered: look before you run it again"
    command = started.command.text if started else ""
    seconds = records[-1].at
    return Result(outcome="incomplete", reason=reason, exit_code=EXIT_CODES["incomplete"], command=command, seconds=seconds)


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
