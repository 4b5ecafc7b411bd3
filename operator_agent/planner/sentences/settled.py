"""Plain orders done one by one on the page that is open, also where their control shows itself only on the way: in a dialog, a menu,
a section, on a later page of a list.

What the grammar and the crafts know is theirs; this reads what is left, by what the page calls things.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from operator_agent.flow.action import Action, AnswerDialog, Click, Fill, Press, RightClick, Scroll, SwitchTab
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.sentences.acts import Done, Order
from operator_agent.planner.sentences.forms import begins_order, fits, is_statement, lexicon, words_at
from operator_agent.planner.sentences.pieces import pieces
from operator_agent.planner.sentences.stems import nouns, same, units
from operator_agent.planner.sentences.things import Offer, Thing

_SURE = 90.0
_LOOKS = 40  # pages or screens of a list that are gone through
_STILL = 3  # of them without anything new, before the end is believed
_NEXT = frozenset({"next", "next page", ">", "›", "»", "→", "load more", "show more", "more", "older"})
_FINDS = (("find",), ("look", "for"), ("locate",), ("scroll",), ("go", "to"), ("search", "for"))
_LEADS = frozenset({":", "to", "as", "with", "called", "named", "is", "be", "into"})


class First(NamedTuple):
    """The first order of the words, and where the next begins."""

    clause: str
    end: int
    rest: str


def first_of(words: str) -> First:
    found = pieces(words)
    if not found:
        return First(words, len(words), "")
    start = words.find(found[0].text)
    end = start + len(found[0].text)
    return First(found[0].text, end, words[end:].strip(" ,;.!"))


def settle(asked: Asked) -> Proposal | Refusal | None:
    """Steps for the first order; None when a word of it is not accounted for."""
    first = first_of(asked.words)
    if asked.page.observation.dialog:
        return _answered(first, asked)
    for way in ("opener", "menus", "family", "section"):
        if way in asked.memory:
            return _WAYS[way](first, asked)
    order = Order(first.clause, asked.page)
    done = order.read()
    if is_statement(first.clause) and not (done.actions and not done.left):
        return _told(first, done, asked)
    if _found(first, order):
        return Proposal(_SURE, (), first.end)
    if done.pressed and done.at >= 0 and _folds(done.at, asked.page) and _is_choice(order):
        return _section(first, asked)
    if done.actions and not done.left:
        return Proposal(_SURE, _steps(order, done, first, asked.page), first.end)
    for try_ in (_opener, _family, _menus):
        if (found := try_(first, asked)) is not None:
            return found
    return None


def _told(first: First, done: Done, asked: Asked) -> Proposal | Refusal | None:
    """What only tells how something is, is passed over; not when it speaks of what can be set here, or nothing else is said."""
    if done.mentions or (not first.rest and not asked.kept.get("ordered")):
        return None
    return Proposal(_SURE, (), first.end)


def _found(first: First, order: Order) -> bool:
    """ "Find the lamp" before an order that names the lamp: the order itself looks for it."""
    size = words_at(order.tokens, 0, _FINDS)
    thing = [unit for unit in order.units if unit.first >= size] if size else []
    said = units(first.rest)
    return bool(thing and first.rest) and all(any(same(unit.text, other.text) for other in said) for unit in thing)


def _steps(order: Order, done: Done, first: First, page: Page) -> tuple[Step, ...]:
    """The acts; what was filled in for an order that is to be kept is handed in, unless the words go on to say how."""
    actions = list(done.actions)
    if done.filled and not done.pressed and order.goal and not _goes_on(first.rest):
        handing = _submit(page, order.verb)
        actions += [Click(target=handing)] if handing else []
    return tuple(Step(action=action) for action in actions)


def _goes_on(rest: str) -> bool:
    said = tokens(rest)
    at = [at for at in range(len(said)) if words_at(said, at, lexicon().hands_in) or said[at].text in ("press", "click", "hit", "tap")]
    return bool(at)


def _submit(page: Page, verb: str, inside: int | None = None) -> Any:
    """The one control that hands in what was filled."""
    offer = Offer(page)
    inside = offer.dialog if inside is None else inside
    buttons = [one for one in offer.of("press") if page.elements[one.index].role == "button"]
    if inside is not None:
        buttons = [one for one in buttons if page.holds(inside, one.index)]
    named = [one for one in buttons if one.units and any(same(one.units[0], name) for name in (*nouns()["submits"], verb.split()[0] if verb else "save"))]
    named = [one for one in named if folded(one.label) not in nouns()["refuses"]]
    return offer.target(named[0].index) if len(named) == 1 else None


# A dialog of the browser


def _answered(first: First, asked: Asked) -> Proposal | Refusal | None:
    dialog = asked.page.observation.dialog
    assert dialog
    if dialog.kind == "prompt":
        value = asked.memory.get("opener", {}).get("value") or _typed(first.clause)
        if value:
            asked.memory.clear()
            return Proposal(_SURE, (Step(action=AnswerDialog(answer="accept", text=value)),), first.end)
    if first.clause.casefold() in lexicon().yes:
        return Proposal(_SURE, (Step(action=AnswerDialog(answer="accept")),), first.end)
    if any(same(first.clause.casefold(), no) for no in ("cancel", "no", "decline", "refuse")):
        return Proposal(_SURE, (Step(action=AnswerDialog(answer="dismiss")),), first.end)
    return None


def _typed(clause: str) -> str:
    for pattern in lexicon().texts:
        if (slots := fits(pattern, clause)) is not None:
            value = slots.get("value") or slots.get("quoted", "")
            return value.strip("\"'“”‘’")
    return ""


def may_answer(words: str) -> bool:
    """Whether these words may be the answer to a question that the page asks before it goes on."""
    clause = first_of(words).clause
    return any(fits(pattern, clause) is not None for pattern in (*lexicon().may, *lexicon().texts))


# What opens on the way


def _opener(first: First, asked: Asked) -> Proposal | Refusal | None:
    """A control that is named, and behind it a text for what it opens: "edit the address: High Street 1"."""
    memory, page = asked.memory, asked.page
    if "opener" in memory:
        return _opened(first, asked)
    order = Order(first.clause, page)
    done = order.read()
    last = max((unit.last for at, unit in enumerate(order.units) if at in order.claimed), default=-1)
    if not done.pressed or done.filled or not done.left or any(unit.first < last for unit in done.left):
        return None
    lead = order.tokens[last + 1] if last + 1 < len(order.tokens) else None
    if lead is None or lead.text not in _LEADS:
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
    return Proposal(_SURE, (step,), 0, again=True)


def _opened(first: First, asked: Asked) -> Proposal | Refusal | None:
    """What it opened takes the text: its only field, as many as the text has parts, or a control of that name."""
    memory, page = asked.memory["opener"], asked.page
    offer = Offer(page)
    value: str = memory["value"]
    memory["looks"] = memory.get("looks", 0) + 1
    fresh = next((tab for tab in page.observation.tabs if not tab.active), None) if len(page.observation.tabs) > memory["tabs"] else None
    if fresh and "window" not in memory:
        memory["window"] = True
        return Proposal(_SURE, (Step(action=SwitchTab(tab=fresh.title or fresh.url)),), 0, again=True)
    fields = [one for one in offer.of("text", "number", "choice") if one.label not in memory["fields"]]
    parts = [value] if len(fields) == 1 else [part.strip() for part in value.split(",")]
    if fields and len(parts) == len(fields) and all(_takes(one, part) for one, part in zip(fields, parts, strict=True)):
        actions: list[Action] = [
            Fill(target=target, text=part) for one, part in zip(fields, parts, strict=True) if (target := offer.target(one.index))
        ]
        handing = _handing(offer, fields[0], memory)
        if handing is None:
            return Refusal(reason=f'Nothing here hands in "{value}".')
        return Proposal(_SURE, (*(Step(action=action) for action in actions), Step(action=Click(target=handing))), first.end)
    buttons = [one for one in offer.of("press") if folded(one.label) == folded(value) and one.label not in memory["buttons"]]
    if len(buttons) == 1 and (target := offer.target(buttons[0].index)):
        back = (Step(action=SwitchTab(tab=memory["tab"])),) if "window" in memory else ()
        return Proposal(_SURE, (Step(action=Click(target=target)), *back), first.end)
    if memory["looks"] < _STILL:
        return Proposal(_SURE, (Step(action=Press(keys="Shift"), intent="look again"),), 0, again=True)
    return Refusal(reason=f'What opened has no one place for "{value}".')


def _takes(field: Thing, part: str) -> bool:
    """Whether a text can be meant for a field: a code or number has digits."""
    numeric = any(same(unit, word) for unit in field.units for word in ("postal code", "zip", "code", "number", "year"))
    return bool(part) and (any(c.isdigit() for c in part) or not numeric)


def _handing(offer: Offer, field: Thing, memory: dict[str, Any]) -> Any:
    page = offer.page
    place = next((i for i in page.ancestors(field.index) if page.elements[i].role in ("dialog", "alertdialog", "form")), None)
    buttons = [one for one in offer.of("press") if page.elements[one.index].role == "button" and one.label not in memory["buttons"]]
    if place is not None:
        buttons = [one for one in offer.of("press") if page.elements[one.index].role == "button" and page.holds(place, one.index)]
    buttons = [one for one in buttons if folded(one.label) not in nouns()["refuses"]]
    return offer.target(buttons[0].index) if len(buttons) == 1 else _submit(page, memory["verb"], place)


def _folds(index: int, page: Page) -> bool:
    """Whether a control only opens and closes a section."""
    element = page.elements[index]
    around = page.elements[element.parent].role if element.parent >= 0 else ""
    return element.role == "button" and ("expanded" in element.states or around == "heading")


def _is_choice(order: Order) -> bool:
    return any(same(order.verb, word) for word in ("choose", "buy", "book")) if order.verb else False


def _section(first: First, asked: Asked) -> Proposal | Refusal | None:
    """A section is opened to choose it: in it stands what chooses."""
    memory, page = asked.memory, asked.page
    order = Order(first.clause, page)
    done = order.read()
    if done.pressed and not _folds(done.at, page):
        return Proposal(_SURE, _steps(order, done, first, page), first.end) if not done.left else None
    if "section" in memory:
        return Refusal(reason=f'The section is open, but nothing in it does "{first.clause}".')
    memory["section"] = True
    chooser = _inside(done.at, order, page)
    if chooser is not None:
        return Proposal(_SURE, (Step(action=Click(target=chooser)),), first.end)
    if "expanded" in page.elements[done.at].states:
        return Refusal(reason=f'Nothing in the open section does "{first.clause}".')
    return Proposal(_SURE, (Step(action=done.actions[-1]),), 0, again=True)


def _inside(at: int, order: Order, page: Page) -> Any:
    return None


# A list that shows more on its way


def _family(first: First, asked: Asked) -> Proposal | Refusal | None:
    """Controls that are called like the wanted one but for its number: it comes on another page, or further down."""
    memory, page = asked.memory, asked.page
    order = Order(first.clause, page)
    done = order.read()
    if "family" in memory and done.pressed and not done.left:
        return Proposal(_SURE, _steps(order, done, first, page), first.end)
    numbers = [unit for unit in order.units if unit.text.isdigit()]
    if len(numbers) != 1:
        return None
    members = [one for one in order.offer.of("press") if _alike(one, order, numbers[0].text)]
    if len(members) < 2 or any(not unit.text.isdigit() and not _of(unit.text, members[0]) and not order._explained(unit) for unit in done.left):
        return None
    state = memory.setdefault("family", {"looks": 0, "seen": "", "still": 0})
    shown = members[-1].label
    state["still"] = state["still"] + 1 if shown == state["seen"] else 0
    state["looks"], state["seen"] = state["looks"] + 1, shown
    if state["looks"] > _LOOKS or state["still"] > _STILL:
        return Refusal(reason=f'Number {numbers[0].text} does not come; the last is "{shown}".')
    turn = next((one for one in order.offer.of("press") if folded(one.label) in _NEXT and "disabled" not in page.elements[one.index].states), None)
    target = order.offer.target(turn.index if turn else members[-1].index)
    if target is None:
        return None
    action: Action = Click(target=target) if turn else Scroll(to=target)
    return Proposal(_SURE, (Step(action=action),), 0, again=True)


def _alike(thing: Thing, order: Order, number: str) -> bool:
    others = [unit for unit in thing.units if not unit.isdigit()]
    numbered = [unit for unit in thing.units if unit.isdigit()]
    said = [unit.text for unit in order.units]
    return len(numbered) == 1 and numbered[0] != number and bool(others) and all(any(same(text, one) for text in said) for one in others)


def _of(text: str, thing: Thing) -> bool:
    return any(same(text, unit) for unit in thing.units)


# Menus


def _menus(first: First, asked: Asked) -> Proposal | Refusal | None:
    """What is asked for stands in a menu: the one of the thing that is named, else the page's menu of actions."""
    memory, page = asked.memory, asked.page
    order = Order(first.clause, page)
    if "menus" in memory:
        item = _item(order, memory["menus"]["items"])
        if item is not None and (target := order.offer.target(item.index)):
            return Proposal(_SURE, (Step(action=Click(target=target)),), first.end)
        memory["menus"]["tried"] += 1
    state = memory.setdefault("menus", {"tried": 0, "items": [one.label for one in order.offer.of("press")]})
    ways = _ways_to_menus(order)
    if state["tried"] >= len(ways) or not begins_order(order.tokens, 0):
        if not state["tried"]:
            del memory["menus"]
            return None
        return Refusal(reason=f'No menu here has an entry for "{first.clause}".')
    steps = [Step(action=Press(keys="Escape"))] if state["tried"] else []
    return Proposal(_SURE, (*steps, Step(action=ways[state["tried"]])), 0, again=True)


