"""Acts inside a cross-origin frame that has to be scrolled to, and around what covers it from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from operator_agent.flow.action import Click, Fill, Hover, Read, Select, Tick
from tests.surfaces.browser.stage import Site, Stage, chromium, serving, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(site: Site) -> AsyncIterator[Stage]:
    async with chromium() as browser, staged(browser, site) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tab: Stage) -> Stage:
    await tab.open("frames.html")
    await tab.page.frames[1].wait_for_selector("#inner")
    return tab


async def test_click_in_a_frame(stage: Stage, site: Site) -> None:
    done = await stage.do(Click, target='button "Inner"')
    assert (done.delivery, done.trouble) == ("sent", None)
    await site.told("click inner")
    assert done.point and done.box and done.box.x < done.point[0] < done.box.x + done.box.width
    bounds = await stage.page.frames[1].locator("#inner").bounding_box()
    assert bounds and abs(bounds["x"] - done.box.x) < 1.5 and abs(bounds["y"] - done.box.y) < 1.5


async def test_fields_in_a_frame(stage: Stage, site: Site) -> None:
    inner = stage.page.frames[1]
    await stage.do(Fill, target='textbox "Card"', text="4242")
    assert await inner.evaluate("card.value") == "4242"
    await stage.do(Select, target='combobox "Year"', options=("2028",))
    assert await inner.evaluate("year.value") == "2028"
    await stage.do(Tick, target='checkbox "Agree"')
    assert await inner.evaluate("agree.checked")
    await stage.do(Select, target='combobox "Bank"', options=("Second",))
    await site.told("bank 2")
    assert (await stage.do(Read, target='textbox "Card"', into="it", what="value")).value == "4242"


async def test_cover_outside_the_frame_is_seen(stage: Stage, site: Site) -> None:
    await stage.look()
    await stage.page.evaluate("lid.style.display = 'block'")
    for kind in (Click, Hover):
        done = await stage.act(kind, target='button "Inner"')
        assert done.trouble and (done.trouble.kind, done.delivery) == ("covered", "none")
        assert 'dialog "Lid"' in done.trouble.detail
    assert site.log == []
