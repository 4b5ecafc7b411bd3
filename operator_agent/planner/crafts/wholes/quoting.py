"""What the page tells, written into a form: "ask "The hours: " and then the hours of the reading room as the page gives them"."""

from __future__ import annotations

from operator_agent.flow.plan import Refusal
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import content
from operator_agent.planner.crafts.wholes.pieces import Piece, pieces
from operator_agent.planner.crafts.wholes.saying import same_words
from operator_agent.planner.crafts.wholes.whole import Whole


class Quoting:
    name = "quoting"
    spans = True
    whole = True

    def hears(self, words: str) -> bool:
        return False  # only where the words are not understood otherwise

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        span = pieces(asked.words) if len(asked.words) < 1000 else ()
        quoted = [i for i, one in enumerate(span) if one.kind == "quoted"]
        if len(quoted) != 1 or not any(one.text in known("whole", "told") for one in span):
            return None
        terms = {tuple(said) for index, text in _told(asked.page) if (said := _said(span, asked.page.labels[index])) and text}
        texts = [text for index, text in _told(asked.page) if _said(span, asked.page.labels[index])]
        if len(terms) != 1 or len(texts) != 1:
            return None
        at = quoted[0]
        whole = span[at].said + texts[0] if span[at].said.endswith(" ") else f"{span[at].said} {texts[0]}"
        made = (*span[:at], span[at]._replace(text=whole, said=whole), *span[at + 1 :])
        telling = {*known("whole", "told"), *known("whole", "tells")}
        ours = frozenset(next(iter(terms))) | {i for i, one in enumerate(span) if one.text in telling}
        return Whole().propose(asked._replace(memory={"span": made, "known": ours}))


def _told(page: Page) -> list[tuple[int, str]]:
    """The terms of the page and what it says of each."""
    found = []
    for index, element in enumerate(page.elements):
        after = page.elements[index + 1] if index + 1 < len(page.elements) else None
        if element.role in ("term", "rowheader") and after and after.role in ("definition", "cell"):
            found.append((index, after.value or after.name))
    return found


def _said(span: tuple[Piece, ...], label: str) -> list[int]:
    """The pieces that say the term; none when it is not said."""
    words = content(label)
    return [i for at in range(len(span)) if (size := same_words(span, at, words)) for i in range(at, at + size)]
