"""What will be done, and how it will be known that it was."""

from __future__ import annotations

from typing import Any, Literal

from operator_agent.flow.action import Action, GoTo, describe
from operator_agent.flow.base import Frozen
from operator_agent.flow.check import Check
from operator_agent.flow.grant import Risk


class Step(Frozen):
    """One action and what must hold afterwards."""

    action: Action
    expect: tuple[Check, ...] = ()
    intent: str = ""
    """Why, in a person's words; the action's own description when empty."""
    risk: Risk | None = None
    """At least this class; the policy may find a higher one on the resolved target."""
    optional: bool = False
    """When its target is not there, the step is skipped (a notice that only sometimes comes)."""
    looks: bool = False
    """The planner must see shapes and colours to understand its words; it says so itself, never a file."""
    answers: bool = False
    """Its words may be the answer to a question that the page asks before it goes on; the planner says so itself, never a file."""

    @property
    def title(self) -> str:
        return self.intent or describe(self.action)


class Plan(Frozen):
    """Ordered steps, and `done`: what is re-read at the end from a settled surface."""

    goal: str
    steps: tuple[Step, ...]
    done: tuple[Check, ...] = ()
    start: str = ""
    """Address to open first; "" means the page that is already open."""
    inputs: dict[str, Any] = {}
    """The inputs as filled, for people and records."""
    allow: tuple[str, ...] = ()
    """Further origins the script says it needs."""
    tier: Literal["script", "skill", "learned", "words", "model"] = "script"
    """Who made it. `learned` is what a model planned in an earlier run that passed."""
    skill: str = ""
    origin: str = ""
    """File and line it came from, for messages."""
    open: bool = False
    """Only the next steps: when they are verified, the planner is asked to go on."""

    @property
    def by_model(self) -> bool:
        """Nobody but a model has said what proves it: that must have become so in this very run."""
        return self.tier in ("learned", "model")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address the plan itself names to be opened, in full."""
        opened = (step.action.url for step in self.steps if isinstance(step.action, GoTo))
        return tuple(url for url in (self.start, *opened) if "://" in url and "{" not in url)


class Refusal(Frozen):
    """No plan: what was not understood, and the nearest thing that would be. Nothing was done."""

    reason: str
    nearest: tuple[str, ...] = ()
    outcome: Literal["needs_human", "incomplete"] = "needs_human"
    """How a run ends that it ends: a person must decide, or it got nowhere."""

    @property
    def told(self) -> str:
        """Both, for a person."""
        return self.reason + (f" Try: {'; '.join(self.nearest)}." if self.nearest else "")
