"""A planner before the others: what was learned on this site is done again; a step of it that fails is the model's, only that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from operator_agent.flow.action import Do, describe
from operator_agent.flow.command import Command, Question
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.learning.shelf import Candidate
from operator_agent.planner.verbatim import heard
from operator_agent.roles import Planner, Situation, Values
from operator_agent.script.fill import literal_step
from operator_agent.script.inputs import BadInput, MissingInput
from operator_agent.script.skill import fill

_UNTOUCHED = frozenset({"absent", "ambiguous", "covered", "disabled", "inert", "stale", "unsupported", "timeout"})
"""Troubles before any input left: the step may be done in another way. Any other may have had its effect."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Steps that took the place of the learned one of this number (from 0)."""

    place: int
    steps: tuple[Step, ...]


class Learned:
    """`planner` is asked for what no candidate is for; `model`, when there is one, for a step that cannot be done as learned.

    `start` is the address the run begins at, `here` that or the page that is open. Candidates are those of its origin, for on
    another nothing was learned, or the one that was `named`."""

    def __init__(
        self, planner: Planner, candidates: Sequence[Candidate], model: Planner | None, *, here: str, start: str, named: bool
    ) -> None:  # fmt: skip
        self.planner, self.candidates, self.model = planner, tuple(candidates), model
        self.here, self.start, self.named = here, start, named
        self.chosen: Candidate | None = None
        self.patches: list[Patch] = []
        self._failed: set[str] = set()

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """The plan of the one candidate the command asks for; when there is none or more than one, what `planner` says."""
        found = [(one, plan) for one in self.candidates if (plan := self._plan(one, command))]
        if len(found) != 1:
            return await self.planner.plan(command, answers)
        self.chosen, plan = found[0]
        return plan

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        return await self.planner.refine(step, observation, values)

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        from operator_agent.planner.recovery import recover

        return recover(step, trouble, observation) if self.chosen else await self.planner.recover(step, trouble, observation)

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        """A learned step that could not be done is planned anew and the rest stays; from other trouble the model plans on."""
        if situation.plan.tier != "learned":
            return await self.planner.revise(situation)
        if self.model is None:
            return None
        if (failed := situation.failed) and situation.kind in _UNTOUCHED and describe(failed.action) not in self._failed:
            self._failed.add(describe(failed.action))
            words = f"{situation.command.text} (only the step: {failed.title}; it cannot be done as before: {situation.why})"
            asked = failed.model_copy(update={"action": Do(words=words)})
            refined = await self.model.refine(asked, situation.seen, situation.values)
            if not isinstance(refined, Refusal):
                self._failed |= {describe(step.action) for step in refined}
                return self._patched(situation, refined)
        self.patches.clear()
        return await self.model.revise(situation._replace(plan=situation.plan.model_copy(update={"tier": "model"})))

    def _patched(self, situation: Situation, refined: tuple[Step, ...]) -> Plan:
        assert self.chosen
        steps = tuple(literal_step(step) for step in refined)
        place = len(self.chosen.skill.steps) - len(situation.rest) - 1
        self.patches.append(Patch(place, steps))
        return situation.plan.model_copy(update={"steps": (*steps, *situation.rest), "start": ""})

    def _plan(self, one: Candidate, command: Command) -> Plan | None:
        if (one.counts.tired and not self.named) or not (start := self._start(one)):
            return None
        for phrase in one.skill.says:
            inputs = heard(phrase, command.text, one.counts.known)
            if inputs is None:
                continue
            try:
                plan = fill(one.skill, inputs, start=start)
            except (MissingInput, BadInput):
                continue
            return plan.model_copy(
                update={"tier": "learned", "goal": command.text, "start": start if self.start or self.named else ""}
            )
        return None

    def _start(self, one: Candidate) -> str:
        """Where it begins: where it was learned; a page that is open must be that very page. "" when it cannot be used here."""
        if self.named:
            return self.start or one.skill.start
        if self.start:
            return one.skill.start
        here, there = urlsplit(self.here), urlsplit(one.skill.start)
        return one.skill.start if (here.path or "/", here.query) == (there.path or "/", there.query) else ""
