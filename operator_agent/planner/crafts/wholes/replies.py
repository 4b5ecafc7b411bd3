"""A message answered: opened by what the words say of it, its sender checked, the answer written and sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from operator_agent.flow.action import Click, Fill
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed, typed_in
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import content, small
from operator_agent.planner.crafts.wholes.pieces import Piece, is_name, pieces, stem
from operator_agent.planner.crafts.wholes.saying import begins_sentence, idle
from operator_agent.planner.crafts.wholes.whole import state_of

_SURE = 100.0
_WITH = re.compile(r"\b(?:with|saying|that says|as follows)\s*:\s*(?P<text>\S.*)$", re.IGNORECASE | re.DOTALL)


class Wish(NamedTuple):
    """`topic`: the words that are left to tell which message; `people`: names and addresses it must show."""

    text: str
    topic: frozenset[str]
    quoted: tuple[str, ...]
    people: frozenset[str]


class Replies:
    name = "replies"
    spans = True
    whole = True
    eager = True
    """The grammar reads a message's name where there is none."""

    def hears(self, words: str) -> bool:
        return False  # only where the page has messages

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        wish = wish_in(asked.words)
        if wish is None:
            return None
        state = state_of(asked.memory, asked.page, {"at": 0})
        found = (_open, _answer, _send)[state["at"]](wish, asked)
        if state["at"] == 0 and not isinstance(found, Proposal):
            asked.memory.clear()
            return None
        if isinstance(found, Proposal) and found.again:
            asked.memory["next"] = {"at": state["at"] + 1}
        return found


@lru_cache(maxsize=32)
def wish_in(words: str) -> Wish | None:
    """What is to be answered and with what; None when it is no such request."""
    if len(words) > 1000:
        return None
    behind = _WITH.search(words)
    span = pieces(words[: behind.start()] if behind else words)
    if not any(one.text in known("whole", "answers") for one in span):
        return None
    quoted = [one.said for one in span if one.kind == "quoted"]
    text = behind["text"].strip() if behind else quoted[-1] if quoted else ""
    names = {i for i, one in enumerate(span) if one.kind == "mail" or (_owns(span, i))}
    nouns = {*known("whole", "answers"), *known("whole", "mails")}
    left = (one for i, one in enumerate(span) if i not in idle(span) | names and one.kind in ("word", "number"))
    topic = {stem(one.text) for one in left if one.text not in nouns}
    people = frozenset(stem(span[i].text) for i in names)
    titles = tuple(folded(one) for one in quoted if one != text)
    return Wish(text, frozenset(topic), titles, people) if text and (topic or titles) else None


def _owns(span: Sequence[Piece], at: int) -> bool:
    """Whether it is the name of a person: "Milo's", "to Milo"."""
    one = span[at]
    if not is_name(one) or begins_sentence(span, at) or one.text in small():
        return False
    return one.text.endswith(("'s", "’s")) or span[at - 1].text in ("from", "by", "to")


def _open(wish: Wish, asked: Asked) -> Proposal | None:
    """The one message whose name has all of the words."""
    page = asked.page
    found = []
    for index in page.controls:
        label = page.labels[index]
        words = {stem(word) for word in re.findall(r"[\w'-]+", label)}
        fits = wish.topic <= words and all(title == label for title in wish.quoted) and bool(content(label))
        if fits and page.elements[index].role in ("button", "link", "listitem", "row", "option"):
            found.append(index)
    target = pointer(found[0], page) if len(found) == 1 else None
    return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True) if target else None


def _answer(wish: Wish, asked: Asked) -> Proposal | Refusal:
    page = asked.page
    shown = folded(page.observation.text)
    unknown = [name for name in wish.people if name not in shown]
    if unknown:
        return Refusal(reason=f'The message that opened does not show "{unknown[0]}".')
    return _press(page, "answers", "Nothing here answers the message.")


def _press(page: Page, kind: str, reason: str) -> Proposal | Refusal:
    named = [i for i in page.controls if page.elements[i].role in ("button", "link") and page.labels[i].split()[:1]]
    fitting = [i for i in named if page.labels[i].split()[0] in known("whole", kind) and "disabled" not in page.elements[i].states]
    target = pointer(fitting[0], page) if len(fitting) == 1 else None
    return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True) if target else Refusal(reason=reason)


def _send(wish: Wish, asked: Asked) -> Proposal | Refusal:
    page = asked.page
    bodies = [i for i in typed_in(page) if {*content(page.labels[i])} & {*known("whole", "bodies")}]
    if len(bodies) != 1:
        return Refusal(reason="There is no one field for the answer here.")
    sent = _press(page, "sends", "Nothing here sends the answer.")
    if isinstance(sent, Refusal):
        return sent
    fill = Step(action=Fill(target=pointed(bodies[0], page), text=wish.text))
    return Proposal(_SURE, (fill, *sent.steps), len(asked.words))
