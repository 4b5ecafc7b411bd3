"""Requests about looks, on pages of our own: what is asked for is done, and the page itself tells so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from math import atan2, degrees
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from operator_agent import Limits, Operator
from operator_agent.flow.record import Result
from operator_agent.surfaces.browser.shapes import read_looks
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = Path(__file__).parent / "visual_pages"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def shown(browser: Browser, name: str, part: str = "") -> Page:
    page = await browser.new_page(viewport={"width": 640, "height": 560})
    await page.goto(f"{(PAGES / name).as_uri()}.html{part}")
    return page


async def done(browser: Browser, name: str, words: str, part: str = "") -> tuple[Result, str]:
    """How the run of these words ended, and what the page tells then."""
    page = await shown(browser, name, part)
    limits = Limits(step=6, steps=70)
    given = Operator(page=page, planners=("words",), record=False, pictures=False, learning=False, allow=["*"], limits=limits)
    async with given as operator:
        result = await operator.run(words)
    told = await page.evaluate("document.querySelector('output').textContent.trim()")
    await page.close()
    return result, str(told)


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("board", "Drag all circles into the left box, then press Submit", "west: sun pea; east: "),
        ("board", "Move the red square into the right box and press Submit", "west: ; east: brick"),
        ("board", "Put the triangle into the left box and everything else into the right one, then press Submit",
         "west: leaf; east: sun pea brick egg plank"),
        ("board", "Drag the small green circle into the red box", "west: ; east: pea"),
        ("board", "拖动蓝色的矩形到右边的框", "west: ; east: plank"),
        ("swatches", "Click the orange triangle", "tip."),
        ("swatches", "Click on the smallest black circle", "bead."),
        ("swatches", "Press the six-sided shape", "hexagon."),
        ("swatches", "点击最大的黑色圆形", "ball."),
        ("swatches", "Select all the shades of blue and press Submit", "picked sky navy cobalt #102030."),
        ("swatches", "Choose the dark blue square, then press Submit", "picked navy #102030."),
        ("swatches", "Press the button that says how many sides the figure has", "answered 5."),
        ("swatches", "How many circles are there?", "answered 2."),
        ("swatches", "Set the accent colour to tomato and press Submit", "picked  #ff6347."),
        ("cards", "Sort the numbers in increasing order", "7 25 40 112"),
        ("cards", "Drag 112 to the 2nd position, then press Done", "40 112 7 25"),
        ("cards", "Drag 25 above 7 and press Done", "40 25 7 112"),
        ("radar", "Find and click on the hot spot", "found."),
    ],
)  # fmt: skip
async def test_what_is_asked_for_by_looks_is_done(browser: Browser, name: str, words: str, told: str) -> None:
    result, shows = await done(browser, name, words)
    assert shows == told.strip(), result.reason
    assert result.outcome in ("passed", "unverified"), result.reason


@pytest.mark.parametrize("part", ["#angle", "#angle-click"])
async def test_an_angle_is_bisected_by_drag_or_click(browser: Browser, part: str) -> None:
    result, told = await done(browser, "sheet", "Draw a line that bisects the angle, then press Submit", part)
    x, y = json.loads(told)[0][-2:]
    arms = [degrees(atan2(60 - 120, 210 - 90)), degrees(atan2(190 - 120, 190 - 90))]
    assert degrees(atan2(y - 120, x - 90)) == pytest.approx(sum(arms) / 2, abs=1.0), result.reason


async def test_lines_and_middles_are_where_they_should_be(browser: Browser) -> None:
    _, told = await done(browser, "sheet", "Draw a line from the red dot to the blue dot and press Submit", "#dots")
    assert json.loads(told)[0] == pytest.approx([60, 170, 240, 50], abs=2)
    _, told = await done(browser, "sheet", "Draw a horizontal line through the red dot, then press Submit", "#dots")
    assert {round(number) for number in json.loads(told)[0][1::2]} <= {169, 170, 171}
    _, told = await done(browser, "sheet", "Click on the midpoint between the two dots, then press Submit", "#dots-click")
    assert json.loads(told)[-1] == pytest.approx([150, 110], abs=1.5)
    _, told = await done(browser, "sheet", "Find and click the centre of the circle, then press Submit", "#ring-click")
    assert json.loads(told)[-1] == pytest.approx([170, 110], abs=1.5)
    words = "Draw a circle around the green dot by dragging the mouse. Press Submit when done."
    result, told = await done(browser, "sheet", words, "#ball")
    assert told, result.reason
    distances = json.loads(told)
    assert len(distances) > 30 and max(distances) - min(distances) < 4


@pytest.mark.parametrize(
    ("name", "words", "why"),
    [
        ("swatches", "Click the purple pentagon", "purple pentagon"),
        ("board", "Drag the yellow star into the green box", ""),
        ("cards", "Drag 25 to the 9th position", "no such place"),
        ("radar", "Click on the point (2, 3)", "no grid"),
        ("swatches", "Click the blue square", "say which"),
    ],
)
async def test_what_is_not_there_or_is_there_twice_is_refused(browser: Browser, name: str, words: str, why: str) -> None:
    result, told = await done(browser, name, words)
    assert result.outcome in ("needs_human", "failed", "incomplete")
    assert told == "" and why in result.reason


async def test_looks_are_read_as_they_are_drawn(browser: Browser) -> None:
    page = await shown(browser, "board")
    looks = await read_looks(page)
    await page.close()
    kinds = {tuple(shape.fill or ()): shape.kind for shape in looks.shapes if shape.drawing == 0}
    assert kinds[246, 201, 21] == "circle" and kinds[58, 166, 85] == "triangle" and kinds[208, 59, 47] == "square"
    assert kinds[123, 63, 160] == "ellipse" and kinds[36, 98, 208] == "rectangle"
    page = await shown(browser, "swatches")
    looks = await read_looks(page)
    await page.close()
    assert [shape.sides for shape in looks.shapes if shape.drawing == 0 and not shape.ground][:1] == [5]
    assert 6 in [shape.sides for shape in looks.shapes if shape.drawing < 0]
