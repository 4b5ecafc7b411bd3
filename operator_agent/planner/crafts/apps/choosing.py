"""The one that is most or least of its kind: "buy the cheapest ticket", "choose the flight with the shortest duration"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from operator_agent.flow.action import Action, Click, Tick
from operator_agent.flow.observation import Box
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.fit import CHECKS
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.lookup import column_cells
from operator_agent.planner.crafts.apps.quantities import KINDS
from operator_agent.planner.crafts.apps.units import best, controls_in, groups, handle, known, reacts, text_of
from operator_agent.planner.crafts.apps.wording import Wording, vocabulary, wordings, words_of

_SURE = 95.0
_ORDINARY = 88.0  # words that also say what is chosen and are nowhere on the page


class Pick:
    name = "pick the best"

    def hears(self, words: str) -> bool:
        return bool(wordings("pick", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        refused: Refusal | None = None
        for one in wordings("pick", asked.words)[:6]:
            found = picked(one, asked.page)
            if isinstance(found, Refusal):
                refused = refused or found
            elif found:
                action, why = found
                score = _SURE if _is_shown(one.get("what"), asked.page) else _ORDINARY
                return Proposal(score, (Step(action=action, intent=f"{asked.words[: one.end]}: {why}"),), one.end)
        return refused


def picked(one: Wording, page: Page) -> tuple[Action, str] | Refusal | None:
    """The act on the best of the page's things, and what it was compared by; None when nothing on it can be compared so."""
    kind, end, *own = vocabulary()["superlatives"][folded(one.get("best"))]
    measure = folded(one.get("measure").strip("\"'“” ")) or next(iter(own), "")
    measure = measure or (folded(one.get("what")).split()[-1] if kind == "number" else "")
    kind = next((name for name in vocabulary()["measures"] if measure in words_of("measures", name)), kind)
    compared = best_by(kind, measure, page)
    if not compared:
        return None
    ordered = sorted(compared, key=lambda each: compared[each], reverse=end == "most")
    if len(ordered) > 1 and compared[ordered[0]] == compared[ordered[1]]:
        return Refusal(reason=f"Two are equally {one.get('best')}.")
    action = _act_on(ordered[0], one.get("what"), page)
    if action is None:
        return Refusal(reason=f"The {one.get('best')} cannot be chosen: nothing in it can be pressed.")
    return action, f"{one.get('best')} of {len(ordered)}"


def best_by(kind: str, measure: str, page: Page) -> dict[int, float]:
    """The things that repeat and can be chosen, each with its quantity; of several such sets the one with the most members."""
    cells = {shown.at: KINDS[kind](shown.text) for shown in column_cells(measure, page)} if measure else {}
    if len(cells) > 1 and all(cells.values()):
        return {page.elements[cell].parent: quantities[0] for cell, quantities in cells.items()}
    found: list[dict[int, float]] = []
    for group in groups(page):
        units = {i: text_of(i, page) for i in group if controls_in(i, page)}
        read = {i: _quantity(kind, measure, text) for i, text in units.items()}
        compared = {i: value for i, value in read.items() if value is not None}
        if len(compared) > 1:
            found.append(compared)
    return max(found, key=len, default={})


def _quantity(kind: str, measure: str, text: str) -> float | None:
    """The first of the kind behind the measure's word, or at all."""
    if kind == "number":
        return _called(measure, folded(text))
    at = folded(text).find(measure[:6]) if measure else -1
    quantities = KINDS[kind](text[at:] if at >= 0 and len(folded(text)) == len(text) else text) or KINDS[kind](text)
    return quantities[0] if quantities else None


