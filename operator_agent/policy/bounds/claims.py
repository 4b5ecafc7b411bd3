"""What the page says of a thing: whether a condition holds, and whether it is one that was ruled out. Denials are understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.bounds.finding import HOLDS, Finding, broken, unread
from operator_agent.policy.bounds.scene import Cut, Scene, cut, holds_any, phrases, places, says, sums
from operator_agent.policy.risk import above

_BEFORE = 3
"""Words a denial may stand before what it denies."""
_CONTROLS = frozenset({"button", "link", "menuitem", "option", "radio", "checkbox", "tab"})
_ROWS = frozenset({"row", "listitem", "article", "treeitem", "figure"})


def condition(limit: Constraint, scene: Scene) -> Finding:
    """The nearest surrounding that speaks of it decides; one that says both, or a page that says nothing, tells nothing."""
    for near in scene.around():
        texts = [text for i, text in scene.lines(near) if scene.observation.elements[i].role not in _CONTROLS]
        heard = {said: text for text in texts if (said := _speaks(limit, text))}
        if len(heard) == 2:
            return unread(f'the page says both "{heard["yes"]}" and "{heard["no"]}"')
        if "no" in heard:
            return broken(f'"{heard["no"]}"')
        if heard:
            return HOLDS
    return unread("it cannot be told here whether that is so")


def _speaks(limit: Constraint, text: str) -> Literal["yes", "no", ""]:
    pieces = _without(cut(text), phrases("unlike"))
    if holds_any(pieces, map(cut, limit.against)):
        return "yes" if limit.values and _stated(pieces, limit.against) == "no" else "no"
    said = _stated(pieces, limit.values)
    plain = not limit.against and said == "yes" and holds_any(pieces, phrases("undone"))
    return "no" if plain else said


def _stated(pieces: Cut, wanted: Iterable[str]) -> Literal["yes", "no", ""]:
    """Whether one of the phrases is said, or denied."""
    present = set(pieces)
    for phrase in (phrase for phrase in map(cut, wanted) if phrase and phrase[0] in present):
        for at in places(pieces, phrase):
            return "no" if _is_denied(pieces, at) else "yes"
    return ""


def _is_denied(pieces: Cut, at: int) -> bool:
    before = pieces[max(0, at - _BEFORE) : at]
    return holds_any(before, phrases("negations"))


def _without(pieces: Cut, unlike: Iterable[Cut]) -> Cut:
    present = set(pieces)
    for phrase in (phrase for phrase in unlike if phrase[0] in present):
        for at in reversed(places(pieces, phrase)):
            pieces = (*pieces[:at], "·", *pieces[at + len(phrase) :])
    return pieces


def exclusion(limit: Constraint, scene: Scene) -> Finding:
    """What is chosen, its row, and, at the act with effect, what the basket's rows and the page's title say is bought."""
    for text in _concerned(scene):
        pieces = cut(text)
        for thing in limit.values:
            if any(_stated(pieces, [form]) == "yes" for form in _forms(thing)):
                return broken(f'"{text}"')
    return HOLDS


def _forms(thing: str) -> list[str]:
    return [thing, thing + "s", thing.removesuffix("s")] if len(thing) > 3 else [thing]


def _concerned(scene: Scene) -> list[str]:
    if scene.stage == "set":
        return list(scene.given) if scene.action.verb not in ("fill", "type") else []
    if scene.stage not in ("choose", "final"):
        return []
    texts = [scene.name, *_unit(scene)]
    if scene.stage == "final" and scene.card is None:
        texts += [*_bought(scene), *_titles(scene)]
    elif scene.stage == "choose" and len(texts) == 1:
        texts += _titles(scene)
    return texts


def _unit(scene: Scene) -> list[str]:
    """What the row or card of the control says."""
    unit = next((i for i in above(scene.index, scene.observation) if scene.observation.elements[i].role in _ROWS), scene.card)
    if unit is None:
        return []
    return [text for _, text in scene.lines(scene.observation.subtree(unit))]


def _bought(scene: Scene) -> list[str]:
    """The texts of rows with an amount that offer nothing themselves: what else is on offer has a button of its own."""
    seen, texts = scene.observation, []
    for i in scene.scope:
        inside = list(seen.subtree(i)) if seen.elements[i].role in _ROWS else []
        offers = any(seen.elements[j].role == "button" and says("choosing", seen.elements[j].name) for j in inside)
        if inside and not offers and (sums(seen.text_of(i)) or sums(seen.elements[i].name)):
            texts += [text for _, text in scene.lines(inside)]
    return texts


def _titles(scene: Scene) -> list[str]:
    headings = (e for i in scene.scope if (e := scene.observation.elements[i]).role == "heading")
    return [heading.name for heading in headings if {"level=1", "level=2"}.intersection(heading.states)]
