"""Dates in calendars: the field is opened, the calendar paged to the month, the day chosen, and the field read back.

A calendar is known by what it shows: a month and a year, controls to the next and the month before, and days. A field that opens
none is filled as any other.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from operator_agent.flow.action import Action, Click, Fill, Select
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed, typed_in
from operator_agent.planner.crafts.heard import Heard, heard, hears, known
from operator_agent.written import Token, tokens

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_SURE = 96.0
_LOOKS = 12
_PAGES = 24  # months turned in one step
_NEAR = 40  # elements between a calendar's caption and its controls
_DAYS = frozenset({"gridcell", "cell", "link", "button", "generic", "option", "text", "listitem"})
_CAPTIONS = _DAYS | {"heading", "caption", "status", "strong", "columnheader", "paragraph"}

Day = tuple[int, int, int]


class Calendar(NamedTuple):
    """Where the month is told, and which it is; `month` and `year` may be lists to choose from."""

    at: int
    year: int
    month: int
    lists: tuple[int, int] | None = None


class Dates:
    name = "dates"
    spans = True

    def hears(self, words: str) -> bool:
        return hears(words, "dates", "pick") and _asked(words) is not None

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        if not (found := _asked(asked.words)):
            return None
        one, day = found
        field = _field(one, asked.page)
        if field is None and _calendar(asked.page) is None:
            return None
        return _next(one, day, field, asked)


def _asked(words: str) -> tuple[Heard, Day] | None:
    """The longest request for a day with a year, and the day; one that can be read two ways as in "month/day"."""
    for one in reversed(heard(words, "dates", "pick")):
        found = tokens(one.text("date"))
        if len(found) == 1 and found[0].kind == "date" and (day := _day(found[0])):
            return one, day
    return None


def _day(token: Token) -> Day | None:
    year, month, day = token.readings[-1]
    return (int(year), int(month), int(day)) if year else None


def _field(one: Heard, page: Page) -> int | None:
    fields = typed_in(page)
    place = one.text("place")
    names = (f"{place} date", place, "date") if place else ("the date", "date", "the day", "calendar")
    for name in names:
        found = search(name, "fill", page)
        if found and len(found.indices) == 1 and found.indices[0] in fields:
            return found.indices[0]
    return fields[0] if len(fields) == 1 else None


def _next(one: Heard, day: Day, field: int | None, asked: Asked) -> Proposal | Refusal | None:
    page, memory = asked.page, asked.memory
    if field is not None and _holds(page.elements[field].value, day):
        return Proposal(_SURE, (), one.end)
    memory["looks"] = memory.get("looks", 0) + 1
    if memory["looks"] > _LOOKS:
        return Refusal(reason=f'The calendar does not come to {one.text("date")}.')
    calendar = _calendar(page)
    if memory.get("chosen"):
        if field is None:
            return Proposal(_SURE, (), one.end)
        return Refusal(reason=f'The day was chosen, but the field holds "{page.elements[field].value}".')
    if calendar is None and field is not None:
        opened, memory["opened"] = memory.get("opened", False), True
        target = pointed(field, page)
        if not opened:
            return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True)
        beside = calendar_opener(field, page) if not memory.get("beside") else None
        if beside:
            memory["beside"] = True
            return Proposal(_SURE, (Step(action=Click(target=beside)),), 0, again=True)
        return Proposal(_SURE, (Step(action=Fill(target=target, text=one.text("date"))),), one.end)
    return _turn(calendar, day, asked) if calendar else None


def calendar_opener(field: int, page: Page) -> Target | None:
    """The button beside a field that opens its calendar, by what it is called."""
    near = [i for i in page.controls if field < i <= field + 4 and page.elements[i].role == "button"]
    names = {folded(name) for name in known("dates", "opens")}
    found = [i for i in near if names & set(page.labels[i].split()) or not page.labels[i]]
    return pointer(found[0], page) if len(found) == 1 else None


def _turn(calendar: Calendar, day: Day, asked: Asked) -> Proposal | Refusal:
    """To the month, else the day in it."""
    page = asked.page
    apart = (day[0] - calendar.year) * 12 + day[1] - calendar.month
    if apart:
        actions = _listed(calendar, day, page) or _paged(calendar, apart, page)
        if not actions:
            return Refusal(reason=f"The calendar shows {calendar.month}/{calendar.year} and nothing to turn it with.")
        return Proposal(_SURE, tuple(Step(action=action) for action in actions), 0, again=True)
    target = _day_in(calendar, day, page)
    if target is None:
        return Refusal(reason=f"Day {day[2]} cannot be chosen in the calendar's month.")
    asked.memory["chosen"] = True
    return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True)


def _calendar(page: Page) -> Calendar | None:
    """The first month and year on the page that stand at many days."""
    captions = [i for i, e in enumerate(page.elements) if e.role in _CAPTIONS and 0 < len(e.name or e.value) <= 30]
    for place, index in enumerate(captions):
        own = page.elements[index].name or page.elements[index].value
        behind = page.elements[captions[place + 1]] if place + 1 < len(captions) else None
        for text in (own, f"{own} {behind.name or behind.value}" if behind else own):
            month = _month(text)
            if month and _days(index, page):
                return Calendar(index, *month)
    return _of_lists(page)


def _month(text: str) -> tuple[int, int] | None:
    """`October 2016`, `Oct, 2016`, `2016年10月`; not a whole date."""
    if not _YEAR.search(text):
        return None
    plain = " ".join(text.replace(",", " ").split())
    if plain[:1].isdigit() and "年" not in plain:
        return None
    for whole in (f"1 {plain}", f"{plain}1日"):
        found = tokens(whole)
        if len(found) == 1 and found[0].kind == "date" and len(found[0].readings) == 1 and found[0].readings[0][0]:
            return int(found[0].readings[0][0]), int(found[0].readings[0][1])
    return None


def _of_lists(page: Page) -> Calendar | None:
    """A calendar whose month and year are chosen from lists."""
    lists = [i for i, e in enumerate(page.elements) if e.role == "combobox" and e.value]
    for one in lists:
        for other in lists:
            month = _month(f"{page.elements[one].value} {page.elements[other].value}") if one != other else None
            if month and _days(min(one, other), page):
                return Calendar(min(one, other), *month, (one, other))
    return None


def _days(caption: int, page: Page) -> list[int]:
    """What is called like a day of the month, behind the caption; none unless nearly all are there."""
    scope = range(caption, min(len(page.elements), caption + 260))
    found = [i for i in scope if page.elements[i].role in _DAYS and _number(i, page)]
    return found if len({_number(i, page) for i in found}) >= 28 else []


def _number(index: int, page: Page) -> int:
    """The day an element stands for; 0 when none. Long names tell the whole date."""
    label = page.labels[index]
    if label.isdigit() and 1 <= int(label) <= 31:
        return int(label)
    whole = next((token for token in tokens(label) if token.kind == "date"), None) if 8 < len(label) < 60 else None
    return int(whole.readings[0][2]) if whole and len(whole.readings) == 1 else 0


def _listed(calendar: Calendar, day: Day, page: Page) -> tuple[Action, ...]:
    """The month and year from their lists, by what the lists offer."""
    actions: list[Action] = []
    for box, wanted in zip(calendar.lists or (), ((day[1], None), (None, day[0])), strict=False):
        for index in page.below(box):
            text = page.elements[index].name or page.elements[index].value
            month = _month(f"{text} 2000") if wanted[0] else None
            if (month and month[1] == wanted[0]) or (wanted[1] and text.strip() == str(wanted[1])):
                actions.append(Select(target=pointed(box, page), options=(text,)))
                break
    return tuple(actions) if len(actions) == 2 else ()


def _paged(calendar: Calendar, apart: int, page: Page) -> tuple[Action, ...]:
    names = {folded(name) for name in known("dates", "next" if apart > 0 else "previous")}
    near = [i for i in page.controls if abs(i - calendar.at) <= _NEAR and "disabled" not in page.elements[i].states]
    near = [i for i in near if page.labels[i] in names or names & set(page.labels[i].split())]
    target = pointer(min(near, key=lambda i: abs(i - calendar.at)), page) if near else None
    return tuple(Click(target=target) for _ in range(min(abs(apart), _PAGES))) if target else ()


def _day_in(calendar: Calendar, day: Day, page: Page) -> Target | None:
    """The day among those the calendar shows; days of the months around stand before the first and behind the last."""
    days = _days(calendar.at, page)
    found = page.one_each(i for i in days if _number(i, page) == day[2] and "disabled" not in page.elements[i].states)
    if not found:
        return None
    index = found[0] if day[2] <= 15 else found[-1]
    acting = next((i for i in page.below(index) if i in page.controls), index)
    return pointer(acting, page) or _by_place(acting, page)


def _by_place(index: int, page: Page) -> Target:
    element = page.elements[index]
    same = [i for i, other in enumerate(page.elements) if other.role == element.role and page.labels[i] == page.labels[index]]
    return Target(role=element.role, name=element.name or element.value, nth=same.index(index) + 1 if len(same) > 1 else 0)


def _holds(value: str, day: Day) -> bool:
    found = tokens(value)
    return len(found) == 1 and found[0].kind == "date" and day in [tuple(map(int, reading)) for reading in found[0].readings]
