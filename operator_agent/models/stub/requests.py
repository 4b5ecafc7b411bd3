"""What both APIs refuse: parameters, formats and tools a vendor does not take."""

from __future__ import annotations

from typing import Any

from operator_agent.models.stub.answers import PICTURES, Asked, parts
from operator_agent.models.stub.quirks import Quirks
from operator_agent.models.stub.refusals import Refused
from operator_agent.models.stub.schemas import check_name, check_strict

_FORMATS = ("text", "json_object", "json_schema")


def check_parameters(asked: Asked, quirks: Quirks, known: frozenset[str], limit: str) -> None:
    """`known`: the parameters of the API; `limit`: what it calls the bound on the answer."""
    own = {name.partition(".")[0] for name in quirks.switches}
    own |= {"thinking_budget"} if "enable_thinking" in quirks.switches else set()
    for name, value in asked.body.items():
        if name not in known | own and quirks.unknown == "refused":
            raise Refused(_unknown(name, quirks), param=name, name="unknown_parameter")
        if name in quirks.refused:
            instead = f" Use '{limit}' instead." if name == "max_tokens" else ""
            message = f"Unsupported parameter: '{name}' is not supported with this model.{instead}"
            raise Refused(message, param=name, name="unsupported_parameter")
        allowed = quirks.fixed.get(name, (None, None))[0 if asked.effort else 1]
        if None not in (value, allowed) and value != allowed:
            raise Refused(_fixed(name, value, allowed, quirks), param=name, name="unsupported_value")
        if name in ("max_tokens", "max_completion_tokens", "max_output_tokens") and (not isinstance(value, int) or value < 1):
            raise Refused(f"Invalid '{name}': expected an integer of at least 1, got {value!r}.", param=name, name="invalid_value")


def _unknown(name: str, quirks: Quirks) -> str:
    if quirks.errors == "list":
        return f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    return f"Unknown parameter: '{name}'."


def _fixed(name: str, value: object, allowed: float | None, quirks: Quirks) -> str:
    if quirks.errors == "unnamed":
        return f"invalid {name}: only {allowed:g} is allowed for this model"
    only = f"Only the default ({allowed:g}) value is supported."
    return f"Unsupported value: '{name}' does not support {value} with this model. {only}"


def check_format(asked: Asked, quirks: Quirks, given: Any, param: str) -> None:
    """`given` is `response_format` with the schema inside, or the same taken from `text.format`."""
    if given is None:
        return
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in _FORMATS:
        why = f"Invalid value: '{kind}'. Supported values are: 'text', 'json_object', and 'json_schema'."
        raise Refused(why, param=f"{param}.type")
    if kind != "text" and kind not in quirks.formats_while(bool(asked.effort)):
        if quirks.bad_format == "ignored":
            return
        why = "is not supported when enable_thinking is true" if kind in quirks.formats else "type is unavailable now"
        raise Refused(f"This {param} {why}: {kind}", param=param)
    if kind == "json_object" and quirks.says_json and "json" not in asked.everything.lower():
        why = f"'messages' must contain the word 'json' in some form, to use '{param}' of type 'json_object'."
        raise Refused(why, param="messages")
    if kind == "json_schema":
        _check_schema(given.get("json_schema", given), quirks, param)


def _check_schema(named: dict[str, Any], quirks: Quirks, param: str) -> None:
    check_name(named.get("name"), f"{param}.json_schema.name")
    if not isinstance(named.get("schema"), dict):
        raise Refused(f"Missing required parameter: '{param}.json_schema.schema'.", param=f"{param}.json_schema.schema")
    if named.get("strict") and quirks.strict_schemas:
        check_strict(named["schema"], f"{param} '{named['name']}'", param)


def check_tools(asked: Asked, quirks: Quirks, functions: list[dict[str, Any]]) -> None:
    """`functions` are the descriptions of the function tools."""
    choice = asked.body.get("tool_choice")
    if choice is not None and not asked.body.get("tools"):
        why = "'tool_choice' is only allowed when 'tools' are specified."
        raise Refused(f"Invalid value for 'tool_choice': {why}", param="tool_choice")
    if asked.body.get("parallel_tool_calls") is not None and not asked.body.get("tools"):
        why = "'parallel_tool_calls' is only allowed when 'tools' are specified."
        raise Refused(f"Invalid value for 'parallel_tool_calls': {why}", param="parallel_tool_calls")
    forced = choice is not None and choice not in ("auto", "none")
    if forced and (quirks.forced_tools == "refused" or (asked.effort and quirks.forced_tools == "not while thinking")):
        raise Refused("Thinking mode does not support this tool_choice", param="tool_choice")
    for at, function in enumerate(functions):
        check_name(function.get("name"), f"tools[{at}].function.name")
        if function.get("strict") and quirks.strict_schemas:
            check_strict(function.get("parameters"), f"function '{function['name']}'", f"tools[{at}].function.parameters")
    if isinstance(choice, dict):
        name = choice.get("name") or choice.get("function", {}).get("name")
        if choice.get("type") == "function" and name not in [function.get("name") for function in functions]:
            raise Refused(f"Tool choice 'function: {name}' not found in 'tools' parameter.", param="tool_choice")


def check_pictures(asked: Asked, quirks: Quirks) -> None:
    if quirks.sees:
        return
    for at, turn in enumerate(asked.turns):
        for part in parts(turn):
            if part.get("type") in PICTURES:
                why = f"unknown variant `{part['type']}`, expected `text`: this model takes no pictures"
                raise Refused(f"Failed to deserialize the JSON body: messages[{at}]: {why}", param=f"messages[{at}].content")
