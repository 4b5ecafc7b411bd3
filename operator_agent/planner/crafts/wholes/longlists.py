"""An entry of a list that shows only a part of itself: scrolled to, chosen, and what was asked for with it is pressed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from operator_agent.flow.action import Click, Scroll
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.wholes.controls import buttons, content
from operator_agent.planner.crafts.wholes.pieces import Piece, pieces
from operator_agent.planner.crafts.wholes.saying import idle, same_words
from operator_agent.planner.crafts.wholes.whole import asked_for, state_of

_SURE = 100.0
_LOOKS = 60
_LEAST = 8  # entries of a list that may be longer than it shows
_NUMBER = re.compile(r"\d+")


class LongLists:
    name = "long lists"
    spans = True
    whole = True
    eager = True
    """The grammar reads "select X in the list" as an option that must be there."""

    def hears(self, words: str) -> bool:
        return False  # only where the page has such a list

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, span = asked.page, pieces(asked.words) if len(asked.words) < 300 else ()
        for index, element in enumerate(page.elements):
            options = [i for i in page.below(index) if page.elements[i].role == "option"] if element.role == "listbox" else []
            if len(options) >= _LEAST and (found := _wanted(span, options, page)):
                label, covered = found
                presses = [one for i in buttons(page) if (one := asked_for(i, span, page))]
                pressing = max(presses, key=lambda one: len(one[1]), default=None)
                explained = idle(span) | covered | {i for i, one in enumerate(span) if one.text in ("list", "entry", "item")}
                if all(i in explained or (pressing and i in pressing[1]) for i in range(len(span))):
                    return _next(index, options, label, pressing[0] if pressing else None, asked)
        return None


def _wanted(span: Sequence[Piece], options: Sequence[int], page: Page) -> tuple[str, set[int]] | None:
    """What is spelled like the entries but for its number, and the pieces that say so."""
    shapes = {_NUMBER.sub("0", page.labels[i]) for i in options}
    numbers = sorted({number for one in span for number in _NUMBER.findall(one.text)}, key=len, reverse=True)
    for shape in shapes if len(shapes) == 1 else ():
        for number in numbers:
            label = shape.replace("0", number)
            for at, one in enumerate(span):
                if one.kind == "quoted" and one.text.casefold() == label:
                    return label, {at}
                if size := same_words(span, at, content(label)):
                    return label, set(range(at, at + size))
    return None


def _next(box: int, options: list[int], label: str, button: int | None, asked: Asked) -> Proposal | Refusal:
    page = asked.page
    state = state_of(asked.memory, page, {"chosen": False, "way": "", "looks": 0, "seen": ""})
    if state["chosen"]:
        target = pointer(button, page) if button is not None else None
        return Proposal(_SURE, (Step(action=Click(target=target)),) if target else (), len(asked.words))
    found = [i for i in options if page.labels[i] == label]
    target = pointer(found[0], page) if len(found) == 1 else None
    if target:
        asked.memory["next"] = {**state, "chosen": True}
        return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True)
    way = _way(label, options, state, page)
    seen = page.labels[options[0]]
    if state["looks"] > _LOOKS or (way == state["way"] and seen == state["seen"]):
        return Refusal(reason=f'The list does not come to "{label}".')
    asked.memory["next"] = {**state, "way": way, "looks": state["looks"] + 1, "seen": seen}
    return Proposal(_SURE, (Step(action=Scroll.model_validate({"direction": way, "target": pointed(box, page)})),), 0, again=True)


def _way(label: str, options: Sequence[int], state: dict[str, Any], page: Page) -> str:
    """To the end at first, for it tells how long the list is; then from the nearer end."""
    number = int(_NUMBER.findall(label)[-1])
    first, last = (int(_NUMBER.findall(page.labels[i])[-1]) for i in (options[0], options[-1]))
    if not state["way"]:
        return "bottom" if number > last else "top"
    if state["way"] == "bottom" and number < first:
        return "up" if first - number < number else "top"
    return "down" if number > last else "up"
