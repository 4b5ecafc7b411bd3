"""What was read, put into a step just before its turn. Apart from the rest of the format, which the loop does not need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from operator_agent.flow.base import Frozen
from operator_agent.flow.check import Check
from operator_agent.flow.plan import Step
from operator_agent.script.placeholder import handles, in_patterns, literal, map_text, put_values

_Model = TypeVar("_Model", bound=Frozen)


def fill_step(step: Step, values: Mapping[str, Any]) -> Step:
    """The step with every `{name}` filled and every `{{name}}` made `{name}`; secret handles stay.

    Raises UsageError for a value that is not there yet, and for one that would bring in a secret handle.
    """
    return _put(step, values)


def fill_checks(checks: Iterable[Check], values: Mapping[str, Any]) -> tuple[Check, ...]:
    """The same for checks: a plan's `done` once the steps have read what they read."""
    return tuple(_put(check, values) for check in checks)


def literal_step(step: Step, words: str = "") -> Step:
    """The step such that `fill_step` gives it back: for steps made from a person's or a page's words, where braces are text. The
    secret handles that the person's `words` name stay handles."""

    def written(text: str) -> str:
        found = literal(text)
        for handle in handles(words):
            found = found.replace(literal(handle), handle)
        return found

    return map_text(step, lambda text, _: written(text))


def _put(noun: _Model, values: Mapping[str, Any]) -> _Model:
    patterns: dict[str, str] = {}

    def put(text: str, pattern: bool) -> str:
        if pattern and not patterns:
            patterns.update(in_patterns(values))
        return put_values(text, patterns if pattern else values)

    return map_text(noun, put)
