"""What the person allows. It comes from the command, the script and the person, never from a page."""

from __future__ import annotations

from operator_agent.flow.base import Frozen
from operator_agent.flow.classes import FREE, RISKS, Risk
from operator_agent.flow.constraint import Constraint

__all__ = ["FREE", "RISKS", "Grant", "Limits", "Risk", "SecretHandle"]


class SecretHandle(Frozen):
    """A secret by name. The value lives in the settings only; it may be filled on `origin` and nowhere else."""

    name: str
    origin: str


class Grant(Frozen):
    """The limits of one run."""

    origins: tuple[str, ...] = ()
    """Origin patterns: `https://shop.example`, `https://*.shop.example`, `*` for the whole web."""
    approved: frozenset[Risk] = frozenset()
    """Risk classes approved beforehand; others above `submit` are asked for once each time."""
    unattended: bool = False
    """Nobody is there: what would be asked is denied."""
    secrets: tuple[SecretHandle, ...] = ()
    files: tuple[str, ...] = ()
    """Folders uploads may be taken from; empty means any path the plan itself names."""
    constraints: tuple[Constraint, ...] = ()
    """The limits the command states (`constraints.stated`): an act that would break one is denied, whoever approves it."""


class Limits(Frozen):
    """Where a run stops with `incomplete`. All times are seconds of wall clock; waiting for a person is not counted."""

    steps: int = 100
    seconds: float = 600.0
    step: float = 10.0
    """How long a step may wait for its target and for its expectations."""
    load: float = 30.0
    """How long an address may take to answer."""
    calls: int | None = None
    """How often a model may be asked; None: no limit."""
    tokens: int | None = None
    """Of all its requests together, in and out."""
    cost: float | None = None
    """In the currency of the prices. Without prices one request is let through, which tells that there are none."""
