"""A run folder, as a replay needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from operator_agent.errors import UsageError
from operator_agent.flow.plan import Plan
from operator_agent.flow.record import Asked, Conditions, Ended, Planned, Record, Result, Started, StepStarted
from operator_agent.flow.tape import Drawn
from operator_agent.recorder.draws import read_draws
from operator_agent.recorder.looks import Look, read_looks
from operator_agent.recorder.reader import read


@dataclass(frozen=True)
class Recording:
    """`read_recording` makes it."""

    folder: Path
    records: tuple[Record, ...]
    """Without pictures."""

    @cached_property
    def started(self) -> Started:
        first = self.records[0]
        assert isinstance(first, Started)
        return first

    @property
    def conditions(self) -> Conditions:
        return self.started.conditions

    @cached_property
    def result(self) -> Result | None:
        """None when the run was cut off."""
        last = self.records[-1]
        return last.result if isinstance(last, Ended) else None

    @cached_property
    def planned(self) -> tuple[Planned, ...]:
        return tuple(record for record in self.records if isinstance(record, Planned))

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        return tuple(record for record in self.records if isinstance(record, Asked))

    @cached_property
    def steps(self) -> int:
        """The number of the last step that was begun."""
        return max((record.step for record in self.records if isinstance(record, StepStarted)), default=0)

    def looks(self) -> Mapping[int, Look]:
        return read_looks(self.folder)

    def draws(self) -> tuple[Drawn, ...]:
        return read_draws(self.folder)

    def script(self) -> Plan:
        """What ran, as one plan. Raises `UsageError` when the run had come to no plan."""
        from operator_agent.script import load_plan

        file = self.folder / "script.yaml"
        if not file.is_file():
            raise UsageError(f"{self.folder} has no script.yaml: nothing was planned in that run, so there is nothing to do again")
        return load_plan(file)

    def traffic(self) -> list[dict[str, object]]:
        """The calls to models, none when none was asked."""
        from operator_agent.models.traffic import read_traffic

        file = self.folder / "model.jsonl"
        return read_traffic(file) if file.is_file() else []


def read_recording(folder: Path) -> Recording:
    """Raises `UsageError` for a folder that holds no run, or one that cannot be read."""
    records = tuple(read(folder, pictures=False))
    if not records or not isinstance(records[0], Started):
        raise UsageError(f"{folder} holds no run that began: there is nothing to replay or compare")
    return Recording(folder, records)
