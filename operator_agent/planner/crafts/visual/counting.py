"""Counting what is shown and giving the answer: "how many large green triangles are there?", "how many sides has the shape?"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from operator_agent.flow.action import Click, Fill
from operator_agent.flow.looks import Shape
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard
from operator_agent.planner.crafts.visual.acting import submit_button
from operator_agent.planner.crafts.visual.choosing import Scene, choose, even, scene
from operator_agent.planner.crafts.visual.colours import family
from operator_agent.planner.crafts.visual.wanted import wanted

_SURE = 94.0
_KINDS = ("count", "sides", "which")
_FIELDS = frozenset({"textbox", "spinbutton", "searchbox"})
_CALLED = {"square": ("square", "rectangle"), "polygon": ("polygon",), "ellipse": ("ellipse", "oval", "circle")}


class Counting:
    name = "counting"
    sees = True

    def hears(self, words: str) -> bool:
        return any(_fits(request) for request in heard(words, self.name, *_KINDS))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        looks = asked.page.observation.looks
        if looks is None:
            return None
        there = scene(looks, asked.page)
        for request in sorted(heard(asked.words, self.name, *_KINDS), key=lambda one: -one.end):
            if not _fits(request):
                continue
            answer = _answer(request, there)
            if answer is not None:
                return _given(answer, request, asked)
        return None


def _fits(request: Heard) -> bool:
    return request.kind != "count" or wanted(request.text("thing")) is not None


def _answer(request: Heard, there: Scene) -> tuple[str, ...] | None:
    """The ways the answer may be written; None when nothing there answers."""
    if request.kind == "count":
        want = wanted(request.text("thing"))
        assert want
        drawn = [shape for shape in there.shapes if shape.drawing >= 0]
        there = Scene(drawn, there.all, there.reacting) if len(drawn) > 1 else there  # what lies about a drawing is not asked about
        count = len(choose(want, there))
        if want.size in ("small", "large") and even(there.shapes):
            # All are of one size, which may be either: then the answers to choose from must tell.
            return (str(len(choose(replace(want, size=""), there))), "0")
        return (str(count),)
    shape = _the_shape(there)
    if shape is None:
        return None
    if request.kind == "sides":
        return (str(shape.sides),) if shape.sides else None
    if "colo" in request.text("what") or "颜色" in request.text("what"):
        colour = shape.fill or shape.stroke
        return (family(colour),) if colour else None
    return _names(shape)


def _names(shape: Shape) -> tuple[str, ...]:
    if shape.kind == "text":
        single = ("letter", "character") if len(shape.text) == 1 else ("text", "word")
        return ("digit", "number") if shape.text.isdigit() else single
    by_sides = {5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}
    return (*((by_sides[shape.sides],) if shape.sides in by_sides else ()), *_CALLED.get(shape.kind, (shape.kind,)))


def _the_shape(there: Scene) -> Shape | None:
    """The only shape that is drawn, or the only one of any size."""
    drawn = [s for s in there.shapes if s.drawing >= 0 and s.size > 5] or [s for s in there.shapes if s.kind != "text"]
    if len(drawn) > 1:
        largest = max(drawn, key=lambda s: s.area)
        drawn = [largest] if all(s.area < largest.area / 3 for s in drawn if s is not largest) else []
    return drawn[0] if drawn else None


def _given(answers: tuple[str, ...], request: Heard, asked: Asked) -> Proposal | Refusal:
    """The answer as a press of the button that says it, or written into the only field."""
    page = asked.page
    asked.kept["that"] = answers[0]
    if "0" in answers[1:] and len({answer for answer in answers if _button(answer, page)}) != 1:
        return Refusal(reason="All of them are of one size: which size that is cannot be told.")
    for answer in answers:
        if (target := _button(answer, page)) is not None:
            return Proposal(_SURE, (Step(action=Click(target=target), intent=f"answer {answer}"),), request.end)
    fields = [i for i, e in enumerate(page.elements) if e.role in _FIELDS and "disabled" not in e.states and e.ref]
    target = (pointer(fields[0], page) or Target(role=page.elements[fields[0]].role)) if len(fields) == 1 else None
    if target is None:
        return Refusal(reason=f"The answer is {answers[0]}; there is no button or field here to give it.")
    steps: list[Any] = [Step(action=Fill(target=target, text=answers[0]), intent=f"answer {answers[0]}")]
    alone = request.end >= len(asked.words.rstrip(" .?!"))
    if alone and (button := submit_button(page)):
        steps.append(Step(action=Click(target=button), intent="hand in the answer"))
    return Proposal(_SURE, tuple(steps), request.end)


def _button(answer: str, page: Page) -> Target | None:
    roles = ("button", "link", "option", "radio", "tab", "menuitem")
    found = [i for i, e in enumerate(page.elements) if (e.role in roles or e.clickable) and _says(i, page) == answer.casefold()]
    found = [i for i in found if page.elements[i].role in roles] or found
    outer = [i for i in found if not any(page.holds(other, i) for other in found)]
    return pointer(outer[0], page) if len(outer) == 1 else None


def _says(index: int, page: Page) -> str:
    element = page.elements[index]
    if element.role == "img" or (not element.name and page.ends[index] > index + 4):
        return ""
    return (element.name or element.value or page.observation.text_of(index)).casefold().strip()
