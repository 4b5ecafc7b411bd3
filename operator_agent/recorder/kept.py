"""What was done in a run, followed from its records: each act with the plan's step it came from. Scripts, exports and forks are
made of it, also of a run that was planned piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field

from operator_agent.flow.action import Action, Ask
from operator_agent.flow.check import Check
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.observation import Observation, Performed
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Asked, Chosen, Judged, Observed, Planned, Record, StepStarted
from operator_agent.flow.tape import Taped

_HOPED = frozenset({"click", "double click", "right click", "press", "drag", "click at", "drag from"})
"""Verbs that only what is expected of them can refute. The others have an effect of their own, which would be refuted again."""
_NOTHING = Observation(at=0.0)


@dataclass(slots=True)
class Act:
    """One step that was begun. Times are seconds since the run began."""

    title: str
    number: int
    planned: Step | None = None
    """As in the plan, with `{values}` still to be put in; None for what no plan named (opening the start, clearing the way)."""
    first: bool = True
    """Of the steps that words were made into, the one that stands for the words in a script."""
    last: bool = True
    """… and the one that carries what is expected."""
    clears: bool = False
    """It only cleared the way for another."""
    action: Action | None = None
    """As it was done, everything put in."""
    element: str = ""
    known: Fingerprint | None = None
    """What else the element was known by."""
    before: Observation = _NOTHING
    """Only of a run that is told again; as `after`."""
    after: Observation = _NOTHING
    changed: bool = False
    """Whether the page was another one afterwards."""
    performed: list[Performed] = field(default_factory=list)
    """The act's own, then one for each dialog that was accepted because of it."""
    status: str = ""
    began: float = 0.0
    ended: float = 0.0
    writes: tuple[Taped, ...] = ()
    """What it made the page write on its server, in requests of their own; only of a run that is told again."""

    @property
    def hoped(self) -> tuple[Check, ...]:
        """What the plan expects of it."""
        return self.planned.expect if self.planned and self.last else ()

    @property
    def expect(self) -> tuple[Check, ...]:
        """What the plan expects of it, if it came to be so."""
        return self.hoped if self.status == "verified" else ()

    @property
    def intent(self) -> str:
        return self.planned.intent if self.planned and self.planned.action.verb != "do" else ""

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(fact for one in self.performed for fact in one.facts)

    @property
    def counts(self) -> bool:
        """Whether doing the run again needs it: it was verified; or nothing was expected of it, so that nothing could be proved;
        or what was expected was wrong, and the page was another one afterwards. What led nowhere does not count."""
        own = self.performed[0] if self.performed else None
        if self.status == "verified" or not self.status:
            return self.status == "verified"
        if self.status == "unknown" and not self.hoped and not (own and own.trouble):
            return True
        action = self.action or (self.planned.action if self.planned else None)
        return self.changed and own is not None and own.delivery == "sent" and action is not None and action.verb in _HOPED

    @property
    def kept(self) -> Step | None:
        """The plan's step as a script keeps it: without an expectation that was wrong. None for what was not planned."""
        if not (self.planned and self.first and self.counts):
            return None
        doubted = self.last and self.hoped and not self.expect
        return self.planned.model_copy(update={"expect": ()}) if doubted else self.planned


class Kept:
    """A listener. `acts` are those that were judged, in order; `plan` the whole as one plan, None before there is one: what was
    kept of the plans before the latest, then all of that."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.acts: list[Act] = []
        self._todo: list[Step] = []
        self._words: tuple[int, Step] | None = None
        """The number of all steps, while those that this step's words were made into are being done: the next words change it."""
        self._open: list[Act] = []
        """The act that is being done, then what clears the way for it."""
        self._judged: Act | None = None

    @property
    def done(self) -> int:
        """How many steps of the plan are done."""
        return len(self._done())

    @property
    def left(self) -> int:
        """How many steps of the latest plan have not begun."""
        return len(self._todo)

    def __call__(self, record: Record) -> None:
        match record:
            case Planned():
                self._planned(record.plan)
            case StepStarted():
                self._begin(record)
            case Observed():
                self._see(record)
            case Asked() if self._open and record.question.kind == "input" and record.answer is not None:
                self._answered(record)
            case Chosen() if self._open:
                self._choose(self._open[-1], record)
            case Acted() if self._open:
                self._open[-1].performed.append(record.performed)
            case Judged() if record.step and self._open:
                self._end(record.verdict.status, record.at)

    def _done(self) -> list[Step]:
        return [step for act in self.acts if (step := act.kept)]

    def _planned(self, plan: Plan) -> None:
        start = self.plan.start if self.plan and self.plan.start else plan.start
        self.plan = plan.model_copy(update={"steps": (*self._done(), *plan.steps), "start": start})
        self._todo, self._words = list(plan.steps), None
        self._open.clear()

    def _begin(self, record: StepStarted) -> None:
        if record.recovery:
            self._open.append(Act(record.title, record.step, clears=True))
        else:
            self._open = [self._act(record)]

    def _act(self, record: StepStarted) -> Act:
        """The plan's step this is; several begin in the place of one that words were made into."""
        left = record.of - record.step
        if left == len(self._todo) and record.title == f"open {record.action.removeprefix('go to ')}":
            return Act(record.title, record.step)
        if self._words and self._words[0] == record.of and left >= len(self._todo):
            return Act(record.title, record.step, self._words[1], first=False, last=left == len(self._todo))
        if not self._todo:
            return Act(record.title, record.step)
        step = self._todo.pop(0)
        self._words = (record.of, step) if step.action.verb == "do" else None
        return Act(record.title, record.step, step, last=self._words is None or left == len(self._todo))

    def _choose(self, act: Act, record: Chosen) -> None:
        act.action, act.element, act.known = record.action, record.element, record.prints.get("target")
        act.began = record.at
        act.performed.clear()

    def _answered(self, record: Asked) -> None:
        """A step that asks is done with its answer; nothing is chosen and nothing judged."""
        asks = self._open[-1].planned
        if asks and isinstance(asks.action, Ask) and asks.action.into == record.question.about:
            self._open[-1].action = asks.action
            self._end("verified", record.at)

    def _end(self, status: str, at: float) -> None:
        self._judged = act = self._open.pop()
        act.status, act.ended = status, at
        self.acts.append(act)

    def _see(self, record: Observed) -> None:
        if record.phase == "after" and self._judged:
            self._judged.changed |= bool(record.tree)
