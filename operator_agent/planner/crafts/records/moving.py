"""Going on with what was found: "open it", "open the issue about the front door", "from the New menu choose New File"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from operator_agent.flow.action import Action, Click, DoubleClick, Fill, Press
from operator_agent.flow.plan import Refusal
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import controls_in, handle
from operator_agent.planner.crafts.heard import Heard, heard, hears
from operator_agent.planner.crafts.records.forms import label_of, words
from operator_agent.planner.crafts.records.reach import Way, called, front, mentioned, opener, plain, proposal, things, unit_of
from operator_agent.planner.grammar import is_address


class Find:
    """Looked for in the search field; what was looked for is what is opened then."""

    name = "find"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "find")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in heard(asked.words, "records", "find"):
            again = one.text("again")
            if again and folded(again) != folded(one.text("text")):
                continue
            if not asked.memory.get("searched"):
                return self._searched(one, asked)
            return self._found(one, asked)
        return None

    def _searched(self, one: Heard, asked: Asked) -> Proposal | None:
        field = search_field(asked.page)
        target = handle(field, asked.page) if field is not None else None
        if target is None:
            return None
        asked.memory.update(searched=True, before=asked.page.observation.text)
        asked.kept["thing"] = one.text("text")
        return proposal([Fill(target=target, text=one.text("text")), Press(keys="Enter", target=target)], one.end, again=True)

    def _found(self, one: Heard, asked: Asked) -> Proposal | Refusal | None:
        text, page = one.text("text"), asked.page
        found = opener(text, page)
        found = mentioned(text, page) if found is None else found
        found = only_result(page) if found is None else found
        if found is None:
            return Refusal(reason=f'What was found for "{text}" is not one thing to open.')
        return _press(found, one.end, text, asked)


def search_field(page: Page) -> int | None:
    """The page's search field: called so, else the one of its search part; what filters a menu is none."""
    typed = [i for i, e in enumerate(page.elements) if e.role in ("searchbox", "textbox", "combobox") and e.ref]
    called_so = [i for i in typed if label_of(i, page) in words("searches")]
    marked = [i for i in typed if any(page.elements[up].role == "search" for up in page.ancestors(i))]
    boxes = [i for i in typed if page.elements[i].role == "searchbox"]
    return next((found[0] for found in (called_so, marked, boxes) if len(found) == 1), None)


class Opened:
    name = "opened"
    firm = True

    def hears(self, words: str) -> bool:
        found = heard(words, "records", "opened")
        return any("file" not in one.slots or _is_file(one.text("file")) for one in found)

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one = next(
            (one for one in heard(asked.words, "records", "opened") if "file" not in one.slots or _is_file(one.text("file"))), None
        )
        if one is None:
            return None
        if "what" in one.slots:
            return _part(one, asked)
        if "file" in one.slots:
            return _file(one, asked)
        if "name" in one.slots:
            found = mentioned(one.text("name"), asked.page)
            return _press(found, one.end, one.text("name"), asked) if found is not None else None
        return self._it(one, asked)

    def _it(self, one: Heard, asked: Asked) -> Proposal | Refusal | None:
        page, thing = asked.page, str(asked.kept.get("thing") or "")
        if not thing:
            return None
        if asked.kept.get("opened") == thing:
            return Proposal(94.0, (), one.end)  # what is open already
        found = opener(thing, page)
        if found is None:
            found = mentioned(thing, page)
        if found is None:
            found = only_result(page)
        return _press(found, one.end, thing, asked) if found is not None else None


def _is_file(said: str) -> bool:
    return re.fullmatch(r"\S+\.[A-Za-z][A-Za-z0-9]{0,4}", said) is not None and not is_address(said)


