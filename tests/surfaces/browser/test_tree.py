from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from operator_agent.surfaces.browser.snapshot import MASK
from operator_agent.surfaces.browser.tree import read_tree
from tests.surfaces.browser.reading import Site, chromium, found, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as site:
        yield site


async def test_a_password_is_never_in_an_element(page: Page, site: Site) -> None:
    await page.goto(site.url("form.html"))
    tree = await read_tree(page, timeout=5)
    assert found(tree, 'textbox "Password"').value == MASK
    assert found(tree, 'textbox "Name"').value == "Ada"
    await page.set_content(
        "<p></p><iframe srcdoc='<input type=password aria-label=Framed value=inner1> <input aria-label=User value=ann>'></iframe>"
    )
    await page.evaluate("""() => {
      document.querySelector('p').attachShadow({mode: 'open'}).innerHTML = '<input type=password aria-label=Shadowed value=inner2>';
    }""")
    await page.frame_locator("iframe").get_by_label("User").wait_for()
    tree = await read_tree(page, timeout=5)
    assert "inner" not in repr(tree)
    assert found(tree, 'textbox "Framed"').value == found(tree, 'textbox "Shadowed"').value == MASK
    assert found(tree, 'textbox "User"').value == "ann"


async def test_a_password_that_changes_while_it_is_read_stays_hidden(page: Page) -> None:
    await page.set_content("<input type=password aria-label=Old value=first> <input aria-label=User value=ann>")
    await page.evaluate("""() => {
      // What is seen is not what is answered a moment later.
      const real = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
      Object.defineProperty(document.querySelector('input'), 'value', {get: () => '', set: real.set});
    }""")
    tree = await read_tree(page, timeout=5)
    assert (found(tree, 'textbox "Old"').value, found(tree, 'textbox "User"').value) == (MASK, "ann")


async def test_frames_say_whose_they_are_and_where(page: Page, site: Site) -> None:
    inner = site.url("framed.html", other=True) + "%3Finner=" + site.url("framed.html")
    await page.goto(site.url(f"framed.html?inner={inner}"))
    deepest = page.frame_locator("iframe").frame_locator("iframe").get_by_role("button", name="Framed button")
    await deepest.wait_for()
    tree = await read_tree(page, boxes=True, timeout=5)
    assert tree.complete
    buttons = [element for element in tree.elements if str(element) == 'button "Framed button"']
    assert [button.frame for button in buttons] == ["", f"http://localhost:{site.port}", ""]
    seen = await deepest.bounding_box()
    assert seen and buttons[2].box
    assert buttons[2].box == pytest.approx((seen["x"], seen["y"], seen["width"], seen["height"]), abs=1)
    async with page.expect_event("framedetached"):
        await page.evaluate("document.querySelector('iframe').remove()")
    assert len([e for e in (await read_tree(page, boxes=True, timeout=5)).elements if e.role == "button"]) == 1


async def test_a_frame_that_hangs_does_not_hang_the_look(page: Page, site: Site) -> None:
    await page.goto(site.url("form.html"))
    await page.evaluate(
        "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
        site.url("hangs.html", other=True),
    )
    await page.frame_locator("iframe").get_by_text("Soon").wait_for()
    await page.frames[1].evaluate("setTimeout(() => { const until = Date.now() + 4000; while (Date.now() < until); }, 0)")
    await asyncio.sleep(0)
    began = time.monotonic()
    tree = await read_tree(page, timeout=1)
    assert time.monotonic() - began < 3
    assert not tree.complete
    assert found(tree, 'button "Send"').ref


async def test_a_page_that_hangs_shows_nothing_and_says_so(page: Page, site: Site) -> None:
    await page.goto(site.url("form.html"))
    await page.evaluate("setTimeout(() => { const until = Date.now() + 1500; while (Date.now() < until); }, 0)")
    assert await read_tree(page, timeout=0.5) == ((), False)
    assert (await read_tree(page, timeout=5)).complete
