"""What each worker is doing now, for whoever shows the progress: a small file a process, beside the runs of the round.

    <round>/.doing/<pid>.json     {"id": node id, "step": 3, "of": 9, "title": "press Pay"}; gone when the scenario has ended
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from operator_agent.flow.record import Record

_PLACE = ".doing"


@dataclass(frozen=True, slots=True)
class Doing:
    """The step a scenario is at."""

    id: str
    step: int
    of: int
    title: str


class Progress:
    """A listener of one scenario's run. A progress that cannot be written is no reason to end a run."""

    def __init__(self, folder: Path, id: str) -> None:
        self._file, self._id = folder / _PLACE / f"{os.getpid()}.json", id

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
            self._file.parent.rmdir()  # only the last one can

    def __call__(self, record: Record) -> None:
        if record.kind == "step_started":
            self._write(Doing(self._id, record.step, record.of, record.title))

    def _write(self, doing: Doing) -> None:
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps(asdict(doing)), encoding="utf-8")
            part.replace(self._file)


def doing(folder: Path) -> Iterator[Doing]:
    """What is done in this moment, in all processes of a round."""
    try:
        files = sorted((folder / _PLACE).glob("*.json"))
    except OSError:
        return
    for file in files:
        with suppress(OSError, ValueError, TypeError):  # it has just ended
            yield Doing(**json.loads(file.read_text(encoding="utf-8")))
