"""How much a model may think for its next answer: nothing until evidence asks for it, nothing again once that is answered.

A table, and pure: the same case always gives the same level. `docs/models.md` shows it to people. Until evidence is answered
(`planner/pending.py` knows), all that is planned on the way has the level it asks for: it is there that it must be done better.
The way back to where it went wrong needs little thought.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from operator_agent.flow.record import LEVELS, Level


class Raise(NamedTuple):
    """How far one piece of evidence lifts the level: at the first time, and each further time in the same place."""

    first: Level
    again: Level
    because: str


EVIDENCE: dict[str, Raise] = {
    "first": Raise("off", "off", "first plan"),
    "done": Raise("off", "off", "the steps so far are verified"),
    "find": Raise("off", "off", "it asked to see more of the page"),
    "answered": Raise("off", "off", "the person answered"),
    "words": Raise("off", "low", "plain words do not reach further"),
    "stale": Raise("off", "low", "the element was replaced"),
    "absent": Raise("low", "high", "its target is not there"),
    "ambiguous": Raise("low", "high", "its target fits several elements"),
    "covered": Raise("low", "high", "something covers its target"),
    "disabled": Raise("low", "high", "its target takes no input"),
    "rejected": Raise("low", "high", "the page did not take what was given"),
    "timeout": Raise("low", "low", "the page did not answer in time"),
    "unsupported": Raise("low", "high", "the act is not possible there"),
    "refuted": Raise("low", "high", "a check was refuted"),
    "unknown": Raise("low", "high", "a check could not be decided"),
    "unproved": Raise("low", "high", "what was asked is not proved"),
    "stall": Raise("high", "max", "nothing changes any more"),
}
"""What happened → what it is worth. Anything not listed counts as `refuted`."""


@dataclass(frozen=True, slots=True)
class Case:
    """What the level is decided on."""

    kind: str
    """As in `Situation.kind`, or `first`, `find`, `answered`, `unproved`, `stall`; while evidence is pending, that evidence's."""
    times: int = 1
    """How often it has been so in this place."""
    risky: bool = False
    """The step at hand has an effect that cannot be taken back."""
    pending: bool = False
    """The evidence is from before; the steps planned since are verified, but it is not answered yet."""
    away: bool = False
    """It went wrong on another page than the one that is shown now: what can be planned here is the way back."""
    idle: Level | None = None
    """The highest level that was already tried here and changed nothing."""
    output: int = 0
    """Tokens all calls together have written, and how many of them were thought."""
    reasoning: int = 0
    deep_calls: int = 0
    """Calls at `high` or `max` so far."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What thinking may cost in one run."""

    highest: Level = "max"
    share: float = 0.7
    """Of all written tokens; not held against the first thousand."""
    calls: int = 4
    """At `high` or `max`."""


_SPARE = 1000


def effort(case: Case, caps: Caps = Caps()) -> tuple[Level, str]:
    """The level of the next call, and the trigger for the ledger."""
    row = EVIDENCE.get(case.kind, EVIDENCE["refuted"])
    wanted = row.first if case.times <= 1 else row.again
    because = row.because if case.times <= 1 else f"{row.because}, {case.times} times"
    if wanted == "off":
        return wanted, because
    if case.pending:
        because = f"not answered yet: {because}"
    if case.risky and wanted == "low":
        wanted, because = "high", f"{because}; the step has an effect"
    if case.idle and _rank(wanted) <= _rank(case.idle):
        # To think as much again about what thinking did not move would be overthinking: a cheap second opinion, or more of it.
        wanted, because = ("low" if case.idle in ("high", "max") else _above(case.idle)), f"{because}; {case.idle} changed nothing"
    if case.away and not case.pending:
        wanted, because = _below(wanted), f"{because}; it was on another page"
    return _capped(wanted, because, case, caps)


def _capped(wanted: Level, because: str, case: Case, caps: Caps) -> tuple[Level, str]:
    if _rank(wanted) > _rank(caps.highest):
        wanted = caps.highest
    if _rank(wanted) >= _rank("high") and case.deep_calls >= caps.calls:
        wanted, because = "low", f"{because}; {caps.calls} deep calls are used up"
    if wanted != "off" and case.output > _SPARE and case.reasoning > caps.share * case.output:
        wanted, because = "off", f"{because}; thinking has had its share"
    return wanted, because


def _rank(level: Level) -> int:
    return LEVELS.index(level)


def _above(level: Level) -> Level:
    return LEVELS[min(_rank(level) + 1, len(LEVELS) - 1)]


def _below(level: Level) -> Level:
    return LEVELS[max(_rank(level) - 1, 0)]
