"""Acts at points, as the page's own events tell them, and what they refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from operator_agent.flow.action import Action, ClickAt, DragFrom, HoverAt
from operator_agent.flow.geometry import Spot
from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Performed
from operator_agent.flow.target import Target
from operator_agent.surfaces.browser.surface import BrowserSurface
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = """<body style="margin: 0; height: 2400px">
<svg role="img" aria-label="Map" style="position: absolute; left: 50px; top: 1500px" width="200" height="100">
  <rect width="200" height="100" fill="#ddd"/></svg>
<button style="position: absolute; left: 20px; top: 20px; width: 80px; height: 30px">Pay</button>
<script>window.log = []; window.path = [];
const say = event => log.push(`${event.type} ${event.pageX},${event.pageY} ${event.target.localName}`);
for (const kind of ['click', 'mousedown', 'mouseup']) addEventListener(kind, say);
addEventListener('mousemove', event => { window.last = `${event.pageX},${event.pageY}`; path.push([event.pageX, event.pageY]); });
</script>"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def act(browser: Browser, action: Action) -> tuple[Performed, list[str], Page]:
    page = await browser.new_page(viewport={"width": 500, "height": 400})
    await page.set_content(PAGE)
    surface = BrowserSurface(page, limits=Limits(step=2))
    seen = await surface.observe(deep=True)
    named = getattr(action, "target", None)
    elements = {"target": next(e for e in seen.elements if e.name == named.name)} if named else {}
    performed = await surface.perform(action, elements)
    log = await page.evaluate("log")
    await surface.close()
    return performed, log, page


async def test_a_point_of_the_page_is_clicked_wherever_it_is_scrolled_to(browser: Browser) -> None:
    performed, log, _ = await act(browser, ClickAt(point=Spot(300, 2000)))
    assert performed.delivery == "sent" and "click 300,2000 body" in log


async def test_a_point_of_an_element_is_told_from_its_corner(browser: Browser) -> None:
    _, log, _ = await act(browser, ClickAt(point=Spot(30, 40), target=Target.parse('img "Map"')))
    assert "click 80,1540 rect" in log
    performed, log, _ = await act(browser, ClickAt(point=Spot(300, 40), target=Target.parse('img "Map"')))
    assert performed.trouble and performed.trouble.kind == "absent" and not log


async def test_a_control_is_never_clicked_by_its_place(browser: Browser) -> None:
    performed, log, _ = await act(browser, ClickAt(point=Spot(40, 30)))
    assert performed.delivery == "none" and not log
    assert performed.trouble and performed.trouble.kind == "covered" and "Pay" in performed.trouble.detail


async def test_a_drag_passes_its_point_and_ends_where_it_should(browser: Browser) -> None:
    _, log, page = await act(browser, DragFrom(start=Spot(200, 200), via=(Spot(300, 100),), end=Spot(400, 300)))
    assert [line for line in log if "mouse" in line] == ["mousedown 200,200 body", "mouseup 400,300 body"]
    assert [300, 100] in await page.evaluate("path")


async def test_the_pointer_rests_where_it_is_told_to(browser: Browser) -> None:
    performed, log, page = await act(browser, HoverAt(point=Spot(40, 30)))
    assert not performed.trouble and not log and await page.evaluate("last") == "40,30"
