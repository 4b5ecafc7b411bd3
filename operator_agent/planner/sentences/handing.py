"""The acts of an order as steps, and what hands in that was filled for it."""

from __future__ import annotations

from typing import NamedTuple

from operator_agent.flow.action import Click, Hover
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import tokens
from operator_agent.matching import folded
from operator_agent.planner.sentences.acts import Done, Order
from operator_agent.planner.sentences.forms import lexicon, words_at
from operator_agent.planner.sentences.pieces import pieces
from operator_agent.planner.sentences.stems import nouns, same, units
from operator_agent.planner.sentences.things import Offer

SURE = 90.0


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


def steps_of(order: Order, done: Done, first: First, page: Page) -> tuple[Step, ...]:
    """The acts; what was filled in for an order that is to be kept is handed in, unless the words go on to say how."""
    actions = list(done.actions)
    if done.filled and not done.pressed and order.goal and not goes_on(first.rest):
        handing = submit(page, order.verb)
        actions += [Click(target=handing)] if handing else []
    if done.pressed and not done.filled and (item := _item_of(order, done)) is not None:
        actions.insert(0, Hover(target=item))
    return tuple(Step(action=action) for action in actions)


def _item_of(order: Order, done: Done) -> Target | None:
    """What the order says its control is pressed for, when that is a thing of its own: "note the price of the straw hat"."""
    page = order.offer.page
    words = order.tokens
    at = next((at for at in range(len(words) - 1, 0, -1) if words[at].text in ("of", "for") and words[at].kind == "word"), 0)
    said = [unit.text for unit in order.units if unit.first > at] if at else []
    label = [unit.text for unit in units(page.labels[done.at])]
    said = [text for text in said if not any(same(text, one) for one in label)]
    if not said:
        return None
    found = []
    for index, element in enumerate(page.elements):
        if element.role in ("paragraph", "listitem", "text", "generic", "img") and element.ref:
            own = [unit.text for unit in units(element.name or element.value)]
            if own and len(own) <= 6 and all(any(same(text, one) for one in own) for text in said):
                found.append(index)
    found = page.one_each(found)
    return pointer(found[0], page) if len(found) == 1 else None


def goes_on(rest: str) -> bool:
    said = tokens(rest)
    at = [
        at for at in range(len(said)) if words_at(said, at, lexicon().hands_in) or said[at].text in ("press", "click", "hit", "tap")
    ]
    return bool(at)


def submit(page: Page, verb: str, inside: int | None = None) -> Target | None:
    """The one control that hands in what was filled."""
    offer = Offer(page)
    inside = offer.dialog if inside is None else inside
    buttons = [one for one in offer.of("press") if page.elements[one.at].role == "button"]
    if inside is not None:
        buttons = [one for one in buttons if page.holds(inside, one.at)]
    named = [
        one
        for one in buttons
        if one.units and any(same(one.units[0], name) for name in (*nouns()["submits"], verb.split()[0] if verb else "save"))
    ]
    named = [one for one in named if folded(one.label) not in nouns()["refuses"]]
    return offer.target(named[0].at) if len(named) == 1 else None
