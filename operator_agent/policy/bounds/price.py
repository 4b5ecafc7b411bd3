"""The price: what is to be paid for all, or for one piece when "each" was said. Another currency is not compared."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.bounds.count import how_many
from operator_agent.policy.bounds.finding import HOLDS, Finding, broken, unread, within
from operator_agent.policy.bounds.scene import Scene, begins, cut, read, says, sums
from operator_agent.policy.risk import says_total


class _Sum(NamedTuple):
    value: Decimal
    currencies: frozenset[str]
    shown: str


def price(limit: Constraint, scene: Scene) -> Finding:
    """What is read depends on the stage: a field for an amount, the thing's own price, the total."""
    if scene.stage == "set":
        found = list(_entered(scene.field, " ".join(scene.given))) if begins("sums", scene.field) else []
        return _judge(limit, scene, found, loose=True) if found else unread("")
    if scene.stage == "choose":
        found = _nearest(scene)
        cheapest = min(found, key=lambda one: one.value, default=None)
        return _judge(limit, scene, [cheapest]) if cheapest else unread("")
    found = _pieces(scene) if limit.each else _to_pay(scene)
    return _judge(limit, scene, found) if found else unread("no price can be read here")


def _judge(limit: Constraint, scene: Scene, found: list[_Sum], *, loose: bool = False) -> Finding:
    most = Decimal(limit.values[0])
    for one in sorted(found, key=lambda one: one.value, reverse=True):
        coins = one.currencies or _coins(scene)
        comparable = not limit.currencies or bool(coins.intersection(limit.currencies))
        if not coins and limit.currencies and not loose:
            return Finding("unread", f"the page shows {one.shown} without a currency")
        if coins and not comparable:
            return Finding("broken", f"the page shows {one.shown}: another currency, which cannot be compared")
        if not within(limit.relation, one.value, most):
            return broken(one.shown)
    return HOLDS


def _coins(scene: Scene) -> frozenset[str]:
    """The currency of the page when all its amounts are in one."""
    coins = [amount.currencies for _, text in scene.numbered() for amount in sums(text)]
    return frozenset.intersection(*coins) if coins else frozenset()


def _to_pay(scene: Scene) -> list[_Sum]:
    """What the control, the dialog and the totals say; without totals, the nearest amounts, times how many are bought."""
    dialog = scene.observation.dialog
    own = [_sum(text) for text in (scene.name, dialog.text if dialog else "") if sums(text)]
    fields = [one for _, name, value in scene.fields() if begins("sums", name) for one in _entered(name, value)]
    if totals := [*_totals(scene), *own, *fields]:
        return totals
    times = max(how_many(scene), 1)
    near = _nearest(scene)
    return [one._replace(value=one.value * times, shown=f"{times} × {one.shown}") for one in near] if times > 1 else near


def _sum(text: str) -> _Sum:
    dearest = max(sums(text), key=lambda amount: amount.readings[0])
    return _Sum(dearest.readings[0], dearest.currencies, text)


def _totals(scene: Scene) -> Iterator[_Sum]:
    for index, text in scene.numbered():
        named = text if any(token.kind == "word" for token in read(text)) else f"{scene.label_before(index)} {text}"
        if not says_total(named) or (says("savings", named) and not says_total(text)):
            continue
        if sums(text):
            yield _sum(text)._replace(shown=named)
        else:
            yield from (_Sum(token.readings[-1], frozenset(), named) for token in read(text) if token.kind == "number")


def _nearest(scene: Scene) -> list[_Sum]:
    """The amounts of the smallest surrounding that has any, without what is saved or was asked before."""
    for places in scene.around():
        lines = [(i, text) for i, text in scene.numbered(places) if sums(text)]
        if found := [_sum(text) for i, text in lines if not says("savings", f"{scene.label_before(i)} {text}")]:
            return found
    return []


def _pieces(scene: Scene) -> list[_Sum]:
    """The price of one piece: in a row the smallest amount, since that of the row is for all of its pieces."""
    rows: dict[int, list[_Sum]] = {}
    for i, text in scene.numbered():
        parent = scene.observation.elements[i].parent
        if sums(text) and not says_total(f"{scene.label_before(i)} {text}") and not says("savings", text):
            rows.setdefault(parent, []).append(_sum(text))
    return [min(row, key=lambda one: one.value) for row in rows.values()] or _to_pay(scene)


def _entered(name: str, value: str) -> Iterator[_Sum]:
    """The numbers of a field; a currency may stand in its name: `Your bid (€)`."""
    named = (sums(f"{sign} 1") for sign in cut(name))
    coins = next((found[0].currencies for found in (sums(value), *named) if found), frozenset())
    for token in read(value):
        if token.kind in ("number", "money"):
            yield _Sum(token.readings[-1] if token.kind == "money" else token.readings[0], coins, f"{name}: {value}")
