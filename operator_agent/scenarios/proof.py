"""The second witness: databases, servers, files and programs are asked whether it happened. The screen is not believed."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from time import monotonic
from typing import Any

from operator_agent.compare import pattern
from operator_agent.errors import SetupError, UsageError
from operator_agent.flow.base import Frozen
from operator_agent.flow.target import is_regex
from operator_agent.scenarios.entries import UNSAID, CommandEntry, Entry, FileEntry, HttpEntry, SqlEntry
from operator_agent.scenarios.scenario import Scenario
from operator_agent.script.placeholder import put_values, show
from operator_agent.settings import Settings

_AGAIN = 0.1
"""Seconds between two readings of an entry that may still come to hold."""
_SECONDS = 10.0
"""How long one reading may take."""
_MOST_ROWS = 1000
_MOST_BYTES = 10_000_000


class Witnessed(Frozen):
    """What the second witness said to one entry of the proof."""

    ok: bool
    entry: str
    """What was asked, in one line."""
    text: str
    """What was there, and what was wanted instead when it does not hold."""
    where: str = ""
    """`file:line` of the entry."""


@dataclass(frozen=True, slots=True)
class _Asking:
    values: Mapping[str, Any]
    settings: Settings
    commands: Collection[str]

    def put(self, text: str) -> str:
        return put_values(text, self.values)

    def within(self, text: str) -> str:
        """The same for a text that may be a `/regex/`, in which a value means itself."""
        if not is_regex(text):
            return self.put(text)
        return put_values(text, {name: re.escape(show(value)) for name, value in self.values.items()})


async def read_proof(
    scenario: Scenario, values: Mapping[str, Any], *, settings: Settings | None = None, commands: Collection[str] = ()
) -> tuple[Witnessed, ...]:
    """What the second witness says to each entry, one after the other. `values` fill `{…}`; `commands` are the programs that may
    be run, by name. Raises SetupError for a program that is not among them."""
    asking = _Asking(scenario.values(values), settings or Settings.from_env(), commands)
    return tuple([await _witnessed(entry, asking) for entry in scenario.proof])


async def _witnessed(entry: Entry, asking: _Asking) -> Witnessed:
    """Read once, or again and again as long as the entry says that it may take."""
    until = monotonic() + entry.within
    while True:
        said = await _read(entry, asking)
        if said.ok or monotonic() >= until:
            return said
        await asyncio.sleep(_AGAIN)


async def _read(entry: Entry, asking: _Asking) -> Witnessed:
    try:
        async with asyncio.timeout(_SECONDS):
            match entry:
                case SqlEntry():
                    asked, ok, text = await _sql(entry, asking)
                case HttpEntry():
                    asked, ok, text = await _http(entry, asking)
                case FileEntry():
                    asked, ok, text = await asyncio.to_thread(_file, entry, asking)
                case CommandEntry():
                    asked, ok, text = await _command(entry, asking)
    except UsageError as error:  # a value that nothing gave
        asked, ok, text = _title(entry), False, str(error)
    except TimeoutError:
        asked, ok, text = _title(entry), False, f"did not answer within {_SECONDS:g} s"
    return Witnessed(ok=ok, entry=asked, text=text, where=str(entry.where))


def _title(entry: Entry) -> str:
    match entry:
        case SqlEntry():
            return entry.sql
        case HttpEntry():
            return f"{entry.method} {entry.url}"
        case FileEntry():
            return f"file {entry.path}"
        case CommandEntry():
            return " ".join(entry.argv)


async def _sql(entry: SqlEntry, asking: _Asking) -> tuple[str, bool, str]:
    sql, path = asking.put(entry.sql), (entry.folder / asking.put(entry.db)).absolute()
    wanted = [tuple(asking.put(cell) if isinstance(cell, str) else cell for cell in row) for row in entry.rows]
    try:
        rows = await asyncio.to_thread(_rows, sql, path)
    except sqlite3.Error as error:
        return sql, False, f"{path.name} could not be asked: {error}"
    ok = _same_rows(wanted, rows, any_order=entry.any_order)
    return sql, ok, f"gave {_shown(rows)}" + ("" if ok else f", not {_shown(wanted)}")


def _rows(sql: str, path: Path) -> list[tuple[Any, ...]]:
    """What a query gives; it can neither write, open another file, nor go on for ever. Raises sqlite3.Error."""
    until = monotonic() + _SECONDS

    def judge(action: int, *_: object) -> int:
        return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else sqlite3.SQLITE_OK

    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
        connection.execute("pragma query_only = on")
        connection.set_authorizer(judge)
        connection.set_progress_handler(lambda: monotonic() > until, 10_000)
        return connection.execute(sql).fetchmany(_MOST_ROWS)


def _same_rows(wanted: list[tuple[Any, ...]], rows: list[tuple[Any, ...]], *, any_order: bool) -> bool:
    if len(wanted) != len(rows):
        return False
    if not any_order:
        return all(_same_row(*pair) for pair in zip(wanted, rows, strict=True))
    left = list(rows)
    for row in wanted:
        same = next((one for one in left if _same_row(row, one)), None)
        if same is None:
            return False
        left.remove(same)
    return True


def _same_row(wanted: tuple[Any, ...], row: tuple[Any, ...]) -> bool:
    return len(wanted) == len(row) and all(same_value(*pair) for pair in zip(wanted, row, strict=True))


def same_value(wanted: Any, seen: Any) -> bool:
    """Whether a cell or a JSON value is the one wanted. Files write numbers and texts alike, so `2` is "2" and `4.50` is 4.5; but
    text is never read as a number: "007" is not 7, and nothing is nothing else."""
    if wanted is None or seen is None:
        return wanted is seen
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return show(wanted) == show(seen) or (wanted in (0, 1) and seen in (0, 1) and wanted == seen)
    if isinstance(seen, bytes):
        return show(wanted) == seen.decode("utf-8", "replace")
    if show(wanted) == show(seen):
        return True
    if isinstance(seen, (int, float)):
        try:
            return Decimal(show(wanted)) == Decimal(show(seen))
        except InvalidOperation:
            return False
    return False


async def _http(entry: HttpEntry, asking: _Asking) -> tuple[str, bool, str]:
    import httpx2

    url, own = asking.put(entry.url), asking.settings
    asked = f"{entry.method} {url}"
    local = re.match(r"https?://(127\.0\.0\.1|localhost|\[::1\])[:/]", url)
    headers = {name: asking.put(value) for name, value in entry.headers.items()}
    try:
        # Certificates are read only where some are needed: that takes longer than most answers.
        verify = httpx2.create_ssl_context() if url.startswith("https:") else False
        proxy = None if local else own.upstream_proxy
        async with httpx2.AsyncClient(timeout=_SECONDS, trust_env=False, proxy=proxy, verify=verify) as client:
            answer = await client.request(entry.method, url, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return asked, False, f"gave no answer: {error or type(error).__name__}"
    if answer.status_code != (entry.status or answer.status_code) or (entry.status is None and not answer.is_success):
        return asked, False, f"answered {answer.status_code}, not {entry.status or '2xx'}"
    ok, told = True, f"answered {answer.status_code}"
    if entry.json is not UNSAID:
        ok, told = _holds(_put_in(entry.json, asking), answer.content, answer.status_code)
    if ok and entry.contains is not None:
        ok, told = _contains(asking.within(entry.contains), answer.text, told)
    return asked, ok, told


def _holds(wanted: Any, body: bytes, status: int) -> tuple[bool, str]:
    import json

    try:
        seen = json.loads(body)
    except ValueError:
        return False, f"answered {status} with what is no JSON: {_short(body.decode('utf-8', 'replace'))}"
    missing = difference(wanted, seen)
    return not missing, missing or f"answered {status} with {_shown(seen)}"


def difference(wanted: Any, seen: Any, at: str = "") -> str:
    """Where `seen` does not hold `wanted`; "" when it does. A mapping may hold more; a list has the same items in this order."""
    place = at or "the answer"
    if isinstance(wanted, Mapping):
        if not isinstance(seen, Mapping):
            return f"{place} is {_shown(seen)}, not {_shown(wanted)}"
        for key, value in wanted.items():
            if key not in seen:
                return f"{place} has no {key!r}: {_shown(seen)}"
            if found := difference(value, seen[key], f"{at}.{key}" if at else key):
                return found
        return ""
    if isinstance(wanted, (list, tuple)):
        if not isinstance(seen, list) or len(seen) != len(wanted):
            return f"{place} is {_shown(seen)}, not {_shown(wanted)}"
        pairs = enumerate(zip(wanted, seen, strict=True))
        return next((found for number, pair in pairs if (found := difference(*pair, f"{at}[{number}]"))), "")
    if isinstance(seen, (Mapping, list)) or not same_value(wanted, seen):
        return f"{place} is {_shown(seen)}, not {_shown(wanted)}"
    return ""


def _put_in(node: Any, asking: _Asking) -> Any:
    if isinstance(node, str):
        return asking.put(node)
    if isinstance(node, Mapping):
        return {asking.put(str(key)): _put_in(value, asking) for key, value in node.items()}
    return [_put_in(one, asking) for one in node] if isinstance(node, (list, tuple)) else node


def _file(entry: FileEntry, asking: _Asking) -> tuple[str, bool, str]:
    path = entry.folder / asking.put(entry.path)
    asked = f"file {path.name}"
    found = sorted(path.parent.glob(path.name)) if "*" in path.name else [path] if path.exists() else []
    if entry.absent or not found:
        there = ", ".join(one.name for one in found)
        beside = ", ".join(sorted(one.name for one in path.parent.glob("*"))[:8]) or "nothing"
        text = f"{there} is there" if found else f"is not there; in {path.parent.name} is {beside}"
        return asked, entry.absent and not found, text
    if len(found) > 1:
        return asked, False, f"are several: {', '.join(one.name for one in found)}"
    try:
        with found[0].open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return asked, False, f"cannot be read: {error.strerror}"
    return asked, *_text(entry, asking, text, f"{found[0].name} is there")


async def _command(entry: CommandEntry, asking: _Asking) -> tuple[str, bool, str]:
    argv = [asking.put(part) for part in entry.argv]
    asked = " ".join(argv)
    allow(entry, asking.commands)
    program = shutil.which(argv[0], path=asking.settings.search_path)
    if program is None:
        return asked, False, f"there is no program {argv[0]}"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        program, *argv[1:], stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, cwd=entry.folder,
        env=dict(asking.settings.browser_env),
    )  # fmt: skip
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != entry.code:
        said = _short((err or out).decode("utf-8", "replace").strip())
        return asked, False, f"ended with {process.returncode}, not {entry.code}" + (f": {said}" if said else "")
    return asked, *_text(entry, asking, out[:_MOST_BYTES].decode("utf-8", "replace"), f"ended with {entry.code}")


def allow(entry: CommandEntry, commands: Collection[str]) -> None:
    """Raises SetupError unless the program may be run."""
    if entry.argv[0] not in commands:
        name = entry.argv[0]
        raise SetupError(
            f"{entry.where}: the proof runs {name!r}, which is not allowed; allow it with --allow-command {name}, or in "
            f"pyproject.toml: [tool.operator-agent] commands"
        )


def _text(entry: FileEntry | CommandEntry, asking: _Asking, text: str, told: str) -> tuple[bool, str]:
    if entry.equals is not None:
        wanted = asking.put(entry.equals)
        ok = text.rstrip("\r\n") == wanted.rstrip("\r\n")
        return ok, f"{told}, with {_short(text)}" + ("" if ok else f", not {_short(wanted)}")
    return _contains(asking.within(entry.contains), text, told) if entry.contains is not None else (True, told)


def _contains(wanted: str, text: str, told: str) -> tuple[bool, str]:
    ok = bool(pattern(wanted).search(text)) if is_regex(wanted) else wanted in text
    return ok, f"{told} and holds {_short(wanted)}" if ok else f"{told}, but {_short(wanted)} is not in it: {_short(text)}"


def _short(text: str, most: int = 200) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _shown(value: Any) -> str:
    """Rows or JSON on one line."""
    import json

    def other(one: Any) -> str:
        return one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)

    return _short(json.dumps(value, ensure_ascii=False, default=other))
