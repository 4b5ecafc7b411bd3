"""The narrow slices the loop needs: who plans, points, judges, allows, answers; and the surface they are about.

Implementations never import each other or the loop; `run.py` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from operator_agent.flow.action import Action
from operator_agent.flow.check import Check
from operator_agent.flow.command import Command, Question
from operator_agent.flow.fingerprint import Fingerprint
from operator_agent.flow.grant import Grant, Risk
from operator_agent.flow.looks import Looks
from operator_agent.flow.observation import Element, Observation, Performed, Picture, Trouble
from operator_agent.flow.plan import Plan, Refusal, Step
from operator_agent.flow.record import Called, Healed
from operator_agent.flow.verdict import Verdict

Values = Mapping[str, Any]
"""Inputs and what was read so far, by name."""


class Witness(Protocol):
    """The half of a surface that only looks: all a verifier gets."""

    async def observe(self, *, deep: bool = False) -> Observation:
        """A fresh look, never blocked by an open dialog (then the tree is empty and `complete` False).

        `deep` adds what only listeners and closed shadow roots reveal; it costs up to as much again. Raises SurfaceLost.
        """
        ...

    async def changed(self, timeout: float) -> bool:
        """Returns as soon as something may look different (an exchange ended, a navigation, a dialog, a new frame painted
        after a mutation), or after `timeout` seconds with False."""
        ...


class Surface(Witness, Protocol):
    """Something that can be seen and acted on: a browser, a desktop, a fake."""

    vocabulary: frozenset[str]
    """The verbs `perform` knows."""

    async def perform(self, action: Action, elements: Mapping[str, Element]) -> Performed:
        """Do one action on elements of the latest observation (`{"target": …}`, a drag also `"to"`), then wait, capped, for
        what it started. What goes wrong is in `Performed.trouble`; raises SurfaceLost only when the surface is gone."""
        ...

    async def picture(self, of: Element | None = None, *, fresh: bool = True) -> Picture | None:
        """The view as it is now, with `of` brought into it and marked; None when there is nothing to see (an open dialog holds
        the page). Unless `fresh`, the last picture will do when the view has not moved since."""
        ...

    async def looks(self) -> Looks | None:
        """The shapes and colours that are shown; None when this surface cannot tell."""
        ...

    async def close(self) -> None: ...


class Taken(NamedTuple):
    """One step of a run and what became of it."""

    step: Step
    verdict: Verdict | None
    """None when it was skipped."""
    page: str
    """Address and digest of what was seen afterwards: two acts that leave the same page changed nothing on it."""


class Situation(NamedTuple):
    """Where a run stands when its plan has come to its end or cannot go on."""

    command: Command
    plan: Plan
    taken: tuple[Taken, ...]
    kind: str
    """`done`: all its steps are verified; else what hinders it: `refuted`, `unknown`, `absent`, `ambiguous`, `covered` …"""
    why: str
    """What was seen instead, "" when nothing hinders."""
    failed: Step | None
    rest: tuple[Step, ...]
    """The steps that were still to come."""
    seen: Observation
    values: Values
    answers: Values
    """What a person has answered to the planner's questions, by what they were about."""
    picture: Picture | None = None
    """The view as `seen` describes it, for a planner that points at pixels; None when nobody wanted it or nothing is seen."""


class Planner(Protocol):
    async def plan(self, command: Command, answers: Values) -> Plan | Question | Refusal:
        """Steps for a command; a question when an input is missing (asked once, then called again with the answer)."""
        ...

    async def refine(self, step: Step, observation: Observation, values: Values) -> tuple[Step, ...] | Refusal:
        """A step in plain words, made into structured steps for the page that is open. The last one carries its `expect`."""
        ...

    async def revise(self, situation: Situation) -> Plan | Question | Refusal | None:
        """The plan that takes over; None when there is none: the goal is reached, or this planner knows no further."""
        ...

    async def recover(self, step: Step, trouble: Trouble, observation: Observation) -> tuple[Step, ...]:
        """Steps that clear the way for `step` (close what covers it), which is then tried again; empty to give up."""
        ...


class Grounded(NamedTuple):
    """The elements an action means, by field, and why these."""

    elements: dict[str, Element]
    why: str = ""
    prints: Mapping[str, Fingerprint] = {}
    """What else the elements are known by."""


class Executor(Protocol):
    def ground(self, action: Action, observation: Observation) -> Grounded | Trouble:
        """One element for each target the action names, or `absent` (with the nearest), or `ambiguous` (with the equals)."""
        ...


class Settled(NamedTuple):
    """What a step comes to on the page as it is now."""

    step: Step
    found: Grounded | Trouble
    healed: Healed | None = None
    """Set when `step` has another target than it was planned with."""


class Healer(Protocol):
    """Knows what the steps of a plan were done on before."""

    def settle(self, step: Step, found: Grounded | Trouble, seen: Observation) -> Settled:
        """As found; or its element found again where it is now; or why what was found is not what was meant. Never guesses."""
        ...


class Decision(NamedTuple):
    decision: Literal["allow", "ask", "deny"]
    risk: Risk
    reasons: tuple[str, ...]
    effect: str = ""


class Policy(Protocol):
    def decide(self, step: Step, elements: Mapping[str, Element], observation: Observation, grant: Grant) -> Decision:
        """Whether this action on these resolved elements may happen. Pure; missing evidence never allows."""
        ...

    def decide_dialog(self, approved: Decision, observation: Observation, grant: Grant) -> Decision:
        """Whether the open dialog may be accepted as part of the act that was just approved."""
        ...


class Attempt(NamedTuple):
    """What the verifier may know of an act besides the world itself."""

    step: Step
    elements: Mapping[str, Element]
    before: Observation
    performed: Performed
    values: Values


class Verifier(Protocol):
    async def judge(self, attempt: Attempt, witness: Witness, deadline: float) -> tuple[Verdict, Observation]:
        """Looks until the step's effect and expectations are decided or `deadline` (monotonic seconds) has come."""
        ...

    async def judge_done(
        self,
        checks: tuple[Check, ...],
        values: Values,
        since: float,
        witness: Witness,
        deadline: float,
        first: Observation | None = None,
    ) -> tuple[Verdict, Observation]:
        """The plan's `done`, re-read from a settled surface; exchanges count from `since`. What already held at the `first` look of
        the run, when it is given, proves nothing."""
        ...


class Person(Protocol):
    async def ask(self, question: Question) -> str | None:
        """The answer, or None when nobody is there. Waiting is not limited."""
        ...


class Roles(NamedTuple):
    """Who does what in one run."""

    planner: Planner
    executor: Executor
    verifier: Verifier
    policy: Policy
    person: Person
    ledger: Callable[[], list[Called]] = list
    """The calls to models since it was last asked."""
    sees: bool = False
    """The planner wants a picture with each situation."""
    healer: Healer | None = None
    """Asked about every target of a plan that was done before."""
