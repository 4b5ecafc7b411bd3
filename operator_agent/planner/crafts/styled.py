"""A text written into an editor and given a style at once: "put "Milk" in bold into the note", "…, the whole of it italic"."""

from __future__ import annotations

from operator_agent.flow.action import Action, Click, Fill, Mark
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.plain import search
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed, typed_in
from operator_agent.planner.crafts.heard import Heard, heard, known
from operator_agent.planner.meaning import phrase_of

_SURE = 100.0


class Styled:
    name = "styled"
    spans = True

    def hears(self, words: str) -> bool:
        return any(_quoted(one) for one in heard(words, "styled", "write"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in sorted(filter(_quoted, heard(asked.words, "styled", "write")), key=lambda one: -one.end):
            field = _field(one, asked.page)
            if field is None:
                continue
            style = _style(one.text("style"))
            button = _button(style, asked.page)
            if button is None:
                return Proposal(_SURE, (), one.end, refusal=Refusal(reason=f'Nothing here makes text "{style}".'))
            target, pressed = pointed(field, asked.page), pointer(button, asked.page)
            if pressed is not None:
                written = Fill(target=target, text=one.text("text"))
                actions: tuple[Action, ...] = (written, Mark(target=target), Click(target=pressed))
                return Proposal(_SURE, tuple(Step(action=action) for action in actions), one.end)
        return None


def _quoted(one: Heard) -> bool:
    return one.slots["text"].quoted and len(one.slots["field"].span) <= 3


def _field(one: Heard, page: Page) -> int | None:
    fields = typed_in(page)
    found = search(phrase_of(one.slots["field"]), "fill", page)
    named = [i for i in found.indices if i in fields] if found else []
    return named[0] if len(named) == 1 else None


def _style(said: str) -> str:
    return next((way.split("|")[0] for way in known("styled", "styles") if said.casefold() in way.split("|")), said.casefold())


def _button(style: str, page: Page) -> int | None:
    named = [i for i in page.controls if style in page.labels[i].replace("-", " ").split()]
    return named[0] if len(named) == 1 else None
