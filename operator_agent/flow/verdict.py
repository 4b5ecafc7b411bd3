"""What was proved, and by what."""

from __future__ import annotations

from typing import Literal

from operator_agent.flow.base import Frozen

Status = Literal["verified", "refuted", "unknown"]


class Evidence(Frozen):
    """One check and what was read to decide it."""

    check: str
    """The check in its notation."""
    status: Status
    saw: str
    """What was there instead, or what proved it; short enough for one line."""
    source: str = "tree"
    """Where it was read: `tree`, `network`, `file`, `values`, `tabs`, `dialog`, `downloads`."""
    before: bool | None = None
    """Whether it already held before the action; None when that could not be read or does not matter."""


class Verdict(Frozen):
    """`verified` only when every piece of evidence is. `unknown` is never a pass."""

    status: Status
    reason: str
    """One sentence: the first check that did not hold and what was seen, or what proved the step."""
    evidence: tuple[Evidence, ...] = ()
