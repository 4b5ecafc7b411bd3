"""Tables sorted by a column: "sort by price, most expensive first", "show the oldest first", "order them alphabetically".

The column's header is pressed until its cells stand in the order that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from operator_agent.flow.action import Click, Select
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.units import text_of
from operator_agent.planner.crafts.fields import pointed
from operator_agent.planner.crafts.heard import known
from operator_agent.planner.crafts.wholes.controls import content, context
from operator_agent.planner.crafts.wholes.pieces import Piece, pieces, stem
from operator_agent.planner.grammar import polite
from operator_agent.written import tokens as written

_SURE = 98.0
_MOST = 40  # pieces of a request
_TRIES = 3
_CELLS = frozenset({"cell", "gridcell", "rowheader"})
_ENDS = frozenset(".!?\n")
_AGAIN = (
    r"(?i:\b(?:sort|order|arrange)\s+(?:it|them|(?:the|this|these)\s[\w\s]{1,40}?)"
    r"\s(?:like\s(?:that|this|the\s[\w\s]+)|so|accordingly|that\sway|this\sway)\b)"
)


class Wish(NamedTuple):
    """`columns`: what the column may be called, the best first; `end`: characters of the words."""

    columns: tuple[tuple[str, ...], ...]
    falling: bool
    told: bool
    """Whether the direction was said."""
    end: int


class Sorting:
    name = "sorting"
    spans = True

    def hears(self, words: str) -> bool:
        sorts = re.search(_AGAIN, words[:400]) is not None
        return _begins(words) and any(_says_how(span, sorts) for span in _spans(words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        if not self.hears(asked.words):
            return None
        headers = [i for i, e in enumerate(asked.page.elements) if e.role == "columnheader" and e.name]
        for span in reversed(_spans(asked.words)):
            wish = _wish(span, headers, asked.page)
            if wish is None:
                continue
            header = next((i for way in wish.columns for i in headers if content(asked.page.labels[i]) == way), None)
            if header is not None:
                return _press(header, wish._replace(end=_end(wish.end, asked.words)), asked)
            if listed := _from_list(wish, asked.page):
                return listed
        return None


def _says_how(span: Sequence[Piece], sorts: bool) -> bool:
    """By what, or which end first; where it is said to be sorted "like that", a thing's adjective will do."""
    words = {one.text for one in span}
    adjectives = {adjective.split("|")[0] for adjective in known("sorting", "adjectives")}
    described = ("first" in words or sorts) and bool(adjectives & words)
    return described or _direction(span) is not None or _by(span)


def _begins(words: str) -> bool:
    found = pieces(words[:400])
    first = [one.text for one in found[polite_size(words) :]][:1]
    return bool(first) and first[0] in known("sorting", "verbs")


def polite_size(words: str) -> int:
    """How many pieces at the beginning only ask nicely."""
    from operator_agent.grounding.tokens import tokens

    return polite(tokens(words[:400]))


def _spans(words: str) -> list[tuple[Piece, ...]]:
    """The beginnings of the words that may be the request: up to each place where it may end."""
    span = pieces(words[:400])[polite_size(words) :][:_MOST]
    stop = next((at for at, one in enumerate(span) if one.kind == "mark" and one.text in _ENDS), len(span))
    ends = [at for at in range(1, stop) if span[at].kind == "mark" or span[at].text in ("and", "then")]
    return [span[:end] for end in (*ends, stop) if end]


def _direction(span: Sequence[Piece]) -> bool | None:
    """Whether it says falling or rising; None when neither."""
    text = f" {' '.join(one.text for one in span if one.kind != 'mark')} "
    ways = ((way, kind == "falling") for kind in ("falling", "rising") for way in known("sorting", kind))
    found = [(len(way), falling) for way, falling in ways if f" {way} " in text]
    return max(found)[1] if found else None


def _by(span: Sequence[Piece]) -> bool:
    return any(one.text == "by" for one in span) and span[0].text in known("sorting", "verbs")[:6]


