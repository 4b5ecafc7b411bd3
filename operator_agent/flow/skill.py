"""A plan with inputs, and how a person asks for it."""

from __future__ import annotations

from typing import Any, Literal

from operator_agent.flow.base import Frozen


class Choice(Frozen):
    """One value of a choice input. `says` are other ways to say it, in any language; `implies` sets other inputs of the same group
    (an espresso implies `milk: none`), against which what the person said is checked."""

    says: tuple[str, ...] = ()
    implies: dict[str, str] = {}


class InputSpec(Frozen):
    """What an input takes. Without `default` it is required and asked for once.

        size:     {one_of: {small: [little, 小杯], large: [big, grande, 大杯]}, default: medium}
        quantity: {type: integer, min: 1, max: 20, default: 1}
        name:     {type: text, after: [for, under the name], ask: What name is the order for?}
        items:    {each: {drink: …, size: …}}        one or more groups
    """

    type: Literal["text", "integer", "number", "choice", "time", "date", "list"] = "text"
    one_of: dict[str, Choice] = {}
    each: dict[str, InputSpec] = {}
    default: Any = None
    optional: bool = False
    """May stay empty ("") without a question."""
    min: float | None = None
    max: float | None = None
    ask: str = ""
    """The question for a person; made from the name when empty."""
    after: tuple[str, ...] = ()
    """Words that introduce the value: `for`, `at`, `pick up at`."""
    before: tuple[str, ...] = ()
    """Words that may follow the value: `milk`, `cups of`, `杯`."""


class Skill(Frozen):
    """As read from a file: `steps` and `done` are still YAML with `{input}` in it; `skills.fill` makes a `Plan` of them."""

    name: str
    says: tuple[str, ...] = ()
    """Phrases: words, `[optional]`, `(one|other)`, `{input}`."""
    filler: tuple[str, ...] = ()
    """Words that carry no meaning for this skill beyond the usual politeness."""
    inputs: dict[str, InputSpec] = {}
    start: str = ""
    allow: tuple[str, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    done: tuple[Any, ...] = ()
    file: str = ""
    lines: dict[str, int] = {}
    """Where things stand in the file, for messages: `steps.3` → 1-based line."""
