"""Whether a request asks for thinking, as the vendor imitated reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from operator_agent.models.stub.quirks import Quirks, Switch
from operator_agent.models.stub.refusals import Refused

_OFF = ("none", "disabled", "off")


def effort(body: dict[str, Any], quirks: Quirks, *, responses: bool) -> str:
    """How much is thought: "" not at all, a level, or `on`. Raises `Refused` for a level or an off that is not accepted."""
    readings = [_level(_part(body.get("reasoning"), "effort"))] if responses else [_READ[name](body) for name in quirks.switches]
    told = [reading for reading in readings if reading is not None]
    for level in told:
        if level not in ("", "on") and quirks.levels and level not in quirks.levels:
            param = "reasoning.effort" if responses else "reasoning_effort"
            raise Refused(f"Invalid value: '{level}'. Supported values are: {_listed(quirks.levels)}.", param=param)
    if quirks.formats_end_thinking and _part(body.get("response_format"), "type") not in (None, "text"):
        return ""
    if "" in told and quirks.off == "refused":
        raise Refused("Thinking cannot be disabled for this model.", param="thinking")
    if "" in told and quirks.off == "works":
        return ""
    levels = [level for level in told if level not in ("", "on")]
    return levels[-1] if levels else "on" if told or quirks.unasked or quirks.off == "ignored" else ""


def shows(body: dict[str, Any], quirks: Quirks) -> bool:
    """Whether what is thought is to be put into the answer."""
    excluded = _part(body.get("reasoning"), "exclude") is True and "reasoning" in quirks.switches
    return not excluded and (not quirks.shown_when_asked or _google(body).get("include_thoughts") is True)


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _part(whole: Any, name: str) -> Any:
    return whole.get(name) if isinstance(whole, dict) else None


def _level(value: Any) -> str | None:
    if isinstance(value, bool):
        return "on" if value else ""
    return None if value is None else "" if value in _OFF else str(value)


def _budget(tokens: Any) -> str | None:
    """Google's table of levels and budgets, the other way round."""
    if not isinstance(tokens, int) or isinstance(tokens, bool):
        return None
    return "on" if tokens < 0 else "" if not tokens else "low" if tokens <= 1024 else "medium" if tokens <= 8192 else "high"


def _thinking(body: dict[str, Any]) -> str | None:
    kind = _part(body.get("thinking"), "type")
    if kind is None or kind == "disabled":
        return _level(kind)
    return _budget(_part(body["thinking"], "budget_tokens")) or "on"


def _enable_thinking(body: dict[str, Any]) -> str | None:
    told = _level(body.get("enable_thinking"))
    return _budget(body.get("thinking_budget")) or told if told != "" else told


def _reasoning(body: dict[str, Any]) -> str | None:
    asked = body.get("reasoning")
    for told in (_level(_part(asked, "effort")), _budget(_part(asked, "max_tokens")), _level(_part(asked, "enabled"))):
        if told is not None:
            return told
    return None


def _google(body: dict[str, Any]) -> dict[str, Any]:
    found = _part(_part(body.get("extra_body"), "google"), "thinking_config")
    return found if isinstance(found, dict) else {}


def _google_config(body: dict[str, Any]) -> str | None:
    config = _google(body)
    told = _budget(config.get("thinking_budget"))
    return told if told is not None else _level(config.get("thinking_level"))


_READ: dict[Switch, Callable[[dict[str, Any]], str | None]] = {
    "thinking.type": _thinking,
    "enable_thinking": _enable_thinking,
    "chat_template_kwargs.enable_thinking": lambda body: _level(_part(body.get("chat_template_kwargs"), "enable_thinking")),
    "chat_template_kwargs.thinking": lambda body: _level(_part(body.get("chat_template_kwargs"), "thinking")),
    "reasoning_effort": lambda body: _level(body.get("reasoning_effort")),
    "reasoning": _reasoning,
    "think": lambda body: _level(body.get("think")),
    "extra_body.google.thinking_config": _google_config,
}
