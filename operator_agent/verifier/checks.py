"""One check on one look: whether it holds, what was seen, and where it was read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from operator_agent.compare import glob, same, shows
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
from operator_agent.flow.observation import Exchange, Observation
from operator_agent.matching import FIELDS, matches
from operator_agent.verifier.reading import rows, shown
from operator_agent.written import normal

RETRY_GRACE = 1.0
"""Seconds a page gets to send a request again that was answered otherwise than expected."""
_CLOCK_STEP = 0.02
"""File times come from a coarser clock than ours."""
_UNREAD = "not found, but part of the page could not be read"


@dataclass(frozen=True, slots=True)
class World:
    """A look, and what it must be read with."""

    seen: Observation
    values: Mapping[str, Any] = field(default_factory=dict)
    since: float = 0.0
    """Monotonic seconds when the act began: what counts as caused by it."""
    before: bool = False
    """True for the look before the act: what only an act can cause cannot be told from it."""
    held: dict[int, float] = field(default_factory=dict)
    """Identity of a `within` check → seconds after `since` when it was first seen to hold."""


class Finding(NamedTuple):
    """`holds` None: this look cannot tell. `hopeless`: it will not come to hold any more, after so many seconds of grace."""

    holds: bool | None
    saw: str
    source: str = "tree"
    hopeless: float | None = None
    since: float | None = None
    """Monotonic seconds from which on it is known to hold, when the evidence itself has a time; else it is the look's."""


def evaluate(check: Check, world: World) -> Finding:
    """What one look says of `check`. Raises UsageError for a bad `/regex/`."""
    reader: Callable[[Any, World], Finding] = _READERS[check.kind]
    return reader(check, world)


_ABSENT = 0.25
_COUNTED = 0.03


def steadiness(check: Check) -> float:
    """Seconds a check must go on holding, when one look is not enough. What is absent may only not be there yet. What is counted
    may still grow, but the surface has settled before the first look, and a plan's `done` counts again at the end."""
    match check:
        case NotCheck():
            return _ABSENT
        case ElementCheck() | RowCheck():
            return 0.0 if check.count is None else _COUNTED if check.count else _ABSENT
        case ResponseCheck():
            return 0.0 if check.times is None else _COUNTED if check.times else _ABSENT
        case AllCheck() | AnyCheck():
            return max(map(steadiness, check.checks), default=0.0)
        case WithinCheck() | BecameCheck() | HoldsCheck():
            return steadiness(check.check)
        case _:
            return 0.0


def leaves(check: Check) -> Iterable[Check]:
    """The checks that read something, however they are combined."""
    if isinstance(check, AllCheck | AnyCheck):
        for part in check.checks:
            yield from leaves(part)
    elif isinstance(check, NotCheck | WithinCheck | BecameCheck | HoldsCheck):
        yield from leaves(check.check)
    else:
        yield check


def patience(check: Check) -> float:
    """The longest `within` in the check, in seconds; 0 when it has none."""
    match check:
        case WithinCheck():
            return max(check.seconds, patience(check.check))
        case AllCheck() | AnyCheck():
            return max(map(patience, check.checks), default=0.0)
        case NotCheck() | BecameCheck() | HoldsCheck():
            return patience(check.check)
        case _:
            return 0.0


def path_of(url: str) -> str:
    """The path of an address, for people and patterns: decoded, `/` when empty."""
    return unquote(urlsplit(url).path) or "/"


def _element(check: ElementCheck, world: World) -> Finding:
    seen = world.seen
    if check.target.words:
        return Finding(None, 'plain words cannot be checked; write it as role "name"', hopeless=0.0)
    named = matches(check.target, seen)
    fitting = [i for i in named if check.text is None or _shows(check.text, i, seen)]
    if check.count is not None:
        return _counted(len(fitting), check.count, seen.complete)
    if fitting:
        return Finding(True, _brief(fitting[0], seen))
    if named:
        return Finding(False, f"it shows {_quote(shown(named[0], seen))}")
    return Finding(False, "not found") if seen.complete else Finding(None, _UNREAD)


def _shows(text: str, index: int, seen: Observation) -> bool:
    element = seen.elements[index]
    if element.role in FIELDS and (element.value or not text):
        return same(text, element.value)
    # A `/^regex$/` is meant for what a person reads in it, with its label or without.
    return any(shows(text, said) for said in (shown(index, seen), element.name, element.value))


def _counted(number: int, wanted: int, complete: bool) -> Finding:
    saw = f"{number} found" if number else "none found"
    # What could not be read may hold more, never fewer.
    if not complete and number <= wanted:
        return Finding(None, f"{saw}, but part of the page could not be read")
    return Finding(number == wanted, saw)


