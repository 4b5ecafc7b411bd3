"""What belongs to one row: "get me the invoice for September" presses or downloads what the row of September has."""

from __future__ import annotations

from collections.abc import Sequence

from operator_agent.flow.action import Click, Download
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import content, context
from operator_agent.planner.crafts.wholes.pieces import Piece, is_name, pieces, stem
from operator_agent.planner.crafts.wholes.saying import begins_sentence, idle

_SURE = 100.0


class Rows:
    name = "rows"
    spans = True
    whole = True

    def hears(self, words: str) -> bool:
        return False  # only where the words are not understood otherwise

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, span = asked.page, pieces(asked.words) if len(asked.words) < 300 else ()
        verbs = {i for i, one in enumerate(span) if one.text in known("whole", "fetches")}
        keys = {i for i in range(len(span)) if _is_key(span, i) and i not in idle(span) | verbs}
        if not verbs or not keys:
            return None
        wanted = {stem(span[i].text.casefold()) for i in keys}
        rows = [i for i, e in enumerate(page.elements) if e.role == "row" and wanted <= _words(page.observation.text_of(i))]
        inside = (i for row in rows for i in page.below(row) if page.elements[i].ref)
        controls = [i for i in inside if page.elements[i].role in ("link", "button")]
        if len(rows) != 1 or len(controls) != 1:
            return None
        label = {*content(page.labels[controls[0]])}
        explained = idle(span) | verbs | keys | {i for i, one in enumerate(span) if stem(one.text) in label | context(page)}
        target = pointer(controls[0], page)
        if target is None or any(i not in explained for i in range(len(span))):
            return None
        fetched = "download" in label or any(span[i].text == "download" for i in verbs)
        step = Step(action=Download(target=target)) if fetched else Step(action=Click(target=target))
        return Proposal(_SURE, (step,), len(asked.words))


def _is_key(span: Sequence[Piece], at: int) -> bool:
    one = span[at]
    return one.kind in ("number", "code", "date", "quoted") or (is_name(one) and not begins_sentence(span, at))


def _words(text: str) -> set[str]:
    return {stem(word.strip(".,;:()")) for word in folded(text).split()}

