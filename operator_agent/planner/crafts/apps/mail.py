"""Answering and passing on what stands in a list: "find the mail by Ann and reply with "Yes"", "forward Bob's message to Eve"; and
the nth of what a search gives, however many pages on it stands."""

from __future__ import annotations

import re

from operator_agent.flow.action import Action, Click, Fill
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.inside import control_for
from operator_agent.planner.crafts.apps.units import (
    controls_in,
    fields,
    groups,
    handle,
    known,
    mentions,
    next_page,
    reacts,
    units_of,
)
from operator_agent.planner.crafts.apps.wording import Wording, ordinal_said, wordings, words_of

_SURE = 96.0
_MOST_PAGES = 60
_LISTED = frozenset({"link", "listitem", "generic", "row", "article"})


class Answer:
    """Opens what somebody sent, and replies or passes it on. Each look does the next thing that is missing."""

    name = "answer"

    def hears(self, words: str) -> bool:
        return bool(wordings("answer", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in wordings("answer", asked.words)[:4]:
            found = self._next(one, asked)
            if found is not None:
                return found
        return None

    def _next(self, one: Wording, asked: Asked) -> Proposal | Refusal | None:
        page, memory = asked.page, asked.memory
        text, receiver = one.get("text").strip("\"'“” "), one.get("receiver").strip("\"'“” .")
        act = "forward" if receiver else "reply"
        if memory.get("acting"):
            return self._compose(one, receiver, text, asked)
        unit = next(iter(units_of(one.get("who"), page)), None)
        inside = unit if unit is not None and not memory.get("opened") else -1
        control = control_for(act, inside, page) if unit is not None or memory.get("opened") else None
        if control is not None:
            memory["acting"] = True
            memory["fields"] = len(fields(page))
            return _step(Click(target=_handle(control, page)), asked, one)
        if unit is None or memory.get("opened"):
            return Refusal(reason=f'Nothing there is called "{act}".') if memory.get("opened") else None
        memory["opened"] = True
        anchors = mentions(one.get("who"), page, unit)
        chain = [up for anchor in anchors for up in (anchor, *page.ancestors(anchor)) if up == unit or page.holds(unit, up)]
        own = next((i for i in (*chain, unit) if reacts(i, page)), unit)
        return _step(Click(target=_handle(own, page)), asked, one)

    def _compose(self, one: Wording, receiver: str, text: str, asked: Asked) -> Proposal | Refusal:
        page = asked.page
        boxes = fields(page)
        empty = (i for i in reversed(boxes) if not page.elements[i].value)
        field = _receiver_field(page, boxes) if receiver else next(empty, None)
        if field is None:
            return Refusal(reason="There is no field to write it into.")
        steps = [Step(action=Fill(target=_handle(field, page), text=receiver or text))]
        sending = [i for i in controls_in(-1, page) if i not in boxes and "send" in page.labels[i].split()]
        send = sending[-1] if len(sending) == 1 else known("hand over", page)
        if send is None:
            return Refusal(reason="Nothing on the page sends it.")
        steps.append(Step(action=Click(target=_handle(send, page)), intent=asked.words[: one.end]))
        return Proposal(_SURE, tuple(steps), one.end)


class Nth:
    """The nth of a list of like things, counted over its pages."""

    name = "nth"

    def hears(self, words: str) -> bool:
        return any(ordinal_said(one.get("nth")) for one in wordings("nth", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, memory = asked.page, asked.memory
        one = next((one for one in wordings("nth", asked.words) if (ordinal_said(one.get("nth")) or 0) > 0), None)
        if one is None:
            return None
        results = _results(page)
        if not results:
            return None
        passed = memory.setdefault("passed", 0)
        texts = [page.labels[i] or str(i) for i in results]
        fresh = texts != memory.get("texts")
        place = (ordinal_said(one.get("nth")) or 1) - 1 - passed
        if fresh and place < len(results):
            step = Step(action=Click(target=_handle(results[place], page)), intent=asked.words[: one.end])
            return Proposal(_SURE, (step,), one.end)
        forward = next_page(page)
        memory["pages"] = memory.get("pages", 0) + 1
        if forward is None or not fresh or memory["pages"] > _MOST_PAGES:
            return Refusal(reason=f"There are only {passed + (len(results) if fresh else 0)} of them.")
        memory.update(passed=passed + len(results), texts=texts)
        step = Step(action=Click(target=_handle(forward, page)), intent="the next page")
        return Proposal(_SURE, (step,), one.end, again=True)


def _receiver_field(page: Page, boxes: list[int]) -> int | None:
    names = words_of("known", "receiver")
    for i in boxes:
        beside = (page.labels[j].strip(" :") for j in range(max(0, i - 3), i))
        if {page.labels[i].strip(" :"), folded(page.elements[i].placeholder).strip(" :"), *beside}.intersection(names):
            return i
    return boxes[0] if len(boxes) == 1 else None


def _results(page: Page) -> list[int]:
    """What reacts first in each of the most numerous like things side by side, controls of paging left out."""
    paging = {i for name in ("next", "previous") for i in _named(name, page)}
    found: list[list[int]] = []
    for group in groups(page):
        heads = [inside[0] for unit in group if (inside := [i for i in controls_in(unit, page) if i not in paging])]
        heads = [i for i in heads if page.elements[i].role in _LISTED and not _is_number(page.labels[i])]
        if len(heads) > 1 and len({page.elements[i].role for i in heads}) == 1:
            found.append(heads)
    return max(found, key=len, default=[])


def _named(kind: str, page: Page) -> list[int]:
    return [i for i in controls_in(-1, page) if page.labels[i] in words_of("known", kind)]


def _is_number(label: str) -> bool:
    return re.fullmatch(r"\W*\d+\W*", label) is not None


def _handle(index: int, page: Page) -> Target:
    return handle(index, page) or Target(words=page.labels[index])


def _step(action: Action, asked: Asked, one: Wording) -> Proposal:
    return Proposal(_SURE, (Step(action=action, intent=asked.words[: one.end]),), one.end, again=True)
