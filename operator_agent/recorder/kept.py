"""The script of a run that was planned piece by piece: what was done so far, then what was planned last."""

from __future__ import annotations

from operator_agent.flow.observation import Performed
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Judged, Observed, Planned, Record, StepStarted
from operator_agent.flow.verdict import Verdict

_HOPED = frozenset({"click", "double click", "right click", "press", "drag"})
"""Verbs that only what is expected of them can refute. The others have an effect of their own, which would be refuted again."""


class Kept:
    """A listener. `plan` is the whole as one plan, None before there is one.

    It holds what was done: a step that was verified; one of which nothing was expected, so that nothing could be proved; and one
    whose expectation was wrong, without it, when the page was another one afterwards. Steps that led nowhere are not in it.
    """

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self._done: list[Step] = []
        self._todo: list[Step] = []
        self._current: Step | None = None
        self._words = 0
        """The number of all steps, while those that one step's words were made into are being done: the next words change it."""
        self._clearing = False
        """What is judged next only clears the way."""
        self._performed: Performed | None = None
        self._doubted: Step | None = None
        """Delivered and refuted: whether it did anything, the look afterwards tells."""

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
                self._performed = record.performed
            case Observed(phase="after", tree=str(tree)) if tree and self._doubted:
                self._done.append(self._doubted)
                self._doubted = None
            case Judged() if record.step and not self._clearing:
                self._judge(record.verdict)
            case Judged():
                self._clearing = False

    def _judge(self, verdict: Verdict) -> None:
        step, performed = self._current, self._performed
        self._current = self._performed = self._doubted = None
        if step is None:
            return
        hindered = performed is not None and performed.trouble is not None
        if verdict.status == "verified" or (verdict.status == "unknown" and not step.expect and not hindered):
            self._done.append(step)
        elif performed is not None and performed.delivery == "sent" and step.action.verb in _HOPED:
            self._doubted = step.model_copy(update={"expect": ()})

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
