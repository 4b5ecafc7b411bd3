"""The risk classes of acts; apart from the nouns, so that naming them costs no import."""

from __future__ import annotations

from typing import Literal

Risk = Literal["read", "edit", "submit", "send", "pay", "delete", "publish", "grant"]
RISKS: tuple[Risk, ...] = ("read", "edit", "submit", "send", "pay", "delete", "publish", "grant")
FREE: frozenset[Risk] = frozenset({"read", "edit", "submit"})
"""Classes that need no approval: looking, filling in, and handing in a form that neither pays, sends nor deletes."""
