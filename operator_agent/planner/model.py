"""Steps from a model: several at once, from one look, with the checks that will judge them; asked again only on evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Protocol

from operator_agent.flow.action import Do, Upload, describe
from operator_agent.flow.command import Command, Question
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Level
from operator_agent.models.port import Image, Model, Prompt, Reply
from operator_agent.models.schema import lowered, sketched
from operator_agent.planner.beginning import named
from operator_agent.planner.briefing import Briefing
from operator_agent.planner.effort import Caps, Case, effort
from operator_agent.planner.estimate import estimate
from operator_agent.planner.eyes import tells_nothing, wants_picture
from operator_agent.planner.pagetext import new_mark
from operator_agent.planner.pending import Pending
from operator_agent.planner.points import as_sent
from operator_agent.planner.proposal import Proposal, proposal
from operator_agent.planner.recovery import recover
from operator_agent.prompts import instructions
from operator_agent.roles import Situation, Taken, Values

_LOOKS = 2
"""How often in a row a model may ask to see more of the same page before it must plan."""
_INERT = 4
"""So many times the same act may leave the same page before the run ends as a loop: users expect at most five."""
_STALL = 3
"""So many looks at the same page in a row make a stall."""
_BLANK = 3
"""So many more looks are taken at a page that tells nothing: it may still be coming."""
_REPAIR = 1_000
"""Tokens of the budget kept free for an answer that is sent back as wrong."""
_LONGEST = 1280
"""Pixels of a side of a picture that is sent."""
_STUCK = 4
"""So many plans in a row without one more verified step are enough, and so many for one act that is still not verified."""
_CALM = frozenset({"first", "done", "answered"})
"""Kinds of a situation that are no trouble."""
_MAY_REPEAT = frozenset({"scroll", "press", "back", "read"})


class Asking(Protocol):
    """A model with a ledger."""

    @property
    def sees(self) -> bool:
        """It takes pictures."""
        ...

    def about(self, step: int, trigger: str, before: str) -> Model:
        """The model, for one call that is entered under this step with why and after what it was asked."""
        ...


@dataclass(slots=True)
class _Mind:
    """What one run has been through."""

    at: int = 0
    """How often it was asked."""
    verified: int = 0
    """Verified steps when it was last asked."""
    pending: Pending = field(default_factory=Pending)
    blank: int = 0
    """Looks in a row at a page that told nothing."""
    fruitless: int = 0
    unproved: int = 0
    """How often everything was done and the proof did not show it: steps that verify do not make that good."""
    output: int = 0
    reasoning: int = 0
    deep_calls: int = 0
    answers: int = 0
    """Questions a person has answered."""


class ModelPlanner:
    """`roles.Planner` over a model. One per run. `vocabulary` are the surface's verbs, `grant` gives what the run is allowed now.

    `budget` bounds a request in tokens of text, whatever the page: instructions, form of the reply and turn. `policy` gives the
    level of each call, and why.
    """

    def __init__(
        self,
        model: Asking,
        vocabulary: frozenset[str],
        grant: Callable[[], Grant],
        *,
        budget: int = 12_000,
        caps: Caps | None = None,
        policy: Callable[[Case, Caps], tuple[Level, str]] = effort,
    ) -> None:
        self._model = model
        self._reply = proposal(vocabulary)
        self._form = estimate(json.dumps(lowered(self._reply), separators=(",", ":"))) + estimate(sketched(self._reply))
        """Tokens of the reply's schema, and of its form in words, which some servers need as well."""
        self._grant = grant
        self._budget = budget
        self._caps = caps or Caps()
        self._policy = policy
        self._mark = new_mark()
        self._mind = _Mind()

    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """A beginning without steps: what to do is planned on the first page. It begins at the address the person named, if any."""
        return Plan(goal=command.text, steps=(), start=named(command.text), open=True, tier="model")

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        """The next steps. A Refusal when it can't be done or nothing changes any more; None when the model knows no further."""
        if situation.plan.tier not in ("words", "model"):
            return None
        if repeated := _repeats(situation.taken):
            return Refusal(reason=f"loop: {repeated} left the page as it was {_INERT} times in a row", outcome="incomplete")
        if (blank := self._blank(situation)) is not None:
            return blank
        kind, case = self._note(situation)
        self._mind.unproved += kind == "unproved"
        if self._mind.fruitless >= _STUCK or self._mind.unproved > _STUCK or case.times > _STUCK:
            return None
        found: tuple[str, ...] = ()
        expanded: tuple[str, ...] = ()
        for looks in range(_LOOKS + 1):
            reply = await self._ask(situation, "find" if looks else kind, case, found, expanded)
            said = reply.value
            if said.steps or said.finished or said.question or said.impossible or not (said.find or said.expand):
                break
            found, expanded = said.find, said.expand
            case = Case("find") if case.kind in _CALM else case
        self._mind.pending.asked(reply.level)
        return self._meant(said, situation)

    def _blank(self, situation: Situation) -> Plan | Refusal | None:
        """For a page that tells nothing to a model that cannot see: another look, in the end a Refusal. Else None."""
        self._mind.blank = self._mind.blank + 1 if tells_nothing(situation.seen) else 0
        if not self._mind.blank or (self._model.sees and situation.picture):
            return None
        if self._mind.blank > _BLANK:
            told = "nothing on the page can be read as text; this needs vision: a model that takes pictures"
            return Refusal(reason=told)
        return situation.plan.model_copy(update={"steps": (), "start": "", "open": True, "tier": "model"})

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        """Words that nobody without a model understood, as steps for this page."""
        assert isinstance(step.action, Do)
        command = Command(text=step.action.words)
        around = Plan(goal=command.text, steps=(), tier="model", open=True)
        situation = Situation(command, around, (), "first", "", None, (), observation, values, {})
        said = (await self._ask(situation, "first", Case("first"), (), ())).value
        steps = tuple(one.step() for one in said.steps)
        if named := _not_named(list(steps), command, self._grant()):
            return Refusal(reason=f"the model wants to upload {named}, which the step does not name")
        if said.impossible or said.question or not steps:
            reason = said.impossible or said.question or f'the model has no steps for "{command.text}"'
            return Refusal(reason=reason)
        ends = {"expect": (*steps[-1].expect, *step.expect), "risk": step.risk or steps[-1].risk, "optional": step.optional}
        return (*steps[:-1], steps[-1].model_copy(update=ends))

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        return recover(step, trouble, observation)

    def _note(self, situation: Situation) -> tuple[str, Case]:
        """What kind of situation this is, and the case to decide on: of new evidence, or of what is not answered yet."""
        mind = self._mind
        verified = sum(1 for one in situation.taken if one.verdict and one.verdict.status == "verified")
        new = verified - mind.verified
        kind = "first" if mind.at == 0 else situation.kind
        if len(situation.answers) > mind.answers:
            kind, mind.answers = "answered", len(situation.answers)
        if _stalls(situation.taken):
            kind = "stall"
        mind.pending.settle(situation.taken)
        mind.verified = verified
        mind.fruitless = 0 if new or kind in ("first", "answered") else mind.fruitless + 1
        if kind not in _CALM:
            return kind, mind.pending.note(kind, situation)
        return kind, mind.pending.case() or Case(kind)

    async def _ask(
        self, situation: Situation, kind: str, case: Case, find: tuple[str, ...], expand: tuple[str, ...]
    ) -> Reply[Proposal]:
        mind = self._mind
        case = replace(case, output=mind.output, reasoning=mind.reasoning, deep_calls=mind.deep_calls)
        level, trigger = self._policy(case, self._caps)
        system = instructions("plan")
        spare = self._budget - self._form - _REPAIR - estimate(system)
        text = Briefing(self._mark, self._grant(), spare).text(situation, nudge=_nudge(kind, situation), find=find, expand=expand)
        before = situation.taken[-1].verdict.status if situation.taken and situation.taken[-1].verdict else ""
        asked = self._model.about(len(situation.taken) + 1, trigger, before)
        purpose = "plan" if mind.at == 0 else "revise"
        reply = await asked.ask(Prompt(purpose, system, (text, *self._picture(situation, case.times)), level), self._reply)
        mind.at += 1
        mind.output += reply.usage.output
        mind.reasoning += reply.usage.reasoning
        mind.deep_calls += reply.level in ("high", "max")
        return reply

    def _picture(self, situation: Situation, times: int) -> tuple[Image, ...]:
        """The page as it looks, where its text may not be enough and the model can see."""
        if not (self._model.sees and situation.picture and wants_picture(situation.command.text, situation.seen, times)):
            return ()
        return (as_sent(situation.picture, _LONGEST),)

    def _meant(self, said: Proposal, situation: Situation) -> Plan | Question | Refusal | None:
        """What the reply comes to."""
        if said.impossible:
            return Refusal(reason=said.impossible)
        if said.question:
            return Question(kind="input", text=said.question, about=said.question)
        steps = _without_repeats([one.step() for one in said.steps])
        if named := _not_named(steps, situation.command, self._grant()):
            return Refusal(reason=f"the model wants to upload {named}, which you did not name; say the file in the command")
        done = said.proof() or situation.plan.done
        if not steps and not said.finished:
            return None
        shorter = len(steps) < len(said.steps)
        goal = situation.command.text
        return Plan(goal=goal, steps=tuple(steps), done=done, open=shorter or not said.finished, tier="model")


