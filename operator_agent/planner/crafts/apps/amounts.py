"""So many of each: "order one of each item: soup, bread", "order 3 items that are vegan", "add 2 lattes and 1 tea".

An amount is set in a field beside the thing where there is one, else by pressing what adds one, and read back where it is shown.
"""

from __future__ import annotations

import re
from typing import Any

from operator_agent.flow.action import Action, Click, Fill
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.quantities import numbers
from operator_agent.planner.crafts.apps.units import all_known, best, controls_in, handle, text_of, units_of
from operator_agent.planner.crafts.apps.wording import Wording, number_said, wordings

_SURE = 96.0
_MOST = 50
_COMMA = re.compile(r"\s*(?:,\s*and\b|,|;|、)\s*")
_AND = re.compile(r"\s*(?:\band\b|&|和)\s*")
_NEXT_AMOUNT = re.compile(
    r"\s*(?:,\s*and\b|,|;|\band\b|&|、|和)\s*(?=\d|(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)", re.IGNORECASE
)
_COUNTED = re.compile(
    r"(\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|one)\s*(?:x|×)?\s+(?:of\s+)?(?:the\s+)?([^,;:.!?]+)", re.IGNORECASE
)


class Amounts:
    name = "amounts"

    def hears(self, words: str) -> bool:
        return any(_listed(one) for one in wordings("quantity", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        refused: Refusal | None = None
        for one in reversed(wordings("quantity", asked.words)):
            if not _listed(one):
                continue
            found = _proposed(one, asked)
            if isinstance(found, Proposal):
                return found
            refused = refused or found
        return refused


def _listed(one: Wording) -> list[tuple[int, str]]:
    """How many of what; nothing when it is no list of amounts."""
    number = number_said(one.get("number")) if "number" in one.slots else 1
    if number is None:
        return []
    if "label" in one.slots:
        return [(number, one.get("label").strip("\"'“” "))]
    between = _NEXT_AMOUNT if "amounts" in one.slots else _COMMA
    parts = [part.strip(" .\"'“”") for part in between.split(one.get("items") or one.get("amounts")) if part.strip(" .")]
    if "amounts" not in one.slots:
        return [(number, part) for part in parts]
    counted = [_COUNTED.fullmatch(part) for part in parts]
    return [(number_said(found[1]) or 0, found[2]) for found in counted if found] if all(counted) else []


def _proposed(one: Wording, asked: Asked) -> Proposal | Refusal | None:
    page, memory = asked.page, asked.memory
    adding = all_known("add", page) + [i for i, e in enumerate(page.elements) if e.role == "spinbutton" and e.ref]
    if "units" in memory:
        return _read_back(one, asked)
    if not adding:
        return None
    chosen = _labelled_units(one, page, adding) if "label" in one.slots else _named_units(one, page, adding)
    if chosen is None or isinstance(chosen, Refusal):
        return chosen
    steps: list[Step] = []
    for number, unit, what in chosen:
        steps += [Step(action=action, intent=f"{number} × {what}") for action in _adding(number, unit, adding, page)]
    memory["units"] = [(number, what, folded(text_of(unit, page))) for number, unit, what in chosen]
    return Proposal(_SURE, tuple(steps), one.end, again=True) if steps else None


def _named_units(one: Wording, page: Page, adding: list[int]) -> list[tuple[int, int, str]] | Refusal | None:
    chosen: list[tuple[int, int, str]] = []
    for number, what in _apart(_listed(one), page, adding):
        units = units_of(what, page, adding) or units_of(what.removesuffix("s"), page, adding)
        if len(units) != 1 or number > _MOST:
            if not chosen and not units:
                return None
            return Refusal(reason=f'"{what}" is on the page {len(units)} times.' if units else f'There is no "{what}" on the page.')
        chosen.append((number, units[0], what))
    return chosen


def _apart(listed: list[tuple[int, str]], page: Page, adding: list[int]) -> list[tuple[int, str]]:
    """"Soup and bread" as two things, unless the page has something that is called so."""
    found = []
    for number, what in listed:
        found += [(number, part) for part in ([what] if units_of(what, page, adding) else _AND.split(what)) if part]
    return found


def _labelled_units(one: Wording, page: Page, adding: list[int]) -> list[tuple[int, int, str]] | Refusal | None:
    """Different things of that kind, as far as there are so many; the rest of the first."""
    number, label = _listed(one)[0]
    units = units_of(label, page, adding) or units_of(label.removesuffix("s"), page, adding)
    if not units or number > _MOST:
        return None if not units else Refusal(reason=f"{number} are too many.")
    apart = units[:number]
    return [(1 + (number - len(apart) if place == 0 else 0), unit, text_of(unit, page)[:60]) for place, unit in enumerate(apart)]


def _adding(number: int, unit: int, adding: list[int], page: Page) -> list[Action]:
    inside = [i for i in adding if i == unit or page.holds(unit, i)]
    field = next((i for i in inside if page.elements[i].role == "spinbutton"), None)
    target = handle(field if field is not None else inside[0], page) if inside else None
    if target is None:
        return []
    return [Fill(target=target, text=str(number))] if field is not None else [Click(target=target)] * number


def _read_back(one: Wording, asked: Asked) -> Proposal | Refusal:
    """Where the things show their amounts, these must be so; then it is handed in, when nothing else is asked for."""
    page = asked.page
    for number, what, before in asked.memory["units"]:
        shown = [folded(text_of(unit, page)) for unit in units_of(what, page, all_known("add", page))]
        if len(shown) == 1 and shown[0] != before and numbers(shown[0]) and number not in numbers(shown[0]):
            return Refusal(reason=f'"{what}" does not show {number} after it was added.')
    steps = _handing_in(one, asked) if not asked.words[one.end :].strip(" .!") else ()
    return Proposal(_SURE, steps, one.end)


def _handing_in(one: Wording, asked: Asked) -> tuple[Step, ...]:
    """The page's own button that is called like the verb: "Order!"."""
    verb: Any = asked.words.split()[0] if asked.words.split() else ""
    inside = {i for unit in asked.memory["units"] for u in units_of(unit[1], asked.page) for i in controls_in(u, asked.page)}
    buttons = [i for i in controls_in(-1, asked.page) if asked.page.elements[i].role == "button" and i not in inside]
    found = best(verb, buttons, asked.page)
    target = handle(found, asked.page) if found is not None and folded(verb) not in ("add", "put", "get", "take") else None
    return (Step(action=Click(target=target), intent=asked.words[: one.end]),) if target else ()
