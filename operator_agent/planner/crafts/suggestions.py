"""Fields that suggest: "enter an item that starts with "Be" and ends with "ium"". What is offered is chosen, never made up."""

from __future__ import annotations

from operator_agent.flow.action import Click, Fill, Press, Type
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed, text_of, typed_in
from operator_agent.planner.crafts.heard import Heard, heard, hears, known

_SURE = 95.0
_LOOKS = 5
_OFFERED = frozenset({"option", "menuitem", "listitem", "generic", "button", "link", "cell", "text"})


class Suggestions:
    name = "suggestions"
    spans = True

    def hears(self, words: str) -> bool:
        return hears(words, "autocomplete", "item")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        requests = sorted(heard(asked.words, "autocomplete", "item"), key=lambda one: (-len(one.slots), one.end))
        one = next((one for one in requests if all(slot.quoted or len(slot.span) < 3 for slot in one.slots.values())), None)
        fields = typed_in(asked.page)
        if one is None or not fields:
            return None
        field = _field(one, fields, asked.page)
        return None if field is None else _next(one, field, asked)


def _field(one: Heard, fields: list[int], page: Page) -> int | None:
    """The field called like what is to be entered, else the only one, else the one that has the focus."""
    named = search(f"the {one.text('kind')}", "fill", page)
    if named and len(named.indices) == 1 and named.indices[0] in fields:
        return named.indices[0]
    active = [i for i in fields if "active" in page.elements[i].states]
    return next((group[0] for group in (fields, active) if len(group) == 1), None)


def _next(one: Heard, field: int, asked: Asked) -> Proposal | Refusal:
    """Types what is known of it, takes what is offered and fits, and, where nothing else is asked for, hands it in."""
    page, memory = asked.page, asked.memory
    target = pointed(field, page)
    if memory.get("chosen"):
        if not _fits(one, page.elements[field].value):
            if not memory.get("twice"):  # the list was drawn anew under the pointer
                memory.clear()
                memory["twice"] = True
                return Proposal(_SURE, (Step(action=Fill(target=target, text="")),), 0, again=True)
            return Refusal(reason=f'The field holds "{page.elements[field].value}" instead of what was asked for.')
        if not memory.get("closed") and _offers(one, field, page):
            memory["closed"] = True  # a list that stays open lies on what is next
            return Proposal(_SURE, (Step(action=Press(keys="Escape", target=target)),), 0, again=True)
        handing = _hand_in(page) if not asked.words[one.end :].strip(" .!") else None
        return Proposal(_SURE, (Step(action=Click(target=handing)),) if handing else (), one.end)
    if "shown" not in memory:
        memory["shown"] = frozenset(page.labels)
        known_part = text_of(one.slots.get("starts") or one.slots.get("holds") or one.slots["ends"])
        return Proposal(_SURE, (Step(action=Type(text=known_part, target=target)),), 0, again=True)
    offers = page.one_each(i for i in _offers(one, field, page) if page.labels[i] not in memory["shown"])
    chosen = next((found for i in offers if (found := pointer(i, page))), None)
    if chosen:
        memory["chosen"] = True
        return Proposal(_SURE, (Step(action=Click(target=chosen)),), 0, again=True)
    memory["looks"] = memory.get("looks", 0) + 1
    if memory["looks"] > _LOOKS:
        return Refusal(reason="Nothing that is suggested fits what was asked for.")
    return Proposal(_SURE, (Step(action=Press(keys="ArrowDown", target=target)),), 0, again=True)


def _offers(one: Heard, field: int, page: Page) -> list[int]:
    return [i for i, e in enumerate(page.elements) if e.role in _OFFERED and i != field and _fits(one, e.name or e.value)]


def _fits(one: Heard, text: str) -> bool:
    plain = folded(text)
    starts, ends, holds = (folded(text_of(one.slots[slot])) if slot in one.slots else "" for slot in ("starts", "ends", "holds"))
    return bool(plain) and plain.startswith(starts) and plain.endswith(ends) and holds in plain


def _hand_in(page: Page) -> Target | None:
    """The only button that hands in, when there is but one."""
    found = [hit for name in known("fields", "submit") if (hit := search(f'"{name}"', "click", page)) and len(hit.indices) == 1]
    indices = {hit.indices[0] for hit in found if page.elements[hit.indices[0]].role == "button"}
    return pointer(indices.pop(), page) if len(indices) == 1 else None
