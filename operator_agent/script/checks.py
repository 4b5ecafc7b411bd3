"""Checks ↔ their notation (`flow/check.py` shows it). A check is exact: plain words are an error, never guessed at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from operator_agent.flow.check import (
    AllCheck,
    AnyCheck,
    BecameCheck,
    Check,
    DialogCheck,
    DownloadCheck,
    ElementCheck,
    FileCheck,
    HoldsCheck,
    NotCheck,
    ResponseCheck,
    RowCheck,
    TabCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
    ValueCheck,
    WithinCheck,
)
from operator_agent.flow.target import ROLES, Target
from operator_agent.script.placeholder import NAME, show, sole_name
from operator_agent.script.source import (
    Where,
    as_list,
    as_mapping,
    as_number,
    as_text,
    nearest,
    only_keys,
    place,
    read_yaml,
    shown,
)

Values = Mapping[str, Any]
"""What placeholders that stand for a number are read from; others are filled after parsing."""

_TIMES = {"never": 0, "once": 1, "twice": 2}
_RESPONSE = re.compile(
    r"(?P<method>[A-Z]+|\*) (?P<path>\S+) (?P<status>[1-5](?:\d\d|xx))"
    r"(?:,? (?:exactly )?(?P<times>never|once|twice|(?P<number>\d+|\{\S+\}) times?))?"
)
_SECONDS = re.compile(r"(\S+?) ?(ms|s|seconds?|min|minutes?)")
_UNIT = {"ms": 0.001, "s": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "minute": 60.0, "minutes": 60.0}
_PLACE = re.compile(r"\((\{[^{}]+\})\)")


def parse_check(node: Any, where: Where | str = "", values: Values = {}) -> Check:  # noqa: B006 (never changed)
    """The check that `node` (what YAML gave) writes down. Raises ScriptError naming what was expected."""
    at = place(where)
    if isinstance(node, str):
        return _from_text(node.strip(), at, values)
    if not isinstance(node, Mapping):
        raise at.error(f"expected a check, not {shown(node)}{_HOW}")
    keys = list(as_mapping(node, at))
    if len(keys) == 2 and "count" in keys:
        return _counted(node, at, values)
    if len(keys) != 1:
        raise at.error(f"a check has one key, this has {len(keys)}: {', '.join(keys) or 'none'}; write them as a list")
    key, below = keys[0], at.at(keys[0])
    if key in PARSERS:
        return PARSERS[key](node[key], below, values)
    if _looks_like_key(key):
        raise below.error(f"there is no check {key!r}{nearest(key, PARSERS)}; known are {', '.join(PARSERS)}", key)
    return _shows(node, at, values)


def parse_checks(node: Any, where: Where | str = "", values: Values = {}) -> tuple[Check, ...]:  # noqa: B006
    """The checks of an `expect` or `done`: a list, or a single one."""
    at = place(where)
    if isinstance(node, (list, tuple)):
        return tuple(parse_check(item, at.at(number), values) for number, item in enumerate(node))
    return (parse_check(node, at, values),)


def parse_target(text: str, at: Where, values: Values) -> Target:
    """An element in the exact notation. Raises ScriptError for plain words."""
    target = any_target(text, values)
    if target.words or not text.strip():
        word = re.match(r"([A-Za-z-]+) ?[\"/]", text)
        hint = f"; {word[1]!r} is no role{nearest(word[1].lower(), ROLES)}" if word and word[1] not in ROLES else _HOW
        raise at.error(f"{text!r} is not a check{hint}")
    return target


def any_target(text: str, values: Values) -> Target:
    """An element in the notation or in plain words; a place among equals may be an input: `link "Open" ({number})`."""

    def number(found: re.Match[str]) -> str:
        name = sole_name(found[1])
        return f"({show(values[name])})" if name in values else found[0]

    return Target.parse(_PLACE.sub(number, text))


_HOW = (
    '; a check is an element as `heading "Thank you"`, `status "Basket": 2 items`, or one of the keys as `text: Thank you`'
)


def _from_text(text: str, at: Where, values: Values) -> Check:
    """One check on one line, as Python gives it: `text: 2 × latte`, `status "Basket": 2 items`, `gone: dialog "Cookies"`."""
    key, colon, rest = text.partition(":")
    if colon and key in PARSERS and (not rest or rest[0] in " \t"):
        rest = rest.strip()
        if key not in _PLAIN and (rest[:1] in ("{", "[") or key in _NESTED):
            return PARSERS[key](_flow(rest, at), at.at(key), values)
        return PARSERS[key](rest, at.at(key), values)
    for found in re.finditer(r":\s+", text):
        target = any_target(text[: found.start()], values)
        if not target.words and found.start():
            return ElementCheck(target=target, text=text[found.end() :])
    return ElementCheck(target=parse_target(text, at, values))


def _flow(text: str, at: Where) -> Any:
    """`{a: b}`, `[a, b]` or a check on one line; a text that YAML cannot read is itself a check."""
    return read_yaml(text, str(at) or "<check>")[0] if text[:1] in ("{", "[") else text


def _looks_like_key(key: str) -> bool:
    return bool(re.fullmatch(r"[a-z_ ]+", key)) and key.strip() not in ROLES


def _element(node: Any, at: Where, values: Values) -> ElementCheck:
    if isinstance(node, str) and not _known_key(node):
        check = parse_check(node, at, values)
    elif isinstance(node, Mapping) and list(node) == ["element"]:
        check = _shows(node["element"], at.at("element"), values)
    elif isinstance(node, Mapping) and len(node) == 1 and not node.keys() & PARSERS.keys():
        check = _shows(node, at, values)
    else:
        check = None
    if isinstance(check, ElementCheck) and check.count is None:
        return check
    raise at.error(f"{at.key!r} takes an element, not {shown(node)}; for other checks write `not: …`")


def _shows(node: Any, at: Where, values: Values) -> ElementCheck:
    """`status "Basket": 2 items` as a mapping; here a role alone is an element, whatever check has its name."""
    key, text = _pair(node, at, '{status "Basket": 2 items}')
    return ElementCheck(target=parse_target(key, at, values), text=as_text(text, at.at(key)))


def _known_key(text: str) -> bool:
    return text.partition(":")[1] == ":" and text.partition(":")[0] in PARSERS


def _gone(node: Any, at: Where, values: Values) -> Check:
    return _element(node, at, values).model_copy(update={"count": 0})


def _count(node: Any, at: Where, values: Values) -> Check:
    key, number = _pair(node, at, '{listitem in list "Orders": 3}')
    check = _element(key, at, values)
    return check.model_copy(update={"count": _whole(number, at.at(key), values)})


def _counted(node: Mapping[str, Any], at: Where, values: Values) -> Check:
    """`status "Basket": 2 items` or `row: {…}` with `count: 3` beside it."""
    check = parse_check({key: value for key, value in node.items() if key != "count"}, at, values)
    if not isinstance(check, (ElementCheck, RowCheck)) or check.count is not None:
        raise at.error("`count` stands beside a row or an element with its text", "count")
    return check.model_copy(update={"count": _whole(node["count"], at.at("count"), values)})


def _row(node: Any, at: Where, values: Values) -> Check:
    cells = as_mapping(node, at)
    if not cells:
        raise at.error("expected column headers with texts, as {Drink: latte, Quantity: 2}")
    return RowCheck(cells={key: as_text(cell, at.at(key)) for key, cell in cells.items()})


def _file(node: Any, at: Where, values: Values) -> Check:
    if not isinstance(node, Mapping):
        return FileCheck(path=_said(node, at))
    only_keys(node, ("path", "contains"), at, "a file check")
    if "path" not in node:
        raise at.error("expected `path`, the file to look at", "path")
    text = as_text(node["contains"], at.at("contains")) if "contains" in node else None
    return FileCheck(path=_said(node["path"], at.at("path")), text=text)


def _response(node: Any, at: Where, values: Values) -> Check:
    found = _RESPONSE.fullmatch(_said(node, at).strip())
    if not found:
        raise at.error(f"expected `POST /api/orders 201` or `POST /api/orders 2xx, exactly once`, not {shown(node)}")
    times = None
    if found["times"]:
        times = _whole(found["number"], at, values) if found["number"] else _TIMES[found["times"]]
    return ResponseCheck(method=found["method"], path=found["path"], status=found["status"], times=times)


def _value(node: Any, at: Where, values: Values) -> Check:
    name, equals = _pair(node, at, "{total: € 4.50}")
    if not NAME.match(name):
        raise at.error(f"{name!r} is no name of a value; a name is one word of letters, digits, `_` and `-`")
    return ValueCheck(name=name, equals=as_text(equals, at.at(name)))


def _within(node: Any, at: Where, values: Values) -> Check:
    key, check = _pair(node, at, '{3 s: heading "Ready"}')
    found = _SECONDS.fullmatch(key)
    number = as_number(_filled(found[1], values), at) if found else 0
    if not found or number <= 0:
        raise at.error(f"expected a time as `3 s` or `500 ms`, not {key!r}")
    return WithinCheck(seconds=number * _UNIT[found[2]], check=parse_check(check, at.at(key), values))


def _all(node: Any, at: Where, values: Values) -> Check:
    return AllCheck(checks=_several(node, at, values))


def _any(node: Any, at: Where, values: Values) -> Check:
    return AnyCheck(checks=_several(node, at, values))


def _not(node: Any, at: Where, values: Values) -> Check:
    return NotCheck(check=parse_check(node, at, values))


def _became(node: Any, at: Where, values: Values) -> Check:
    return BecameCheck(check=parse_check(node, at, values))


def _holds(node: Any, at: Where, values: Values) -> Check:
    return HoldsCheck(check=parse_check(node, at, values))


def _several(node: Any, at: Where, values: Values) -> tuple[Check, ...]:
    checks = parse_checks(as_list(node, at), at, values)
    if not checks:
        raise at.error("expected a list of checks; this one is empty")
    return checks


def _pair(node: Any, at: Where, example: str) -> tuple[str, Any]:
    if not isinstance(node, Mapping) or len(node) != 1:
        raise at.error(f"expected one pair as {example}, not {shown(node)}")
    return next(iter(as_mapping(node, at).items()))


def _said(node: Any, at: Where) -> str:
    text = as_text(node, at)
    if not text.strip():
        raise at.error(f"{at.key or 'this'!r} is empty; an empty check would prove nothing")
    return text


def _whole(node: Any, at: Where, values: Values) -> int:
    number = as_number(_filled(node, values), at)
    if number < 0 or number != int(number):
        raise at.error(f"expected a whole number from 0, not {shown(node)}")
    return int(number)


def _filled(node: Any, values: Values) -> Any:
    """The value of a placeholder that must be known when the plan is made, for a number is wanted here."""
    return values.get(sole_name(node), node) if isinstance(node, str) else node


def _simple(model: Callable[..., Check], field: str) -> Callable[[Any, Where, Values], Check]:
    return lambda node, at, values: model(**{field: _said(node, at)})


PARSERS: dict[str, Callable[[Any, Where, Values], Check]] = {
    "gone": _gone,
    "count": _count,
    "element": _shows,
    "text": _simple(TextCheck, "text"),
    "url": _simple(UrlCheck, "pattern"),
    "title": _simple(TitleCheck, "text"),
    "row": _row,
    "dialog": _simple(DialogCheck, "text"),
    "tab": _simple(TabCheck, "text"),
    "download": _simple(DownloadCheck, "name"),
    "file": _file,
    "response": _response,
    "value": _value,
    "all": _all,
    "any": _any,
    "not": _not,
    "within": _within,
    "became": _became,
    "holds": _holds,
}
"""Every key a check may have, and what reads it."""

_PLAIN = frozenset({"text", "url", "title", "dialog", "tab", "download", "response"})
_NESTED = frozenset({"not", "became", "holds"})


def format_check(check: Check) -> Any:
    """The check as YAML data (text, or a mapping of one key); `parse_check` gives the check back."""
    match check:
        case ElementCheck():
            return _format_element(check)
        case TextCheck(text=text) | TitleCheck(text=text) | DialogCheck(text=text) | TabCheck(text=text):
            return {check.kind: text}
        case UrlCheck():
            return {"url": check.pattern}
        case RowCheck():
            return {"row": dict(check.cells)} | ({} if check.count is None else {"count": check.count})
        case DownloadCheck():
            return {"download": check.name}
        case FileCheck():
            return {"file": check.path if check.text is None else {"path": check.path, "contains": check.text}}
        case ResponseCheck():
            return {"response": f"{check.method} {check.path} {check.status}" + _times(check.times)}
        case ValueCheck():
            return {"value": {check.name: check.equals}}
        case AllCheck() | AnyCheck():
            return {check.kind: [format_check(item) for item in check.checks]}
        case WithinCheck():
            seconds = format(Decimal(repr(check.seconds)), "f").removesuffix(".0")
            return {"within": {f"{seconds} s": format_check(check.check)}}
        case NotCheck() | BecameCheck() | HoldsCheck():
            return {check.kind: format_check(check.check)}


def check_text(check: Check) -> str:
    """The check on one line, for people: `gone: dialog "Cookies"`, `all: [heading "Menu", text: latte]`."""
    node = format_check(check)
    return node if isinstance(node, str) else ", ".join(f"{key}: {_inline(value)}" for key, value in node.items())


def _format_element(check: ElementCheck) -> Any:
    target = str(check.target)
    if check.text is None:
        if check.count is None:
            return target
        return {"gone": target} if check.count == 0 else {"count": {target: check.count}}
    # A role alone may spell a key of another check (`text`, `row`, `dialog`, `tab`).
    shows: dict[str, Any] = {"element": {target: check.text}} if target in PARSERS else {target: check.text}
    if check.count == 0:
        return {"gone": shows}
    return shows if check.count is None else shows | {"count": check.count}


def _times(times: int | None) -> str:
    if times is None:
        return ""
    return ", " + {0: "never", 1: "exactly once", 2: "exactly twice"}.get(times, f"exactly {times} times")


def _inline(node: Any) -> str:
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{key}: {_inline(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        items = (_inline(item) for item in node)
        return "[" + ", ".join(item[1:-1] if item[:1] == "{" else item for item in items) + "]"
    return str(node)