def _wish(span: Sequence[Piece], headers: Sequence[int], page: Page) -> Wish | None:
    """What is asked for, when every word of it is accounted for."""
    words = [stem(one.text) for one in span if one.kind != "mark"]
    said = [content(page.labels[i]) for i in headers if set(content(page.labels[i])) <= set(words)]
    about = [adjective.split("|") for adjective in known("sorting", "adjectives")]
    adjectives = [(name.split(), way == "falling") for word, name, way in about if word in words]
    direction = _direction(span)
    if not said and not adjectives:
        return None
    columns = tuple(said) or tuple((name,) for names, _ in adjectives[:1] for name in names)
    falling = direction if direction is not None else adjectives[0][1] if adjectives else False
    ways = (way for kind in ("falling", "rising") for way in known("sorting", kind) if way in " ".join(words))
    ours = {*known("sorting", "fillers"), *known("sorting", "verbs"), *context(page), *(word for way in said for word in way)}
    ours |= {word for way in ways for word in way.split()} | {word for word, _, _ in about}
    if any(word not in ours | {stem(word) for word in ours} for word in words) or len(said) > 1:
        return None
    return Wish(columns, falling, direction is not None or bool(adjectives), span[-1].end)


def _press(header: int, wish: Wish, asked: Asked) -> Proposal | Refusal:
    page, memory = asked.page, asked.memory
    cells = _cells(header, page)
    if len(cells) > 1 and _sorted(cells, wish.falling) and (memory.get("tries") or wish.told):
        return Proposal(_SURE, (), wish.end)
    if memory.get("tries", 0) >= _TRIES:
        name = page.elements[header].name
        return Refusal(reason=f'The table does not let itself be sorted so; "{name}" reads {", ".join(cells[:5])}.')
    memory["tries"] = memory.get("tries", 0) + 1
    inner = next((i for i in page.below(header) if page.elements[i].role in ("button", "link")), header)
    target = pointer(inner, page) or Target(role="columnheader", name=page.elements[header].name)
    return Proposal(_SURE, (Step(action=Click(target=target)),), 0, again=True)


def _cells(header: int, page: Page) -> list[str]:
    """The texts of a column, from the top."""
    heads = page.observation.children[page.elements[header].parent]
    place = heads.index(header)
    table = next((up for up in page.ancestors(header) if page.elements[up].role in ("table", "grid", "treegrid")), -1)
    rows = [i for i in page.below(table) if page.elements[i].role == "row"] if table >= 0 else []
    found = []
    for row in rows:
        cells = page.observation.children.get(row, [])
        if len(cells) > place and page.elements[cells[place]].role in _CELLS:
            found.append(text_of(cells[place], page))
    return found


def _sorted(cells: Sequence[str], falling: bool) -> bool:
    keys = [_key(cell) for cell in cells]
    if len({type(key) for key in keys}) > 1:
        keys = [cell.casefold() for cell in cells]
    ordered = sorted(keys, reverse=falling)
    return keys == ordered


def _key(cell: str) -> float | str | tuple[int, int, int]:
    found = [token for token in written(cell) if token.kind in ("number", "money", "date")]
    if len(found) == 1 and found[0].kind == "date":
        year, month, day = found[0].readings[0]
        return int(year), int(month), int(day)
    if len(found) == 1 and not re.match(r"[^\W\d]", cell):
        return float(found[0].readings[0])
    return cell.casefold()


def _end(end: int, words: str) -> int:
    """Behind the request, and behind words that only say once more that it is to be sorted."""
    found = re.compile(rf"[\s,;–-]*(?:and\s+)?(?:please\s+)?{_AGAIN}").match(words, end)
    return found.end() if found else end


def _from_list(wish: Wish, page: Page) -> Proposal | None:
    """An order chosen from a list of orders: "Price: low to high"."""
    for index, element in enumerate(page.elements):
        if element.role != "combobox" or not {"sort", "order", "sorting"} & set(page.labels[index].split()):
            continue
        options = [i for i in page.below(index) if page.elements[i].role == "option"]
        fitting = [i for i in options if _fits(pieces(page.elements[i].name or page.elements[i].value), wish)]
        if len(fitting) == 1:
            option = page.elements[fitting[0]]
            action = Select(target=pointed(index, page), options=(option.name or option.value,))
            return Proposal(_SURE, (Step(action=action),), wish.end)
    return None


def _fits(option: Sequence[Piece], wish: Wish) -> bool:
    words = {stem(one.text) for one in option}
    return any(set(way) <= words for way in wish.columns) and _direction(option) in (wish.falling, None)
