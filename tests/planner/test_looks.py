"""Words for looks, colours by name, outlines, and requests to drag: what they are read as, with no page at all."""

from __future__ import annotations

import time
from math import cos, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_agent.flow.geometry import Box, Spot
from operator_agent.flow.looks import Colour, Shape
from operator_agent.planner.crafts.visual import visual
from operator_agent.planner.crafts.visual.axes import axes_of
from operator_agent.planner.crafts.visual.cells import cells_around, neighbour, place_in
from operator_agent.planner.crafts.visual.colours import Tone, family, fitting, parse_hex
from operator_agent.planner.crafts.visual.moves import moves_of
from operator_agent.planner.crafts.visual.vocabulary import colour_named
from operator_agent.planner.crafts.visual.wanted import wanted
from operator_agent.surfaces.outline import outlined


def polygon(sides: int, radius: float = 30.0, wobble: float = 0.0, points: int = 120) -> tuple[Spot, ...]:
    """Many points along the outline of a regular polygon, each off by up to `wobble`."""
    corners = [(radius * cos(2 * pi * n / sides + 0.4), radius * sin(2 * pi * n / sides + 0.4)) for n in range(sides)]
    found = []
    for n in range(points):
        at, share = divmod(n * sides / points, 1)
        (x, y), (x2, y2) = corners[int(at) % sides], corners[(int(at) + 1) % sides]
        off = wobble * (-1) ** n
        found.append(Spot(50 + x + (x2 - x) * share + off, 50 + y + (y2 - y) * share - off))
    return tuple(found)


def around(spots: tuple[Spot, ...]) -> Box:
    xs, ys = [spot.x for spot in spots], [spot.y for spot in spots]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


@pytest.mark.parametrize("sides", [3, 4, 5, 6, 7, 8])
def test_a_traced_outline_has_as_many_corners_as_it_was_drawn_with(sides: int) -> None:
    spots = polygon(sides, wobble=0.4)
    kind, corners = outlined("area", around(spots), spots)
    assert len(corners) == sides
    assert kind == {3: "triangle", 4: "square"}.get(sides, "polygon")


def test_what_is_round_is_no_polygon() -> None:
    spots = polygon(90, wobble=0.4)
    assert outlined("area", around(spots), spots) == ("circle", ())
    open_line = tuple(Spot(10.0 + n, 20.0 + n / 2) for n in range(60))
    assert outlined("path", around(open_line), open_line)[0] == "line"


@pytest.mark.parametrize(
    ("phrase", "kinds", "size", "many", "text"),
    [
        ("all small red circles", {"circle"}, "small", True, ""),
        ("the largest box", {"square", "rectangle"}, "largest", False, ""),
        ("everything else", set(), "", True, ""),
        ("the letter B", {"text"}, "", False, "B"),
        ("9s", set(), "", True, "9"),
        ("最大的黑色圆形", {"circle"}, "largest", False, ""),
    ],
)
def test_a_phrase_says_what_is_wanted(phrase: str, kinds: set[str], size: str, many: bool, text: str) -> None:
    want = wanted(phrase)
    assert want is not None
    assert (set(want.kinds), want.size, want.many, want.text) == (kinds, size, many, text)


@pytest.mark.parametrize("phrase", ["Card A", "Ada", "the Save button", "my last invoice", "the basket"])
def test_a_name_is_no_look(phrase: str) -> None:
    want = wanted(phrase)
    assert want is None or not want.seen


def test_a_colour_is_what_is_exactly_so_else_what_people_call_so() -> None:
    blue, navy, sky = Colour(0, 0, 255), Colour(0, 0, 128), Colour(120, 190, 255)
    assert fitting(Tone(blue), [blue, navy, sky, None]) == [True, False, False, False]
    assert fitting(Tone(blue), [navy, sky, Colour(200, 30, 30)]) == [True, True, False]
    assert fitting(Tone(blue, light=-1), [blue, navy, sky]) == [False, True, False]
    assert fitting(Tone(blue, wide=True), [blue, navy, sky]) == [True, True, True]
    assert [family(Colour(*tone)) for tone in ((70, 70, 70), (250, 250, 250), (128, 128, 130), (139, 69, 19))] == [
        "grey", "white", "grey", "brown",
    ]  # fmt: skip
    assert colour_named("light green") == parse_hex("#90ee90") and colour_named("#fa0") == Colour(255, 170, 0)
    assert colour_named("Ada") is None and parse_hex("#ggg") is None


@pytest.mark.parametrize(
    ("words", "hows", "left"),
    [
        ("Drag all red shapes into the left box, and everything else into the right box.", ["into", "into"], "."),
        ("Move the green square 40 pixels to the right and press OK", ["way"], " and press OK"),
        ("drag Eve up by one", ["way"], ""),
        ("drag the circle to the left of the triangle", ["beside"], ""),
        ("put the blue one in the third position, then press Done", ["into"], ", then press Done"),
        ("put Ada in the Name field", [], "put Ada in the Name field"),
        ("drag Card A to Done", [], "drag Card A to Done"),
        ("move to the next page", [], "move to the next page"),
    ],
)
def test_requests_to_drag_are_read_in_order(words: str, hows: list[str], left: str) -> None:
    moves, end = moves_of(words)
    assert [move.how for move in moves] == hows
    assert words[end:] == left


def block(x: float, y: float, text: str = "", width: float = 40) -> Shape:
    return Shape("rectangle", Box(x, y, width, 30), text=text, fill=Colour(230, 230, 250), size=width)


def test_cells_know_their_places() -> None:
    shapes = [block(60 * column, 40 * row, f"{row}{column}") for row in range(3) for column in range(3)]
    cells = cells_around(shapes[4], [*shapes, block(300, 10, "far", 90)])
    assert [cell.text for cell in cells] == [f"{row}{column}" for row in range(3) for column in range(3)]
    for places, text in ((("top", "right"), "02"), (("middle", "left"), "10"), (("middle",), "11"), (("bottom", "middle"), "21")):
        found = place_in(places, cells)
        assert found and found.text == text
    beside = neighbour(cells[4], "left", 1, cells)
    assert beside and beside.text == "10" and neighbour(cells[0], "top", 1, cells) is None


def test_axes_are_told_by_their_numbers() -> None:
    across = [Shape("text", Box(100 + 20 * n - 3, 102, 6, 10), text=str(n), size=10) for n in (-2, -1, 1, 2)]
    up = [Shape("text", Box(85, 100 - 20 * n - 5, 6, 10), text=str(n), size=10) for n in (-2, -1, 1, 2)]
    axes = axes_of([*across, *up])
    assert axes and axes.spot(2, -1) == pytest.approx((140, 120), abs=1)
    assert axes_of(across) is None and axes_of([]) is None


_PARTS = [
    "drag", "the", "red", "circle", "into", "and", ",", "box", "everything else", "left", "by", "3", "how many", "are there",
    "#ff00", "draw a line", "through", "bisects the angle", "small", "B", "点击", "红色", "click", "(", "2,", "-1)", "sort",
    "in ascending order", "'",
]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_PARTS), max_size=60).map(" ".join)))
def test_any_words_are_read_without_fail_and_at_once(words: str) -> None:
    crafts = visual()
    began = time.process_time()
    for craft in crafts:
        craft.hears(words)
    wanted(words)
    assert time.process_time() - began < 0.5  # measured below 0.05 s; the bound leaves room for a busy machine
