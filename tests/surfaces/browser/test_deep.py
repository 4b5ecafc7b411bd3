"""What only the deep look sees can be acted on as well."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from operator_agent.flow.action import Click, Fill, Press, Read, Select, Tick, Type
from operator_agent.flow.observation import Observation
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
    await tab.open("deep.html")
    tab.seen = await tab.surface.observe(deep=True)
    assert tab.seen.deep
    return tab


async def test_button_of_a_closed_shadow_root(stage: Stage, site: Site) -> None:
    done = await stage.act(Click, target='button "Hidden button"')
    assert (done.delivery, done.trouble) == ("sent", None)
    await site.told("hidden button")


async def test_area_with_a_listener_only(stage: Stage, site: Site) -> None:
    await stage.act(Click, target='"Plain area"')
    await site.told("plain")


async def test_field_of_a_closed_shadow_root(stage: Stage, site: Site) -> None:
    assert not (await stage.act(Fill, target='textbox "Hidden field"', text="Ada")).trouble
    await site.told("field Ada")
    await stage.act(Type, target='textbox "Hidden field"', text="!")
    await site.told("field Ada!")
    await stage.act(Press, target='textbox "Hidden field"', keys="Backspace")
    assert (await stage.act(Read, target='textbox "Hidden field"', into="it", what="value")).trouble is None


async def test_box_of_a_closed_shadow_root(stage: Stage, site: Site) -> None:
    await stage.act(Tick, target='checkbox "Hidden box"')
    await site.told("box true")


async def test_gone_node_is_stale(stage: Stage, site: Site) -> None:
    await stage.page.evaluate("host.remove()")
    done = await stage.act(Click, target='button "Hidden button"')
    assert done.trouble and (done.trouble.kind, done.delivery) == ("stale", "none")


async def test_verb_that_does_not_reach_it(stage: Stage) -> None:
    done = await stage.act(Select, target='button "Hidden button"', options=("x",))
    assert done.trouble and (done.trouble.kind, done.delivery) == ("unsupported", "none")


async def test_shallow_look_says_so(stage: Stage) -> None:
    seen: Observation = await stage.look()
    assert not seen.deep and not any(element.ref.startswith("n:") for element in seen.elements)
