"""Points in pictures: every space, every scale, and the element that is meant; on a real page in a real browser."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image as Pixels
from playwright.async_api import Browser, async_playwright

from operator_agent.executor import Executor
from operator_agent.flow.action import Click
from operator_agent.flow.observation import Box, Element, Observation, Picture
from operator_agent.flow.plan import Refusal
from operator_agent.models.computer import Space
from operator_agent.planner.points import Lens, Pointed, Pointer, as_sent
from operator_agent.roles import Grounded
from operator_agent.surfaces.browser import engine
from operator_agent.surfaces.browser.surface import BrowserSurface

CHROMIUM = "/usr/bin/chromium-headless-shell"
WIDTH, HEIGHT = 800, 600
"""Of a window that was not told its size."""
COLUMNS, ROWS = WIDTH // 30, HEIGHT // 30
GRID = "<title>Grid</title><style>body{margin:0}button{position:absolute;width:30px;height:30px;padding:0}</style>" + "".join(
    f'<button style="left:{column * 30}px;top:{row * 30}px" aria-label="r{row}c{column}"></button>'
    for row in range(ROWS)
    for column in range(COLUMNS)
)
SPACES: tuple[Space, ...] = ("pixels", "unit", "thousand")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        await engine.register(playwright)
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        await opened.close()


async def look(browser: Browser, html: str) -> tuple[Observation, Picture]:
    context = await browser.new_context(no_viewport=True)
    page = await context.new_page()
    await page.set_content(html)
    surface = BrowserSurface(page)
    picture, seen = await surface.picture(), await surface.observe(deep=True)
    await surface.close()
    await context.close()
    assert picture
    return seen, picture


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
async def test_every_target_of_a_grid_is_hit_in_every_space(scale: float) -> None:
    async with async_playwright() as playwright:
        await engine.register(playwright)
        dense = f"--force-device-scale-factor={scale}"
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", dense])
        seen, picture = await look(browser, GRID)
        await browser.close()
    assert (picture.width, picture.height, picture.scale) == (WIDTH * scale, HEIGHT * scale, scale)
    wrong, pointer = [], Pointer(seen, Lens("pixels", as_sent(picture), picture))
    for space in SPACES:
        for longest in (0, 640):
            lens = Lens(space, as_sent(picture, longest), picture)
            assert max(lens.image.width, lens.image.height) == (longest or picture.width)
            pointer.lens = lens  # the page is the same, and what its elements are called
            wrong += [f"{space} {longest} {point}" for point, name in _points(lens) if not _hits(pointer, point, name)]
    assert not wrong


def _points(lens: Lens) -> list[tuple[tuple[float, float], str]]:
    """Points up to 2 px off the middle and 2 px inside each corner, as a model would write them, for some of the targets."""
    found = []
    for row in range(1, ROWS, 6):
        for column in range(2, COLUMNS, 8):
            for off_x, off_y in ((15, 15), (17, 13), (13, 17), (2, 2), (28, 28), (2, 28)):
                x, y = (column * 30 + off_x) / WIDTH, (row * 30 + off_y) / HEIGHT
                whole = {"pixels": (lens.image.width, lens.image.height), "unit": (1, 1), "thousand": (1000, 1000)}[lens.space]
                digits = 4 if lens.space == "unit" else 0
                found.append(((round(x * whole[0], digits), round(y * whole[1], digits)), f"r{row}c{column}"))
    return found


def _hits(pointer: Pointer, point: tuple[float, float], name: str) -> bool:
    found = pointer.at(point)
    return isinstance(found, Pointed) and found.target.name == name and not found.why


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("longest", [0, 500, 1568])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0, 3.0])
def test_points_go_to_css_pixels_and_back_within_two(space: Space, longest: int, scale: float) -> None:
    written = io.BytesIO()
    width, height = round(1280 * scale), round(800 * scale)
    Pixels.new("RGB", (width, height)).save(written, "JPEG")
    picture = Picture(jpeg=written.getvalue(), width=width, height=height, scale=scale)
    lens = Lens(space, as_sent(picture, longest), picture)
    for place in ((0.0, 0.0), (13.0, 787.0), (640.0, 400.0), (1279.0, 799.0)):
        back = lens.to_view(lens.from_view(place))
        assert back and max(abs(back[0] - place[0]), abs(back[1] - place[1])) <= 2


def test_a_point_outside_the_picture_is_refused() -> None:
    picture = Picture(jpeg=b"", width=100, height=100)
    lens = Lens("unit", as_sent(picture), picture)
    assert lens.to_view((1.003, 0.5)) == (100, 50)
    assert lens.to_view((640, 0.5)) is None
    found = Pointer(Observation(at=0), lens).at((640, 0.5))
    assert isinstance(found, Refusal)
    assert "outside the picture" in found.reason
    assert found.outcome == "incomplete"


PAGE = """<title>t</title><style>body{margin:0} body>*{position:absolute}</style>
<label style="left:20px;top:20px"><input type=checkbox> Tea with milk</label>
<label for=n style="left:20px;top:60px;width:100px">Name</label><input id=n style="left:200px;top:60px;width:100px;height:20px">
<button style="left:20px;top:100px;width:100px;height:30px">Add</button>
<button style="left:140px;top:100px;width:100px;height:30px">Add</button>
<button style="left:20px;top:150px;width:30px;height:30px"></button>
<button style="left:60px;top:150px;width:30px;height:30px"></button>
<a href=#x style="left:20px;top:200px"><button style="width:80px;height:30px">Twice</button></a>
<div onclick="1" style="left:200px;top:200px;width:80px;height:30px;background:red">Card</div>
<div onclick="1" style="left:300px;top:200px;width:30px;height:30px;background:blue"></div>
<div onclick="1" style="left:340px;top:200px;width:30px;height:30px;background:green"></div>
<button style="left:20px;top:300px;width:60px;height:30px">Left</button>
<button style="left:84px;top:300px;width:60px;height:30px">Right</button>
<canvas onclick="1" style="left:500px;top:0;width:400px;height:400px"></canvas>
<input type=range aria-label=Volume style="left:20px;top:360px;width:200px;height:20px">
<button style="left:300px;top:500px;width:100px;height:40px">Under</button>
<dialog open style="left:250px;top:450px;width:300px;height:150px;margin:0"><p>Sure?</p>
<button style="position:absolute;left:200px;top:100px;width:80px;height:30px">Yes</button></dialog>
<p style="left:20px;top:420px">Just text, far from all</p>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pointer(browser: Browser) -> Pointer:
    seen, picture = await look(browser, PAGE)
    return Pointer(seen, Lens("pixels", as_sent(picture), picture))


