"""What each verb must have done by itself, read back from the elements it acted on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import urljoin, urlsplit

from operator_agent.compare import equal
from operator_agent.flow.action import (
    AnswerDialog,
    Back,
    CloseTab,
    Download,
    Fill,
    GoTo,
    Mark,
    Read,
    Scroll,
    Select,
    SwitchTab,
    Tick,
    Type,
    Untick,
    Upload,
    WaitFor,
)
from operator_agent.flow.observation import Box, Element, Observation, Tab
from operator_agent.flow.target import Target
from operator_agent.matching import FIELDS, matches
from operator_agent.roles import Attempt
from operator_agent.verifier.checks import Finding, World, answer, evaluate, path_of
from operator_agent.verifier.reading import chosen, shown
from operator_agent.written import Token, normal, tokens

_SETTLE = 2.0
"""Seconds a page gets to show what a field was given, or to take its reformatting back."""
_SHORT = 0.5
_GONE = Finding(None, "it is no longer there to be read", hopeless=_SHORT)
_MASK = re.compile(r"[•●∙·⬤＊*\u25cf\u2022]+")
_HANDLE = re.compile(r"\{secret:[^{}]+\}")
_YEAR_FIRST = re.compile(r"\d{4}-\d\d-\d\d")
_GROUPING = re.compile(r"[\s()+/-]")
_ANY_VIEW = 600.0
"""CSS pixels every view is at least high: what begins above that is in it."""


def effect(attempt: Attempt, after: World) -> Finding | None:
    """Whether the verb did what it always does; None for verbs that prove nothing by themselves (click, press, hover, drag)."""
    action = attempt.step.action
    reader = _EFFECTS.get(action.verb)
    return reader(action, attempt, after) if reader else None


def again(element: Element, before: Observation, after: Observation) -> int | None:
    """The index in `after` of an element of `before`: by ref, else by its place among those of its role and name."""
    for index, other in enumerate(after.elements):
        if element.ref and (other.ref, other.role) == (element.ref, element.role):
            return index
    was, now = (_alike(element, look) for look in (before, after))
    if len(was) != len(now):
        return None
    place = next((n for n, index in enumerate(was) if before.elements[index] == element), None)
    return now[place] if place is not None else None


def _alike(element: Element, look: Observation) -> list[int]:
    return matches(Target(role=element.role, name=element.name), look) if element.name else []


def _found(attempt: Attempt, after: World) -> int | None:
    element = attempt.elements.get("target")
    return again(element, attempt.before, after.seen) if element else None


def _fill(action: Fill, attempt: Attempt, after: World) -> Finding:
    index = _found(attempt, after)
    if index is None:
        return _GONE
    seen = shown(index, after.seen) if after.seen.elements[index].role in FIELDS else after.seen.text_of(index)
    if not action.text and not after.seen.elements[index].value:
        return Finding(True, "it is empty")
    return Finding(reads_back(action.text, seen), f'it holds "{seen}"' if seen else "it is empty", hopeless=_SETTLE)


def reads_back(written: str, seen: str) -> bool:
    """Whether a field that was given `written` shows it: as such, grouped as fields group numbers, or masked."""
    if masked(seen) or _HANDLE.search(written):
        return bool(seen) and (seen == written or masked(seen))
    ours, theirs = (_GROUPING.sub("", text) for text in (written, seen))
    if equal(written, seen) or _one_way(written, seen) or _moment(written, seen):
        return True
    return len(ours) >= 6 and ours.isdigit() and ours == theirs


def _one_way(written: str, seen: str) -> bool:
    """Whether a field that writes the year first holds a date that can be read two ways, read in one of them."""
    if not _YEAR_FIRST.fullmatch(seen.strip()):
        return False
    ours, theirs = tokens(written), tokens(seen)
    return len(ours) == len(theirs) == 1 and ours[0].kind == "date" and theirs[0].readings[0] in ours[0].readings


def _times(text: str) -> list[Token]:
    return [token for token in tokens(text) if token.kind in ("date", "time")]


def _moment(written: str, seen: str) -> bool:
    """Whether a field for a month, or for a date and a time, holds the one that was written."""
    if re.fullmatch(r"\d{4}-\d\d", seen.strip()):
        written, seen = f"1 {written}", f"{seen.strip()}-01"
    elif not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", seen.strip()):
        return False
    ours, theirs = (_times(written), _times(seen.replace("T", " ")))
    return bool(ours) and len(ours) == len(theirs) and all(one.agrees(other) for one, other in zip(ours, theirs, strict=True))


def masked(seen: str) -> bool:
    """Whether a field shows only that something is in it: bullets, or the name of a secret."""
    return bool(_MASK.fullmatch(seen.strip()) or _HANDLE.search(seen))


def _type(action: Type, attempt: Attempt, after: World) -> Finding | None:
    index = _found(attempt, after)
    if action.target is None:
        index = next((i for i, e in enumerate(after.seen.elements) if "active" in e.states and e.role in FIELDS), None)
        if index is None:
            return None
    if index is None:
        return _GONE
    seen = shown(index, after.seen)
    held = normal(action.text) in normal(seen) or reads_back(action.text, seen)
    return Finding(held, f'it holds "{seen}"' if seen else "it is empty", hopeless=_SETTLE)


def _select(action: Select, attempt: Attempt, after: World) -> Finding:
    index = _found(attempt, after)
    if index is None:
        return _GONE
    now = chosen(index, after.seen)
    if not now and (value := shown(index, after.seen)):
        now = [value] if len(action.options) == 1 else [part.strip() for part in value.split(",")]
    held = len(now) == len(action.options) and all(any(equal(option, one) for one in now) for option in action.options)
    return Finding(held, "chosen is " + (", ".join(f'"{one}"' for one in now) or "nothing"), hopeless=_SETTLE)


def _tick(action: Tick | Untick, attempt: Attempt, after: World) -> Finding:
    index = _found(attempt, after)
    if index is None:
        return _GONE
    states = after.seen.elements[index].states
    if "checked=mixed" in states:
        return Finding(False, "it is partly checked", hopeless=_SETTLE)
    checked = "checked" in states
    wanted = action.verb == "check"
    return Finding(checked == wanted, "it is checked" if checked else "it is not checked", hopeless=_SETTLE)


def _mark(action: Mark, attempt: Attempt, after: World) -> Finding:
    told = next((fact for fact in attempt.performed.facts if fact.startswith("selected ")), "")
    return Finding(bool(told) or None, told or "what is selected was not read back", hopeless=_SHORT)


def _upload(action: Upload, attempt: Attempt, after: World) -> Finding:
    names = [PureWindowsPath(PurePosixPath(file).name).name for file in action.files]
    index = _found(attempt, after)
    held = shown(index, after.seen) if index is not None else ""
    if all(normal(name) in normal(held) for name in names):
        return Finding(True, f'it holds "{held}"')
    if all(normal(name) in normal(after.seen.text) for name in names):
        return Finding(True, f"the page shows {', '.join(names)}")
    return Finding(None, f"nothing on the page shows {', '.join(names)}", hopeless=_SETTLE)


def _go_to(action: GoTo, attempt: Attempt, after: World) -> Finding:
    wanted = urljoin(attempt.before.url, action.url)
    url = after.seen.url
    documents = [one for one in after.seen.exchanges if one.started >= after.since and one.kind == "document"]
    ours = [one for one in documents if _without_fragment(one.url) in (_without_fragment(wanted), _without_fragment(url))]
    for one in reversed(ours):
        if one.ended is None:
            return Finding(False, f"{path_of(one.url)} has no answer yet")
        if one.blocked or (one.status or 0) >= 400 or (one.status is None and one.failure):
            return Finding(False, f"{one.method} {path_of(one.url)} {answer(one)}", "network", hopeless=0.0)
        break
    if _same_place(wanted, url):
        return Finding(True, f"at {url}")
    if _same_site(wanted, url) and ours:
        return Finding(True, f"redirected to {url}")
    return Finding(False, f"at {url or 'no address'}")


def _without_fragment(url: str) -> str:
    return urlsplit(url)._replace(fragment="").geturl()


def _same_place(wanted: str, url: str) -> bool:
    ours, theirs = urlsplit(wanted), urlsplit(url)
    return (_same_site(wanted, url) or ours.scheme == theirs.scheme == "about") and path_of(wanted) == path_of(url)


def _same_site(wanted: str, url: str) -> bool:
    """One host, also when it moved from http to https or to its `www.` name."""
    ours, theirs = urlsplit(wanted), urlsplit(url)
    if (ours.hostname or "").removeprefix("www.") != (theirs.hostname or "").removeprefix("www.") or not ours.hostname:
        return False
    return ours.port == theirs.port or (ours.scheme, theirs.scheme) == ("http", "https")


def _back(action: Back, attempt: Attempt, after: World) -> Finding:
    if after.seen.url != attempt.before.url:
        return Finding(True, f"at {after.seen.url}")
    return Finding(None, f"still at {after.seen.url}", hopeless=_SETTLE)


def _scroll(action: Scroll, attempt: Attempt, after: World) -> Finding:
    element = attempt.elements.get("to")
    if action.to is None or element is None:
        moved = _moved(attempt.before, after.seen)
        return Finding(
            True if moved else None, "the view moved" if moved else "nothing moved; it may be at its end", hopeless=_SHORT
        )
    index = again(element, attempt.before, after.seen)
    box = after.seen.elements[index].box if index is not None else None
    if box is None:
        return Finding(None, "where it is cannot be told", hopeless=_SHORT)
    in_view = -box.height < box.y < _ANY_VIEW
    came_nearer = element.box is not None and abs(box.y) < abs(element.box.y) and box.y > -box.height
    return Finding(in_view or came_nearer, f"its top is at {box.y:.0f} px of the view")


def _moved(before: Observation, after: Observation) -> bool:
    places: dict[str, Box] = {element.ref: element.box for element in before.elements if element.ref and element.box}
    return any(e.box and e.ref in places and (e.box.x, e.box.y) != places[e.ref][:2] for e in after.elements)


def _switch_tab(action: SwitchTab, attempt: Attempt, after: World) -> Finding:
    active = next((tab for tab in after.seen.tabs if tab.active), None)
    if active is None:
        return Finding(None, "no tab is said to be active", "tabs")
    return Finding(_is_tab(action.tab, active), f'the active tab is "{active.title or active.url}"', "tabs")


def _close_tab(action: CloseTab, attempt: Attempt, after: World) -> Finding:

    def number(tabs: tuple[Tab, ...]) -> int:
        return sum(_is_tab(action.tab, tab) for tab in tabs) if action.tab else len(tabs)

    was, now = number(attempt.before.tabs), number(after.seen.tabs)
    return Finding(now < was, f"{len(after.seen.tabs)} tabs are open", "tabs")


def _is_tab(wanted: str, tab: Tab) -> bool:
    return normal(wanted) in normal(tab.title) or normal(wanted) in normal(tab.url)


def _answer(action: AnswerDialog, attempt: Attempt, after: World) -> Finding:
    dialog = after.seen.dialog
    if dialog is None:
        return Finding(True, f"the dialog closed: {action.answer}", "dialog")
    which = "another" if dialog != attempt.before.dialog else "the"
    return Finding(which == "another", f'{which} dialog is open: "{dialog.text}"', "dialog")


def _read(action: Read, attempt: Attempt, after: World) -> Finding:
    value = attempt.performed.value
    if not any(part.strip() for part in _parts(value)):
        return Finding(False, f"nothing was there to read into {action.into}", "values", hopeless=0.0)
    text = f'"{value[:120]}"' if isinstance(value, str) else f"{len(value or ())} entries"
    where = f" from {attempt.performed.source}" if attempt.performed.source else ""
    return Finding(True, f"read {text}{where}", "values")


def _parts(value: str | list[str] | list[dict[str, str]] | None) -> list[str]:
    if value is None or isinstance(value, str):
        return [value or ""]
    return [part for entry in value for part in (entry.values() if isinstance(entry, dict) else (entry,))]


def _download(action: Download, attempt: Attempt, after: World) -> Finding:
    fresh = [file for file in after.seen.downloads if file.at >= after.since]
    for file in fresh:
        path = Path(file.path)
        if path.is_file() and path.stat().st_size:
            return Finding(True, f"{file.name}, {path.stat().st_size} bytes", "downloads")
        return Finding(False, f"{file.name} is missing or empty", "downloads")
    return Finding(False, "nothing was downloaded", "downloads")


def _wait_for(action: WaitFor, attempt: Attempt, after: World) -> Finding:
    return evaluate(action.check, after)


_EFFECTS: dict[str, Callable[[Any, Attempt, World], Finding | None]] = {
    "go to": _go_to,
    "back": _back,
    "fill": _fill,
    "type": _type,
    "select": _select,
    "check": _tick,
    "uncheck": _tick,
    "mark": _mark,
    "upload": _upload,
    "scroll": _scroll,
    "switch tab": _switch_tab,
    "close tab": _close_tab,
    "answer dialog": _answer,
    "wait for": _wait_for,
    "read": _read,
    "download": _download,
}
