"""What shows itself only on the way: in a dialog, a small window, a section, a menu, a cell, on a later page of a list."""

from __future__ import annotations

import re
from typing import Any

from operator_agent.flow.action import Action, Click, DoubleClick, Fill, Press, RightClick, Scroll, SwitchTab
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.sentences.acts import Order
from operator_agent.planner.sentences.forms import begins_order, fits
from operator_agent.planner.sentences.handing import SURE, First, steps_of, submit
from operator_agent.planner.sentences.stems import nouns, same, units
from operator_agent.planner.sentences.things import Offer, Thing, folds

_LOOKS = 40  # pages or screens of a list that are gone through
_STILL = 3  # of them without anything new, before the end is believed
_NEXT = frozenset({"next", "next page", ">", "›", "»", "→", "load more", "show more", "more", "older"})
_ITEMS = frozenset({"listitem", "row", "cell", "gridcell", "article", "treeitem", "strong", "text", "generic", "paragraph", "img"})
"""What a menu may belong to."""
_OPENS = frozenset({"button", "link", "menuitem", "tab"})
_LEADS = frozenset({":", "to", "as", "with", "called", "named", "is", "be", "into"})


def opener(first: First, asked: Asked) -> Proposal | Refusal | None:
    """A control that is named, and behind it a text for what it opens: "edit the address: High Street 1"."""
    memory, page = asked.memory, asked.page
    if "opener" in memory:
        return _opened(first, asked)
    order = Order(first.clause, page, asked.kept.get("typed", ()))
    done = order.read()
    last = max((unit.last for at, unit in enumerate(order.units) if at in order.claimed), default=-1)
    if not done.pressed or page.elements[done.at].role not in _OPENS or done.filled:
        return None
    if not done.left or any(unit.first < last for unit in done.left):
        return None
    label = letters(page.labels[done.at])
    while last + 1 < len(order.tokens) and order.tokens[last + 1].text in label:
        last += 1
    lead = order.tokens[last + 1] if last + 1 < len(order.tokens) else None
    named = all(first.clause[order.tokens[unit.first].start].isupper() for unit in done.left)
    bare = lead is not None and (
        named or (len(done.left) == 1 and (any(c.isdigit() for c in done.left[0].text) or lead.kind == "quoted"))
    )
    if lead is None or not (bare or lead.text in _LEADS):
        return None
    at = next((at for at in range(last + 1, len(order.tokens)) if order.tokens[at].text not in _LEADS), None)
    if at is None:
        return None
    span = order.tokens[at:]
    value = span[0].text if len(span) == 1 and span[0].kind == "quoted" else first.clause[span[0].start : span[-1].end]
    offer = Offer(page)
    memory["opener"] = {
        "value": value, "verb": order.verb, "fields": [one.label for one in offer.of("text", "number", "choice")],
        "buttons": [one.label for one in offer.of("press")], "tab": page.observation.title, "tabs": len(page.observation.tabs),
    }  # fmt: skip
    step = Step(action=done.actions[0], answers=True)
    return Proposal(SURE, (step,), 0, again=True)


def _opened(first: First, asked: Asked) -> Proposal | Refusal | None:
    """What it opened takes the text: its only field, as many as the text has parts, or a control of that name."""
    memory, page = asked.memory["opener"], asked.page
    offer = Offer(page)
    value: str = memory["value"]
    memory["looks"] = memory.get("looks", 0) + 1
    fresh = (
        next((tab for tab in page.observation.tabs if not tab.active), None)
        if len(page.observation.tabs) > memory["tabs"]
        else None
    )
    if page.observation.title != memory["tab"] and len(page.observation.tabs) > memory["tabs"]:
        memory["window"] = True  # it came to the front by itself
    elif fresh and "window" not in memory:
        memory["window"] = True
        return Proposal(SURE, (Step(action=SwitchTab(tab=fresh.title or fresh.url)),), 0, again=True)
    fields = [one for one in offer.of("text", "number", "choice") if one.label not in memory["fields"]]
    parts = [value] if len(fields) == 1 else [part.strip() for part in value.split(",")]
    if fields and len(parts) == len(fields) and all(_takes(one, part) for one, part in zip(fields, parts, strict=True)):
        actions: list[Action] = [
            Fill(target=target, text=part) for one, part in zip(fields, parts, strict=True) if (target := offer.target(one.at))
        ]
        handing = _handing(offer, fields[0], memory)
        if handing is None:
            return Refusal(reason=f'Nothing here hands in "{value}".')
        return Proposal(SURE, (*(Step(action=action) for action in actions), Step(action=Click(target=handing))), first.end)
    buttons = [
        one
        for one in offer.of("press", "option", "radio")
        if folded(one.label) == folded(value) and one.label not in memory["buttons"]
    ]
    if len(buttons) == 1 and (target := offer.target(buttons[0].at)):
        back = (Step(action=SwitchTab(tab=memory["tab"])),) if "window" in memory else ()
        return Proposal(SURE, (Step(action=Click(target=target)), *back), first.end)
    if memory["looks"] < _STILL:
        return Proposal(SURE, (Step(action=Press(keys="Shift"), intent="look again"),), 0, again=True)
    return Refusal(reason=f'What opened has no one place for "{value}".')


