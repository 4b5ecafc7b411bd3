from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from operator_agent.flow.observation import Observation
from operator_agent.surfaces.browser.complement import read_deep
from operator_agent.surfaces.browser.nodes import NodeHandle, StaleNode, reacts_at
from operator_agent.surfaces.browser.snapshot import MASK
from tests.surfaces.browser.reading import Site, chromium, found, served

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADD_FRAME = "url => { document.body.appendChild(document.createElement('iframe')).src = url; }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with chromium() as browser:
        yield await browser.new_page()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as site:
        yield site


async def closed_root(page: Page, html: str, host: str = "div") -> None:
    await page.evaluate(
        "([host, html]) => { document.querySelector(host).attachShadow({mode: 'closed'}).innerHTML = html; }", [host, html]
    )


async def test_what_is_added_stands_where_it_is_on_the_page(page: Page) -> None:
    await page.set_content(
        "<h1>Top</h1><ul><li>One <span onclick='1'>x</span></li><li>Two <span onclick='1'>y</span></li></ul><div></div><p>End</p>"
    )
    await closed_root(page, "<h2>Inner</h2><p>Words <b>in bold</b></p><button>Press</button>")
    tree = await read_deep(page, timeout=5)
    shown = Observation(at=0, elements=tree.elements).tree.replace(" [active]", "")
    assert shown.splitlines() == [
        "- generic",
        '  - heading "Top" [level=1]',
        "  - list",
        "    - listitem: One x",
        '      - generic "x" [clickable]',
        "    - listitem: Two y",
        '      - generic "y" [clickable]',
        '  - heading "Inner" [level=2]',
        "  - paragraph",
        "    - text: Words",
        "    - text: in bold",
        '  - button "Press"',
        "  - paragraph: End",
    ]
    assert all(e.parent < n and e.depth == tree.elements[e.parent].depth + 1 for n, e in enumerate(tree.elements) if e.parent >= 0)


async def test_reading_leaves_no_trace_in_the_page(page: Page, site: Site) -> None:
    await page.goto(site.url("shadow.html"))
    count = "() => [document.documentElement.outerHTML, Object.keys(window).length]"
    await page.evaluate("""() => {
      window.changes = 0;
      new MutationObserver(all => changes += all.length).observe(document, {subtree: true, childList: true, attributes: true});
    }""")
    before = await page.evaluate(count)
    await read_deep(page, timeout=5)
    assert await page.evaluate(count) == before
    assert await page.evaluate("changes") == 0


async def test_passwords_in_closed_roots_are_masked(page: Page) -> None:
    await page.set_content("<div></div>")
    await closed_root(page, "<input type=password aria-label=Pin value=9876> <input type=password aria-label=New>")
    tree = await read_deep(page, timeout=5)
    assert (found(tree, 'textbox "Pin"').value, found(tree, 'textbox "New"').value) == (MASK, "")
    assert "9876" not in repr(tree)
    assert await NodeHandle(page, found(tree, 'textbox "Pin"').ref).value() == MASK


async def test_closed_roots_that_come_and_go_are_noticed(page: Page) -> None:
    await page.set_content("<div></div><section></section>")
    await closed_root(page, "<button>First</button>")
    found(await read_deep(page, timeout=5), 'button "First"')
    await closed_root(page, "<button>Second</button>", "section")
    tree = await read_deep(page, timeout=5)
    assert {e.name for e in tree.elements if e.role == "button"} == {"First", "Second"}
    await page.evaluate("""() => { document.querySelector('div').remove(); const late = document.createElement('article');
      document.body.append(late); late.attachShadow({mode: 'closed'}).innerHTML = '<button>Third</button>'; }""")
    tree = await read_deep(page, timeout=5)
    assert {e.name for e in tree.elements if e.role == "button"} == {"Second", "Third"}


