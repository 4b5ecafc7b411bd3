"""A thing in a tree, opened level by level: "choose Documents, 2027, Budget.ods", "take the budget of 2027, not of 2026".

Where the words do not name the folder it is in, folders are opened one after the other; nothing else is done on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from operator_agent.flow.action import Click
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import buttons, content, small
from operator_agent.planner.crafts.wholes.pieces import Piece, pieces
from operator_agent.planner.crafts.wholes.saying import idle, same_words
from operator_agent.planner.crafts.wholes.whole import asked_for, state_of

_SURE = 100.0
_LOOKS = 30
_MOST = 80  # pieces


class Trees:
    name = "trees"
    spans = True
    whole = True

    def hears(self, words: str) -> bool:
        return False  # only where the words are not understood otherwise

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page, span = asked.page, pieces(asked.words) if len(asked.words) < 600 else ()
        items = [i for i, e in enumerate(page.elements) if e.role == "treeitem" and e.ref]
        if not items or not 0 < len(span) <= _MOST:
            return None
        state = state_of(asked.memory, page, {"clicked": (), "done": frozenset(), "opened": (), "looks": 0})
        explained = state["done"] | idle(span) | _nouns(span) | _denied(span, items, page)
        pressing = max((one for i in buttons(page) if (one := asked_for(i, span, page))), key=lambda one: len(one[1]), default=None)
        left = [i for i in range(len(span)) if i not in explained and not (pressing and i in pressing[1])]
        if state["looks"] > _LOOKS:
            return Refusal(reason="The tree has too many folders to look through all.")
        if found := _named(span, left, items, state, page):
            return _click(*found, state, asked)
        if not left and state["clicked"]:
            target = pointer(pressing[0], page) if pressing else None
            return Proposal(_SURE, (Step(action=Click(target=target)),) if target else (), len(asked.words))
        shut = [i for i in items if page.labels[i] not in (*state["clicked"], *state["opened"]) and "." not in page.labels[i]]
        if shut and left and (state["clicked"] or pressing):
            return _click(shut[0], frozenset(), state, asked)
        if not state["clicked"] and not state["opened"]:
            asked.memory.clear()
            return None
        said = ", ".join(f'"{span[i].said}"' for i in left[:4])
        return Refusal(reason=f"Nothing in the tree is called {said}.")


def _nouns(span: Sequence[Piece]) -> set[int]:
    return {i for i, one in enumerate(span) if one.kind == "word" and one.text in known("whole", "places")}


def _ways(label: str) -> tuple[tuple[str, ...], ...]:
    """The whole name of a file or folder, and without what tells its kind."""
    return tuple(dict.fromkeys((content(label), content(label.rpartition(".")[0] or label))))


def _places(label: str, span: Sequence[Piece]) -> Iterator[range]:
    for at, one in enumerate(span):
        if one.kind in ("file", "quoted") and one.text.casefold() == label:
            yield range(at, at + 1)
        for way in _ways(label):
            if size := same_words(span, at, way):
                yield range(at, at + size)


def _denied(span: Sequence[Piece], items: Sequence[int], page: Page) -> set[int]:
    """ "Not from 2026": what stands behind a "not" up to the next mark."""
    found: set[int] = set()
    for at, one in enumerate(span):
        if one.text in known("whole", "not"):
            end = next((i for i in range(at, len(span)) if span[i].kind == "mark" or span[i].text == "and"), len(span))
            if all(each.text in small() or not each.said[:1].isupper() for each in span[at + 1 : end]):
                found.update(range(at, end))
    return found


def _named(
    span: Sequence[Piece], left: Sequence[int], items: Sequence[int], state: dict[str, Any], page: Page
) -> tuple[int, frozenset[int]] | None:
    """The next thing that the words name and every place where they do: the innermost that shows; of equals what is said in most
    words. The folders around it are open already, and done with it."""
    new = (i for i in items if page.labels[i] not in state["clicked"])
    said = {i: [place for place in _places(page.labels[i], span) if set(place) <= set(left)] for i in new}
    named = [i for i in items if said.get(i)]
    if not named:
        return None
    best = max(named, key=lambda i: (_level(i, page), max(map(len, said[i]))))
    around = [i for i in named if i <= best and (i == best or _level(i, page) < _level(best, page))]
    return best, frozenset(piece for i in around for place in said[i] for piece in place)


def _level(index: int, page: Page) -> int:
    told = next((state.partition("=")[2] for state in page.elements[index].states if state.startswith("level=")), "")
    return int(told) if told.isdigit() else page.elements[index].depth


def _click(index: int, covered: frozenset[int], state: dict[str, Any], asked: Asked) -> Proposal | None:
    target = pointer(index, asked.page)
    if target is None:
        return None
    label = asked.page.labels[index]
    into = "clicked" if covered else "opened"
    asked.memory["next"] = {**state, into: (*state[into], label), "done": state["done"] | covered, "looks": state["looks"] + 1}
    return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True)