def _part(one: Heard, asked: Asked) -> Proposal | Refusal | None:
    """What belongs to the thing that is open, or to one that is named: its history, its settings; maybe behind its menu."""
    said = one.text("of") or str(asked.kept.get("opened") or "")
    memory = asked.memory.setdefault("way", {"tried": []})
    if not one.text("of"):
        memory["here"] = True
    found = Way(said, (folded(one.text("what")),), asked).next()
    if found is None:
        return None
    if found.control is None:
        return proposal(found.steps, one.end, again=True)
    target = handle(found.control, asked.page)
    return proposal([Click(target=target)], one.end, again=False) if target else None


def _file(one: Heard, asked: Asked) -> Proposal | Refusal | None:
    """In a list where a click only selects, which the boxes of its rows tell, an entry is opened by two."""
    page = asked.page
    for thing in things(one.text("file"), page):
        unit = unit_of(thing, page)
        inside = list(controls_in(unit, page)) if unit is not None else []
        boxes = [i for i in inside if page.elements[i].role == "checkbox"]
        links = [i for i in inside if page.elements[i].role in ("link", "button")]
        target = handle(thing, page)
        if boxes and not links and target:
            asked.kept["thing"] = asked.kept["opened"] = one.text("file")
            return proposal([DoubleClick(target=target)], one.end, again=False)
    return None if things(one.text("file"), page) else Refusal(reason=f'There is no "{one.text("file")}" on the page.')


def in_context(action: Action, page: Page, kept: Mapping[str, Any]) -> Action:
    """A press on one of several equals, on that of them in the card or row of the thing that was opened last."""
    opened = str(kept.get("opened") or "")
    said = action.target.words or f'"{action.target.name}"' if isinstance(action, Click) and not action.target.role else ""
    found = search(said, "click", page) if said and opened else None
    if found is None or len(found.indices) < 2:
        return action
    units = [unit for thing in things(opened, page) if (unit := unit_of(thing, page)) is not None]
    own = [i for i in found.indices if any(page.holds(unit, i) for unit in units)]
    target = handle(own[0], page) if len(own) == 1 else None
    return Click(target=target) if target else action


class Menu:
    """An item of a menu that is named: the menu is opened, then the item pressed."""

    name = "menu"
    firm = True

    def hears(self, words: str) -> bool:
        return hears(words, "records", "menu")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one = next(iter(heard(asked.words, "records", "menu")), None)
        if one is None:
            return None
        page, wanted = asked.page, folded(one.text("item"))
        items = [
            i
            for i in front(page)
            if page.elements[i].role.startswith("menuitem") or page.elements[i].role in ("link", "button", "option")
        ]
        if asked.memory.get("open") and (found := called((wanted,), items, page)) is not None:
            return _press(found, one.end, one.text("item"), asked)
        if asked.memory.get("open"):
            return Refusal(reason=f'There is no "{one.text("item")}" in the menu "{one.text("menu")}".')
        head = called((folded(one.text("menu")),), controls_in(-1, page), page)
        target = handle(head, page) if head is not None else None
        if target is None:
            return None
        asked.memory["open"] = True
        return proposal([Click(target=target)], one.end, again=True)


def only_result(page: Page) -> int | None:
    """The one link in the page's own part that is no heading of a list: what a search has found."""
    main = next((i for i, e in enumerate(page.elements) if e.role == "main"), -1)
    rows = [
        i
        for i, e in enumerate(page.elements)
        if e.role in ("rowheader", "row", "listitem", "article") and (main < 0 or page.holds(main, i))
    ]
    links = {
        j
        for row in rows
        for j in page.below(row)
        if page.elements[j].role == "link" and plain(page.labels[j]) and not _heads(j, page)
    }
    return links.pop() if len(links) == 1 else None


def _heads(index: int, page: Page) -> bool:
    return any(page.elements[i].role in ("columnheader", "navigation") for i in page.ancestors(index))


def _press(index: int, end: int, said: str, asked: Asked) -> Proposal | None:
    target = handle(index, asked.page)
    if target is None:
        return None
    asked.kept["thing"] = asked.kept["opened"] = said
    return proposal([Click(target=target)], end, again=False)
