"""The text of real pages: what a model copies from it means that very element, and a huge page fits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Observation
from operator_agent.planner.pagetext import page_text
from operator_agent.surfaces.browser.surface import BrowserSurface
from tests.planner.test_pagetext import acting, meant, written
from tests.site import serving
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIXTURES = Path(__file__).parent.parent / "surfaces" / "browser"
PAGES = sorted(
    path
    for folder in ("pages", "pages_acts")
    for path in (FIXTURES / folder).glob("*.html")
    if path.stem not in ("hangs", "shop", "table", "onload", "network")
)

TWINS = """
<nav><a href="/a">Open</a><a href="/b">Open</a></nav>
<table><tr><th>Drink<th></tr>
  <tr><td>Latte<td><button>Add</button><button>Add</button><input></tr><tr><td>Mocha<td><button>Add</button><input></tr></table>
<ul><li><h3>Tea "green"</h3><button>Add</button></li><li><h3>Tea \\ black</h3><button disabled>Add</button></li></ul>
<input placeholder="First"><input placeholder="Second"><button aria-label="/save/"></button><button aria-label="a]b">x</button>
<button aria-label="‮olleh‬">x</button><button aria-label="bell&#7;">x</button><button>line
break</button><button></button><button></button>
<a href="/long1">LONG one</a><a href="/long2">LONG two</a><a href="/c"><h3>Card</h3><p>text</p></a>
<label><input type="checkbox" checked>Terms</label><div role="button" tabindex="0">Add</div>
<select aria-label="Size"><option>S<option>L</select><select aria-label="Size"><option>S</select>
<fieldset><legend>Billing</legend><label>Street <input></label></fieldset>
<fieldset><legend>Shipping</legend><label>Street <input></label></fieldset>
""".replace("LONG", "A long name of (more) than one hundred characters, as cards that are links have, wherever they stand: $3.00")

HUGE = """<!doctype html><title>Huge</title><h1>Huge</h1><p role="status">none</p><div id="all"></div>
<footer><button id="last">Withdraw the application</button></footer><script>
const card = n => `<div><h3>Thing ${n}</h3><p>Words on it, ${n * 7}</p><button>Add</button><a href="/thing/${n}">More</a></div>`;
document.getElementById("all").innerHTML = Array.from({ length: 4000 }, (_, n) => card(n + 1)).join("");
</script>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page()


async def look(page: Page, address: str = "", html: str = "") -> Observation:
    await (page.goto(address) if address else page.set_content(html))
    return await BrowserSurface(page, limits=Limits(step=30, load=30)).observe(deep=True)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_what_is_copied_means_that_very_element(page: Page, path: Path) -> None:
    every_target_means_its_own(await look(page, path.as_uri()))


async def test_twins_are_told_apart(page: Page) -> None:
    every_target_means_its_own(await look(page, html=TWINS))


def every_target_means_its_own(seen: Observation) -> None:
    text = page_text(seen, "").text
    assert [meant(target, seen) for target in written(text)] == acting(seen), text


async def test_the_bottom_of_a_huge_page_is_in_reach(page: Page) -> None:
    async with serving(HUGE) as site:
        seen = await look(page, site.url)
    assert len(seen.elements) >= 20_000
    last = next(i for i, element in enumerate(seen.elements) if element.name == "Withdraw the application")

    text = page_text(seen, "put Thing 3210 into the basket")
    assert text.tokens <= 8_000
    thing = next(i for i, element in enumerate(seen.elements) if element.name == "Thing 3210")
    add = text.text.splitlines()[text.text.splitlines().index('heading "Thing 3210" [level=3]') + 2]
    assert meant(add, seen) == thing + 2

    text = page_text(seen, "finish", budget=150, find=["withdraw"])
    assert text.tokens <= 150
    assert [meant(target, seen) for target in written(text.text) if "Withdraw" in target] == [last]
