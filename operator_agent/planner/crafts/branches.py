"""Conditions on what is there: "if there is no Cancel button, press OK, otherwise press Cancel", "press Skip if it is there"."""

from __future__ import annotations

import re

from operator_agent.flow.action import Do
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.matching import folded, has_states
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard, hears, known
from operator_agent.planner.grammar import Said
from operator_agent.planner.meaning import phrase_of

_SURE = 98.0
_STOP = re.compile(r"[.;\n](?=\s|$)|[。；]")
_STATES = {
    "checked": "checked", "ticked": "checked", "selected": "selected", "on": "checked", "disabled": "disabled",
    "greyed out": "disabled", "enabled": "enabled", "unchecked": "unchecked", "off": "unchecked",
    "open": "expanded", "expanded": "expanded",
}  # fmt: skip


class Branches:
    name = "branches"
    spans = True

    def hears(self, words: str) -> bool:
        return hears(words, "branches", "no", "is", "has") or bool(_hoped(words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        if hoped := _hoped(asked.words):
            step = Step(action=Do(words=hoped.text("act")), optional=True)
            thing = _there(_target(hoped), asked.page)
            return Proposal(_SURE, (step,) if thing else (), hoped.end)
        for one in heard(asked.words, "branches", "no", "has", "is"):
            held = _holds(one, asked.page)
            yes, no, end = _parts(asked.words, one.end)
            if yes:
                words = yes if held else no
                return Proposal(_SURE, (Step(action=Do(words=words)),) if words else (), end)
        return None


def _hoped(words: str) -> Heard | None:
    return next(iter(heard(words, "branches", "hoped")), None)


def _target(one: Heard) -> Said:
    """What the act is done to: its words without the verb."""
    slot = one.slots["act"]
    span = slot.span[1:] or slot.span
    return Said(slot.text[span[0].start - slot.span[0].start :], len(span) == 1 and span[0].kind == "quoted", span)


def _holds(one: Heard, page: Page) -> bool:
    there = _there(one.slots["thing"], page)
    if one.kind == "no":
        return not there
    state = _STATES.get(folded(one.text("state")))
    if state and there:
        return has_states(page.elements[there[0]], (state,))
    return bool(there)


def _there(thing: Said, page: Page) -> list[int]:
    """The elements that are so called; for what is only text, those that show it."""
    found = search(phrase_of(thing), "click", page)
    if found:
        return found.indices
    wanted = folded(thing.text)
    return [i for i, label in enumerate(page.labels) if wanted and wanted in label]


def _parts(words: str, at: int) -> tuple[str, str, int]:
    """What to do when it holds, what else, and where that ends: at the end of the sentence; an "otherwise" may begin the next."""
    begin = at + (re.match(r"[\s,:]*(?:then\b)?[\s,:]*", words[at:], re.IGNORECASE) or re.match("", "")).end()  # type: ignore[union-attr]
    otherwise = "|".join(re.escape(text) for text in sorted(known("branches", "otherwise"), key=len, reverse=True))
    split = re.search(rf"[\s,.;]*(?:\band\s+)?(?<![\w])(?:{otherwise})(?![a-z])[\s,:]*", words[begin:], re.IGNORECASE)
    stop = _STOP.search(words, begin)
    if split and (stop is None or begin + split.start() <= stop.end()):
        behind = begin + split.end()
        last = _STOP.search(words, behind)
        end = last.start() if last else len(words)
        return words[begin : begin + split.start()].strip(" ,."), words[behind:end].strip(), end
    end = stop.start() if stop else len(words)
    return words[begin:end].strip(), "", end