def _takes(field: Thing, part: str) -> bool:
    """Whether a text can be meant for a field: a code or number has digits."""
    numeric = any(same(unit, word) for unit in field.units for word in ("postal code", "zip", "code", "number", "year"))
    return bool(part) and (any(c.isdigit() for c in part) or not numeric)


def _handing(offer: Offer, field: Thing, memory: dict[str, Any]) -> Target | None:
    page = offer.page
    place = next((i for i in page.ancestors(field.at) if page.elements[i].role in ("dialog", "alertdialog", "form")), None)
    buttons = [one for one in offer.of("press") if page.elements[one.at].role == "button" and one.label not in memory["buttons"]]
    if place is not None:
        buttons = [one for one in offer.of("press") if page.elements[one.at].role == "button" and page.holds(place, one.at)]
    buttons = [one for one in buttons if folded(one.label) not in nouns()["refuses"]]
    return offer.target(buttons[0].at) if len(buttons) == 1 else submit(page, memory["verb"], place)


def is_choice(order: Order) -> bool:
    return any(same(order.verb, word) for word in ("choose", "buy", "book")) if order.verb else False


def section(first: First, asked: Asked) -> Proposal | Refusal | None:
    """A section is opened to choose it: in it stands what chooses."""
    memory, page = asked.memory, asked.page
    order = Order(first.clause, page, asked.kept.get("typed", ()))
    done = order.read()
    if done.pressed and not folds(done.at, page):
        return Proposal(SURE, steps_of(order, done, first, page), first.end) if not done.left else None
    if "section" in memory:
        return Refusal(reason=f'The section is open, but nothing in it does "{first.clause}".')
    memory["section"] = True
    if "expanded" in page.elements[done.at].states:
        return Refusal(reason=f'Nothing in the open section does "{first.clause}".')
    return Proposal(SURE, (Step(action=done.actions[-1]),), 0, again=True)


def cell(first: First, asked: Asked) -> Proposal | Refusal | None:
    """A cell that turns into a field: "set the price of Screws to 12"."""
    memory, page = asked.memory, asked.page
    slots = fits("set {label} to {value}", first.clause)
    if slots is None:
        return None
    value = slots["value"].strip("\"'“”")
    if "cell" in memory:
        fresh = [
            i for i, e in enumerate(page.elements) if e.role in ("textbox", "spinbutton") and e.ref and i not in memory["cell"]
        ]
        inside = [i for i in fresh if any(page.elements[above].role in ("cell", "gridcell", "row") for above in page.ancestors(i))]
        target = pointer(inside[0], page) if len(inside) == 1 else None
        if target is None:
            return Refusal(reason=f'The cell does not let itself be changed to "{value}".')
        acts = (Fill(target=target, text=value), Press(keys="Enter", target=target))
        return Proposal(SURE, tuple(Step(action=act) for act in acts), first.end)
    found = _cell_of(slots["label"], page)
    target = pointer(found, page) if found is not None else None
    if target is None:
        return None
    memory["cell"] = [i for i, e in enumerate(page.elements) if e.role in ("textbox", "spinbutton")]
    return Proposal(SURE, (Step(action=DoubleClick(target=target)),), 0, again=True)


def _cell_of(label: str, page: Page) -> int | None:
    """The one cell in the row and under the header that the words name, when they name nothing else."""
    said = units(label)
    heads: list[str] = []
    found = []
    for index, element in enumerate(page.elements):
        if element.role != "row":
            continue
        cells = [i for i in page.below(index) if page.elements[i].role in ("cell", "gridcell", "rowheader", "columnheader")]
        texts = [page.elements[i].name or page.elements[i].value for i in cells]
        if cells and all(page.elements[i].role == "columnheader" for i in cells):
            heads = texts
            continue
        rows = [unit for unit in said if any(_says(unit.text, text) for text in texts[:1])]
        columns = [at for at, head in enumerate(heads) if any(_says(unit.text, head) for unit in said)]
        if rows and len(columns) == 1 and columns[0] < len(cells):
            named = [unit for unit in said if unit in rows or _says(unit.text, heads[columns[0]])]
            found += [cells[columns[0]]] if len(named) == len(said) else []
    return found[0] if len(found) == 1 else None


def _says(word: str, text: str) -> bool:
    return any(same(word, unit.text) for unit in units(text))


