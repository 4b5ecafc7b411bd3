"""A recorded run as far as one of its steps, and from there on differently: live, by another plan, command or model.

What comes before that step is hermetic: the recorded plans, network, person, chance and time. No server has heard of it, so a live
tail goes well where the page holds the state, or the server still does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from operator_agent.errors import UsageError
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Planned, Record, Result, StepStarted
from operator_agent.recorder.kept import Kept
from operator_agent.replay.comparison import Comparison, Divergence, compared, divergence
from operator_agent.replay.hermetic import Answering, Following, browsers, player, sealed, told
from operator_agent.replay.live import Here, operator
from operator_agent.replay.recording import Recording
from operator_agent.roles import Person, Planner, Situation, Values
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.clock import PageClock
from operator_agent.surfaces.browser.egress.player import Player

_OF_A_STEP = frozenset({"step_started", "observed", "decided", "chosen", "acted", "judged"})


@dataclass(frozen=True)
class Tail:
    """What comes from the step on. With none of them: the rest of what was recorded."""

    network: Literal["live", "hermetic"] = "live"
    script: Plan | None = None
    """The steps of this script, from as many on as were done before."""
    command: str = ""
    """Planned anew, for the page that is open; its limits hold from the beginning."""
    asks: bool = False
    """The model of the settings plans on."""

    @property
    def is_recorded(self) -> bool:
        """Nothing is done differently: the rest is hermetic, too."""
        return self.network == "hermetic" and not (self.script or self.command or self.asks)


class Forked(NamedTuple):
    """How a fork went. `divergence` is one before the step; the tails are in `comparison`."""

    result: Result
    divergence: Divergence | None
    comparison: Comparison
    from_step: int
    """The one asked for, or the one before: an answer to a dialog is not parted from the step that opens it."""
    notes: tuple[str, ...]


class Fork(NamedTuple):
    """Where a recorded plan is cut."""

    planned: int
    """Which of the recorded plans, from 0."""
    done: int
    """How many of its steps have begun before."""
    kept: int
    """How many steps of the whole script are done before."""


async def fork(recording: Recording, from_step: int, tail: Tail, here: Here | None = None) -> Forked:
    """Does the run again as far as `from_step`, then the tail. Raises UsageError for a step the run did not have."""
    here, from_step = here or Here(), beginning(recording, from_step)
    cut = cut_at(recording, from_step)
    settings = here.settings or Settings.from_env()
    closed = sealed(recording, settings)
    if tail.asks:
        if not settings.model_url:
            raise UsageError("this fork asks a model; set OPERATOR_MODEL_URL and OPERATOR_MODEL")
        closed = replace(closed, model_url=settings.model_url, model_points=settings.model_points)
    course = Forking(recording, player(recording, closed), from_step, cut, tail)
    person = None if recording.started.grant.unattended else Either(course, here.person)
    command = Command(text=tail.command) if tail.command else recording.started.command
    async with operator(recording, here, course, settings=closed, person=person) as op:
        result = await op.run(command)
    assert course.player and result.run
    recorded, replayed = (_before(records, from_step) for records in (recording.records, course.heard))
    found = divergence(recorded, replayed)
    sides = compared(recording.folder, Path(result.run), from_step=from_step)
    notes = (*browsers(recording.records, course.heard), *course.notes)
    return Forked(result, found, sides, from_step, (*notes, *(told(course.player) if tail.network == "hermetic" else ())))


def beginning(recording: Recording, step: int) -> int:
    """The step a fork at `step` begins with: the one before, when this one answers its dialog."""
    begun = {one.step: one.action for one in recording.records if isinstance(one, StepStarted) and not one.recovery}
    return step - 1 if step > 1 and begun.get(step, "").startswith("answer dialog") else step


def cut_at(recording: Recording, step: int) -> Fork:
    """Where in the recorded plans a step is. Raises UsageError when no such step was begun."""
    if not 1 <= step <= recording.steps:
        raise UsageError(f"{recording.folder} has the steps 1 to {recording.steps}; --from-step {step} is none of them")
    kept, planned, length = Kept(), -1, 0
    for record in recording.records:
        if isinstance(record, Planned):
            planned, length = planned + 1, len(record.plan.steps)
        if isinstance(record, StepStarted) and record.step == step:
            break
        kept(record)
    return Fork(planned, length - kept.left, kept.done)


class Forking(Following):
    """On the recorded course as far as the step."""

    def __init__(self, recording: Recording, player: Player, step: int, cut: Fork, tail: Tail) -> None:
        self._cut, self._tail = cut, tail
        self._own = False
        """A server of today must not be given what another one has been given."""
        super().__init__(recording, player, until=None if tail.is_recorded else step)

    def planner(self, planner: Planner) -> Planner:
        return Parting(planner, self, self._cut, self._tail)

    async def reached(self, record: Record, clock: PageClock | None) -> None:
        await super().reached(record, clock)
        if self.player and self.player.live and clock and not self._own:
            self._own = True
            await clock.forget()

    def leave(self) -> None:
        super().leave()
        if self._tail.network == "live":
            assert self.player
            self.player.live = True


class Either:
    """The person of the recording as far as it goes, then the one who is here."""

    def __init__(self, course: Following, here: Person | None) -> None:
        self._course, self._here = course, here
        self._recorded = Answering(course.recording, course.notes)

    async def ask(self, question: Question) -> str | None:
        if self._course.following:
            return await self._recorded.ask(question)
        return await self._here.ask(question) if self._here else None


class Parting:
    """A planner that gives the recorded plans one after the other, the one at the cut only as far as that, and then the tail."""

    def __init__(self, planner: Planner, course: Following, cut: Fork, tail: Tail) -> None:
        self._planner, self._course, self._cut, self._tail = planner, course, cut, tail
        self._plans = [record.plan for record in course.recording.planned]
        self._next = 0
        self._parted = False

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        return self._recorded()

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        """Recorded plans as far as the cut; then the tail, and whatever that goes on with."""
        if self._next <= self._cut.planned:
            return self._recorded()
        if self._parted and (self._tail.asks or self._tail.command):
            return await self._planner.revise(situation)
        if self._parted:
            return self._recorded() if self._next < len(self._plans) and not self._tail.script else None
        found = await self._tail_plan(situation)
        self._parted = not isinstance(found, Question)
        return found

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return await self._planner.refine(step, observation, values)

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return await self._planner.recover(step, trouble, observation)

    def _recorded(self) -> Plan:
        plan = self._plans[self._next]
        if self._next == self._cut.planned:
            plan = plan.model_copy(update={"steps": plan.steps[: self._cut.done], "done": (), "open": True})
        self._next += 1
        return plan

    async def _tail_plan(self, situation: Situation) -> Plan | Question | Refusal | None:
        if self._tail.script:
            script = self._tail.script
            return script.model_copy(update={"steps": script.steps[self._cut.kept :], "start": ""})
        if self._tail.command:
            found = await self._planner.plan(Command(text=self._tail.command), situation.answers)
            return found.model_copy(update={"start": ""}) if isinstance(found, Plan) else found
        if self._tail.asks:
            # A model goes on from plans of its own and of plain words; here it takes over whatever went before.
            plan = situation.plan.model_copy(update={"tier": "model"})
            return await self._planner.revise(situation._replace(plan=plan, kind="done", why=""))
        plan = self._plans[self._cut.planned]
        self._course.extra = True
        return plan.model_copy(update={"steps": plan.steps[self._cut.done :], "start": ""})


def _before(records: Sequence[Record], step: int) -> list[Record]:
    """What was done before the step; plans and their lengths are not compared, for they are cut."""
    found: list[Record] = []
    for record in records:
        if isinstance(record, StepStarted):
            if record.step >= step:
                break
            record = record.model_copy(update={"of": 0})
        if record.kind in _OF_A_STEP:
            found.append(record)
    return found
