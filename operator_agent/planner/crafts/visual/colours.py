"""Colours by name: what a page calls teal is seldom exactly CSS's teal."""

from __future__ import annotations

from collections.abc import Iterable
from colorsys import rgb_to_hls
from functools import lru_cache
from math import dist
from typing import NamedTuple

from operator_agent.flow.looks import Colour

_SAME = 14.0
"""How far apart two colours may be and still be written as the same, of 441."""
_LIKE = 34.0
"""How far apart in CIE Lab two colours may be and still be called alike."""
_HUES = (
    (11, "red"), (40, "orange"), (68, "yellow"), (165, "green"), (200, "cyan"), (256, "blue"), (290, "purple"), (326, "magenta"),
    (346, "pink"), (361, "red"),
)  # fmt: skip


class Tone(NamedTuple):
    """A colour as it was said."""

    rgb: Colour
    light: int = 0
    """1 for "light", -1 for "dark"."""
    wide: bool = False
    """"Shades of": all that is of its hue."""


def parse_hex(text: str) -> Colour | None:
    """`#e1fac8`, `e1fac8`, `#fa0`; None when it is none."""
    digits = text.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    try:
        return Colour(*bytes.fromhex(digits)) if len(digits) == 6 else None
    except ValueError:
        return None


def hexadecimal(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def fitting(tone: Tone, colours: Iterable[Colour | None]) -> list[bool]:
    """Which of these are of that colour: those that are exactly so when there are any, else those of its kind."""
    given = list(colours)
    exact = [colour is not None and dist(colour, tone.rgb) <= _SAME for colour in given]
    if any(exact) and not tone.wide and not tone.light:
        return exact
    return [colour is not None and _alike(tone, colour) for colour in given]


def _alike(tone: Tone, colour: Colour) -> bool:
    lightness = rgb_to_hls(*(part / 255 for part in colour))[1]
    if (tone.light > 0 and lightness < 0.6) or (tone.light < 0 and lightness > 0.45):
        return False
    if family(colour) == family(tone.rgb):
        return True
    return not tone.wide and not tone.light and dist(_lab(colour), _lab(tone.rgb)) <= _LIKE / 2


def nearest(wanted: Colour, colours: list[Colour]) -> int:
    """The place of the colour that looks most like it."""
    return min(range(len(colours)), key=lambda at: dist(_lab(colours[at]), _lab(wanted)))


@lru_cache(maxsize=1024)
def family(colour: Colour) -> str:
    """`red`, `orange`, `brown`, … `black`, `grey`, `white`: what most people would call it."""
    hue, lightness, saturation = rgb_to_hls(*(part / 255 for part in colour))
    chroma = (max(colour) - min(colour)) / 255
    if lightness < 0.09 or (lightness < 0.16 and chroma < 0.1):
        return "black"
    if chroma < 0.09 or (saturation < 0.12 and chroma < 0.15):
        return "white" if lightness > 0.93 else "black" if lightness < 0.12 else "grey"
    name = next(name for end, name in _HUES if hue * 360 < end)
    if (name in ("red", "magenta") and lightness > 0.72 and hue * 360 > 300) or (name == "red" and lightness > 0.8):
        return "pink"
    earthen = (name == "orange" and lightness < 0.42) or (name == "red" and lightness < 0.45 and saturation < 0.62)
    return "brown" if earthen else name


@lru_cache(maxsize=1024)
def _lab(colour: Colour) -> tuple[float, float, float]:
    """CIE 1976 L*a*b* under D65, where equal distances look about equally far."""
    r, g, b = ((part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )  # fmt: skip
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
