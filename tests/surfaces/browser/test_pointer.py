"""Clicks, hovers, drags and scrolls, as the page's own log tells them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent.flow.action import Click, DoubleClick, Drag, Hover, RightClick, Scroll
from operator_agent.flow.grant import Limits
from tests.surfaces.browser.stage import Site, Stage, chromium, seconds_since, serving, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(browser: Browser, site: Site) -> AsyncIterator[Stage]:
    async with staged(browser, site) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tab: Stage) -> Stage:
    await tab.open("pointer.html")
    return tab


async def test_click_arrives_once_and_says_where(stage: Stage, site: Site) -> None:
    done = await stage.do(Click, target='button "Go"')
    await site.told("click go")
    assert (done.delivery, done.trouble) == ("sent", None)
    assert done.box and done.point and done.box.x <= done.point[0] <= done.box.x + done.box.width
    assert site.log.count("click go") == 1


async def test_double_and_right_click(stage: Stage, site: Site) -> None:
    await stage.do(DoubleClick, target='button "Go"')
    await site.told("dblclick go")
    await stage.do(RightClick, target='button "Go"')
    await site.told("contextmenu go")


async def test_click_scrolls_to_what_is_below(stage: Stage, site: Site) -> None:
    assert not (await stage.do(Click, target='button "Below"')).trouble
    await site.told("click below")


async def test_click_on_a_link_over_two_lines_hits_it(stage: Stage, site: Site) -> None:
    await stage.do(Click, target='link "a link that goes on over two lines"')
    await site.told("click wrapped")


async def test_click_on_a_card_does_not_hit_the_link_in_its_middle(stage: Stage, site: Site) -> None:
    await stage.look()
    card = next(
        e for e in stage.seen.elements if e.clickable and stage.seen.text_of(stage.seen.elements.index(e)).startswith("The")
    )
    await stage.surface.perform(Click.model_validate({"target": {"words": "the card"}}), {"target": card})
    await site.told("card")
    assert "click inner" not in site.log


async def test_click_finds_the_part_that_is_not_covered(stage: Stage, site: Site) -> None:
    done = await stage.do(Click, target='button "Part"')
    await site.told("click part")
    assert done.point and done.point[0] < 50


async def test_covered_button_is_not_clicked_and_the_cover_is_named(stage: Stage, site: Site) -> None:
    await stage.look()
    await stage.page.evaluate("cover.style.display = 'block'")
    began = time.monotonic()
    done = await stage.act(Click, target='button "Go"')
    assert done.delivery == "none"
    assert done.trouble and done.trouble.kind == "covered"
    assert 'dialog "Cookies"' in done.trouble.detail
    assert 0.9 < seconds_since(began) < 4
    assert site.log == []


async def test_cover_that_goes_away_is_waited_for(stage: Stage, site: Site) -> None:
    await stage.look()
    await stage.page.evaluate("cover.style.display = 'block'; setTimeout(() => { cover.style.display = 'none' }, 500)")
    assert not (await stage.act(Click, target='button "Go"')).trouble
    await site.told("click go")


async def test_disabled_button_is_reported_at_the_limit(browser: Browser, site: Site) -> None:
    async with staged(browser, site, Limits(step=0.8)) as stage:
        await stage.open("pointer.html")
        for name in ("Off", "Quiet"):
            began = time.monotonic()
            done = await stage.do(Click, target=f'button "{name}"')
            assert done.delivery == "none"
            assert done.trouble and done.trouble.kind == "disabled" and name in done.trouble.detail
            assert seconds_since(began) < 3
        assert site.log == []


@pytest.mark.speed
async def test_button_that_becomes_enabled_is_waited_for(stage: Stage, site: Site) -> None:
    await stage.look()
    await stage.page.evaluate("setTimeout(() => { soon.disabled = false }, 400)")
    began = time.monotonic()
    assert not (await stage.act(Click, target='button "Soon"')).trouble
    await site.told("click soon")
    assert seconds_since(began) < 1.5


async def test_gone_element_is_stale_at_once(stage: Stage, site: Site) -> None:
    await stage.look()
    await stage.page.evaluate("document.getElementById('go').remove()")
    began = time.monotonic()
    done = await stage.act(Click, target='button "Go"')
    assert done.trouble and (done.trouble.kind, done.delivery) == ("stale", "none")
    assert seconds_since(began) < 2


async def test_replaced_element_is_stale_and_its_twin_is_not_clicked(stage: Stage, site: Site) -> None:
    await stage.look()
    await stage.page.evaluate("document.getElementById('go').replaceWith(document.getElementById('go').cloneNode(true))")
    done = await stage.act(Click, target='button "Go"')
    assert done.trouble and (done.trouble.kind, done.delivery) == ("stale", "none")
    assert site.log == []


async def test_guard_stops_a_click_on_what_moved_under_the_pointer(stage: Stage, site: Site) -> None:
    """The page shifts after the aim was taken, on the very move of the mouse: the click must not hit what is there then."""
    await stage.look()
    await stage.page.evaluate("""addEventListener('mousemove', () => {
      const row = document.createElement('button'); row.id = 'intruder'; row.textContent = 'Intruder';
      row.style.cssText = 'display:block;width:300px;height:60px';
      document.body.prepend(row);
    }, {once: true})""")
    done = await stage.act(Click, target='button "Go"')
    await stage.page.evaluate("tell('end')")
    await site.told("end")
    assert "click intruder" not in site.log
    assert site.log.count("click go") == 1 and done.delivery == "sent"


async def test_button_that_vanishes_on_click_was_clicked(stage: Stage, site: Site) -> None:
    done = await stage.do(Click, target='button "Vanish"')
    await site.told("removed")
    assert (done.delivery, done.trouble) == ("sent", None)


async def test_late_listener_is_waited_for(stage: Stage, site: Site) -> None:
    await stage.open("inert.html")
    done = await stage.do(Click, target='button "Late"')
    await site.told("late")
    assert done.facts == ()


async def test_inert_button_is_clicked_in_the_end_and_said_so(browser: Browser, site: Site) -> None:
    async with staged(browser, site, Limits(step=1.0)) as stage:
        await stage.open("inert.html")
        began = time.monotonic()
        done = await stage.do(Click, target='button "Dead"')
        assert 0.4 < seconds_since(began) < 3
        assert done.delivery == "sent"
        assert done.facts == ('nothing listens to clicks on button "Dead"',)


async def test_hover_shows_what_it_shows(stage: Stage) -> None:
    assert not (await stage.do(Hover, target='button "Hover me"')).trouble
    assert "A tip" in (await stage.look()).text


async def test_drag_html5(stage: Stage, site: Site) -> None:
    assert not (await stage.do(Drag, target='button "Piece"', to='region "Zone"')).trouble
    await site.told("dropped piece")


async def test_drag_pointer_events(stage: Stage, site: Site) -> None:
    assert not (await stage.do(Drag, target='slider "Knob"', to='region "Zone"')).trouble
    await site.told("knob 1")


async def test_scroll_page(stage: Stage) -> None:
    await stage.surface.perform(Scroll(direction="down"), {})
    assert await stage.page.evaluate("scrollY") > 300
    await stage.surface.perform(Scroll(direction="bottom"), {})
    at_end = await stage.surface.perform(Scroll(direction="down"), {})
    assert at_end.facts == ("nothing left to scroll that way",)
    await stage.surface.perform(Scroll(direction="top"), {})
    assert await stage.page.evaluate("scrollY") == 0


async def test_scroll_to_an_element(stage: Stage) -> None:
    assert not (await stage.do(Scroll, to='button "Below"')).trouble
    assert await stage.page.evaluate("document.getElementById('below').getBoundingClientRect().top < innerHeight")


@pytest.mark.speed
async def test_settled_click_costs_little(stage: Stage) -> None:
    """No more than 10 ms above Playwright's own click, which proves less; the quickest of ten, as the machine may be busy."""
    await stage.look()
    go = stage.element('button "Go"')
    ours, bare = [], []
    for _ in range(10):
        began = time.perf_counter()
        await stage.surface.perform(Click.model_validate({"target": {"name": "Go"}}), {"target": go})
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        await stage.page.get_by_ref(go.ref).click()
        bare.append(time.perf_counter() - began)
    assert min(ours) < min(bare) + 0.010
