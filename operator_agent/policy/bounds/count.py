"""How many: quantity fields, `2 × latte`, `3 items`, the column of a table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from operator_agent.flow.constraint import Constraint
from operator_agent.matching import FIELDS
from operator_agent.policy.bounds.finding import HOLDS, Finding, broken, unread, within
from operator_agent.policy.bounds.scene import Scene, begins, cut, read, says
from operator_agent.policy.risk import above

_TIMES = frozenset({"x", "×", "✕", "*"})
_ROWS = frozenset({"row", "listitem", "article", "treeitem"})


class _Number(NamedTuple):
    value: int
    shown: str
    context: str
    """What its row says, to tell lattes from mochas."""
    whole: bool = False
    """It counts all: `3 items`."""


def count(limit: Constraint, scene: Scene) -> Finding:
    """Of several numbers their sum, unless one counts all; those of the counted thing alone where they can be told apart."""
    if scene.stage == "set":
        given = _integer(" ".join(scene.given)) if _is_quantity(scene.field, limit.of) else None
        return unread("") if given is None else _judge(limit, given, f'{scene.field} "{given}"')
    found = [*_fields(scene, limit.of), *_lines(scene, limit.of)]
    if limit.of and (named := [one for one in found if _names(limit.of, f"{one.shown} {one.context}")]):
        found = named
    if not found and scene.card is not None:
        return _judge(limit, 1, "one of it")  # a button among its like takes the one thing it stands by
    if not found:
        return unread("how many it is cannot be read here")
    parts, wholes = [one for one in found if not one.whole], [one for one in found if one.whole]
    if limit.each:
        dearest = max(parts or wholes, key=lambda one: one.value)
        return _judge(limit, dearest.value, dearest.shown)
    total = max(sum(one.value for one in parts), *(one.value for one in wholes), 0)
    return _judge(limit, total, ", ".join(dict.fromkeys(one.shown for one in (parts or wholes))))


def more(limit: Constraint, scene: Scene) -> Finding:
    """What a press on "+" leads to."""
    if scene.index is None or not begins("more", scene.name):
        return unread("")
    outer = above(scene.observation.elements[scene.index].parent, scene.observation)
    for inside in (*(set(scene.observation.subtree(i)) for i in outer), set(scene.scope)):
        fields = [(name, _integer(value)) for i, name, value in scene.fields() if i in inside and _is_quantity(name, limit.of)]
        plain = [("", int(text)) for i, text in scene.numbered(sorted(inside)) if text.isdecimal()]
        if now := [value for _, value in (*fields, *plain) if value is not None]:
            one_more = now[0] + 1
            return HOLDS if limit.relation == "at least" else _judge(limit, one_more, f"{now[0]}, and this makes it {one_more}")
    return unread("")


def how_many(scene: Scene) -> int:
    """What the quantity fields of the scope say together, 0 when there are none."""
    return sum(one.value for one in _fields(scene, ""))


def _judge(limit: Constraint, value: int, shown: str) -> Finding:
    return HOLDS if within(limit.relation, Decimal(value), Decimal(limit.values[0])) else broken(shown)


def _integer(text: str) -> int | None:
    numbers = [token.readings[0] for token in read(text) if token.kind == "number"]
    return int(numbers[0]) if len(numbers) == 1 and numbers[0] == int(numbers[0]) else None


def _is_quantity(name: str, of: str) -> bool:
    if begins("sums", name) and not says("quantity", name):
        return False
    if says("quantity", name):
        return True
    if not of:
        return says("persons", name) or says("counted", name)
    return _names(of, name) or (says("persons", of) and says("persons", name))


def _names(of: str, text: str) -> bool:
    """Whether the counted thing is named, in the singular or plural: by its last word."""
    wanted = _stem(cut(of)[-1]) if cut(of) else ""
    return bool(wanted) and any(_stem(word) == wanted for word in cut(text))


def _stem(word: str) -> str:
    return word[:-2] if word.endswith("es") and len(word) > 4 else word.removesuffix("s") if len(word) > 3 else word


def _fields(scene: Scene, of: str) -> Iterator[_Number]:
    for i, name, value in scene.fields():
        number = _integer(value)
        if number is not None and _is_quantity(name, of):
            yield _Number(number, f'{name} "{number}"', _row(i, scene))


def _lines(scene: Scene, of: str) -> Iterator[_Number]:
    for i, text in scene.numbered():
        in_column = _column(i, scene)
        if in_column and (number := _integer(text)) is not None and _is_quantity(in_column, of):
            yield _Number(number, f"{in_column} {text}", _row(i, scene))
            continue
        yield from _in_text(text, of, _row(i, scene))
        before = scene.label_before(i)
        if text.isdecimal() and before and not in_column and says("quantity", before):
            yield _Number(int(text), f"{before} {text}", _row(i, scene))


def _in_text(text: str, of: str, row: str) -> Iterator[_Number]:
    """`2 × latte`, `latte × 2`, `3 items`, `Quantity: 3`."""
    pieces = read(text)
    for at, token in enumerate(pieces):
        if token.kind != "number" or token.readings[0] != int(token.readings[0]):
            continue
        value = int(token.readings[0])
        before, after = [p.text for p in pieces[:at]][-2:], [p.text for p in pieces[at + 1 :]][:2]
        if {*before[-1:], *after[:1]} & _TIMES:
            yield _Number(value, text, row)
        elif after and (_is_quantity(after[0], of) or (of and _names(of, " ".join(after)))):
            yield _Number(value, text, row, whole=True)
        elif before and _is_quantity(" ".join(word for word in before if word != ":"), of):
            yield _Number(value, text, row)


def _row(index: int, scene: Scene) -> str:
    for i in above(index, scene.observation):
        if scene.observation.elements[i].role in _ROWS:
            return f"{scene.observation.elements[i].name} {scene.observation.text_of(i)}"
    return ""


def _column(index: int, scene: Scene) -> str:
    """The header of the table's column a cell stands in."""
    seen = scene.observation
    cell = next((i for i in above(index, seen) if seen.elements[i].role in ("cell", "gridcell")), None)
    if cell is None or seen.elements[index].role in FIELDS:
        return ""
    row = seen.elements[cell].parent
    table = next((i for i in above(row, seen) if seen.elements[i].role in ("table", "grid")), None)
    at = seen.children[row].index(cell)
    if table is None:
        return ""
    first = next((i for i in seen.subtree(table) if seen.elements[i].role == "row"), row)
    heads = seen.children.get(first, [])
    return seen.elements[heads[at]].name if at < len(heads) and seen.elements[heads[at]].role == "columnheader" else ""
