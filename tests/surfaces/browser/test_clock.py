"""Chance and time in pages: from a seed, and set, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from operator_agent.surfaces.browser.clock import PageClock
from tests.site import serving
from tests.surfaces.browser.stage import chromium

DRAW = "() => [Math.random(), Math.random()]"
SPIN = "() => { const began = Date.now(); while (Date.now() < began + 30); return Date.now() - began; }"
LATER = "async () => { await new Promise(done => setTimeout(done, 400)); return Date.now(); }"
AT = 1_000_000_000_000
"""9 September 2001."""


@pytest.mark.asyncio(loop_scope="module")
async def test_chance_and_time_of_pages() -> None:
    async with serving("<!doctype html><title>Clock</title><iframe src=/inner></iframe>") as site, chromium() as browser:

        async def drawn(seed: int) -> tuple[Any, Any, Any]:
            context = await browser.new_context()
            await PageClock(seed).install(context)
            page = await context.new_page()
            await page.goto(site.url)
            first, inner = await page.evaluate(DRAW), await page.frames[1].evaluate(DRAW)
            await page.evaluate("() => localStorage.setItem('kept', Math.random())")
            await page.reload()
            again = await page.evaluate(DRAW)
            await context.close()
            return first, inner, again

        one = await drawn(7)
        assert one == await drawn(7), "the same seed draws the same"
        assert one != await drawn(8)
        assert len({number for numbers in one for number in numbers}) == 6, "a frame, and a page loaded again, draw others"
        assert all(0 <= number < 1 for numbers in one for number in numbers)

        context = await browser.new_context()
        clock = PageClock(7)
        await clock.install(context)
        page = await context.new_page()
        await page.goto(site.url)
        assert await page.evaluate("() => new Date().getFullYear()") > 2020, "unset, it is the real time"
        await clock.set(AT)
        assert 0 <= await page.evaluate("() => Date.now()") - AT < 5000
        assert await page.evaluate("() => [new Date().getFullYear(), new Date(0).getTime()]") == [2001, 0]
        assert "2001" in await page.evaluate("() => Date()")
        assert await page.evaluate("() => new Date() instanceof Date && new (class extends Date {})().getFullYear() === 2001")
        assert await page.evaluate(SPIN) >= 30, "it runs on"
        await clock.set(AT - 60_000)
        assert await page.evaluate("() => Date.now()") >= AT, "it never goes back"
        await page.goto(f"{site.url}other")
        assert await page.evaluate("() => new Date().getFullYear()") == 2001, "later documents are told, too"
        await clock.set(AT + 100_000, AT + 100_010, later=False)
        began = await page.evaluate("() => Date.now()")
        assert await page.evaluate(LATER) - began < 200
        assert await page.evaluate(SPIN) >= 30, "past its end it goes slowly, and goes on"
        await page.goto(site.url)
        assert await page.evaluate("() => Date.now()") < AT + 60_000, "later documents were not told"
        assert await page.evaluate("() => String(Math.random).includes('native code')")
        await context.close()
