"""When a page must be seen: what its text cannot tell goes to the model as a picture, and only then."""

from __future__ import annotations

import re

from operator_agent.flow.observation import Observation
from operator_agent.grounding.fit import INTERACTIVE

_VISUAL = re.compile(
    r"\b(?:colou?rs?|picture|image|photo|icon|logo|chart|graph|diagram|drawing|map|looks? like|shape|"
    r"red|green|blue|yellow|orange|purple|pink|grey|gray)\b|颜色|图片|图表|图标|照片|看起来",
    re.IGNORECASE,
)
_UNNAMED = frozenset({"img", "image", "figure", "canvas", "graphics-document"})
_LITTLE = 40
"""Characters of text below which a page without anything to act on tells nothing."""


def tells_nothing(seen: Observation) -> bool:
    """A page without anything to act on and hardly a word: a canvas, one picture, or one that is still coming."""
    if seen.dialog or any(one.role in INTERACTIVE or one.clickable for one in seen.elements):
        return False
    return sum(len(one.name) + len(one.value) for one in seen.elements) < _LITTLE


def wants_picture(command: str, seen: Observation, troubled: int) -> bool:
    """Whether the text may not be enough: it tells nothing, the command asks for what is only seen, or the same trouble came twice
    on a page with pictures that have no name."""
    if tells_nothing(seen) or _VISUAL.search(command):
        return True
    return troubled > 1 and any(one.role in _UNNAMED and not one.name for one in seen.elements)
