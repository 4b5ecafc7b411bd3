"""A run told again from its records: what was done, on which pages, and what was then expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from operator_agent.errors import UsageError
from operator_agent.export.tree import observed
from operator_agent.flow.action import Action, GoTo
from operator_agent.flow.check import Check
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.observation import Observation, Performed
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Asked, Chosen, Ended, Judged, Observed, Planned, Record, Result, Started, StepStarted

_NOTHING = Observation(at=0.0)


@dataclass(slots=True)
class Act:
    """One step that was done."""

    title: str
    number: int
    planned: Step | None = None
    """As in the plan, with `{values}` still to be put in; None for what no plan named (opening the start, clearing the way)."""
    last: bool = True
    """Of the steps that words were made into, the one that carries what is expected."""
    clears: bool = False
    """It only cleared the way for another."""
    action: Action | None = None
    """As it was done, everything put in."""
    element: str = ""
    known: Fingerprint | None = None
    """What else the element was known by."""
    before: Observation = _NOTHING
    after: Observation = _NOTHING
    performed: list[Performed] = field(default_factory=list)
    """The act's own, then one for each dialog that was accepted because of it."""
    status: str = ""

    @property
    def expect(self) -> tuple[Check, ...]:
        """What the plan expects of it, if it came to be so."""
        return self.planned.expect if self.planned and self.last and self.status == "verified" else ()

    @property
    def intent(self) -> str:
        return self.planned.intent if self.planned and self.planned.action.verb != "do" else ""

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(fact for one in self.performed for fact in one.facts)

    @property
    def counts(self) -> bool:
        """Whether doing the run again needs it: it was proved, or nothing spoke against it, or it changed the page."""
        sent = bool(self.performed) and self.performed[0].trouble is None
        unopposed = self.status == "unknown" and not (self.planned and self.planned.expect)
        return self.action is not None and (
            self.status == "verified" or (sent and (unopposed or self.before.tree != self.after.tree))
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Retelling:
    started: Started
    plan: Plan
    """The last one: its goal and `done` are the run's."""
    start: str
    acts: tuple[Act, ...]
    last: Observation
    """The look that proved `done`, else the last there was."""
    result: Result
    answers: dict[str, str]
    """What a person answered to steps that ask, by the value it became."""


def retell(records: Iterable[Record]) -> Retelling:
    """The run as acts. Raises UsageError for one that did not pass: what is made of a run must do what was proved."""
    telling = _Telling()
    for record in records:
        telling(record)
    return telling.told()


class _Telling:
    """Follows the records."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.plan: Plan | None = None
        self.result: Result | None = None
        self.start = ""
        self.answers: dict[str, str] = {}
        self.acts: list[Act] = []
        self.last = _NOTHING
        self._tree = ""
        self._todo: list[Step] = []
        self._words: tuple[int, Step] | None = None
        self._open: list[Act] = []
        self._judged: Act | None = None

    def __call__(self, record: Record) -> None:
        match record:
            case Started():
                self.started = record
            case Planned():
                self._planned(record)
            case StepStarted():
                self._begin(record)
            case Observed():
                self._see(record)
            case Chosen() if self._open:
                self._open[-1].action, self._open[-1].element = record.action, record.element
                self._open[-1].known = record.prints.get("target")
                self._open[-1].performed.clear()
            case Acted() if self._open:
                self._open[-1].performed.append(record.performed)
            case Judged() if record.step and self._open:
                self._judged = self._open.pop()
                self._judged.status = record.verdict.status
                self.acts.append(self._judged)
            case Asked() if record.step and record.question.kind == "input" and record.answer is not None:
                self.answers[record.question.about] = record.answer
            case Ended():
                self.result = record.result

    def told(self) -> Retelling:
        if not (self.started and self.plan and self.result):
            raise UsageError("the run did not come to its end, so there is nothing proved to export; run it again")
        if not self.result.passed:
            raise UsageError(f"the run ended {self.result.outcome}: {self.result.reason}; only a run that passed can be exported")
        acts = tuple(act for act in self.acts if act.counts)
        return Retelling(self.started, self.plan, self.start, acts, self.last, self.result, self.answers)

    def _planned(self, record: Planned) -> None:
        self.plan, self._todo, self._words = record.plan, list(record.plan.steps), None
        self._open.clear()
        self.start = self.start or record.plan.start

    def _begin(self, record: StepStarted) -> None:
        if record.recovery:
            self._open.append(Act(record.title, record.step, clears=True))
            return
        self._open = [self._act(record)]
        if not self.start and not self.acts and record.action.startswith("go to "):
            self.start = record.action.removeprefix("go to ")

    def _act(self, record: StepStarted) -> Act:
        """The plan's step this is; several begin in the place of one that words were made into."""
        left = record.of - record.step
        if left == len(self._todo) and record.title == f"open {record.action.removeprefix('go to ')}":
            return Act(record.title, record.step)
        if self._words and self._words[0] == record.of and left >= len(self._todo):
            return Act(record.title, record.step, self._words[1], last=left == len(self._todo))
        if not self._todo:
            return Act(record.title, record.step)
        step = self._todo.pop(0)
        self._words = (record.of, step) if step.action.verb == "do" else None
        return Act(record.title, record.step, step, last=self._words is None or left == len(self._todo))

    def _see(self, record: Observed) -> None:
        self._tree = record.tree or self._tree
        seen = observed(self._tree, record.url, record.title)
        if record.phase == "before" and self._open:
            self._open[-1].before = seen
        elif record.phase == "after" and self._judged:
            self._judged.after = seen
        self.last = seen


def opens(act: Act) -> str:
    """The address an act opens; "" for any other."""
    return act.action.url if isinstance(act.action, GoTo) else ""