@pytest.mark.parametrize(
    ("point", "target", "why"),
    [
        ((70, 115), 'button "Add" (1)', ""),
        ((190, 115), 'button "Add" (2)', ""),
        ((75, 165), None, ""),
        ((60, 215), 'button "Twice"', ""),
        ((240, 215), 'generic "Card"', ""),
        ((70, 134), 'button "Add" (1)', "4 px from the point"),
        ((90, 30), 'checkbox "Tea with milk"', "on its label"),
        ((60, 315), 'button "Left"', ""),
        ((122, 372), 'slider "Volume"', ""),
        ((500, 575), 'button "Yes"', ""),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_under_a_point(pointer: Pointer, point: tuple[float, float], target: str | None, why: str) -> None:
    found = pointer.at(point)
    assert isinstance(found, Pointed), found
    assert why in found.why
    assert bool(why) == bool(found.why)
    assert target is None or str(found.target) == target
    grounded = Executor().ground(Click(target=found.target), pointer.page.observation)
    assert isinstance(grounded, Grounded)
    box = grounded.elements["target"].box
    assert box
    assert why or (box.x <= point[0] <= box.x + box.width and box.y <= point[1] <= box.y + box.height)


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ((82, 315), "lies between"),
        ((560, 60), "only its middle"),
        ((30, 370), "use keys"),
        ((100, 428), "nothing under it"),
        ((340, 520), "nothing under it"),
        ((315, 215), "nothing tells apart"),
    ],
    ids=["between two", "in a canvas", "on a slider", "text", "covered by a dialog", "one nameless box of several"],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_no_blind_clicks(pointer: Pointer, point: tuple[float, float], reason: str) -> None:
    found = pointer.at(point)
    assert isinstance(found, Refusal), found
    assert reason in found.reason


def test_the_nearest_are_told_in_the_models_own_numbers() -> None:
    save = Element(ref="e1", role="button", name="Save", box=Box(100, 100, 40, 20))
    picture = Picture(jpeg=b"", width=2000, height=1000, scale=2)
    found = Pointer(Observation(at=0, elements=(save,)), Lens("thousand", as_sent(picture), picture)).at((500, 500))
    assert isinstance(found, Refusal)
    assert found.nearest == ('button "Save" at 120, 220',)
