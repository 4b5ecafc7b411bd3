"""An act returns when what it started is over, and at once when it started nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent.flow.action import Back, Click, Press, Read
from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Exchange
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


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser, site: Site) -> AsyncIterator[Stage]:
    async with staged(browser, site) as stage:
        await stage.open("network.html")
        yield stage


def found(stage: Stage, part: str) -> list[Exchange]:
    return [exchange for exchange in stage.seen.exchanges if part in exchange.url]


async def test_chained_requests_are_waited_for(stage: Stage) -> None:
    done = await stage.do(Click, target='button "Two"')
    assert await stage.page.evaluate("out.textContent") == "both answered"
    await stage.look()
    assert [exchange.status for exchange in found(stage, "/slow")] == [200, 200]
    assert all(exchange.started >= done.started for exchange in found(stage, "/slow"))


async def test_slow_page_is_waited_for(stage: Stage) -> None:
    assert not (await stage.do(Click, target='link "Slow page"')).trouble
    assert (await stage.look()).title == "Slow"


@pytest.mark.parametrize("target", ['button "Send"', 'link "Child"'])
async def test_navigation_is_over_when_the_act_returns(stage: Stage, target: str) -> None:
    assert not (await stage.do(Click, target=target)).trouble
    assert (await stage.look()).title in ("Status", "Child")


@pytest.mark.speed
async def test_long_poll_holds_one_act_for_three_seconds_at_most(browser: Browser, site: Site) -> None:
    async with staged(browser, site, Limits(step=8)) as stage:
        await stage.open("network.html")
        began = time.monotonic()
        assert not (await stage.do(Click, target='button "Poll"')).trouble
        assert 2.5 < seconds_since(began) < 4
        began = time.monotonic()
        await stage.do(Click, target='button "Poll"')  # known by now
        assert seconds_since(began) < 1
        began = time.monotonic()
        await stage.do(Click, target='link "Part"')
        assert seconds_since(began) < 1


@pytest.mark.speed
async def test_streams_hold_nothing(stage: Stage) -> None:
    began = time.monotonic()
    await stage.do(Click, target='button "Streams"')
    assert seconds_since(began) < 1
    await stage.surface.changed(1)
    await stage.look()
    assert {exchange.kind for exchange in stage.seen.exchanges} >= {"websocket", "eventsource"}


@pytest.mark.speed
async def test_page_that_never_answers_is_told_and_the_click_was_sent(browser: Browser, site: Site) -> None:
    async with staged(browser, site, Limits(step=1.0)) as stage:
        await stage.open("network.html")
        began = time.monotonic()
        done = await stage.do(Click, target='link "Dead page"')
        assert (done.delivery, done.trouble) == ("sent", None)
        assert any("did not answer within 1 s" in fact for fact in done.facts)
        assert seconds_since(began) < 1.4


@pytest.mark.speed
async def test_hanging_script_is_a_timeout_and_uncertain(browser: Browser, site: Site) -> None:
    async with staged(browser, site, Limits(step=1.0)) as stage:
        await stage.open("network.html")
        began = time.monotonic()
        done = await stage.do(Click, target='button "Hang"')
        assert done.delivery == "uncertain"
        assert done.trouble and done.trouble.kind == "timeout"
        assert seconds_since(began) < 1.5
        began = time.monotonic()
        seen = await stage.surface.observe()
        assert (seen.elements, seen.complete) == ((), False)
        assert any("did not answer" in notice for notice in seen.notices)
        assert await stage.surface.picture() is None
        assert seconds_since(began) < 8


@pytest.mark.parametrize("target", ['link "Part"', 'link "Nothing"', 'link "File"'])
async def test_navigation_that_commits_nothing_is_no_wait(stage: Stage, target: str) -> None:
    began = time.monotonic()
    assert not (await stage.do(Click, target=target)).trouble
    assert seconds_since(began) < 2
    assert (await stage.look()).title == "Network"


async def test_back(stage: Stage) -> None:
    await stage.do(Click, target='link "Child"')
    assert not (await stage.surface.perform(Back(), {})).trouble
    assert (await stage.look()).title == "Network"


async def test_every_hop_of_a_redirect_is_an_exchange(stage: Stage) -> None:
    await stage.do(Click, target='button "Redirected"')
    await stage.look()
    assert [exchange.status for exchange in found(stage, "/redirect")] == [302]
    assert [exchange.status for exchange in found(stage, "/slow")] == [200]


async def test_failed_and_blocked_requests_are_exchanges(stage: Stage) -> None:
    await stage.page.context.route("**/slow?s=0.4", lambda route: route.abort("blockedbyclient"))
    await stage.do(Click, target='button "Refused"')
    await stage.do(Click, target='button "Two"')
    await stage.look()
    refused = found(stage, "http://127.0.0.1:1/")[0]
    assert (refused.status, refused.blocked) == (None, False) and refused.failure and refused.ended
    assert found(stage, "/slow?s=0.4")[0].blocked


async def test_request_of_a_worker_is_an_exchange(stage: Stage) -> None:
    await stage.do(Click, target='button "Worker"')
    for _ in range(20):
        if found(stage, "/slow?s=0"):
            break
        await stage.surface.changed(0.2)
        await stage.look()
    assert found(stage, "worker.js") and found(stage, "/slow?s=0")


@pytest.mark.speed
async def test_changed_wakes_at_a_mutation(stage: Stage) -> None:
    await stage.do(Click, target='button "Later"')
    began = time.monotonic()
    while "mutated" not in (await stage.look()).text and seconds_since(began) < 3:
        await stage.surface.changed(2.0)
    assert 0.1 < seconds_since(began) < 0.9


async def test_changed_wakes_at_the_end_of_an_exchange(stage: Stage) -> None:
    await stage.do(Click, target='button "Fetch later"')
    while not any(exchange.ended for exchange in found(stage, "/slow")):
        assert await stage.surface.changed(2.0)
        await stage.look()


@pytest.mark.speed
async def test_changed_is_false_when_nothing_happens(stage: Stage) -> None:
    await stage.look()
    await stage.surface.changed(0.3)
    await stage.look()
    began = time.monotonic()
    assert await stage.surface.changed(0.3) is False
    assert 0.25 < seconds_since(began) < 0.6


async def test_changed_sees_what_raises_no_mutation(stage: Stage) -> None:
    await stage.look()
    assert await stage.surface.changed(3.0)


async def test_waiting_survives_a_navigation(stage: Stage) -> None:
    await stage.look()
    await stage.page.evaluate("setTimeout(() => { location.href = 'child.html' }, 200)")
    began = time.monotonic()
    while (await stage.look()).title != "Child" and seconds_since(began) < 3:
        await stage.surface.changed(1.0)
    assert stage.seen.title == "Child"


async def test_act_that_starts_nothing_returns_at_once(stage: Stage) -> None:
    await stage.look()
    times = []
    for _ in range(5):
        began = time.monotonic()
        await stage.surface.perform(Press(keys="Shift"), {})
        times.append(seconds_since(began))
    assert min(times) < 0.05


async def test_reading_does_not_wait(stage: Stage) -> None:
    done = await stage.do(Read, target='button "Two"', into="it")
    assert done.value == "Two"
