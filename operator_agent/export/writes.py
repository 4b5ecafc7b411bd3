"""What each act made the page write on its server, read from the tape: a page may show a change before its server has it, so a test
waits for the answer as well."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from operator_agent.flow.action import Action, Fill, Select, Tick, Type, Upload
from operator_agent.flow.tape import Taped
from operator_agent.flow.target import Target
from operator_agent.recorder.kept import Act
from operator_agent.written import normal

_READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "REPORT", "SEARCH"})
_ENTERS = frozenset({"fill", "type", "select"})
_DOES = frozenset(
    {"click", "click at", "drag from", "double click", "right click", "press", "drag", "check", "uncheck", "upload"}
    | {"answer dialog", "close tab", "hover"}
)
"""Verbs that may make a page send something, whatever it is."""
_SHORT = 3
"""Shorter values are only looked for as whole fields: a 2 may stand anywhere."""


class _Write(NamedTuple):
    one: Taped
    said: str
    """Address and body, as plain text."""
    fields: frozenset[str]
    """What stands in it by itself: the values of a form or of JSON, the parts of the path."""

    def carries(self, value: str) -> bool:
        wanted = normal(value)
        return bool(wanted) and (wanted in self.fields or (len(wanted) >= _SHORT and wanted in self.said))


def told_to(acts: Sequence[Act], tape: Sequence[Taped], *, unproved: bool = False) -> list[tuple[Taped, ...]]:
    """For each act the writes to wait for: those that were the last to carry what it or an act before it entered; else the first
    that it caused by itself. Writes of the same thing again and again are a page's own book-keeping, of which only the last counts.

    Submitted forms are left out: the page that comes is their answer. `unproved` says that nothing is expected of that one."""
    writes = [_read(one) for one in sorted(tape, key=lambda one: one.at) if _is_write(one, unproved)]
    times = Counter(_thing(write) for write in writes)
    final = {_thing(write): write.one.number for write in writes}
    owners = [_cause(acts, write) for write in writes]
    carriers, lasts = _carriers(acts, writes)
    found: list[tuple[Taped, ...]] = []
    for number, act in enumerate(acts):
        own = [write for write, owner in zip(writes, owners, strict=True) if owner == number]
        telling = [write.one for write in own if write.one.number in lasts and final[_thing(write)] == write.one.number]
        other = [write for write in own if write.one.number not in carriers and times[_thing(write)] == 1]
        plain = [write.one for write in other if _is_own(write, act)]
        found.append(tuple(telling) or tuple(plain[:1]))
    return found


def paths_read(tape: Sequence[Taped]) -> frozenset[str]:
    return frozenset(urlsplit(one.url).path for one in tape if one.method in _READS)


def _is_write(one: Taped, forms: bool) -> bool:
    sent = {name.lower(): value for name, value in one.request_headers}
    mode = sent.get("sec-fetch-mode", "navigate" if sent.get("accept", "").startswith("text/html") else "cors")
    good = one.kind == "http" and one.status is not None and one.status < 400 and one.end != "broken"
    return good and one.method not in _READS and (mode in ("cors", "same-origin") or (forms and mode == "navigate"))


def _read(one: Taped) -> _Write:
    parts, body = urlsplit(one.url), one.request_body.decode(errors="replace")
    fields = {*map(unquote, parts.path.split("/")), *(value for _, value in parse_qsl(parts.query))}
    try:
        told = json.loads(body)
    except ValueError:
        told = unquote_plus(body)
        fields |= {value for _, value in parse_qsl(body)}
    leaves = list(_leaves(told))
    said = normal(" \n ".join([unquote_plus(one.url), *leaves]))
    return _Write(one, said, frozenset(map(normal, [*fields, *leaves])))


def _leaves(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _leaves(value)
    elif isinstance(node, list):
        for one in node:
            yield from _leaves(one)
    elif node is not None and not isinstance(node, bool):
        yield str(node)


def _thing(write: _Write) -> tuple[str, str]:
    return write.one.method, write.one.url.partition("?")[0]


def _entered(act: Act) -> list[str]:
    """The values an act gives to the page; secrets as their handles, as they stand on the tape."""
    action: Action | None = act.action
    match action:
        case Fill() | Type():
            return [action.text.replace("{{", "{").replace("}}", "}")]
        case Select():
            return list(action.options)
        case Upload():
            return [PurePath(file).name for file in action.files]
        case Tick():
            return [Target.parse(act.element).name] if act.element else []
    return []


def _carriers(acts: Sequence[Act], writes: Sequence[_Write]) -> tuple[set[int], set[int]]:
    """The numbers of the writes that carry a value that had been entered before, and of those that were the last to carry it."""
    carriers, lasts = set[int](), set[int]()
    for act in acts:
        for value in _entered(act):
            later = [write.one.number for write in writes if write.one.at >= act.began and write.carries(value)]
            carriers |= set(later)
            lasts |= set(later[-1:])
    return carriers, lasts


def _cause(acts: Sequence[Act], write: _Write) -> int:
    """The act a write is from: the latest before it that may send anything, or entered what it carries; -1 when there is none."""
    for number in range(len(acts) - 1, -1, -1):
        act = acts[number]
        if not act.action or act.began > write.one.at:
            continue
        verb = act.action.verb
        if verb in _DOES or (verb in _ENTERS and any(write.carries(value) for value in _entered(act))):
            return number
    return -1


def _is_own(write: _Write, act: Act) -> bool:
    """Whether it was made while the act was being done, on the page's own origin: it carries nothing that would tell."""
    here = urlsplit(act.before.url)
    there = urlsplit(write.one.url)
    return write.one.at <= act.ended and (here.scheme, here.netloc) == (there.scheme, there.netloc)