def family(first: First, asked: Asked) -> Proposal | Refusal | None:
    """Controls that are called like the wanted one but for its number: it comes on another page, or further down."""
    memory, page = asked.memory, asked.page
    order = Order(first.clause, page, asked.kept.get("typed", ()))
    done = order.read()
    if "family" in memory and done.pressed and not done.left:
        return Proposal(SURE, steps_of(order, done, first, page), first.end)
    numbers = [unit for unit in order.units if unit.text.isdigit()]
    if len(numbers) != 1:
        return None
    members = [one for one in order.offer.of("press") if _alike(one, order, numbers[0].text)]
    if len(members) < 2 or any(
        not unit.text.isdigit() and not _of(unit.text, members[0]) and not order._explained(unit) for unit in done.left
    ):
        return None
    state = memory.setdefault("family", {"looks": 0, "seen": "", "still": 0})
    shown = members[-1].label
    state["still"] = state["still"] + 1 if shown == state["seen"] else 0
    state["looks"], state["seen"] = state["looks"] + 1, shown
    if state["looks"] > _LOOKS or state["still"] > _STILL:
        return Refusal(reason=f'Number {numbers[0].text} does not come; the last is "{shown}".')
    turn = next(
        (one for one in order.offer.of("press") if folded(one.label) in _NEXT and "disabled" not in page.elements[one.at].states),
        None,
    )
    target = order.offer.target(turn.at if turn else members[-1].at)
    if target is None:
        return None
    action: Action = Click(target=target) if turn else Scroll(to=target)
    return Proposal(SURE, (Step(action=action),), 0, again=True)


def _alike(thing: Thing, order: Order, number: str) -> bool:
    others = [unit for unit in thing.units if not unit.isdigit()]
    numbered = [unit for unit in thing.units if unit.isdigit()]
    said = [unit.text for unit in order.units]
    return (
        len(numbered) == 1
        and numbered[0] != number
        and bool(others)
        and all(any(same(text, one) for text in said) for one in others)
    )


def _of(text: str, thing: Thing) -> bool:
    return any(same(text, unit) for unit in thing.units)


def menus(first: First, asked: Asked) -> Proposal | Refusal | None:
    """What is asked for stands in a menu: the one of the thing that is named, else the page's menu of actions."""
    memory, page = asked.memory, asked.page
    order = Order(first.clause, page, asked.kept.get("typed", ()))
    if fits("set {label} to {value}", first.clause) is not None:
        return None
    if "menus" in memory:
        item = _item(order, memory["menus"]["items"])
        if item is not None and (target := order.offer.target(item.at)):
            return Proposal(SURE, (Step(action=Click(target=target)),), first.end)
        memory["menus"]["tried"] += 1
    state = memory.setdefault("menus", {"tried": 0, "items": [one.label for one in order.offer.of("press")]})
    ways = _ways_to_menus(order)
    if state["tried"] >= len(ways) or not begins_order(order.tokens, 0):
        if not state["tried"]:
            del memory["menus"]
            return None
        return Refusal(reason=f'No menu here has an entry for "{first.clause}".')
    steps = [Step(action=Press(keys="Escape"))] if state["tried"] else []
    return Proposal(SURE, (*steps, Step(action=ways[state["tried"]])), 0, again=True)


def _ways_to_menus(order: Order) -> list[Action]:
    """A right click on the thing the order names, or the button of a menu; none where the page has nothing of that name."""
    page = order.offer.page
    said = [unit.text for unit in order.units if unit.first >= order.verb_size]
    named = []
    for index, element in enumerate(page.elements):
        text = element.name or element.value
        if element.role not in _ITEMS or not element.ref or not 0 < len(text) <= 80:
            continue
        parts = [unit.text for unit in units(text)]
        if parts and len(parts) <= 4 and all(any(same(part, one) for one in said) for part in parts):
            named.append(index)
    named = page.one_each(named)
    ways: list[Action] = []
    buttons = [one for one in order.offer.of("press") if folded(one.label) in nouns()["openers"]]
    if len(named) == 1:
        buttons = buttons if len(buttons) == 1 else []
        ways += [Click(target=target) for one in buttons if (target := order.offer.target(one.at))]
        target = pointer(named[0], page)
        ways += (
            [RightClick(target=target)]
            if target and page.elements[named[0]].role in ("listitem", "row", "cell", "gridcell", "article", "treeitem")
            else []
        )
    return ways


def _item(order: Order, before: list[str]) -> Thing | None:
    """The one entry that came up whose words are said; a verb that says nothing may be missing."""
    said = [unit.text for unit in order.units]
    fresh = [
        one for one in order.offer.of("press") if one.label not in before and order.offer.page.elements[one.at].role == "menuitem"
    ]
    found = []
    for one in fresh:
        missing = [unit for unit in one.units if not any(same(unit, text) for text in said)]
        hit = [text for text in said if any(same(text, unit) for unit in one.units)]
        if hit and all(unit in nouns()["generic"] or unit in ("move", "mark") for unit in missing):
            found.append((len(missing), -len(hit), one))
    found.sort(key=lambda entry: entry[:2])
    if not found or (len(found) > 1 and found[0][:2] == found[1][:2]):
        return None
    item = found[0][2]
    page = order.offer.page
    left = [unit for unit in order.units if not any(same(unit.text, one) for one in item.units) and not order._explained(unit)]
    left = [unit for unit in left if not (unit.first == 0 and order.generic)]
    return None if any(not _page_word(unit.text, page) for unit in left) else item


def _page_word(text: str, page: Page) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}", folded(page.observation.text)) is not None
