"""A recorded run again on the live application: its script, resolved and proved anew, without a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operator_agent.errors import UsageError
from operator_agent.flow.classes import Risk
from operator_agent.flow.record import Result
from operator_agent.replay.course import Course
from operator_agent.replay.recording import Recording
from operator_agent.roles import Person, Planner
from operator_agent.run import Listener, Operator
from operator_agent.settings import Settings

if TYPE_CHECKING:
    from operator_agent.flow.plan import Plan
    from operator_agent.healing.healer import Healer


@dataclass(frozen=True)
class Here:
    """Where and how a replay runs now; the rest is as it was recorded."""

    settings: Settings | None = None
    runs: Path | None = None
    person: Person | None = None
    """Who answers in a live replay, or in the live tail of a fork: what was answered when it was recorded is asked anew."""
    approve: Sequence[Risk] = ()
    """Besides what was approved beforehand when it was recorded."""
    headed: bool = False
    full: bool = False
    """A live replay records as its run did: a picture of every step and the network, not only pictures of where it ends."""
    trace: Path | None = None
    listeners: Sequence[Listener] = ()
    skills: Sequence[str | Path] = ()
    prepared: Callable[[Operator], None] = lambda operator: None
    """Called with the operator before it is opened: to stop it on signals."""


async def live(
    recording: Recording, here: Here | None = None, *, wrapped: Callable[[Planner], Planner] = lambda planner: planner
) -> Result:
    """The result of doing the recorded script again. `wrapped` is put around the planner. What is not where it was is
    found again when it is beyond doubt (`operator_agent.healing`).

    Raises UsageError for a run that came to no plan, or that ran on a lent page without a start.
    """
    here = here or Here()
    course = Course(recording.conditions, wrapped)
    settings = replace(here.settings or Settings.from_env(), model_url=None)
    opened = operator(recording, here, course, settings=settings, person=here.person)
    if not here.full:
        opened.network, opened.pictures = False, "ends" if recording.conditions.pictures else False
    async with opened as op:
        plan, op.healer = await asyncio.to_thread(_script, recording)  # while the browser starts
        return await last(op, recording, plan=plan)


def _script(recording: Recording) -> tuple[Plan, Healer]:
    from operator_agent.healing.healer import Healer
    from operator_agent.healing.prints import Prints

    return recording.script(), Healer(Prints.of(recording.records))


def operator(recording: Recording, here: Here, course: Course, *, settings: Settings, person: Person | None) -> Operator:
    """One under the recorded conditions. Raises UsageError when nothing says where to begin."""
    conditions, grant = recording.conditions, recording.started.grant
    opened = Operator(
        conditions.start, allow=conditions.allow, approve={*grant.approved, *here.approve},
        secrets={handle.name: handle.origin for handle in grant.secrets}, person=person, skills=here.skills, runs=here.runs,
        pictures=conditions.pictures, headed=here.headed, limits=conditions.limits, listeners=here.listeners, trace=here.trace,
        course=course, settings=settings,
    )  # fmt: skip
    here.prepared(opened)
    return opened


async def last(op: Operator, recording: Recording, **given: Any) -> Result:
    """The result of the recorded command, done again."""
    async for record in op.records(recording.started.command, **given):
        if record.kind == "ended":
            return record.result
    raise UsageError("the replay was left before its end")
