"""The tab an act opens becomes the active one; others do not; a closed one gives way to its opener."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error

from operator_agent.errors import SurfaceLost
from operator_agent.flow.action import Click, CloseTab, SwitchTab
from tests.surfaces.browser.stage import Site, Stage, chromium, serving, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser, site: Site) -> AsyncIterator[Stage]:
    async with staged(browser, site) as stage:
        await stage.open("windows.html")
        yield stage


async def titles(stage: Stage) -> list[str]:
    return [("*" if tab.active else "") + tab.title for tab in (await stage.look()).tabs]


@pytest.mark.parametrize("target", ['button "Open"', 'link "New tab"', 'button "Open after answer"'])
async def test_tab_the_act_opens_is_active(stage: Stage, target: str) -> None:
    done = await stage.do(Click, target=target)
    assert done.facts == ('opened tab "Child"',)
    assert await titles(stage) == ["Windows", "*Child"]
    assert 'heading "Child"' in stage.seen.tree


async def test_slow_tab_is_waited_for(stage: Stage) -> None:
    done = await stage.do(Click, target='link "Slow tab"')
    assert done.facts == ('opened tab "Slow"',)
    assert await titles(stage) == ["Windows", "*Slow"]


async def test_tab_of_a_timer_is_followed_but_not_active(stage: Stage) -> None:
    async with stage.page.context.expect_page():
        await stage.do(Click, target='button "Open later"')
    await stage.until("true")
    assert await titles(stage) == ["*Windows", "Child"]


async def test_self_closing_tab_returns_to_its_opener(stage: Stage) -> None:
    await stage.do(Click, target='button "Open"')
    done = await stage.do(Click, target='button "Close me"')
    assert (done.delivery, done.trouble) == ("sent", None)
    assert any("closed" in fact for fact in done.facts)
    assert await titles(stage) == ["*Windows"]


async def test_switch_and_close(stage: Stage) -> None:
    await stage.do(Click, target='button "Open"')
    await stage.look()
    assert not (await stage.surface.perform(SwitchTab(tab="windows"), {})).trouble
    assert await titles(stage) == ["*Windows", "Child"]
    assert not (await stage.surface.perform(CloseTab(tab="Child"), {})).trouble
    assert await titles(stage) == ["*Windows"]


async def test_switch_to_no_tab_or_to_two(stage: Stage) -> None:
    await stage.do(Click, target='button "Open"')
    await stage.look()
    await stage.surface.perform(SwitchTab(tab="Windows"), {})
    none = await stage.surface.perform(SwitchTab(tab="Payment"), {})
    assert none.trouble and none.trouble.kind == "absent" and set(none.trouble.candidates) == {"Windows", "Child"}
    await stage.do(Click, target='button "Open"')
    await stage.look()
    two = await stage.surface.perform(SwitchTab(tab="Chil"), {})
    assert two.trouble and two.trouble.kind == "ambiguous"


async def test_last_tab_is_not_closed(stage: Stage) -> None:
    done = await stage.surface.perform(CloseTab(), {})
    assert done.trouble and (done.trouble.kind, done.delivery) == ("rejected", "none")


async def test_nothing_of_the_user_is_closed_or_followed(browser: Browser, site: Site) -> None:
    context = await browser.new_context()
    other = await context.new_page()
    page = await context.new_page()
    await page.goto(f"{site.url}/windows.html")
    from operator_agent.surfaces.browser.surface import BrowserSurface

    surface = BrowserSurface(page)
    await other.goto(f"{site.url}/child.html")
    seen = await surface.observe()
    assert len(seen.tabs) == 1
    assert not any("child.html" in exchange.url for exchange in seen.exchanges)
    await surface.close()
    await surface.close()
    assert not other.is_closed() and not page.is_closed()
    await context.close()


async def test_closed_page_is_a_lost_surface(browser: Browser, site: Site) -> None:
    async with staged(browser, site) as stage:
        await stage.open("windows.html")
        await stage.look()
        await stage.page.close()
        with pytest.raises(SurfaceLost, match="closed"):
            await stage.surface.observe()
        with pytest.raises(SurfaceLost):
            await stage.act(Click, target='button "Open"')
        with pytest.raises(SurfaceLost):
            await stage.surface.changed(0.1)


async def test_crashed_tab_is_a_lost_surface(browser: Browser, site: Site) -> None:
    async with staged(browser, site) as stage:
        await stage.open("windows.html")
        await stage.look()
        async with stage.page.expect_event("crash"):
            with pytest.raises(Error):
                await stage.page.goto("chrome://crash")
        with pytest.raises(SurfaceLost, match="crashed"):
            await stage.surface.observe()


async def test_a_tab_that_closes_while_it_is_looked_at(stage: Stage) -> None:
    """Payment pages do: the look is then at the tab that is active instead."""
    big = "".join(f"<button>Button {number}</button>" for number in range(1_500))
    for wait in (5, 20, 40, 80):
        async with stage.page.context.expect_page() as opening:
            await stage.page.evaluate("window.open('about:blank')")
        popup = await opening.value
        await popup.set_content(f"<title>Pay</title>{big}")
        await stage.do(SwitchTab, tab="Pay")
        await popup.evaluate("wait => setTimeout(() => window.close(), wait)", wait)
        for _ in range(4):
            await stage.surface.observe(deep=wait == 20)
            await stage.surface.picture()
            await stage.surface.changed(0.01)
        assert await titles(stage) == ["*Windows"]
