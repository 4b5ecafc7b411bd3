"""A colour for a colour field: "select gold with the color picker", "set the background colour to #e1fac8"."""

from __future__ import annotations

import re

from operator_agent.flow.action import Fill
from operator_agent.flow.looks import Colour
from operator_agent.flow.plan import Refusal, Step
from operator_agent.flow.target import Target
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.grounding.score import Wanted as Called
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.heard import Heard, heard
from operator_agent.planner.crafts.visual.acting import click
from operator_agent.planner.crafts.visual.choosing import scene
from operator_agent.planner.crafts.visual.colours import Tone, fitting, hexadecimal
from operator_agent.planner.crafts.visual.vocabulary import colour_named

_SURE = 96.0
_HEX = re.compile(r"#?[0-9a-f]{6}", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\)", re.IGNORECASE)
_FIELDS = frozenset({"textbox", "combobox", "searchbox"})
_CALLED = ("colour", "color", "hex", "颜色")


class Colouring:
    name = "colouring"
    sees = True

    def hears(self, words: str) -> bool:
        return any(_colour(request) for request in heard(words, self.name, "pick"))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for request in heard(asked.words, self.name, "pick"):
            if colour := _colour(request):
                return _filled(colour, request, asked.page) or _swatch(colour, request, asked)
        return None


def _colour(request: Heard) -> Colour | None:
    return colour_named(request.text("colour").strip(" .\"'"))


def _filled(colour: Colour, request: Heard, page: Page) -> Proposal | None:
    """The colour into the field that holds one, written as that one is."""
    index = _field(request, page)
    if index is None:
        return None
    held = page.elements[index].value
    text = hexadecimal(colour)
    if _RGB.fullmatch(held):
        text = "rgb({}, {}, {})".format(*colour)
    elif held and not held.startswith("#"):
        text = text.removeprefix("#")
    text = text.upper() if held != held.lower() else text
    role = page.elements[index].role
    alike = [i for i, e in enumerate(page.elements) if (e.role, e.name) == (role, page.elements[index].name)]
    nth = alike.index(index) + 1 if len(alike) > 1 else 0
    target = pointer(index, page) or Target(role=role, name=page.elements[index].name, nth=nth)
    step = Step(action=Fill(target=target, text=text), intent=f"choose the colour {request.text('colour')}")
    # A field that shows a colour as a number takes no name for one, however well the words name the field.
    return Proposal(100.0 if _HEX.fullmatch(held) or _RGB.fullmatch(held) else _SURE, (step,), request.end)


def _field(request: Heard, page: Page) -> int | None:
    fields = [i for i, e in enumerate(page.elements) if e.role in _FIELDS and e.ref and "disabled" not in e.states]
    if name := request.text("field"):
        said = Called(folded(name))
        fields = [i for i in fields if said.score(page.labels[i]) >= 78] or fields
    holding = [i for i in fields if _HEX.fullmatch(page.elements[i].value) or _RGB.fullmatch(page.elements[i].value)]
    called = [i for i in fields if any(word in page.labels[i] for word in _CALLED)]
    for found in (holding, called):
        if len(found) == 1:
            return found[0]
    return None


def _swatch(colour: Colour, request: Heard, asked: Asked) -> Proposal | Refusal | None:
    """The one block of that colour in a palette."""
    looks = asked.page.observation.looks
    if looks is None:
        return None
    there = scene(looks, asked.page)
    blocks = [s for s in there.all if s.fill and not s.text and not s.ground and s.kind in ("square", "rectangle", "circle")]
    found = [s for s, fits in zip(blocks, fitting(Tone(colour), [s.fill for s in blocks]), strict=True) if fits]
    small = [s for s in found if there.reacts(s) or s.widget] or found
    if len(small) != 1:
        return Refusal(reason=f"{len(small)} things here have the colour {request.text('colour')}, and there is no field for it.")
    return Proposal(_SURE, (click(small[0], looks, asked.page),), request.end)
