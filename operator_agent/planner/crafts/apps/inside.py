"""Acting in the row, card or post that is meant: "delete the mail from Bob", "press Reply on all posts by @ann".

What it needs may lie behind a menu of the card, in what opens when the card is pressed, or on a later page of the list: each is
tried in this order, and never anything else.
"""

from __future__ import annotations

import re
from typing import Any

from operator_agent.flow.action import Click
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import (
    all_known,
    best,
    controls_in,
    handle,
    known,
    mentions,
    next_page,
    reacts,
    text_of,
    units_of,
    wanted_words,
)
from operator_agent.planner.crafts.apps.wording import Wording, number_said, wordings

_MOST_PAGES = 40
_SURE = 90.0
_COUNTED = 97.0  # "on all posts by": nothing in the grammar can do that
_LOOKS_LIKE = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "phone": re.compile(r"\+?[\d(][\d\s().-]{5,}\d"),
    "website": re.compile(r"(?:https?://|www\.)\S+"),
}


class Inside:
    name = "inside"

    def hears(self, words: str) -> bool:
        return bool(wordings("act_in", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        refused: Refusal | None = None
        for one in wordings("act_in", asked.words)[:6]:
            if "number" in one.slots and number_said(one.get("number")) is None:
                continue
            found = _Search(one, asked).propose()
            if isinstance(found, Proposal):
                return found
            refused = refused or found
            if refused and {"count", "number"} & set(one.slots):
                return Proposal(_COUNTED, (), one.end, refusal=refused)
        return refused


def control_for(what: str, inside: int, page: Page) -> int | None:
    """What acts under this name within an element: so called, with such a label beside it, or with such a content."""
    controls = controls_in(inside, page)
    found = best(what, controls, page)
    if found is not None:
        return found
    said = folded(wanted_words(what))
    label = next((i for i in mentions(said, page, inside) if page.labels[i].strip(" :") == said), None) if said else None
    if label is not None and (behind := [i for i in controls if i > label]):
        return behind[0]
    shape = next((shape for kind, shape in _LOOKS_LIKE.items() if kind in said), None)
    fitting = [i for i in controls if shape and shape.search(text_of(i, page))]
    return fitting[0] if len(fitting) == 1 else None


class _Search:
    """One reading of the request, on the page as it is now."""

    def __init__(self, wording: Wording, asked: Asked) -> None:
        self.who = wording.get("who")
        self.what = wording.get("what") or wording.get("act").removesuffix(" to")
        self.end = wording.end
        self.page, self.words = asked.page, asked.words
        self.memory: dict[str, Any] = asked.memory.setdefault(repr(wording.slots), {"acted": 0, "pages": 0})
        number = number_said(wording.get("number"))
        self.most = number if number is not None else 2 if wording.get("count") == "both" else None
        self.counted = "count" in wording.slots or (number or 1) > 1
        self.all = wording.get("count") in ("all", "every", "each")

    def propose(self) -> Proposal | Refusal | None:
        if self.memory.get("opened"):
            return self._in_opened()
        units = [unit for unit in self._units() if control_for(self.what, unit, self.page) is not None]
        if self.counted:
            return self._several(units)
        if units:
            return self._act(units[0], again=False)
        return self._look_further()

    def _units(self) -> list[int]:
        named = {i for i in controls_in(-1, self.page) if best(self.what, [i], self.page) is not None}
        return units_of(self.who, self.page, named) or units_of(self.who, self.page)

    def _act(self, unit: int, again: bool) -> Proposal | Refusal:
        control = control_for(self.what, unit, self.page)
        target = handle(control, self.page) if control is not None else None
        if target is None:
            return Refusal(reason=f'"{self.what}" of {self.who} cannot be acted on by itself.')
        self.memory["acted"] += 1
        return self._do(Click(target=target), again=again)

    def _several(self, units: list[int]) -> Proposal | Refusal | None:
        """One after the other, for the list may change with each; what is handled and stays is passed over."""
        memory = self.memory
        before, acted = memory.get("count", len(units)), memory["acted"]
        memory["gone"] = memory.get("gone", 0) + max(0, before - len(units))
        memory["count"] = len(units)
        place = acted - memory["gone"]
        if self.most is not None and acted >= self.most:
            return Proposal(_COUNTED, (), self.end)
        if 0 <= place < len(units):
            return self._act(units[place], again=True)
        if acted and (self.all or self.most is None):
            return Proposal(_COUNTED, (), self.end)
        if acted:
            return Refusal(reason=f"There are only {acted} of {self.who} with {self.what}, not {self.most}.")
        return self._look_further()

    def _look_further(self) -> Proposal | Refusal | None:
        units = units_of(self.who, self.page)
        menus = all_known("more", self.page)
        if menus and not self.memory.get("revealed"):
            unit = next(iter(units_of(self.who, self.page, menus)), None)
            more = known("more", self.page, unit) if unit is not None else None
            if more is not None and (target := handle(more, self.page)):
                self.memory["revealed"] = True
                return self._do(Click(target=target))
        if self.memory.get("revealed") and (proposal := self._elsewhere()):
            return proposal
        if units and (opening := self._opening(units[0])) is not None:
            self.memory["opened"] = True
            return self._do(Click(target=opening))
        if not units and (proposal := self._next_page()):
            return proposal
        if not units and not self.memory["pages"] and not self.counted:
            return None
        return Refusal(reason=f'There is no "{self.what}" for "{self.who}" on this page.')

    def _elsewhere(self) -> Proposal | None:
        """What a menu showed may stand outside of the card it belongs to."""
        found = best(self.what, controls_in(-1, self.page), self.page)
        target = handle(found, self.page) if found is not None else None
        return self._do(Click(target=target), again=False) if target else None

    def _opening(self, unit: int) -> Any:
        """What opens the card: the part of it that says who, or the card itself."""
        page = self.page
        around = (up for anchor in mentions(self.who, page, unit) for up in (anchor, *page.ancestors(anchor)))
        chain = [up for up in around if up == unit or page.holds(unit, up)]
        own = next((i for i in (*chain, unit) if reacts(i, self.page)), None)
        return handle(own, self.page) if own is not None else None

    def _in_opened(self) -> Proposal | Refusal:
        found = control_for(self.what, -1, self.page)
        target = handle(found, self.page) if found is not None else None
        if target:
            return self._do(Click(target=target), again=False)
        return Refusal(reason=f'Nothing is called "{self.what}" in what opened for "{self.who}".')

    def _next_page(self) -> Proposal | None:
        forward = next_page(self.page)
        shown = self.page.observation.text
        if forward is None or shown == self.memory.get("shown") or self.memory["pages"] >= _MOST_PAGES:
            return None
        self.memory.update(shown=shown, pages=self.memory["pages"] + 1)
        target = handle(forward, self.page)
        return self._do(Click(target=target)) if target else None

    def _do(self, action: Click, again: bool = True) -> Proposal:
        score = _COUNTED if self.counted else _SURE
        return Proposal(score, (Step(action=action, intent=f"{self.words[: self.end]}: {action.target}"),), self.end, again)
