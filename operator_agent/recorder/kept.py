"""The script of a run that was planned piece by piece: what was done so far, then what was planned last."""

from __future__ import annotations

from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Judged, Planned, Record, StepStarted
from operator_agent.flow.verdict import Verdict


class Kept:
    """A listener. `plan` is the whole as one plan, None before there is one. Steps that led nowhere are not in it; those of which
    nothing was expected, so that nothing could be proved, were done like the others and are."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self._done: list[Step] = []
        self._todo: list[Step] = []
        self._current: Step | None = None
        self._words = 0
        """The number of all steps, while those that one step's words were made into are being done: the next words change it."""
        self._clearing = False
        """What is judged next only clears the way."""
        self._hindered = False

    @property
    def done(self) -> int:
        """How many steps of the plan are done."""
        return len(self._done)

    @property
    def left(self) -> int:
        """How many steps of the latest plan have not begun."""
        return len(self._todo)

    def __call__(self, record: Record) -> None:
        match record:
            case Planned():
                start = self.plan.start if self.plan and self.plan.start else record.plan.start
                self._todo, self._current, self._words = list(record.plan.steps), None, 0
                self.plan = record.plan.model_copy(update={"steps": (*self._done, *self._todo), "start": start})
            case StepStarted():
                self._clearing = bool(record.recovery)
                if not self._clearing:
                    self._current = self._begun(record)
            case Acted():
                self._hindered = record.performed.trouble is not None
            case Judged() if record.step and not self._clearing:
                if self._current and self._went_on(self._current, record.verdict):
                    self._done.append(self._current)
                self._current = None
            case Judged():
                self._clearing = False

    def _went_on(self, step: Step, verdict: Verdict) -> bool:
        return verdict.status == "verified" or (verdict.status == "unknown" and not step.expect and not self._hindered)

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