async def test_a_handle_says_when_its_element_is_gone(page: Page) -> None:
    await page.set_content("<div></div>")
    await page.evaluate(
        """() => { window.root = document.querySelector('div').attachShadow({mode: 'closed'});
          root.innerHTML = '<button>Go</button>'; }"""
    )
    ref = found(await read_deep(page, timeout=5), 'button "Go"').ref
    handle = NodeHandle(page, ref)
    assert await handle.attached()
    await page.evaluate("root.firstChild.remove()")
    assert not await handle.attached()
    for act in (handle.point, handle.value, handle.states):
        with pytest.raises(StaleNode, match="no longer there"):
            await act()
    await read_deep(page, timeout=5)
    with pytest.raises(StaleNode, match="earlier look"):
        NodeHandle(page, ref)
    await page.set_content("<div></div>")
    await closed_root(page, "<button>Go</button>")
    handle = NodeHandle(page, found(await read_deep(page, timeout=5), 'button "Go"').ref)
    await page.goto("about:blank")
    with pytest.raises(StaleNode, match="document of the element is gone"):
        await handle.point()


async def test_a_handle_says_what_covers_its_element_and_brings_it_into_view(page: Page) -> None:
    await page.set_content("<p style='height:3000px'></p><div></div><p style='height:3000px'></p>")
    await closed_root(page, "<button disabled>Off</button><button>Far</button>")
    tree = await read_deep(page, timeout=5)
    handle = NodeHandle(page, found(tree, 'button "Far"').ref)
    point = await handle.point()
    assert point and 0 < point.y < 720 and not point.covered_by
    assert point.box.x < point.x < point.box.x + point.box.width
    off = await NodeHandle(page, found(tree, 'button "Off"').ref).point()
    assert off and off.disabled
    await page.evaluate("""() => { const cover = document.body.appendChild(document.createElement('div'));
      cover.role = 'dialog'; cover.ariaLabel = 'Cookies'; cover.style = 'position:fixed;inset:0'; }""")
    point = await handle.point()
    assert point
    assert point.covered_by == "dialog Cookies"


async def test_whether_a_click_does_something(page: Page, site: Site) -> None:
    await page.set_content("""<p id=inert>Text</p><button id=bare>Bare</button><p id=inside><b>Inside</b></p>
      <a href="#x" id=link>Link</a>
      <form><button id=submit>Send</button></form><label id=label>L<input></label>
      <iframe srcdoc="<button id=bare>Framed bare</button><button id=live onpointerdown='1'>Framed live</button>"></iframe>""")
    await page.frame_locator("iframe").locator("#live").wait_for()
    await page.evaluate("document.querySelector('#inside').addEventListener('mousedown', () => 1)")

    async def reacts(selector: str, *, framed: bool = False) -> bool:
        box = await (page.frame_locator("iframe").locator(selector) if framed else page.locator(selector)).bounding_box()
        assert box
        return await reacts_at(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    assert [await reacts(each) for each in ("#inert", "#bare", "#bare")] == [False, False, False]
    assert [await reacts(each) for each in ("#inside b", "#link", "#submit", "#label")] == [True] * 4
    assert [await reacts("#bare", framed=True), await reacts("#live", framed=True)] == [False, True]
    await page.evaluate("document.querySelector('#bare').addEventListener('click', () => 1)")
    assert await reacts("#bare")
    await page.evaluate("document.addEventListener('click', () => 1)")
    assert await reacts("#inert")
    await page.set_content("<div></div>")
    await closed_root(page, "<button>Idle</button><button onclick='1'>Busy</button>")
    tree = await read_deep(page, timeout=5)
    answers = [await NodeHandle(page, found(tree, f'button "{name}"').ref).reacts() for name in ("Idle", "Busy")]
    assert answers[1] and not answers[0]


async def test_a_frame_that_does_not_answer_leaves_the_rest(page: Page, site: Site) -> None:
    await page.goto(site.url("listeners.html"))
    await page.evaluate(
        "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
        site.url("hangs.html", other=True),
    )
    await page.frame_locator("iframe").get_by_text("Soon").wait_for()
    await page.frames[1].evaluate("setTimeout(() => { const until = Date.now() + 3000; while (Date.now() < until); }, 0)")
    tree = await read_deep(page, timeout=1)
    assert not tree.complete
    assert found(tree, 'generic "Inline words"').clickable


async def test_a_page_that_defends_itself_is_read_all_the_same(page: Page) -> None:
    await page.set_content("<div>Words</div>")
    await page.evaluate("""() => {
      Array.prototype.map = Array.prototype.filter = () => { throw new Error('mine'); };
      document.querySelector('div').onclick = () => 1;
    }""")
    tree = await read_deep(page, timeout=5)
    assert not tree.complete  # Nothing is claimed to be gone, and what the snapshot sees is there.
    assert tree.elements