def _text(check: TextCheck, world: World) -> Finding:
    if shows(check.text, world.seen.text):
        return Finding(True, "on the page")
    return Finding(False, "not on the page") if world.seen.complete else Finding(None, _UNREAD)


def _url(check: UrlCheck, world: World) -> Finding:
    url = world.seen.url
    return Finding(_at(check.pattern, url), f"at {url or 'no address'}")


def _at(pattern: str, url: str) -> bool:
    if not pattern.startswith("/"):
        return glob(pattern, url) or glob(unquote(pattern), unquote(url))
    parts = urlsplit(url)
    path = unquote(parts.path) or "/"
    path += f"?{unquote(parts.query)}" if "?" in pattern else ""
    path += f"#{unquote(parts.fragment)}" if "#" in pattern else ""
    return glob(unquote(pattern), path)


def _title(check: TitleCheck, world: World) -> Finding:
    return Finding(shows(check.text, world.seen.title), f"the title is {_quote(world.seen.title)}")


def _row(check: RowCheck, world: World) -> Finding:
    table = rows(world.seen)
    hits = [_fitting(check.cells, row) for row in table]
    number = sum(hit == len(check.cells) for hit in hits)
    if check.count is not None:
        return _counted(number, check.count, world.seen.complete)
    if number:
        return Finding(True, _row_text(table[hits.index(len(check.cells))]))
    if not world.seen.complete:
        return Finding(None, _UNREAD)
    if not table:
        return Finding(False, "the page shows no table row")
    return Finding(False, f"nearest of {len(table)}: {_row_text(table[hits.index(max(hits))])}")


def _fitting(cells: Mapping[str, str], row: Mapping[str, str]) -> int:
    by_header = {normal(header): text for header, text in row.items()}
    return sum(same(text, by_header[normal(header)]) for header, text in cells.items() if normal(header) in by_header)


def _row_text(row: Mapping[str, str]) -> str:
    return _clip(" | ".join(f"{header}: {text}" for header, text in row.items()))


def _dialog(check: DialogCheck, world: World) -> Finding:
    dialog = world.seen.dialog
    if dialog is None:
        return Finding(False, "no dialog is open", "dialog")
    return Finding(not check.text or shows(check.text, dialog.text), f"the dialog says {_quote(dialog.text)}", "dialog")


def _tab(check: TabCheck, world: World) -> Finding:
    for tab in world.seen.tabs:
        if shows(check.text, tab.title) or normal(check.text) in normal(tab.url) or glob(check.text, tab.url):
            return Finding(True, f"{_quote(tab.title)} at {tab.url}", "tabs")
    return Finding(False, "open are " + (", ".join(_quote(tab.title or tab.url) for tab in world.seen.tabs) or "no tabs"), "tabs")


def _download(check: DownloadCheck, world: World) -> Finding:
    if world.before:
        return Finding(None, "", "downloads")
    names = []
    for file in world.seen.downloads:
        if file.at < world.since:
            continue
        names.append(file.name)
        if glob(check.name, file.name):
            size = _size(Path(file.path))
            return Finding(bool(size), f"{file.name}, {size} bytes" if size else f"{file.name} is missing or empty", "downloads")
    return Finding(False, "downloaded " + (", ".join(names) or "nothing"), "downloads")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _file(check: FileCheck, world: World) -> Finding:
    path = Path(check.path).expanduser()
    try:
        changed = path.stat().st_mtime
        text = path.read_text(encoding="utf-8", errors="replace") if check.text is not None and path.is_file() else ""
    except OSError as error:
        return Finding(False, f"{path}: {error.strerror or error}", "file")
    acted = time.time() - (time.monotonic() - world.since)
    if world.before and changed >= acted - _CLOCK_STEP:
        # It was written since: what it was before can no longer be read, only that it was not this.
        return Finding(False, "", "file")
    if check.text is not None and not shows(check.text, text):
        return Finding(False, f"{path.name} does not contain it: {_quote(text.strip())}", "file")
    return Finding(True, f"{path.name}, {_size(path)} bytes", "file")


def _response(check: ResponseCheck, world: World) -> Finding:
    if world.before:
        return Finding(None, "", "network")
    tried = [one for one in world.seen.exchanges if one.started >= world.since and _is_meant(check, one)]
    fitting = [one for one in tried if one.status is not None and _has_status(check.status, one.status)]
    pending = [one for one in tried if one.ended is None and not one.blocked]
    saw = _exchanges(check, tried)
    if check.times is not None:
        if len(fitting) > check.times:
            return Finding(False, saw, "network", hopeless=0.0)
        if pending:
            return Finding(False, saw, "network")
        spoiled = check.times > 0 and any(map(_may_have_worked, set(tried) - set(fitting)))
        # The log has been watched since the last of them was sent: no other has followed it.
        since = max((one.started for one in fitting), default=None)
        return Finding(len(fitting) == check.times and not spoiled, saw, "network", _no_hope(tried, fitting), since)
    return Finding(bool(fitting), saw, "network", _no_hope(tried, fitting) if not pending else None)


