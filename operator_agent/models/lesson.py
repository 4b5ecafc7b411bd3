"""What a refused request teaches: the one thing to change before it is sent again, as a fact for the overlay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from operator_agent.models.exchange import Ask
from operator_agent.models.port import Image
from operator_agent.models.profiles import Profile
from operator_agent.models.trouble import Problem

_PICTURES = re.compile(r"image|vision|visual|multi-?modal|picture", re.IGNORECASE)
_MODES = re.compile(
    r"response_format|text\.format|json[ _-]?(?:schema|mode|object|output)|structured|guided|grammar|tool_choice|\btools?\b",
    re.IGNORECASE,
)
_STREAM = re.compile(r"only support\w* stream|must be streamed|stream\w*[^.]{0,20} required|non-?stream", re.IGNORECASE)
_MODE_KEYS = frozenset({"response_format", "text", "tools", "tool_choice"})
_KEPT = frozenset({"model", "messages", "input", "instructions"})
_BUDGETS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


class Lesson(NamedTuple):
    """`value` is to be learned under the overlay's `name`; `note` says it to a person."""

    name: str
    value: Any
    note: str


def lesson(problem: Problem, ask: Ask, body: Mapping[str, Any], profile: Profile) -> Lesson | None:
    """What to change; None when the refusal names nothing that was sent.

    The parameter an error object names counts for more than words in its message.
    """
    pictures = any(isinstance(part, Image) for part in ask.parts)
    named = re.split(r"[.\[]", problem.param)[0]
    if pictures and (_PICTURES.search(problem.words) or "image" in problem.param):
        return Lesson("vision", "no", f"it takes no pictures, so it is asked without ({problem.words})")
    if problem.status not in (400, 422):
        return None
    if "stream" not in body and _STREAM.search(problem.words):
        return Lesson("stream", "thinking" if profile.thinks(ask.level) else "always", f"it only streams here ({problem.words})")
    if named in _MODE_KEYS or (named not in body and _MODES.search(problem.words)):
        refused = _mode(ask, profile)
        if refused:
            return refused
    keys = {key: key for key in body if key not in _KEPT | _MODE_KEYS}
    # Names inside a parameter, where they are no everyday words.
    inside = {name: key for key in keys if isinstance(body[key], Mapping) for name in body[key] if "_" in name}
    found = named if named in keys else (inside | keys).get(_named(problem.words, [*keys, *inside]), "")
    return _parameter(found, problem, ask, profile) if found else None


def _mode(ask: Ask, profile: Profile) -> Lesson | None:
    if ask.mode is None or ask.mode.mode == "words":
        return None
    which = f"{ask.mode.mode} while thinking" if profile.thinks(ask.level) else ask.mode.mode
    return Lesson("json_refused", which, f"it refuses JSON mode `{which}`, so the next one is used")


def _parameter(found: str, problem: Problem, ask: Ask, profile: Profile) -> Lesson:
    choices = profile.levels.get(ask.level, ())
    if found == profile.budget.name:
        other = _named(problem.words, [name for name in _BUDGETS if name != found])
        if other:
            return Lesson("budget", other, f"it wants {other} instead of {found}")
    foreign = "unsupported_parameter" in problem.codes  # the parameter itself, so another value will not do
    if not foreign and found in ask.patch and len(choices) > 1 and ask.patch == choices[0]:
        note = f"it refuses {found}={ask.patch[found]!r}, so level {ask.level} is asked for as {choices[1]}"
        return Lesson("levels", {ask.level: choices[1]}, note)
    if found == "stream":
        return Lesson("stream", "never", "it does not stream")
    return Lesson("drop", found, f"it refuses the parameter {found}, which is left out from now on ({problem.words})")


def _named(words: str, keys: Iterable[str]) -> str:
    """The longest of `keys` that stands in `words` as a word of its own; ""."""
    found = (key for key in keys if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", words, re.IGNORECASE))
    return max(found, key=len, default="")
