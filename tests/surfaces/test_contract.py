"""One contract, every surface: the same little shop, once in memory and once in a browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import pytest_asyncio

from operator_agent.errors import SurfaceLost
from operator_agent.flow.action import (
    AnswerDialog,
    Ask,
    Back,
    Click,
    Do,
    Download,
    Fill,
    GoTo,
    Press,
    Read,
    Select,
    Tick,
    Type,
    Untick,
    WaitFor,
)
from operator_agent.flow.check import TextCheck
from operator_agent.flow.grant import Limits
from operator_agent.flow.observation import Dialog, Element, Observation, Performed
from operator_agent.flow.target import Target
from operator_agent.roles import Surface
from operator_agent.surfaces.fake import FakeSurface, Move, Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENES = {
    "/": Scene(
        """
        - heading "Menu" [level=1]
        - textbox "Name": nobody
        - checkbox "Takeaway"
        - combobox "Size":
          - option "small" [selected]
          - option "large"
        - status "Price": Now € 4.50 only
        - button "Order"
        - button "Delete"
        - button "Sold out" [disabled]
        - button "Brew"
        """,
        title="Shop",
    ),
    "/thanks": Scene('- heading "Thank you" [level=1]', title="Thanks"),
}
MOVES = {
    'click button "Order"': Move(to="/thanks", exchanges=("POST /api/orders 201",)),
    'click button "Delete"': Move(to="/thanks", dialog=Dialog(kind="confirm", text="Sure?")),
    'click button "Brew"': Move(to="/thanks", after=0.3),
}
SHOP = """<!doctype html><title>Shop</title><h1>Menu</h1>
<label>Name <input value="nobody"></label> <label><input type="checkbox">Takeaway</label>
<label>Size <select><option>small</option><option>large</option></select></label>
<p role="status" aria-label="Price">Now € 4.50 only</p>
<button onclick="fetch('/api/orders', {method: 'POST'}).then(() => { location.href = '/thanks' })">Order</button>
<button onclick="if (confirm('Sure?')) location.href = '/thanks'">Delete</button><button disabled>Sold out</button>
<button onclick="setTimeout(() => { location.href = '/thanks' }, 300)">Brew</button>"""
PAGES = {"/": SHOP, "/thanks": "<!doctype html><title>Thanks</title><h1>Thank you</h1>"}
SECRETS = {"pin": "hunter2 & more"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        self.answer(200 if page else 404, page or "")

    def do_POST(self) -> None:
        self.answer(201, "")

    def answer(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module", params=["fake", "browser"])
async def surface(request: pytest.FixtureRequest, shop: str, browser: Any) -> AsyncIterator[Surface]:
    async with AsyncExitStack() as stack:
        if request.param == "fake":
            made: Surface = FakeSurface(SCENES, MOVES, secrets=SECRETS)
        else:
            from operator_agent.surfaces.browser.surface import BrowserSurface

            context = await browser.new_context()
            stack.push_async_callback(context.close)
            page = await context.new_page()
            await page.goto(f"{shop}/")
            made = BrowserSurface(page, limits=Limits(step=2.0), secrets=SECRETS)
        stack.push_async_callback(made.close)
        yield made


def find(seen: Observation, text: str) -> Element:
    target = Target.parse(text)
    return next(e for e in seen.elements if e.role == target.role and e.name == target.name)


async def do(surface: Surface, kind: type[Any], target: str = "", **fields: Any) -> Performed:
    if not target:
        return await surface.perform(kind(**fields), {})
    seen = await surface.observe()
    return await surface.perform(kind(target=Target.parse(target), **fields), {"target": find(seen, target)})


async def test_look_tells_what_is_there(surface: Surface) -> None:
    seen = await surface.observe()
    assert (seen.title, seen.complete, seen.dialog) == ("Shop", True, None)
    assert find(seen, 'heading "Menu"').states == ("level=1",)
    assert find(seen, 'textbox "Name"').value == "nobody"
    assert find(seen, 'combobox "Size"').value == "small"
    assert "disabled" in find(seen, 'button "Sold out"').states
    assert [tab.active for tab in seen.tabs] == [True]


async def test_fields_keep_what_is_put_in(surface: Surface) -> None:
    assert (await do(surface, Fill, 'textbox "Name"', text="Ada")).delivery == "sent"
    await do(surface, Type, 'textbox "Name"', text=" L.")
    await do(surface, Select, 'combobox "Size"', options=("large",))
    await do(surface, Tick, 'checkbox "Takeaway"')
    seen = await surface.observe()
    assert find(seen, 'textbox "Name"').value == "Ada L."
    assert find(seen, 'combobox "Size"').value == "large"
    assert "checked" in find(seen, 'checkbox "Takeaway"').states
    assert (await do(surface, Tick, 'checkbox "Takeaway"')).delivery == "none"
    await do(surface, Untick, 'checkbox "Takeaway"')
    assert "checked" not in find(await surface.observe(), 'checkbox "Takeaway"').states


async def test_click_moves_on_and_its_request_is_logged(surface: Surface) -> None:
    done = await do(surface, Click, 'button "Order"')
    assert (done.delivery, done.trouble) == ("sent", None)
    deadline = time.monotonic() + 3
    while (await surface.observe()).title != "Thanks" and time.monotonic() < deadline:
        await surface.changed(0.5)
    seen = await surface.observe()
    assert seen.title == "Thanks"
    order = next(exchange for exchange in seen.exchanges if exchange.method == "POST")
    assert order.url.endswith("/api/orders") and order.status == 201 and order.started >= done.started


async def test_element_of_a_page_that_was_left_is_stale(surface: Surface) -> None:
    seen = await surface.observe()
    await surface.perform(GoTo(url="/thanks"), {})
    done = await surface.perform(Click(target=Target.parse('button "Order"')), {"target": find(seen, 'button "Order"')})
    assert done.trouble and (done.trouble.kind, done.delivery) == ("stale", "none")


async def test_disabled_button_refuses(surface: Surface) -> None:
    done = await do(surface, Click, 'button "Sold out"')
    assert done.trouble and (done.trouble.kind, done.delivery) == ("disabled", "none")


async def test_option_that_is_not_there(surface: Surface) -> None:
    done = await do(surface, Select, 'combobox "Size"', options=("huge",))
    assert done.trouble and (done.trouble.kind, done.trouble.candidates) == ("rejected", ("small", "large"))


@pytest.mark.parametrize(("answer", "title"), [("accept", "Thanks"), ("dismiss", "Shop")])
async def test_dialog_stands_until_it_is_answered(surface: Surface, answer: Any, title: str) -> None:
    before = await surface.observe()
    done = await do(surface, Click, 'button "Delete"')
    assert done.facts == ('confirm "Sure?" opened',)
    seen = await surface.observe()
    assert (seen.dialog, seen.elements, seen.complete) == (Dialog(kind="confirm", text="Sure?"), (), False)
    refused = await surface.perform(Click(target=Target.parse('button "Order"')), {"target": find(before, 'button "Order"')})
    assert refused.trouble and (refused.trouble.kind, refused.delivery) == ("dialog", "none")
    assert (await surface.perform(AnswerDialog(answer=answer), {})).delivery == "sent"
    after = await surface.observe()
    assert (after.dialog, after.title) == (None, title)


async def test_no_dialog_to_answer(surface: Surface) -> None:
    done = await do(surface, AnswerDialog, answer="accept")
    assert done.trouble and (done.trouble.kind, done.delivery) == ("absent", "none")


async def test_go_to_and_back(surface: Surface) -> None:
    assert (await do(surface, GoTo, url="/thanks")).trouble is None
    assert (await surface.observe()).url.endswith("/thanks")
    assert (await do(surface, Back)).trouble is None
    assert (await surface.observe()).title == "Shop"


async def test_address_that_is_not_there(surface: Surface) -> None:
    done = await do(surface, GoTo, url="/nowhere")
    assert done.trouble and done.trouble.kind == "rejected" and "404" in done.trouble.detail


async def test_read_gives_value_and_source(surface: Surface) -> None:
    text = await do(surface, Read, 'status "Price"', into="price")
    assert text.value == "Now € 4.50 only" and "4.50" in text.source
    assert (await do(surface, Read, 'status "Price"', into="price", what="number")).value == "4.50"
    assert (await do(surface, Read, 'heading "Menu"', into="x", what="link")).trouble


async def test_secret_goes_in_and_is_not_seen(surface: Surface) -> None:
    assert (await do(surface, Fill, 'textbox "Name"', text="{secret:pin}")).trouble is None
    seen = await surface.observe()
    assert find(seen, 'textbox "Name"').value == "{secret:pin}"
    assert "hunter2" not in repr(seen)
    assert (await do(surface, Read, 'textbox "Name"', into="x", what="value")).value == "{secret:pin}"
    unknown = await do(surface, Fill, 'textbox "Name"', text="{secret:other}")
    assert unknown.trouble and (unknown.trouble.kind, unknown.delivery) == ("rejected", "none")


async def test_waiting_ends_when_something_changes(surface: Surface) -> None:
    began = time.monotonic()
    await do(surface, Click, 'button "Brew"')
    while (await surface.observe()).title != "Thanks" and time.monotonic() - began < 3:
        await surface.changed(2.0)
    assert (await surface.observe()).title == "Thanks"
    assert time.monotonic() - began < 2.9


@pytest.mark.speed
async def test_waiting_ends_at_its_time(surface: Surface) -> None:
    await surface.observe()
    await surface.changed(0.2)
    await surface.observe()
    began = time.monotonic()
    assert await surface.changed(0.2) is False
    assert 0.15 < time.monotonic() - began < 0.6


async def test_waiting_for_a_check_is_left_to_the_verifier(surface: Surface) -> None:
    done = await surface.perform(WaitFor(check=TextCheck(text="never there")), {})
    assert done.trouble is None


@pytest.mark.parametrize("action", [Ask(question="?", into="x"), Do(words="press it")])
async def test_verb_outside_the_vocabulary(surface: Surface, action: Any) -> None:
    assert action.verb not in surface.vocabulary
    done = await surface.perform(action, {})
    assert done.trouble and (done.trouble.kind, done.delivery) == ("unsupported", "none")


async def test_closing_twice_and_using_it_afterwards(surface: Surface) -> None:
    await surface.close()
    await surface.close()
    with pytest.raises(SurfaceLost):
        await surface.observe()


async def test_dead_button_is_said_to_be_dead(surface: Surface) -> None:
    scenes = {"/": Scene('- button "Dead"')}
    fake = FakeSurface(scenes)
    done = await do(fake, Click, 'button "Dead"')
    assert done.facts == ('nothing listens to clicks on button "Dead"',)
    assert (await do(fake, Press, keys="Enter")).facts == ()
    assert [action.verb for action in fake.performed] == ["click", "press"]
    assert (await do(fake, Download, 'button "Dead"')).trouble
    await asyncio.sleep(0)