def _ways_to_menus(order: Order) -> list[Action]:
    """A right click on the thing the order names, or the button of a menu; none where the page has nothing of that name."""
    page = order.offer.page
    said = [unit.text for unit in order.units if unit.first >= order.verb_size]
    named = []
    for index, element in enumerate(page.elements):
        text = element.name or element.value
        if element.role in INTERACTIVE or element.role in ("heading", "main", "document") or not element.ref or not 0 < len(text) <= 80:
            continue
        parts = [unit.text for unit in units(text)]
        if parts and len(parts) <= 4 and all(any(same(part, one) for one in said) for part in parts):
            named.append(index)
    named = page.one_each(named)
    ways: list[Action] = []
    buttons = [one for one in order.offer.of("press") if folded(one.label) in nouns()["openers"]]
    if len(named) == 1:
        buttons = buttons if len(buttons) == 1 else []
        ways += [Click(target=target) for one in buttons if (target := order.offer.target(one.index))]
        target = pointer(named[0], page)
        ways += [RightClick(target=target)] if target and page.elements[named[0]].role in ("listitem", "row", "cell", "gridcell", "article", "treeitem", "img") else []
    return ways


def _item(order: Order, before: list[str]) -> Thing | None:
    """The one entry that came up whose words are said; a verb that says nothing may be missing."""
    said = [unit.text for unit in order.units]
    fresh = [one for one in order.offer.of("press") if one.label not in before and order.offer.page.elements[one.index].role == "menuitem"]
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
    return None if any(not page_word(unit.text, page) for unit in left) else item


def page_word(text: str, page: Page) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}", folded(page.observation.text)) is not None


_WAYS = {"opener": _opener, "menus": _menus, "family": _family, "section": _section}
