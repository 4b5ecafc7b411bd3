"""A recorded run again without network, model and person: what they said comes from the recording, chance and time as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from time import monotonic
from typing import NamedTuple

from operator_agent.errors import OperatorError, UsageError
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Record, Result, Started, StepStarted
from operator_agent.flow.tape import Taped
from operator_agent.models.traffic import FromRecord
from operator_agent.recorder.looks import COUNTED, Look, Place, never_left
from operator_agent.recorder.tape import read_tape
from operator_agent.replay.comparison import Divergence, divergence, still
from operator_agent.replay.course import Course
from operator_agent.replay.live import Here, operator
from operator_agent.replay.matching import MatchingSurface
from operator_agent.replay.recording import Recording
from operator_agent.roles import Planner, Situation, Surface, Values
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.clock import PageClock
from operator_agent.surfaces.browser.egress.player import Player
from operator_agent.surfaces.redaction import Redaction

_LAG, _MOST_LAG = 0.25, 2.0
"""Seconds the page of a recorded run may have needed to show what had already come through the proxy."""
_DOUBT = 0.3
"""Seconds without the look that was recorded, after which one thing more of what came about its time is let through."""
_MARK = re.compile(r"(</?page )[0-9a-f]{24}\b")
"""What fences page text in prompts is drawn anew in every run, so that no page can know it."""


class Replayed(NamedTuple):
    """How a hermetic replay went."""

    result: Result
    divergence: Divergence | None
    notes: tuple[str, ...]
    """What a person should know: answers that were not quite the recorded ones, a plan that would be another one today."""


class Following(Course):
    """Keeps a replay on the course of a recording: chance, page time, network and looks. `until` is the first step that is not."""

    def __init__(self, recording: Recording, player: Player, *, until: int | None = None) -> None:
        super().__init__(recording.conditions)
        self.player = player
        self.draws = recording.draws()
        self.recording = recording
        self.notes: list[str] = []
        self.following = True
        self.extra = False
        """The next plan is one more than recorded, and changes nothing."""
        self.heard: list[Record] = []
        self._until = until
        self._free = False
        """Pages have a time of their own again."""
        self._place = Place()
        self._told = _settled(recording.records)
        self._looks = recording.looks()
        self._bound = inf
        """Of the recorded clock, while the look at this place has not come."""
        self._held = 0.0
        """When it was last held there."""
        self._arrivals = _arrivals(player.unused)

    def surface(self, surface: Surface) -> Surface:
        if not self._looks:
            self.notes.append("the recording has no looks: a page that is still moving may be seen at another moment")
            return surface
        return MatchingSurface(surface, self._looks, self)

    @property
    def place(self) -> int:
        return self._place.number

    async def reached(self, record: Record, clock: PageClock | None) -> None:
        self.heard.append(record)
        if record.kind == "planned" and self.extra:
            self.extra = False
            return
        if self._until and isinstance(record, StepStarted) and record.step >= self._until:
            self.leave()
        self._place(record)
        here = self._place.number - 1
        if not self.following and clock and not self._free:
            self._free = True
            await clock.set(self.recording.conditions.clock + record.at * 1000)
        if not self.following or record.kind not in COUNTED or not 0 <= here < len(self._told):
            return
        now = self._told[here]
        if now.kind != record.kind and not never_left(record):
            Following.leave(self)  # the comparison will tell; to wait for what does not come would only take time
            return
        look = self._looks.get(self.place)
        self._bound = look.at - self._lag(look) if look else inf
        self._hold(now.at, self._bound)
        if clock:
            await self._tell_time(clock, here, look)

    async def _tell_time(self, clock: PageClock, here: int, look: Look | None) -> None:
        """Pages show it (`2 seconds ago`): it runs no further than it had when they were looked at, however slow it is now."""
        now, then = self._told[here], self._told[min(here + 1, len(self._told) - 1)]
        at = then.at if now.kind == "chosen" else now.at
        zero, until = self.recording.conditions.clock, max(at, look.ended if look else then.at)
        # What comes until then was made at the server shortly before: a page must not be told an earlier time than that.
        at = max([at, *(came for came in self._arrivals if came <= until)])
        later = now.kind in ("started", "step_started", "chosen")
        await clock.set(zero + at * 1000, None if then is now else zero + until * 1000, later=later)

    def leave(self) -> None:
        """From here on nothing is as recorded; what the tape still brings comes at its own pace."""
        if self.following and self.player and 0 < self._place.number <= len(self._told):
            self.player.reached(self._told[self._place.number - 1].at)
        self.following = False

    def waiting(self, look: Look) -> bool:
        if self._bound >= look.ended:
            return True
        if monotonic() - self._held >= _DOUBT:
            # One by one: of two answers that came at once, the page may have shown only the first when it was looked at.
            self._bound = next((at for at in self._arrivals if self._bound < at < look.ended), look.ended)
            self._hold(self._bound, self._bound)
        return False

    def matched(self, look: Look) -> None:
        self._hold(min(self._bound, look.at))

    def missed(self, look: Look) -> None:
        Following.leave(self)
        self.notes.append(f"after record {look.place} {look.url} did not come to show what it showed when it was recorded")

    def _lag(self, look: Look) -> float:
        """A page that took long to be looked at was busy, or its machine was: then it also took long to show what had come. One
        quick look between slow ones says little."""
        near = (one.ended - one.at for one in self._looks.values() if abs(one.at - look.at) < _MOST_LAG)
        return min(max(_LAG, 2 * max(near, default=0.0)), _MOST_LAG)

    def _hold(self, at: float, until: float = inf) -> None:
        """It is as late as that on the recorded clock, which stands still at the next record, and before at `until`."""
        then = self._told[self.place].at if self.place < len(self._told) else inf
        assert self.player
        self._held = monotonic()
        self.player.reached(at, min(then, until))


class Answering:
    """The person of the recording: the same question gets the same answer. Anything else is not answered."""

    def __init__(self, recording: Recording, notes: list[str]) -> None:
        self._asked = list(recording.asked)
        self._notes = notes

    async def ask(self, question: Question) -> str | None:
        if self._asked and self._asked[0].question == question:
            return self._asked.pop(0).answer
        was = f"“{self._asked[0].question.text}”" if self._asked else "nothing more"
        self._notes.append(f"asked “{question.text}”, where the recording asks {was}: not answered")
        return None


class AsRecorded:
    """A planner whose first plan is the recorded one, also when another would be made today, which is noted."""

    def __init__(self, planner: Planner, recording: Recording, notes: list[str]) -> None:
        self._planner, self._notes = planner, notes
        self._first = recording.planned[0].plan if recording.planned else None

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        first = self._first
        if first is None or first.tier == "model":
            return await self._planner.plan(command, answers)
        try:
            found = await self._planner.plan(command, answers)
        except OperatorError as error:
            found = Refusal(reason=str(error))
        if isinstance(found, Question) or found == first:
            return found
        if not isinstance(found, Plan) or found.model_copy(update={"origin": first.origin}) != first:
            now = f"another plan ({found.tier})" if isinstance(found, Plan) else f"none ({found.reason})"
            self._notes.append(f"planning the command gives {now} today; the recorded plan was used")
        return first

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return await self._planner.refine(step, observation, values)

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        return await self._planner.revise(situation)

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return await self._planner.recover(step, trouble, observation)


class Hermetic(Following):
    """The whole course of a recording."""

    def planner(self, planner: Planner) -> Planner:
        return AsRecorded(planner, self.recording, self.notes)


async def hermetic(recording: Recording, here: Here | None = None) -> Replayed:
    """Does the run again without leaving this process and its browser, and compares the records.

    Secrets that are not set are stood in for by their handles. Raises UsageError for a run that cannot be replayed so.
    """
    here = here or Here()
    settings = sealed(recording, here.settings or Settings.from_env())
    course = Hermetic(recording, player(recording, settings))
    op = operator(recording, here, course, settings=settings, person=answering(recording, course.notes))
    if traffic := recording.traffic():
        op.model = FromRecord(traffic, alike=alike, pictures=False)
    conditions, plan = recording.conditions, recording.planned[0].plan if recording.conditions.given else None
    async with op:
        given = {"plan": plan} if plan else {"skill": conditions.skill, "inputs": conditions.inputs}
        async for record in op.records(recording.started.command, **given):
            if record.kind == "ended":
                result = record.result
    assert course.player
    notes = (*browsers(recording.records, course.heard), *course.notes, *told(course.player))
    return Replayed(result, divergence(recording.records, course.heard), notes)


def player(recording: Recording, settings: Settings) -> Player:
    """Raises UsageError for a recording without a tape."""
    if recording.conditions.given and len(recording.planned) > 1:
        raise UsageError(f"{recording.folder} is a script of single steps (Operator.do), which is replayed live only")
    if recording.conditions.lent:
        raise UsageError(f"{recording.folder} ran on a lent page, whose network was not ours to record; replay it live")
    tape = read_tape(recording.folder)
    if not tape and recording.steps:
        raise UsageError(f"{recording.folder} holds no network recording; replay it live, or record it anew with one")
    names = [handle.name for handle in recording.started.grant.secrets]
    return Player(tape, redaction=Redaction({name: settings.secrets[name] for name in names}))


def sealed(recording: Recording, settings: Settings) -> Settings:
    """No model to ask; every secret of the recording has a value, its own handle when it is not set."""
    handles = {handle.name: f"{{secret:{handle.name}}}" for handle in recording.started.grant.secrets}
    return replace(settings, model_url=None, model_points="", secrets={**handles, **settings.secrets})


def answering(recording: Recording, notes: list[str]) -> Answering | None:
    """Who answers; nobody when nobody was there."""
    return None if recording.started.grant.unattended else Answering(recording, notes)


def browsers(*runs: Sequence[Record]) -> tuple[str, ...]:
    """A note when the runs are known to have been in different browsers."""
    then, now = (run[0].versions.get("browser") if isinstance(run[0], Started) else None for run in runs)
    return (f"recorded in {then}, replayed in {now}",) if then and now and then != now else ()


def alike(text: str) -> str:
    """A prompt without what differs from run to run."""
    return _MARK.sub(r"\1mark", still(text))


def told(player: Player) -> tuple[str, ...]:
    """What the tape could not answer quite as it was asked."""
    unused = [one for one in player.unused if one.kind == "http"]
    left = [f"{len(unused)} recorded requests did not come, the first was {unused[0].method} {unused[0].url}"] if unused else []
    return (*player.misses, *player.loose, *left)


def _arrivals(tape: list[Taped]) -> list[float]:
    """When anything came to the browser, in order."""
    times: set[float | None] = set()
    for one in tape:
        times |= {one.answered, one.ended, *(chunk.at for chunk in one.chunks), *(frame.at for frame in one.frames)}
    return sorted(at for at in times if at is not None)


def _settled(records: tuple[Record, ...]) -> list[Record]:
    """The record that makes each place, by its number."""
    found: list[Record] = []
    place = Place()
    for record in records:
        place(record)
        del found[place.number :]
        if place.number > len(found):
            found.append(record)
    return found
