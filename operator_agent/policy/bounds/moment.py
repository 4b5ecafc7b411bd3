"""Days and times: fields and chosen options first, then what is labelled as one, then what stands nearest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any, NamedTuple

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.bounds.finding import HOLDS, Finding, broken, unread, within
from operator_agent.policy.bounds.scene import Scene, read, says

_ISO = re.compile(r"(?<=\d)T(?=\d)")
_HALF_YEAR = timedelta(days=183)
_SLOTS = frozenset({"button", "gridcell", "cell", "radio", "option", "tab", "checkbox"})


class _Moment(NamedTuple):
    values: tuple[Any, ...]
    """Every reading: 03/04/2026 has two."""
    shown: str
    field: str = ""


def moment(limit: Constraint, scene: Scene) -> Finding:
    """A wanted day must be among those shown; a deadline is held against each of them."""
    if scene.stage in ("set", "other", "choose"):
        return _given(limit, scene)
    shown = _in_fields(limit, scene) or _labelled(limit, scene)
    if shown:
        return _judge(limit, shown, all_of_them=limit.relation != "is")
    near = _nearest(limit, scene)
    if not near:
        return unread(f"no {limit.kind} can be read here")
    found = _judge(limit, near, all_of_them=False)
    return found if found.status == "holds" or limit.firm else unread("")


def _given(limit: Constraint, scene: Scene) -> Finding:
    """A day or time that is filled in or chosen; a control with such a name is one that is chosen from a calendar."""
    role = scene.observation.elements[scene.index].role if scene.index is not None else ""
    if scene.stage != "set" and role not in _SLOTS:
        return unread("")
    filled = [one for text in scene.given for one in _read(limit, text, text)]
    found = filled if scene.stage == "set" else list(_named(limit, scene))
    if not found or says("other_moments", scene.field):
        return unread("")
    if limit.relation == "is" and says("until", scene.field):
        return unread("")
    judged = _judge(limit, found, all_of_them=True)
    if judged.status == "broken":
        return Finding("broken", f"this sets {scene.field or limit.kind} to {found[0].shown}")
    return judged


def _named(limit: Constraint, scene: Scene) -> Iterator[_Moment]:
    """Of a control that is called like a day or time and like nothing else."""
    pieces = [token for token in read(scene.name) if token.kind != "sign"]
    if pieces and pieces[0].kind == limit.kind and len(pieces) <= 3:
        yield from _read(limit, scene.name, scene.name)


def _judge(limit: Constraint, found: list[_Moment], *, all_of_them: bool) -> Finding:
    wrong = [one for one in found if not _fits(limit, one)]
    if not wrong or (not all_of_them and len(wrong) < len(found)):
        return HOLDS
    return broken(wrong[0].shown)


def _fits(limit: Constraint, one: _Moment) -> bool:
    """Every reading must be within; of what is only to be done, one is enough."""
    bounds = [_limit(limit, text) for text in limit.values if text]
    fits = [any(within(limit.relation, value, bound) for bound in bounds) for value in one.values]
    return all(fits) if limit.firm else any(fits)


def _limit(limit: Constraint, text: str) -> Any:
    return date.fromisoformat(text) if limit.kind == "date" else time.fromisoformat(text)


def _read(limit: Constraint, text: str, shown: str, field: str = "") -> Iterator[_Moment]:
    for token in read(_ISO.sub(" ", text)):
        if token.kind == limit.kind == "time":
            yield _Moment((time(*token.readings[0]),), shown, field)
        elif token.kind == limit.kind == "date" and (days := tuple(_day(reading, limit) for reading in token.readings)):
            yield _Moment(days, shown, field)


def _day(reading: tuple[int, int, int], limit: Constraint) -> date:
    """A day without a year is the one nearest to the limit."""
    year, month, day = reading
    if year:
        return date(year, month, day)
    bound = date.fromisoformat(limit.values[0])
    years = [one for one in (bound.year - 1, bound.year, bound.year + 1) if (month, day) != (2, 29) or one % 4 == 0]
    near = [date(one, month, day) for one in years or [bound.year + (-bound.year % 4)]]
    return min(near, key=lambda one: (abs(one - bound) > _HALF_YEAR, abs(one - bound)))


def _in_fields(limit: Constraint, scene: Scene) -> list[_Moment]:
    fields = ((name, value) for _, name, value in scene.fields() if not says("other_moments", name))
    found = [one for name, value in fields for one in _read(limit, value, f'{name} "{value}"', name)]
    if limit.relation == "is" and limit.kind == "date" and any(not says("until", one.field) for one in found):
        return [one for one in found if not says("until", one.field)]
    return found or list(_pressed(limit, scene))


def _pressed(limit: Constraint, scene: Scene) -> Iterator[_Moment]:
    for i in scene.scope:
        element = scene.observation.elements[i]
        if element.role in _SLOTS and {"checked", "selected", "pressed"}.intersection(element.states):
            yield from _read(limit, element.name, element.name)


def _labelled(limit: Constraint, scene: Scene) -> list[_Moment]:
    found = []
    for i, text in scene.numbered():
        plain = not any(token.kind == "word" for token in read(text))
        named = f"{scene.label_before(i)} {text}" if plain else text
        moments = list(_read(limit, text, named))
        if not moments or scene.observation.elements[i].role in _SLOTS - {"cell", "gridcell"} or says("other_moments", named):
            continue
        if says(limit.kind, named):
            found += moments
    return found


def _nearest(limit: Constraint, scene: Scene) -> list[_Moment]:
    for places in scene.around():
        dated = [(i, one) for i, text in scene.numbered(places) for one in _read(limit, text, text)]
        if found := [one for i, one in dated if not says("other_moments", f"{scene.label_before(i)} {one.shown}")]:
            return found
    return []
