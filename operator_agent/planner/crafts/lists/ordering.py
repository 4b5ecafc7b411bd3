"""Things in a row put in another order by dragging them: "put Dmitri before Anna", "the queue should be Dmitri, Anna, Bertil".

The order is read again after each drag; it is done when it is as it was asked for, and given up when dragging does not change it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from operator_agent.flow.action import Click, Drag
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import text_of
from operator_agent.planner.crafts.heard import Heard, heard, hears, known

_SURE = 98.0
_ROWS = frozenset({"listitem", "row", "option", "article", "treeitem"})
_KEEP = re.compile(r"(?:keep|save) (?:the|this|that|my) \w+")
_NAME = 4  # words
_KINDS = ("order", "first", "last", "before", "after")
_SEPARATORS = re.compile(r"\s*(?:,|;|\bthen\b|\band\b|>|→|\s-\s)\s*")


class Ordering:
    name = "ordering"
    spans = True

    def hears(self, words: str) -> bool:
        orders = (one for one in heard(words, "ordering", "order") if _SEPARATORS.search(one.text("items")))
        return hears(words, "ordering", *_KINDS[1:]) or any(_short(one) for one in orders)

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in sorted(heard(asked.words, "ordering", *_KINDS), key=lambda one: -one.end):
            for row in _rows(asked.page):
                shown = [_name(i, asked.page) for i in row]
                wanted = _wanted(one, shown) if _short(one) else None
                if wanted and sorted(wanted) == sorted(asked.memory.get("wanted", shown)):
                    wanted = asked.memory.setdefault("wanted", wanted)
                    return _move(one, row, shown, wanted, asked)
        return None


def _short(one: Heard) -> bool:
    """Whether what it calls the row is a name, not the rest of the sentence."""
    slot = one.slots.get("list")
    return slot is None or (len(slot.span) <= _NAME and all(token.kind != "mark" and token.text != "and" for token in slot.span))


def _rows(page: Page) -> list[list[int]]:
    """Things of one kind side by side, the rows of headers left out."""
    found = []
    for children in page.observation.children.values():
        for role in sorted(_ROWS):
            row = [i for i in children if page.elements[i].role == role and not page.is_header(i)]
            if len(row) > 1 and all(_name(i, page) for i in row):
                found.append(row)
    return found


def _name(index: int, page: Page) -> str:
    return folded(text_of(index, page))


def _wanted(one: Heard, shown: Sequence[str]) -> list[str] | None:
    """The order that is asked for, of all that is shown; None when not everything that is said is in this row."""
    if one.kind == "order":
        items = [part for part in _SEPARATORS.split(one.text("items")) if part]
        named = [_find(part, shown) for part in items]
        ours = [name for name in named if name]
        complete = len(ours) == len(items) == len(set(ours)) > 1
        return [*ours, *(name for name in shown if name not in ours)] if complete else None
    item, other = _find(one.text("item"), shown), one.text("other")
    anchor = _find(other, shown) if other and folded(other) not in known("ordering", "all") else None
    if item is None or (other and anchor is None and folded(other) not in known("ordering", "all")) or anchor == item:
        return None
    rest = [name for name in shown if name != item]
    first = one.kind in ("first", "before")
    if one.kind in ("before", "after") and anchor:
        at = rest.index(anchor) + (one.kind == "after")
        return [*rest[:at], item, *rest[at:]]
    return [item, *rest] if first else [*rest, item]


def _find(said: str, shown: Sequence[str]) -> str | None:
    """The one thing that is so called."""
    wanted = folded(said).removeprefix("the ").strip(' "“”')
    for fits in (lambda name: name == wanted, lambda name: re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", name) is not None):
        found = [name for name in shown if wanted and fits(name)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _move(one: Heard, row: list[int], shown: list[str], wanted: list[str], asked: Asked) -> Proposal | Refusal | None:
    """The next drag; the first that is asked for goes straight to its place, whatever is still wrong goes up place by place."""
    if shown == wanted:
        return _kept(_end(one, asked.words), asked)
    memory = asked.memory
    if memory.get("shown") == shown:
        memory["idle"] = True  # dragging one onto another does nothing here: somebody else may drag by points
    if memory.get("idle"):
        return None
    memory["shown"], memory["tries"] = shown, memory.get("tries", 0) + 1
    if memory["tries"] > len(row) + 3:
        return Refusal(reason=f'Dragging does not bring the order that is asked for; it is {", ".join(shown)}.')
    place = next(at for at, (is_, should) in enumerate(zip(shown, wanted, strict=True)) if is_ != should)
    moved = wanted[place]
    if memory["tries"] == 1 and one.kind != "order":
        moved = _find(one.text("item"), shown) or moved
        place = wanted.index(moved)
    target, to = pointer(row[shown.index(moved)], asked.page), pointer(row[place], asked.page)
    if target is None or to is None:
        return Refusal(reason=f'"{moved}" cannot be told apart from the others.')
    return Proposal(_SURE, (Step(action=Drag(target=target, to=to)),), 0, again=True)


def _kept(end: int, asked: Asked) -> Proposal:
    """What was brought in order; with "keep it" behind it the one button that keeps is pressed."""
    rest = asked.words[end:].strip(" ,;.!").removeprefix("and ").casefold()
    page = asked.page
    keeping = [i for i in page.controls if page.elements[i].role == "button" and page.labels[i].split()[:1] in (["keep"], ["save"])]
    asks = rest in known("ordering", "keep") or _KEEP.fullmatch(rest)
    target = pointer(keeping[0], page) if asks and len(keeping) == 1 else None
    return Proposal(_SURE, (Step(action=Click(target=target)),), len(asked.words)) if target else Proposal(_SURE, (), end)


def _end(one: Heard, words: str) -> int:
    """Behind the request, and behind words that only repeat that it is to be done."""
    rest = words[one.end :]
    for aside in sorted(known("ordering", "asides"), key=len, reverse=True):
        if found := re.match(rf"[\s,;:–-]*(?:and\s+)?{re.escape(aside)}\b", rest, re.IGNORECASE):
            return one.end + found.end()
    return one.end