def _called(measure: str, text: str) -> float | None:
    """The number beside the measure's word ("2 stops", "Stops: 2"); all of the text when that is a number and nothing else."""
    names = words_of("measures", "number") if measure in words_of("measures", "number") else (measure.removesuffix("s"),)
    for name in names:
        near = re.search(rf"{re.escape(name)}\w*\s*[:=]?\s*(-?\d+(?:\.\d+)?)|(-?\d+(?:\.\d+)?)\s*{re.escape(name)}", text)
        if name and near:
            return float(near[1] or near[2])
    alone = re.fullmatch(r"\W*?(-?\d+(?:\.\d+)?)\W*", text)
    return float(alone[1]) if alone else None


def _act_on(unit: int, what: str, page: Page) -> Action | None:
    controls = controls_in(unit, page)
    buttons = [i for i in controls if page.elements[i].role in ("button", "link", *CHECKS)] or controls
    one = best(what, buttons, page) if len(buttons) > 1 else next(iter(buttons), None)
    one = one if one is not None else known("choose", page, unit)
    target = handle(one, page) if one is not None else None
    if target is None or one is None:
        return None
    return Tick(target=target) if page.elements[one].role in CHECKS else Click(target=target)


def _is_shown(what: str, page: Page) -> bool:
    """Whether every word for what is chosen stands on the page or is a word for any such thing."""
    things = set(words_of("lists", "things"))
    text = folded(page.observation.text)
    return all(word in things or word in text for word in folded(what).replace("-", " ").split())


def in_order(indices: Iterable[int], page: Page, descending: bool, alphabetical: bool) -> list[int]:
    """These, by the number that each shows, or by its letters; equal ones as they stand."""

    def key(index: int) -> tuple[float, str]:
        text = folded(text_of(index, page))
        return (0.0, text) if alphabetical else (next(iter(KINDS["number"](text)), 0.0), "")

    return sorted(indices, key=key, reverse=descending)


class InOrder:
    """Presses every one of some things in the order of what they show."""

    name = "in order"

    def hears(self, words: str) -> bool:
        return bool(wordings("order", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one, page, memory = wordings("order", asked.words)[0], asked.page, asked.memory
        if "things" not in memory:
            way = folded(one.get("way"))
            alphabetical = "alphabet" in way
            things = max(_choosable(page, alphabetical), key=len, default=[])
            if not things:
                return None
            ordered = in_order(things, page, way in words_of("ways", "descending"), alphabetical)
            memory["things"] = [(page.labels[i] or folded(text_of(i, page)), page.elements[i].box) for i in ordered]
        if not memory["things"]:
            return Proposal(_SURE, (), one.end)
        label, box = memory["things"].pop(0)
        found = _where_it_was(label, box, page)
        target = handle(found, page) if found is not None else None
        if target is None:
            return Refusal(reason=f'"{label}" is not where it was.')
        step = Step(action=Click(target=target), intent=f"{asked.words[: one.end]}: {label}")
        return Proposal(_SURE, (step,), one.end, again=True)


def _where_it_was(label: str, box: Box | None, page: Page) -> int | None:
    """What is called so, else what stands now where it stood: some pages hide what they showed."""
    reacting = [i for i in range(len(page.elements)) if reacts(i, page)]
    called = [i for i in reacting if (page.labels[i] or folded(text_of(i, page))) == label]
    if len(called) == 1 or box is None:
        return called[0] if called else None
    x, y = box.x + box.width / 2, box.y + box.height / 2
    boxes = [(i, page.elements[i].box) for i in called or reacting]
    there = [(b.width * b.height, i) for i, b in boxes if b and b.x <= x <= b.x + b.width and b.y <= y <= b.y + b.height]
    return min(there)[1] if there else None


def _choosable(page: Page, alphabetical: bool) -> Iterator[list[int]]:
    """Sets of controls side by side that show a number each, or a text each."""
    for group in groups(page):
        leaves = [i for i in group if reacts(i, page) or page.elements[i].role in ("option", "listitem")]
        shown = [text_of(i, page) for i in leaves]
        numeric = (folded(text).strip(" .,#").lstrip("-").replace(".", "", 1).isdigit() for text in shown)
        if len(leaves) > 1 and all(shown) and (alphabetical or all(numeric)):
            yield leaves
