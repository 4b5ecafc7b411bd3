"""The healed script: the plan with the targets that were found again, each proved by its step, and what changed as a diff."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Healed, Judged, Planned, Record, StepStarted


class Change(NamedTuple):
    """One step whose healed target was verified. `at` is its place in the plan, from 0."""

    at: int
    healed: Healed


class Rewritten:
    """A listener of one replay. What was healed and not verified changes nothing."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        """The plan as it was given."""
        self.changes: list[Change] = []
        self._healed: Healed | None = None
        self._clearing = False
        self._at: int | None = -1
        """The place in the plan of the step under way; -1 while the start is opened."""

    def __call__(self, record: Record) -> None:
        match record:
            case Planned() if self.plan is None:
                self.plan = record.plan
            case Planned():
                self._at = None  # another plan took over: its steps are not the script's
            case StepStarted():
                self._clearing = bool(record.recovery)
                if not self._clearing and self.plan and self._at is not None:
                    self._healed, self._at = None, len(self.plan.steps) - 1 - (record.of - record.step)
            case Healed() if not self._clearing:
                self._healed = record
            case Judged() if record.step and not self._clearing:
                if self._healed and record.verdict.status == "verified":
                    self._keep(self._healed)
                self._healed = None
            case Judged():
                self._clearing = False

    @property
    def healed(self) -> Plan | None:
        """The plan with its new targets; None when nothing was healed."""
        if self.plan is None or not self.changes:
            return None
        steps = list(self.plan.steps)
        for change in self.changes:
            steps[change.at] = _with_target(steps[change.at], change.healed)
        return self.plan.model_copy(update={"steps": tuple(steps)})

    def write(self, script: Path) -> tuple[Path, Path] | None:
        """Writes `<script>.healed` and `<script>.diff` beside a script, which stays as it is; None when nothing was healed.

        The diff has the reason of each change above it. Raises OSError.
        """
        if (plan := self.healed) is None or self.plan is None:
            return None
        from operator_agent.script import dump_plan

        old = dump_plan(self.plan).splitlines(keepends=True)
        new = dump_plan(plan).splitlines(keepends=True)
        whys = [f"# step {at + 1}: {healed.old} → {healed.new}: {healed.why}\n" for at, healed in self.changes]
        written, diff = script.with_name(f"{script.name}.healed"), script.with_name(f"{script.name}.diff")
        written.write_text("".join(new), encoding="utf-8")
        diff.write_text("".join([*whys, *unified_diff(old, new, script.name, written.name)]), encoding="utf-8")
        return written, diff

    def _keep(self, healed: Healed) -> None:
        """A step whose target is made of inputs or plain words stays as it is: what is so for one value of them need not be so for
        another."""
        if self.plan is None or self._at is None or not 0 <= self._at < len(self.plan.steps):
            return
        if getattr(self.plan.steps[self._at].action, "target", None) == healed.old:
            self.changes.append(Change(self._at, healed))


def _with_target(step: Step, healed: Healed) -> Step:
    return step.model_copy(update={"action": step.action.model_copy(update={"target": healed.new})})
