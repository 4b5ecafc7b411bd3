"""The entries of a scenario's `proof`: where the second witness is asked, and what it must say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from operator_agent.script.source import (
    Where,
    as_flag,
    as_list,
    as_mapping,
    as_number,
    as_text,
    as_texts,
    only_keys,
    shown,
)

UNSAID: Final = object()
"""Nothing is expected here; None would be an expectation."""
_SECONDS = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|seconds?|min|minutes?)")
_UNIT = {"ms": 0.001, "s": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "minute": 60.0, "minutes": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    within: float = 0.0
    """Seconds in which it may still come to hold; 0: it is read once."""
    where: Where = field(default_factory=Where, compare=False)

    @property
    def folder(self) -> Path:
        """What paths are relative to: where the file is in which it is written."""
        return Path(self.where.file).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlEntry(_Entry):
    """A query of a SQLite file gives exactly these rows."""

    sql: str
    db: str
    rows: tuple[tuple[Any, ...], ...]
    any_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEntry(_Entry):
    """An address answers so. Without `status` any 2xx will do."""

    method: str
    url: str
    status: int | None = None
    json: Any = UNSAID
    """What must be in the answer: of a mapping these keys, of a list all items in this order."""
    contains: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry(_Entry):
    """A file is there, or is not. `*` in its name stands for any run of characters."""

    path: str
    contains: str | None = None
    equals: str | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry(_Entry):
    """A program that is allowed ends so, and says this on its standard output."""

    argv: tuple[str, ...]
    contains: str | None = None
    equals: str | None = None
    code: int = 0


Entry: TypeAlias = SqlEntry | HttpEntry | FileEntry | CommandEntry


def parse_proof(node: Any, at: Where) -> tuple[Entry, ...]:
    """The entries of a `proof`: a list, or a single one. Raises ScriptError with the place."""
    nodes = list(node) if isinstance(node, (list, tuple)) else [node]
    if not nodes:
        raise at.error("the proof is empty; leave it out, or say where the second witness is to be asked")
    return tuple(_entry(one, at.at(number) if isinstance(node, (list, tuple)) else at) for number, one in enumerate(nodes))


def _entry(node: Any, at: Where) -> Entry:
    if not isinstance(node, Mapping):
        raise at.error(f"expected a proof as `sql: …` with `in:` and `rows:`, not {shown(node)}")
    keys = as_mapping(node, at)
    kinds = [key for key in keys if key in PARSERS]
    if len(kinds) != 1:
        raise at.error(f"a proof has exactly one of {', '.join(PARSERS)}; this has {', '.join(kinds) or 'none of them'}", "proof")
    allowed, parse = PARSERS[kinds[0]]
    only_keys(keys, (kinds[0], *allowed, "within"), at, f"a proof by {kinds[0]}")
    within = as_seconds(keys["within"], at.at("within")) if "within" in keys else 0.0
    return parse(keys, at, {"within": within, "where": at.at(kinds[0])})


def as_seconds(node: Any, at: Where) -> float:
    """`5 s`, `500 ms`, `2 min` as seconds."""
    found = _SECONDS.fullmatch(str(node).strip())
    if not found:
        raise at.error(f"expected a time as `5 s` or `500 ms`, not {shown(node)}")
    return float(found[1]) * _UNIT[found[2]]


def _sql(keys: Mapping[str, Any], at: Where, more: Mapping[str, Any]) -> SqlEntry:
    for needed in ("in", "rows"):
        if needed not in keys:
            raise at.error(f"a proof by sql needs `{needed}`", needed)
    below = at.at("rows")
    rows = [_row(row, below.at(number)) for number, row in enumerate(as_list(keys["rows"], below))]
    any_order = as_flag(keys["any order"], at.at("any order")) if "any order" in keys else False
    return SqlEntry(sql=_said(keys, "sql", at), db=_said(keys, "in", at), rows=tuple(rows), any_order=any_order, **more)


def _row(node: Any, at: Where) -> tuple[Any, ...]:
    """A row's cells; a text alone is a row of one."""
    cells = list(node) if isinstance(node, (list, tuple)) else [node]
    for number, cell in enumerate(cells):
        if isinstance(cell, (Mapping, list, tuple)):
            raise at.at(number).error(f"a cell is a text, a number or nothing, not {shown(cell)}")
    return tuple(cells)


def _http(keys: Mapping[str, Any], at: Where, more: Mapping[str, Any]) -> HttpEntry:
    said = _said(keys, "http", at)
    found = re.fullmatch(r"(?:(GET|HEAD) )?(\S+)", said.strip())
    if not found:
        raise at.at("http").error(f"expected `GET {{shop}}api/orders`, not {said!r}; a proof only reads")
    status = as_number(keys["status"], at.at("status")) if "status" in keys else None
    if status is not None and not (status == int(status) and 100 <= status <= 599):
        raise at.at("status").error(f"expected a status as 200, not {keys['status']!r}")
    headers = as_mapping(keys.get("headers", {}), at.at("headers"))
    return HttpEntry(
        method=found[1] or "GET", url=found[2], status=None if status is None else int(status),
        json=keys.get("json", UNSAID), contains=_maybe(keys, "contains", at),
        headers={name: as_text(value, at.at("headers").at(name)) for name, value in headers.items()}, **more,
    )  # fmt: skip


def _file(keys: Mapping[str, Any], at: Where, more: Mapping[str, Any]) -> FileEntry:
    absent = as_flag(keys["absent"], at.at("absent")) if "absent" in keys else False
    if absent and keys.keys() & {"contains", "equals"}:
        raise at.at("absent").error("a file that is absent holds nothing; keep `absent`, or what it holds")
    contains, equals = _maybe(keys, "contains", at), _maybe(keys, "equals", at)
    return FileEntry(path=_said(keys, "file", at), contains=contains, equals=equals, absent=absent, **more)


def _command(keys: Mapping[str, Any], at: Where, more: Mapping[str, Any]) -> CommandEntry:
    argv = as_texts(keys["command"], at.at("command"))
    if not argv or not argv[0].strip():
        raise at.at("command").error("expected a program and its arguments, as [sqlite3, \"{db}\", .dump]")
    if isinstance(keys["command"], str) and " " in argv[0]:
        raise at.at("command").error("no shell reads this; write the program and its arguments as a list")
    code = as_number(keys["code"], at.at("code")) if "code" in keys else 0
    contains, equals = _maybe(keys, "contains", at), _maybe(keys, "equals", at)
    return CommandEntry(argv=argv, contains=contains, equals=equals, code=int(code), **more)


def _said(keys: Mapping[str, Any], key: str, at: Where) -> str:
    text = as_text(keys[key], at.at(key))
    if not text.strip():
        raise at.at(key).error(f"{key!r} is empty")
    return text


def _maybe(keys: Mapping[str, Any], key: str, at: Where) -> str | None:
    """An empty text would be in everything, so it is an error but for `equals`."""
    if key not in keys:
        return None
    return as_text(keys[key], at.at(key)) if key == "equals" else _said(keys, key, at)


PARSERS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any], Where, Mapping[str, Any]], Entry]]] = {
    "sql": (("in", "rows", "any order"), _sql),
    "http": (("status", "json", "contains", "headers"), _http),
    "file": (("contains", "equals", "absent"), _file),
    "command": (("contains", "equals", "code"), _command),
}
"""How each kind of entry is read, and what may stand beside it."""
