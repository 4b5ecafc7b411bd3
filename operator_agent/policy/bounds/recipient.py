"""Who gets it: the recipient fields, lines such as "To: ada@example.org", else the addresses that stand nearest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from operator_agent.compare import shows
from operator_agent.flow.constraint import Constraint
from operator_agent.policy.bounds.finding import HOLDS, Finding, broken, unread
from operator_agent.policy.bounds.scene import Scene, begins, says
from operator_agent.written import normal

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_APART = re.compile(r"[,;、，；\n]+")
_TO = re.compile(r"\b(?:to|with|an|给)\s+(.+)$|(?:发送?给|转给|转账给|寄给)\s*(.+)$")


def recipient(limit: Constraint, scene: Scene) -> Finding:
    """Everybody who gets it must be one of those who may."""
    if scene.stage == "set":
        return _set(limit, scene)
    found = [*_of_control(scene), *_in_fields(scene)] or list(_in_lines(scene)) or _nearest(scene)
    if not found:
        return unread("who gets it cannot be read here")
    for part, shown in found:
        if not _may(limit, part):
            return broken(shown) if limit.firm or _EMAIL.search(part) else unread("")
    return HOLDS


def _set(limit: Constraint, scene: Scene) -> Finding:
    """A beginning of the right name may be typed: the page completes it, and the whole is read before the act."""
    if not begins("recipients", scene.field):
        return unread("")
    for part in (part for text in scene.given for part in _parts(text)):
        begun = any(normal(part) in normal(value) for value in limit.values)
        if not (begun or _may(limit, part)) and (limit.firm or _EMAIL.search(part)):
            return Finding("broken", f"this sets {scene.field} to {part}")
    return HOLDS


def _may(limit: Constraint, part: str) -> bool:
    emails = [normal(email) for email in _EMAIL.findall(part)]
    allowed = [normal(value) for value in limit.values]
    if emails and all(email in allowed for email in emails):
        return True
    return any("@" not in value and shows(value, part) for value in limit.values)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _APART.split(text) if part.strip()]


def _of_control(scene: Scene) -> Iterator[tuple[str, str]]:
    """`Send to Bob`."""
    said = _TO.search(scene.name) if begins("transfers", scene.name) else None
    if said:
        yield said[1] or said[2], scene.name
    elif emails := _EMAIL.findall(scene.name):
        yield from ((email, scene.name) for email in emails)


def _in_fields(scene: Scene) -> Iterator[tuple[str, str]]:
    for _, name, value in scene.fields():
        if begins("recipients", name):
            yield from ((part, f"{name}: {part}") for part in _parts(value))


def _in_lines(scene: Scene) -> Iterator[tuple[str, str]]:
    for i, text in scene.lines():
        label, _, rest = text.partition(":")
        if rest.strip() and begins("recipients", label) and len(label) <= 20:
            yield from ((part, text) for part in _parts(rest))
        elif (before := scene.label_before(i)) and begins("recipients", before) and len(before) <= 20:
            yield from ((part, f"{before} {part}") for part in _parts(text) if _EMAIL.search(part))


def _nearest(scene: Scene) -> list[tuple[str, str]]:
    for places in scene.around():
        lines = [(i, text) for i, text in scene.lines(places) if not says("senders", f"{scene.label_before(i)} {text}")]
        if found := [(email, email) for _, text in lines for email in _EMAIL.findall(text)]:
            return found
    return []