def _no_hope(tried: list[Exchange], fitting: list[Exchange]) -> float | None:
    return RETRY_GRACE if len(tried) > len(fitting) else None


def _may_have_worked(exchange: Exchange) -> bool:
    """A server that failed to answer, or answered that it failed, may still have carried the request out."""
    return not exchange.blocked and (exchange.status is None or exchange.status >= 500)


def _is_meant(check: ResponseCheck, exchange: Exchange) -> bool:
    return check.method in ("*", exchange.method) and _at(check.path, exchange.url)


def _has_status(wanted: str, status: int) -> bool:
    return wanted == str(status) or (wanted[1:] == "xx" and wanted[0] == str(status)[0])


def _exchanges(check: ResponseCheck, tried: list[Exchange]) -> str:
    if not tried:
        return f"no {check.method} {check.path} was sent"
    return _clip(", ".join(f"{one.method} {path_of(one.url)} {answer(one)}" for one in tried))


def answer(exchange: Exchange) -> str:
    """How an exchange ended, in words: `answered 201`, `has no answer yet`."""
    if exchange.blocked:
        return "was refused by our own policy"
    if exchange.status is not None:
        return f"answered {exchange.status}"
    return f"failed: {exchange.failure or 'no answer'}" if exchange.ended is not None else "has no answer yet"


def _value(check: ValueCheck, world: World) -> Finding:
    if world.before:
        return Finding(None, "", "values")
    if check.name not in world.values:
        return Finding(False, f"nothing was read into {check.name}", "values", hopeless=0.0)
    value = str(world.values[check.name])
    return Finding(same(check.equals, value), _quote(value), "values", hopeless=0.0)


def _all(check: AllCheck, world: World) -> Finding:
    findings = [evaluate(part, world) for part in check.checks]
    for wanted in (False, None):
        missed = [finding for finding in findings if finding.holds is wanted]
        if missed:
            graces = [finding.hopeless for finding in missed if finding.hopeless is not None]
            return missed[0]._replace(hopeless=min(graces, default=None))
    return Finding(True, "; ".join(finding.saw for finding in findings), findings[0].source if findings else "tree")


def _any(check: AnyCheck, world: World) -> Finding:
    findings = [evaluate(part, world) for part in check.checks]
    if good := [finding for finding in findings if finding.holds]:
        return good[0]
    graces = [finding.hopeless for finding in findings]
    hopeless = max((grace for grace in graces if grace is not None), default=None) if None not in graces else None
    unsure = [finding for finding in findings if finding.holds is None]
    saw = "; ".join(finding.saw for finding in findings)
    return Finding(None if unsure else False, saw, findings[0].source if findings else "tree", hopeless)


def _not(check: NotCheck, world: World) -> Finding:
    inner = evaluate(check.check, world)
    return inner._replace(holds=None if inner.holds is None else not inner.holds, hopeless=None)


def _within(check: WithinCheck, world: World) -> Finding:
    inner = evaluate(check.check, world)
    if world.before:
        return inner
    elapsed = world.seen.at - world.since
    if inner.holds:
        first = world.held.setdefault(id(check), elapsed)
        if first <= check.seconds:
            return inner
        return Finding(False, f"it came only after {first:.1f} s: {inner.saw}", inner.source, hopeless=0.0)
    return inner._replace(hopeless=0.0) if elapsed > check.seconds else inner


def _inner(check: BecameCheck | HoldsCheck, world: World) -> Finding:
    return evaluate(check.check, world)


def _brief(index: int, seen: Observation) -> str:
    element = seen.elements[index]
    text = shown(index, seen)
    return _clip(f"{element}: {text}" if text and normal(text) != normal(element.name) else str(element))


def _quote(text: str) -> str:
    return f'"{_clip(" ".join(text.split()))}"'


def _clip(text: str, width: int = 160) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


_READERS: dict[str, Callable[[Any, World], Finding]] = {
    "element": _element,
    "text": _text,
    "url": _url,
    "title": _title,
    "row": _row,
    "dialog": _dialog,
    "tab": _tab,
    "download": _download,
    "file": _file,
    "response": _response,
    "value": _value,
    "all": _all,
    "any": _any,
    "not": _not,
    "within": _within,
    "became": _inner,
    "holds": _inner,
}
