"""The script of a run that was planned piece by piece: what was verified so far, then what was planned last."""

from __future__ import annotations

from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Judged, Planned, Record, StepStarted


class Kept:
    """A listener. `plan` is the whole as one plan, None before there is one. Steps that led nowhere are not in it."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self._verified: list[Step] = []
        self._todo: list[Step] = []
        self._current: Step | None = None
        self._words = 0
        """The number of all steps, while those that one step's words were made into are being done: the next words change it."""
        self._clearing = False
        """What is judged next only clears the way."""

    @property
    def verified(self) -> int:
        """How many steps of the plan are verified."""
        return len(self._verified)

    @property
    def left(self) -> int:
        """How many steps of the latest plan have not begun."""
        return len(self._todo)

    def __call__(self, record: Record) -> None:
        match record:
            case Planned():
                start = self.plan.start if self.plan and self.plan.start else record.plan.start
                self._todo, self._current, self._words = list(record.plan.steps), None, 0
                self.plan = record.plan.model_copy(update={"steps": (*self._verified, *self._todo), "start": start})
            case StepStarted():
                self._clearing = bool(record.recovery)
                if not self._clearing:
                    self._current = self._begun(record)
            case Judged() if record.step and not self._clearing:
                if self._current and record.verdict.status == "verified":
                    self._verified.append(self._current)
                self._current = None
            case Judged():
                self._clearing = False

    def _begun(self, record: StepStarted) -> Step | None:
        """The step as planned. None for the one that opens the start, and for all but the first that words were made into."""
        left = record.of - record.step
        opens = left == len(self._todo) and record.title == f"open {record.action.removeprefix('go to ')}"
        same_words = self._words == record.of and left >= len(self._todo)
        if opens or same_words or not self._todo:
            return None
        step = self._todo.pop(0)
        self._words = record.of if step.action.verb == "do" else 0
        return step
