"""What the person said."""

from __future__ import annotations

from typing import Literal

from operator_agent.flow.base import Frozen


class Command(Frozen):
    """A request in the person's words, and where it came from. `language` is a BCP 47 tag, or "" when not known."""

    text: str
    language: str = ""
    source: Literal["text", "voice", "script", "api"] = "text"


class Question(Frozen):
    """Something only a person can answer. `options` are the answers that will be understood; empty means free text."""

    kind: Literal["input", "choice", "approval", "dialog", "origin"]
    text: str
    options: tuple[str, ...] = ()
    about: str = ""
    """What the answer is for: an input's name, a risk class, a dialog's kind."""
