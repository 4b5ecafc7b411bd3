"""A run told again from its records: what was done, on which pages, and what was then expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from operator_agent.errors import UsageError
from operator_agent.export.tree import observed
from operator_agent.export.writes import paths_read, told_to
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Plan
from operator_agent.flow.record import Asked, Ended, Observed, Record, Result, Started, StepStarted
from operator_agent.flow.tape import Taped
from operator_agent.recorder.kept import Act, Kept


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
    agreed: frozenset[str] = frozenset()
    """The risk classes a person said yes to."""
    read: frozenset[str] = frozenset()
    """The paths that were asked for without writing anything there, by the tape."""


def retell(records: Iterable[Record], tape: Sequence[Taped] = ()) -> Retelling:
    """The run as acts, with what they wrote by its `tape`. Raises UsageError for one that did not pass: what is made of a run
    must do what was proved."""
    telling = _Telling()
    for record in records:
        telling(record)
    return telling.told(tape)


class _Telling(Kept):
    """Follows the records, and keeps the pages."""

    def __init__(self) -> None:
        super().__init__()
        self.started: Started | None = None
        self.result: Result | None = None
        self.start = ""
        self.answers: dict[str, str] = {}
        self.agreed: set[str] = set()
        self.last = Observation(at=0.0)
        self._tree = ""

    def __call__(self, record: Record) -> None:
        super().__call__(record)
        match record:
            case Started():
                self.started = record
            case StepStarted(action=opens) if not (self.start or self.acts) and opens.startswith("go to "):
                self.start = opens.removeprefix("go to ")
            case Asked(question=asked, answer="yes") if asked.kind == "approval":
                self.agreed.add(asked.about)
            case Ended():
                self.result = record.result

    def told(self, tape: Sequence[Taped]) -> Retelling:
        if not (self.started and self.plan and self.result):
            raise UsageError("the run did not come to its end, so there is nothing proved to export; run it again")
        if not self.result.passed:
            raise UsageError(f"the run ended {self.result.outcome}: {self.result.reason}; only a run that passed can be exported")
        acts = tuple(act for act in self.acts if act.counts and act.action)
        unproved = bool(acts) and not acts[-1].expect and not self.plan.done
        for act, writes in zip(acts, told_to(acts, tape, unproved=unproved), strict=True):
            act.writes = writes
        start = self.plan.start or self.start
        said = (self.answers, frozenset(self.agreed))
        return Retelling(self.started, self.plan, start, acts, self.last, self.result, *said, paths_read(tape))

    def _answered(self, record: Asked) -> None:
        if record.step and record.answer is not None:
            self.answers[record.question.about] = record.answer
        super()._answered(record)

    def _see(self, record: Observed) -> None:
        super()._see(record)
        self._tree = record.tree or self._tree
        self.last = observed(self._tree, record.url, record.title)
        if record.phase == "before" and self._open:
            self._open[-1].before = self.last
        elif record.phase == "after" and self._judged:
            self._judged.after = self.last