def _without_repeats(steps: list[Step]) -> list[Step]:
    """Up to where the same act follows itself and nothing is expected of it: whether it did anything must be seen first."""
    for number, step in enumerate(steps[1:], 1):
        if step.action == steps[number - 1].action and not step.expect and step.action.verb not in _MAY_REPEAT:
            return steps[:number]
    return steps


def _not_named(steps: list[Step], command: Command, grant: Grant) -> str:
    """A file of this machine that a page may have asked for: neither named by the person nor in a granted folder; "" for none."""
    files = (file for step in steps if isinstance(step.action, Upload) for file in step.action.files)
    return next((file for file in files if file not in command.text and not grant.files), "")


def _repeats(taken: tuple[Taken, ...]) -> str:
    """The act that was done again and again and left the same page each time; "" when there is none."""
    if len(taken) < _INERT:
        return ""
    last = taken[-1]
    same = sum(1 for _ in takewhile(lambda one: _alike(one, last), reversed(taken)))
    return describe(last.step.action) if same >= _INERT else ""


def _alike(one: Taken, other: Taken) -> bool:
    proved = one.verdict is not None and one.verdict.status == "verified"
    return one.step.action == other.step.action and one.page == other.page and not proved


def _stalls(taken: tuple[Taken, ...]) -> bool:
    """The last acts, none of them verified, all left the same page."""
    latest = taken[-_STALL:]
    return len(latest) == _STALL and all(_alike(one, one) and one.page == latest[0].page for one in latest)


def _nudge(kind: str, situation: Situation) -> str:
    if kind == "stall":
        return "The last steps left the page as it was. Do something else, or say in `impossible` what stands in the way."
    if kind == "unproved":
        return "Every step was done, but your `done` checks do not show it. Do what is missing, or name better checks."
    return ""
