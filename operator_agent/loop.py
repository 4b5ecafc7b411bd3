"""The loop: look, point, ask the policy, act, prove, and only then the next step.

`Loop.run` yields the facts of the run; recorder, console and report follow that stream, the loop knows none of them. A record is
handed over before the loop goes on: what is journalled as chosen was chosen before any input left."""
from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from time import monotonic
from typing import Any

from operator_agent.errors import OperatorError
from operator_agent.flow.action import AnswerDialog, Ask, Do, GoTo
from operator_agent.flow.command import Command
from operator_agent.flow.grant import Grant, Limits
from operator_agent.flow.observation import Box, Element, Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Acted, Chosen, Ended, Judged, Noted, Observed, Planned, Record, StepStarted
from operator_agent.flow.verdict import Verdict
from operator_agent.gate import Gate
from operator_agent.outcome import Stop, Tally
from operator_agent.roles import Attempt, Decision, Grounded, Roles, Surface, Values
from operator_agent.script.fill import fill_checks, fill_step, literal_step

_FRESH = 0.15  # seconds a look may be old and still be what was there before the act
_TRIES = 3  # an act whose input never left may be tried again: its element went stale, or something covered it


class Loop:
    """One run. `values` are what the steps may use as `{name}`; reads add to them."""

    def __init__(
        self, roles: Roles, surface: Surface, grant: Grant, limits: Limits, *, values: Values | None = None, pictures: bool = True
    ) -> None:
        self.planner, self.executor, self.verifier = roles.planner, roles.executor, roles.verifier
        self.gate = Gate(roles.policy, roles.person, grant, self._say)
        self.surface, self.limits, self.pictures = surface, limits, pictures
        self.values: dict[str, Any] = dict(values or {})
        self.start, self.number = "", 0  # where to begin when the plan does not say; the number of the step under way
        self._began, self._stopped_by, self._tree = monotonic(), "", ""
        self._seen: Observation | None = None
        self._records: asyncio.Queue[Record | None] = asyncio.Queue()
        self._work: asyncio.Task[None] | None = None

    async def run(self, command: Command, plan: Plan | None = None) -> AsyncGenerator[Record, None]:
        """The run's records; the last is `Ended`. With `plan`, nothing is planned. Leaving the iteration stops the run."""
        self._work = asyncio.create_task(self._go(command, plan))
        if self._stopped_by:
            self._work.cancel()
        self._work.add_done_callback(lambda _: self._records.put_nowait(None))
        try:
            while (record := await self._records.get()) is not None:
                yield record
                self._records.task_done()
            self._work.result()
        finally:
            self._work.cancel()
            await asyncio.wait({self._work})

    def stop(self, by: str) -> None:
        """Ends the run at once, whatever it is waiting for; it closes with `incomplete` and a valid last record."""
        self._stopped_by = self._stopped_by or by
        if self._work:
            self._work.cancel()

    async def _go(self, command: Command, plan: Plan | None) -> None:
        tally = Tally(command, plan)
        try:
            async with asyncio.timeout(self.limits.seconds) as self.gate.clock:
                plan = tally.plan = plan or await self.gate.plan(self.planner, command)
                self.values = {**plan.inputs, **self.values}
                await self._say(Planned(plan=plan))
                await self._steps(plan, tally)
                await self._done(plan, tally)
        except (Stop, TimeoutError, OperatorError) as why:
            tally.stop = Stop.of(why, self.limits)
        except asyncio.CancelledError:
            if not self._stopped_by:
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
            tally.stop = Stop("incomplete", f"stopped by {self._stopped_by}")
        await self._say(Ended(result=tally.result(self.values, monotonic() - self._began)))

    async def _steps(self, plan: Plan, tally: Tally) -> None:
        todo = deque(plan.steps)
        if start := plan.start or self.start:
            todo.appendleft(Step(action=GoTo(url=start), intent=f"open {start}"))
        while todo:
            step = fill_step(todo.popleft(), self.values)
            if isinstance(step.action, Do):
                refined = await self.planner.refine(step, await self.surface.observe(deep=True), self.values)
                if isinstance(refined, Refusal):
                    raise Stop("needs_human", refined.told, step)
                todo.extendleft(literal_step(one) for one in reversed(refined))
                continue
            number = self.number = self.number + 1
            if number > self.limits.steps:
                raise Stop("incomplete", f"the limit of {self.limits.steps} steps was reached", step)
            tally.begin(step, rest=todo)
            await self._say(StepStarted.begin(step, number, number + len(todo)))
            tally.end(step, await self._step(number, step, todo[0] if todo else None))

    async def _step(self, number: int, step: Step, then: Step | None) -> Verdict | None:
        """The verdict of a step that may be followed by the next; None when it was skipped. Raises Stop for any other."""
        if isinstance(step.action, Ask):
            answer = self.values[step.action.into] = await self.gate.answer(number, step, step.action)
            return Verdict(status="verified", reason=f"answered: {answer}")
        for _ in range(_TRIES):
            tried = await self._act(number, step)
            if tried is None:
                return None
            attempt, approved = tried
            performed = attempt.performed
            if not (performed.trouble and performed.delivery == "none" and await self._cleared(number, step, performed.trouble)):
                break
        return await self._prove(number, attempt, approved, then)

    async def _act(self, number: int, step: Step) -> tuple[Attempt, Decision] | None:
        while True:  # until nothing had to be asked: what a person took time to approve must still be what is there
            grounded, before = await self._ground(step)
            target = grounded.elements.get("target") if isinstance(grounded, Grounded) else None
            mark = await self._look(number, "before", before, target)
            if isinstance(grounded, Trouble):
                if step.optional and grounded.kind == "absent":
                    await self._say(Noted(step=number, text=f"skipped, as it may be: {grounded.detail}"))
                    return None
                raise Stop.of_trouble(grounded, step)
            if approved := await self.gate.permit(number, step, grounded, before):
                break
        await self._say(Chosen(step=number, action=step.action, element=str(target or ""), box=mark, why=grounded.why))
        began = monotonic()
        performed = await self.surface.perform(step.action, grounded.elements)
        await self._say(Acted(step=number, performed=performed, seconds=monotonic() - began))
        return Attempt(step, grounded.elements, before, performed, self.values), approved

    async def _ground(self, step: Step) -> tuple[Grounded | Trouble, Observation]:
        """Points at the step's elements, waiting for them up to the step's limit; looks deeper before it waits.

        The look that proved the last step serves again, while it is fresh: no look can be nearer to the act than that anyway."""
        last, self._seen = self._seen, None
        if last and monotonic() - last.at < _FRESH and isinstance(found := self.executor.ground(step.action, last), Grounded):
            return found, last
        deadline = monotonic() + (self.limits.step if not step.optional else min(1.0, self.limits.step))
        while True:
            for deep in (False, True):
                seen = await self.surface.observe(deep=deep)
                found = self.executor.ground(step.action, seen)
                if isinstance(found, Grounded):
                    return found, seen
                trouble = found
            if trouble.kind != "absent" or (left := deadline - monotonic()) <= 0:
                return trouble, seen
            await self.surface.changed(min(left, 0.5))

    async def _cleared(self, number: int, step: Step, trouble: Trouble) -> bool:
        """True when the act may be tried again: its element only went stale, or what covered it has been closed and proved gone."""
        if trouble.kind != "covered":
            return trouble.kind == "stale"
        ways = await self.planner.recover(step, trouble, await self.surface.observe(deep=True))
        for way in ways:
            await self._say(StepStarted.begin(way, number, number, recovery=trouble.detail))
            await self._step(number, way, step)
        return bool(ways)

    async def _prove(self, number: int, attempt: Attempt, approved: Decision, then: Step | None) -> Verdict:
        step, performed, began = attempt.step, attempt.performed, monotonic()
        verdict, after = await self.verifier.judge(attempt, self.surface, monotonic() + self.limits.step)
        while after.dialog and not (then and isinstance(then.action, AnswerDialog)):
            await self.gate.answer_dialog(number, step, approved, after, self.surface)
            if verdict.status == "verified":  # the dialog itself was what was expected: it is gone now
                after = await self.surface.observe()
            else:
                verdict, after = await self.verifier.judge(attempt, self.surface, monotonic() + self.limits.step)
        await self._say(Judged(step=number, verdict=verdict, seconds=monotonic() - began))
        await self._look(number, "after", after)
        self._seen = after
        if verdict.status == "refuted" or (verdict.status == "unknown" and (step.expect or performed.trouble)):
            raise Stop.of_verdict(verdict, step, after, since=performed.started)
        if performed.value is not None:
            self.values[getattr(step.action, "into")] = performed.value  # noqa: B009 - only reads and downloads give a value
        return verdict

    async def _done(self, plan: Plan, tally: Tally) -> None:
        at = monotonic()
        if checks := fill_checks(plan.done, self.values):
            tally.done, seen = await self.verifier.judge_done(checks, self.values, self._began, self.surface, at + self.limits.step)
            await self._say(Judged(step=0, verdict=tally.done, seconds=monotonic() - at))
            await self._look(0, "done", seen)

    async def _look(self, number: int, phase: Any, seen: Observation, target: Element | None = None) -> Box | None:
        fresh = phase == "after" or seen.tree != self._tree
        picture = await self.surface.picture(target, fresh=fresh) if self.pictures else None
        tree, self._tree = ("" if seen.tree == self._tree else seen.tree), seen.tree
        await self._say(Observed.of(seen, number, phase, tree, picture))
        return picture.mark if picture else None

    async def _say(self, record: Record) -> None:
        self._records.put_nowait(record.model_copy(update={"at": round(monotonic() - self._began, 4)}))
        await self._records.join()
