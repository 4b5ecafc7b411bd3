"""From a shape to an act on it: by its name when it has one, else at its point."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from operator_agent.flow.action import Click, ClickAt, DragFrom
from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Looks, Shape
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked
from operator_agent.planner.grammar import verbs

_CLOSE = 2.5


def click(shape: Shape, looks: Looks, page: Page) -> Step:
    """A click on it; where several lie on each other, on a part of it that shows."""
    target = _named(shape, page)
    return Step(action=Click(target=target) if target else ClickAt(point=on_page(_showing(shape, looks), looks)))


def click_spot(spot: Spot, looks: Looks) -> Step:
    return Step(action=ClickAt(point=on_page(spot, looks)))


def drag(start: Spot, end: Spot, looks: Looks, via: Sequence[Spot] = ()) -> Step:
    past = tuple(on_page(spot, looks) for spot in via)
    return Step(action=DragFrom(start=on_page(start, looks), end=on_page(end, looks), via=past))


def on_page(spot: Spot, looks: Looks) -> Spot:
    """A point of the view as one of the page, to a tenth of a pixel."""
    return Spot(round(spot.x - looks.origin.x, 1), round(spot.y - looks.origin.y, 1))


def middle(shape: Shape) -> Spot:
    """A point in the middle of it: of a triangle, where its weight is."""
    if len(shape.corners) >= 3:
        return Spot(fmean(spot.x for spot in shape.corners), fmean(spot.y for spot in shape.corners))
    return shape.centre


def grip(shape: Shape, looks: Looks) -> Spot:
    """Where to take hold of it."""
    return _showing(shape, looks)


def element_at(box: Box, page: Page) -> int | None:
    """The innermost element that has this box."""
    found = [i for i, e in enumerate(page.elements) if e.box and all(abs(a - b) <= _CLOSE for a, b in zip(e.box, box, strict=True))]
    return found[-1] if found else None


def _named(shape: Shape, page: Page) -> Target | None:
    index = element_at(shape.box, page)
    if index is None:
        return None
    element = page.elements[index]
    if element.role not in INTERACTIVE or not element.ref:
        return None
    target = pointer(index, page)
    if target is None:
        alike = [i for i, other in enumerate(page.elements) if (other.role, other.name) == (element.role, element.name)]
        target = Target(role=element.role, name=element.name, nth=alike.index(index) + 1)
    return target


def _showing(shape: Shape, looks: Looks) -> Spot:
    """A point of the shape that nothing painted later covers; its middle when there is no such point."""
    at = next((i for i, other in enumerate(looks.shapes) if other is shape), len(looks.shapes))
    above = [other for other in looks.shapes[at + 1 :] if other.fill and other.drawing == shape.drawing and other.kind != "text"]
    own = middle(shape)
    width, height = shape.box.width / 4, shape.box.height / 4
    steps = [(0.0, 0.0), (-1, 0), (1, 0), (0, -1), (0, 1), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7)]
    spots = [Spot(own.x + dx * width, own.y + dy * height) for dx, dy in steps]
    return next((spot for spot in spots if not any(_covers(other.box, spot) for other in above)), own)


def _covers(box: Box, spot: Spot) -> bool:
    return box.x <= spot.x <= box.x + box.width and box.y <= spot.y <= box.y + box.height


def submit_button(page: Page) -> Target | None:
    """The page's only button that hands in, if there is one."""
    names = {name.casefold() for name in verbs().known["submit"]} | {"done", "ok", "check", "confirm", "finish", "check answer"}
    buttons = (i for i, e in enumerate(page.elements) if e.role == "button" and "disabled" not in e.states)
    found = [i for i in buttons if page.elements[i].name.casefold() in names]
    return pointer(found[0], page) if len(found) == 1 else None


def hand_in(asked: Asked, end: int) -> tuple[Step, ...]:
    """A press of the obvious button, when the words say nothing more: who asks for a task on such a page asks for it handed in."""
    button = None if asked.words[end:].strip(" .,;!?") else submit_button(asked.page)
    return (Step(action=Click(target=button), intent="hand in"),) if button else ()
