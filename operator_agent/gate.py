"""The gate: the policy decides what may be done, a person answers what is left open, nobody there means no."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

from operator_agent.flow.action import AnswerDialog, Ask, describe
from operator_agent.flow.command import Command, Question
from operator_agent.flow.grant import FREE, Grant
from operator_agent.flow.observation import Observation, Performed
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Acted, Asked, Called, Decided, Healed, Record
from operator_agent.outcome import Stop
from operator_agent.roles import Decision, Grounded, Planner, Roles, Situation, Surface, Values

T = TypeVar("T")
Look = Callable[[Step, Observation | None], Awaitable[Observation | None]]
"""The page as it is; as soon as it differs from what is given, None when it does not."""
_MOVES = 6.0
"""Seconds that words may wait on a page that does not stand still."""


class Gate:
    """Asks once per act, on the resolved target. `clock` is the run's limit: it stands still while a person thinks."""

    clock: asyncio.Timeout

    def __init__(self, roles: Roles, grant: Grant, say: Callable[[Record], Awaitable[None]]) -> None:
        self.policy, self.person, self.grant = roles.policy, roles.person, grant
        self._ledger = roles.ledger
        self._say = say
        self._agreed: set[tuple[int, Decision]] = set()
        self._doubtful: set[str] = set()
        self._answers: dict[str, str] = {}
        self.calls: list[Called] = []
        """Every call to a model so far."""

    async def plan(self, planner: Planner, command: Command) -> Plan:
        """The planner's plan, each input it lacks asked for once; raises Stop when it has none or nobody answers."""
        answers: dict[str, str] = {}
        while True:
            plan = await self._consulted(planner.plan(command, answers))
            if isinstance(plan, Plan):
                return plan
            if isinstance(plan, Refusal):
                raise Stop("needs_human", plan.told)
            answer = None if plan.about in answers else await self.ask(0, plan)
            if answer is None:
                raise Stop("needs_human", plan.text)
            answers[plan.about] = answer

    async def revise(self, planner: Planner, situation: Situation) -> Plan | None:
        """The plan that takes over, None when there is none; raises Stop when the planner gives up or nobody answers it."""
        while True:
            plan = await self._consulted(planner.revise(situation._replace(answers=dict(self._answers))))
            if isinstance(plan, Refusal):
                raise Stop(plan.outcome, plan.told)
            if not isinstance(plan, Question):
                return plan
            answer = None if plan.about in self._answers else await self.ask(0, plan)
            if answer is None:
                raise Stop("needs_human", plan.text)
            self._answers[plan.about] = answer

    async def refine(self, planner: Planner, step: Step, look: Look, values: Values) -> tuple[Step, ...]:
        """A step in plain words as structured ones; raises Stop when they are not understood on a page that stands still."""
        seen, until = await look(step, None), monotonic() + _MOVES
        while True:
            assert seen
            refined = await self._consulted(planner.refine(step, seen, values))
            if not isinstance(refined, Refusal):
                return refined
            seen = await look(step, seen) if monotonic() < until else None
            if seen is None:
                stop = Stop("needs_human", refined.told, step)
                stop.kind = "words"
                raise stop

    async def _consulted(self, asked: Awaitable[T]) -> T:
        """What a planner says, once the calls to models it took are on record, also when it raises."""
        try:
            return await asked
        finally:
            for call in self._ledger():
                self.calls.append(call)
                await self._say(call)

    def doubt(self, step: Step, approved: Decision, performed: Performed) -> None:
        """An act with effect may have happened although nothing proves it: no later plan may do it again unasked."""
        if approved.risk not in FREE and performed.delivery != "none":
            self._doubtful.add(describe(step.action))

    async def answer(self, number: int, step: Step, ask: Ask) -> str:
        """What a person answers to a step that asks; raises Stop when nobody does."""
        answer = await self.ask(number, Question(kind="input", text=ask.question, options=ask.options, about=ask.into))
        if answer is None:
            raise Stop("needs_human", ask.question, step)
        return answer

    async def permit(
        self, number: int, step: Step, grounded: Grounded, seen: Observation, healed: Healed | None = None
    ) -> Decision | None:
        """The decision that lets the act happen; None when a person has just approved, and it must be looked whether what they
        approved is still what is there. Each effect of a step is asked about once. Raises Stop when policy or person says no."""
        decision = self.policy.decide(step, grounded.elements, seen, self.grant)
        if healed:
            decision = _of_healed(decision, healed)
        if describe(step.action) in self._doubtful:
            raise Stop("needs_human", f"{step.title} was already done once and not proved; look whether it happened", step)
        await self._say(Decided(step=number, **decision._asdict()))
        if decision.decision == "deny":
            raise Stop("blocked", "; ".join(decision.reasons), step)
        if decision.decision == "ask" and (number, decision) not in self._agreed:
            effect = decision.effect or step.title
            question = Question(kind="approval", text=f"{effect}: go ahead?", options=("yes", "no"), about=decision.risk)
            if await self.ask(number, question) != "yes":
                how = _CORRECT if healed else f"approve it beforehand with --approve {decision.risk}"
                raise Stop("needs_human", f"not approved: {effect} ({'; '.join(decision.reasons)}; {how})", step)
            self._agreed.add((number, decision))
            return None
        return decision

    async def answer_dialog(self, number: int, step: Step, approved: Decision, seen: Observation, surface: Surface) -> None:
        """Accepts the open dialog when that is part of what was approved or a person says so; else dismisses it and raises Stop."""
        assert seen.dialog
        decision = self.policy.decide_dialog(approved, seen, self.grant)
        await self._say(Decided(step=number, **decision._asdict()))
        text = f'the page asks ({seen.dialog.kind}): "{seen.dialog.text}"'
        accept = decision.decision == "allow"
        if decision.decision == "ask":
            question = Question(kind="dialog", text=text, options=("accept", "dismiss"), about=seen.dialog.kind)
            accept = await self.ask(number, question) == "accept"
        began = monotonic()
        performed = await surface.perform(AnswerDialog(answer="accept" if accept else "dismiss"), {})
        await self._say(Acted(step=number, performed=performed, seconds=monotonic() - began))
        if not accept:
            raise Stop("needs_human", f"{text}; it was dismissed ({'; '.join(decision.reasons)})", step)

    async def ask(self, number: int, question: Question) -> str | None:
        """The person's answer; None when the run is unattended or nobody answers."""
        began, limit = monotonic(), self.clock.when()
        self.clock.reschedule(None)
        answer = None if self.grant.unattended else await self.person.ask(question)
        waited = monotonic() - began
        self.clock.reschedule(limit + waited if limit is not None else None)
        await self._say(Asked(step=number, question=question, answer=answer, waited=waited))
        return answer


_CORRECT = "look at the page, and correct the step when it is the same"


def _of_healed(decision: Decision, healed: Healed) -> Decision:
    """What is approved beforehand is approved under its own name: of a control called otherwise now a person is asked."""
    if decision.decision == "deny" or not (healed.unsure or (healed.renamed and decision.risk not in FREE)):
        return decision
    effect = f"{healed.old} is now {healed.new}" + (f": {decision.effect}" if decision.effect not in str(healed.new) else "")
    reasons = decision.reasons if decision.decision == "ask" else ()
    return decision._replace(decision="ask", reasons=(*reasons, healed.why), effect=effect)
