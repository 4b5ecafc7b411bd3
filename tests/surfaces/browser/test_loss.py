"""What happens to an act when the caller stops, or the browser goes away under it."""

from __future__ import annotations

import asyncio
import time

import pytest

from operator_agent.errors import SurfaceLost
from operator_agent.flow.action import Click, Drag
from operator_agent.flow.grant import Limits
from tests.surfaces.browser.stage import chromium, seconds_since, serving, staged


async def test_browser_that_goes_away_is_a_lost_surface() -> None:
    with serving() as site:
        async with chromium() as browser, staged(browser, site) as stage:
            await stage.open("pointer.html")
            await stage.look()
            await browser.close()
            for asked in (stage.surface.observe(), stage.act(Click, target='button "Go"'), stage.surface.changed(0.1)):
                with pytest.raises(SurfaceLost):
                    await asked


async def test_cancelled_act_leaves_nothing_behind() -> None:
    with serving() as site:
        async with chromium() as browser, staged(browser, site, Limits(step=5)) as stage:
            await stage.open("pointer.html")
            await stage.look()
            await stage.page.evaluate("cover.style.display = 'block'")
            began = time.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await stage.act(Click, target='button "Go"')
            assert seconds_since(began) < 2
            await stage.page.evaluate("cover.style.display = 'none'; tell('uncovered')")
            await site.told("uncovered")
            assert not (await stage.do(Click, target='button "Below"')).trouble
            await site.told("click below")
            assert "click go" not in site.log


async def test_cancelled_drag_lets_go_of_the_button() -> None:
    with serving() as site:
        async with chromium() as browser, staged(browser, site) as stage:
            await stage.open("pointer.html")
            await stage.page.evaluate("window.held = 0; addEventListener('pointermove', event => { window.held = event.buttons })")
            await stage.look()
            task = asyncio.ensure_future(stage.act(Drag, target='slider "Knob"', to='region "Zone"'))
            await stage.until("window.held")
            task.cancel()
            await asyncio.wait({task})
            await stage.page.mouse.move(400, 400)
            assert await stage.page.evaluate("window.held") == 0
