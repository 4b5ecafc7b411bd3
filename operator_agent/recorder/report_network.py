"""The network of a run as the report shows it: what was asked for in each step, and what came back."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from operator_agent.flow.tape import Headers, Taped

_LONGEST = 3_000
"""Characters of a body that are shown."""
_ALL = 3_000_000
"""Characters of all bodies together."""
_FRAMES = 200
_MEDIA = ("image/", "font/", "audio/", "video/")
_NOT_READ = ("css", "javascript", "octet", "zip", "pdf")


class Body(NamedTuple):
    text: str
    note: str
    """What is not shown of it."""


class Row(NamedTuple):
    """One exchange."""

    one: Taped
    where: str
    """Its address, short when it is the page's own host."""
    came: str
    """`201`, `refused`, `failed`, `open`."""
    bad: bool
    size: str
    took: str
    sent: Body
    body: Body
    frames: tuple[str, ...]

    @property
    def headers(self) -> Headers:
        """Of the answer. A cookie's value opens a session: the tape has it, a page that is handed around does not."""
        return tuple((name, _named(value) if name.lower() == "set-cookie" else value) for name, value in self.one.headers)


class Group(NamedTuple):
    """What began during one step. `card` is "" for what began before the first."""

    card: str
    rows: tuple[Row, ...]

    @property
    def bad(self) -> int:
        return sum(row.bad for row in self.rows)


def groups(tape: Sequence[Taped], begun: Sequence[tuple[float, str]]) -> list[Group]:
    """The tape by the steps that were under way; `begun` are the times the cards began, in their order, with their names."""
    times = [at for at, _ in begun]
    found: dict[str, list[Row]] = {}
    home, room = _host(tape[0].url) if tape else "", _ALL
    for one in sorted(tape, key=lambda one: one.at):
        number = bisect_right(times, one.at)
        row = _row(one, home, room)
        room -= len(row.sent.text) + len(row.body.text)
        found.setdefault(begun[number - 1][1] if number else "", []).append(row)
    return [Group(card, tuple(rows)) for card, rows in found.items()]


def _row(one: Taped, home: str, room: int) -> Row:
    came = "refused" if one.refused else str(one.status) if one.status is not None else "open" if one.end == "left" else "failed"
    bad = one.refused or one.end == "broken" or (one.status or 0) >= 400
    took = f"{1000 * (one.ended - one.at):.0f} ms" if one.ended is not None else ""
    where = one.url.split(home, 1)[1] or "/" if home and _host(one.url) == home else one.url
    frames = tuple(_frame(frame.sent, frame.kind, frame.data) for frame in one.frames[:_FRAMES])
    if len(one.frames) > _FRAMES:
        frames += (f"and {len(one.frames) - _FRAMES:,} more",)
    sent, body = _body(one.request_body, one.request_headers, room), _body(one.body, one.headers, room)
    return Row(one, where, came, bad, _size(len(one.body)) if one.body else "", took, sent, body, frames)


def _named(cookie: str) -> str:
    return cookie.split("=", 1)[0] + "=…"


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _body(data: bytes, headers: Headers, room: int) -> Body:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "").split(";")[0].strip()
    if not data:
        return Body("", "")
    if kind.startswith(_MEDIA) or any(word in kind for word in _NOT_READ):
        return Body("", f"{kind}, {_size(len(data))}: in the folder's network/")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return Body("", f"{kind or 'no text'}, {_size(len(data))}: in the folder's network/")
    if "json" in kind and len(text) <= _LONGEST:
        text = _laid_out(text)
    shown = text[: min(_LONGEST, max(room, 0))]
    return Body(shown, f"{len(text) - len(shown):,} more characters in the folder's network/" if len(shown) < len(text) else "")


def _laid_out(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text


def _frame(sent: bool, kind: str, data: bytes) -> str:
    said = _size(len(data)) if kind == "binary" else data[:300].decode(errors="replace") + "…" * (len(data) > 300)
    return " ".join(filter(None, ("→" if sent else "←", kind if kind != "text" else "", said)))


def _size(number: int) -> str:
    return f"{number} B" if number < 1_000 else f"{number / 1_000:.1f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"
