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
from operator_agent.flow.classes import Pictures
from operator_agent.flow.command import Command
from operator_agent.flow.grant import Grant, Limits
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Acted, Chosen, Ended, Judged, Noted, Planned, Record, StepStarted
from operator_agent.flow.verdict import Verdict
from operator_agent.gate import Gate
from operator_agent.outcome import Stop, Tally
from operator_agent.roles import Attempt, Decision, Grounded, Roles, Settled, Surface, Values
from operator_agent.script.fill import fill_checks, fill_step, literal_step
from operator_agent.sight import Sight
from operator_agent.stream import Stream

_TRIES = 3  # an act whose input never left may be tried again: its element went stale, or something covered it


class Loop:
    """One run. `values` are what the steps may use as `{name}`; reads add to them."""

    def __init__(
        self, roles: Roles, surface: Surface, grant: Grant, limits: Limits, *, pictures: Pictures, values: Values | None = None
    ) -> None:
        self.planner, self.verifier, self.sees = roles.planner, roles.verifier, roles.sees
        self.surface, self.limits, self.healer = surface, limits, roles.healer
        self.stream = Stream()
        self._say = self.stream.say
        self.gate = Gate(roles, grant, self._say)
        self.sight = Sight(roles.executor, surface, limits, self._say, pictures=pictures)
        self.values: dict[str, Any] = dict(values or {})
        self.start, self.number = "", 0  # where to begin when the plan does not say; the number of the step under way
        self._first: Observation | None = None

    def run(self, command: Command, plan: Plan | None = None) -> AsyncGenerator[Record, None]:
        """The run's records; the last is `Ended`. With `plan`, nothing is planned. Leaving the iteration stops the run."""
        return self.stream.follow(self._go(command, plan))

    def stop(self, by: str) -> None:
        """Ends the run at once, whatever it is waiting for; it closes with `incomplete` and a valid last record."""
        self.stream.stop(by)

    async def _go(self, command: Command, plan: Plan | None) -> None:
        tally = Tally(command, plan)
        try:
            async with asyncio.timeout(self.limits.seconds) as self.gate.clock:
                plan = tally.plan = plan or await self.gate.plan(self.planner, command)
                self.values = {**plan.inputs, **self.values}
                await self._say(Planned(plan=plan))
                await self._pursue(plan, tally)
        except (Stop, TimeoutError, OperatorError) as why:
            tally.stop = Stop.of(why, self.limits)
        except asyncio.CancelledError:
            if not self.stream.stopped_by:
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
            tally.stop = Stop("incomplete", f"stopped by {self.stream.stopped_by}")
        await self._say(Ended(result=tally.result(self.values, monotonic() - self.stream.began, self.gate.calls)))

    async def _pursue(self, plan: Plan, tally: Tally) -> None:
        """Does the plan, and every plan that takes over: after a beginning, where one cannot go on, or did not prove the goal."""
        while True:
            try:
                await self._steps(plan, tally)
                stop = None if plan.open else await self._done(plan, tally)
            except Stop as why:
                stop = why
            if stop and not (stop.kind and (plan.by_model or plan.tier == "words")):
                raise stop
            if not stop and not plan.open:
                return
            seen = await self.surface.observe(deep=True)
            self._first = self._first or seen
            picture = await self.surface.picture() if self.sees else None
            situation = tally.situation(stop, seen, self.values)._replace(picture=picture)
            revised = await self.gate.revise(self.planner, situation)
            if not revised:
                await self._give_up(plan, stop, tally)
                return
            plan = tally.revised(revised, situation)
            if plan.open and not plan.steps:
                await self.surface.changed(1.0)  # it asks for another look, when there is something new to see
            await self._say(Planned(plan=plan, because=situation.why or "the steps so far are verified"))

    async def _give_up(self, plan: Plan, stop: Stop | None, tally: Tally) -> None:
        """Nobody knows further: what hindered is the outcome, else what the proof named so far comes to."""
        if stop and stop.kind != "unproved":
            raise stop
        if not stop:
            await self._done(plan, tally)

    async def _steps(self, plan: Plan, tally: Tally) -> None:
        todo = deque(plan.steps)
        if start := plan.start or self.start:
            todo.appendleft(Step(action=GoTo(url=start), intent=f"open {start}"))
        self.start = ""
        while todo:
            step = fill_step(todo.popleft(), self.values)
            if isinstance(step.action, Do):
                refined = await self.gate.refine(self.planner, step, self.sight.whole, self.values)
                todo.extendleft(literal_step(one, step.title + step.action.words) for one in reversed(refined))
                continue
            number = self.number = self.number + 1
            if number > self.limits.steps:
                raise Stop("incomplete", f"the limit of {self.limits.steps} steps was reached", step)
            tally.begin(step, rest=todo)
            await self._say(StepStarted.begin(step, number, number + len(todo)))
            verdict = await self._step(number, step, todo[0] if todo else None)
            tally.end(step, verdict, self.sight.last)

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
            found, before = await self.sight.ground(step)
            doing, grounded, healed = self.healer.settle(step, found, before) if self.healer else Settled(step, found)
            self._first = self._first or (before if step.action.verb != "go to" else None)
            target = grounded.elements.get("target") if isinstance(grounded, Grounded) else None
            mark = await self.sight.show(number, "before", before, target, end=isinstance(grounded, Trouble))
            if isinstance(grounded, Trouble):
                if doing.optional and grounded.kind == "absent":
                    await self._say(Noted(step=number, text=f"skipped, as it may be: {grounded.detail}"))
                    return None
                raise Stop.of_trouble(grounded, step)
            if approved := await self.gate.permit(number, doing, grounded, before, healed):
                break
        if healed:
            await self._say(healed.model_copy(update={"step": number}))
        known = {"element": str(target or ""), "box": mark, "why": grounded.why, "prints": dict(grounded.prints)}
        await self._say(Chosen(step=number, action=doing.action, **known))
        began = monotonic()
        performed = await self.surface.perform(doing.action, grounded.elements)
        await self._say(Acted(step=number, performed=performed, seconds=monotonic() - began))
        return Attempt(doing, grounded.elements, before, performed, self.values), approved

    async def _cleared(self, number: int, step: Step, trouble: Trouble) -> bool:
        """True when the act may be tried again: its element only went stale, or what was in its way has been cleared."""
        if trouble.kind not in ("covered", "disabled"):
            return trouble.kind == "stale"
        ways = await self.planner.recover(step, trouble, await self.surface.observe(deep=True))
        for way in ways:
            await self._say(StepStarted.begin(way, number, number, recovery=trouble.detail))
            await self._step(number, way, step)
        return bool(ways)

    async def _prove(self, number: int, attempt: Attempt, approved: Decision, then: Step | None) -> Verdict:
        step, performed, began = attempt.step, attempt.performed, monotonic()
        verdict, after = await self.verifier.judge(attempt, self.surface, monotonic() + self.limits.step)
        while after.dialog and not (then and (then.answers or isinstance(then.action, AnswerDialog))):
            await self.gate.answer_dialog(number, step, approved, after, self.surface)
            if verdict.status == "verified":  # the dialog itself was what was expected: it is gone now
                after = await self.surface.observe()
            else:
                verdict, after = await self.verifier.judge(attempt, self.surface, monotonic() + self.limits.step)
        await self._say(Judged(step=number, verdict=verdict, seconds=monotonic() - began))
        await self.sight.show(number, "after", after, end=not then or verdict.status != "verified")
        self.sight.last = after
        if verdict.status == "refuted" or (verdict.status == "unknown" and (step.expect or performed.trouble)):
            self.gate.doubt(step, approved, performed)
            raise Stop.of_verdict(verdict, step, after, since=performed.started)
        if performed.value is not None:
            self.values[getattr(step.action, "into")] = performed.value  # noqa: B009 - only reads and downloads give a value
        return verdict

    async def _done(self, plan: Plan, tally: Tally) -> Stop | None:
        """Reads the plan's proof; why a model must plan on when it does not show what was asked."""
        at = monotonic()
        if checks := fill_checks(plan.done, self.values):
            first = self._first if plan.by_model else None  # what a model names as proof must have become so
            until = at + self.limits.step
            tally.done, seen = await self.verifier.judge_done(checks, self.values, self.stream.began, self.surface, until, first)
            await self._say(Judged(step=0, verdict=tally.done, seconds=monotonic() - at))
            await self.sight.show(0, "done", seen)
        return tally.unproved() if plan.by_model else None
