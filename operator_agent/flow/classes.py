"""The risk classes of acts, and which pictures a run takes; apart from the nouns, so that naming them costs no import."""

from __future__ import annotations

from typing import Literal, TypeAlias

Risk = Literal["read", "edit", "submit", "send", "pay", "delete", "publish", "grant"]
RISKS: tuple[Risk, ...] = ("read", "edit", "submit", "send", "pay", "delete", "publish", "grant")
FREE: frozenset[Risk] = frozenset({"read", "edit", "submit"})
"""Classes that need no approval: looking, filling in, and handing in a form that neither pays, sends nor deletes."""

Pictures: TypeAlias = bool | Literal["ends"]
"""Of every step, of none, or of where a run ends: its last step, one that failed, the plan's proof."""
