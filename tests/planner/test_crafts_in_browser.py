"""Requests that take more than one act, on pages of our own: what is asked for is done, and the page itself tells so."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent import Limits, Operator
from operator_agent.flow.record import Result
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = Path(__file__).parent / "crafts_pages"
TREE = "Chose Work. Chose Home. Chose Garden. Chose Roses. "
TRIP = (
    "Choose 30 September 2027 as the leaving date, set Back by to October 4, 2027 and enter 7:30 AM for Wake-up call, "
    "then press Book"
)
SAYS = "document.querySelector('output').textContent"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(PAGES))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def done(browser: Browser, address: str, words: str, shows: str = SAYS) -> tuple[Result, str]:
    """How the run of these words ended, and what the page tells then."""
    page = await browser.new_page()
    await page.goto(address)
    given = Operator(
        page=page, planners=("words",), record=False, pictures=False, learning=False, allow=["*"], limits=Limits(step=8.0, steps=60)
    )
    async with given as operator:
        result = await operator.run(words)
    told = await page.evaluate(shows)
    await page.close()
    return result, str(told)


@pytest.mark.parametrize(
    ("page", "words", "told"),
    [
        ("folded", 'Look through the tabs to find the fruit and click on the link "sloe"', "Took sloe. "),
        ("folded", "Click on the link quince under the Pears tab", "Took quince. "),
        ("folded", 'Explore the folder tree. Find and click on the file named "Roses".', TREE),
        ("folded", "Select File > Open > Recent", "Did Recent. "),
        ("form", "tick all except Olives and press Continue", "// with ham cheese joyful at 30"),
        ("form", "Select nothing, then press Continue", "// with nothing at 30"),
        ("form", "Set the slider to 44, select only Cheese and Olives, then press Continue", "// with cheese olives at 44"),
        ("form", "tick the words similar to happy and press Continue", "// with ham joyful at 30"),
        ("form", 'Type "q" into both password fields and press Continue', "/q/q with ham at 30"),
        ("form", 'Enter the user name "ada" and the password "x1" into the fields and press Continue', "ada/x1/ with ham at 30"),
        ("form", "If there is no Cancel button, press Continue, otherwise press Cancel", "// with ham at 30"),
        ("form", "If Ham is checked, untick it. Press Skip if it is there and press Continue", "// with ham at 30"),
        ("texts", "Highlight the text in the 2nd paragraph and press Keep", "Kept: Second thoughts are best. / "),
        ("texts", "Highlight the words brown fox and press Keep", "Kept: brown fox / "),
        ("texts", "Copy the text in the Draft below, paste it into the Subject and press Keep", "Kept:  / Dear all"),
        ("calendar", TRIP, "Booked 30 September 2027 / 2027-10-04 / 07:30"),
        ("calendar", "Pick 2 March 2026 as the leaving date and press Book", "Booked 2 March 2026 /  / "),
        ("boxes", 'Close the dialog box by clicking the "x"', "closed by x"),
        ("boxes", 'Click the button in the dialog box labeled "Cancel"', "Cancel"),
        ("boxes", 'Click on a "radio" widget', "radio"),
        ("boxes", "Focus into the 2nd input textbox", "in two"),
        ("shell", "Use the terminal below to delete a file ending with .log", "ls | rm crash.log"),
        ("shell", "In the console, create a folder called drafts", "mkdir drafts"),
        ("shell", 'Enter a city that starts with "Os" and ends with "lo"', "handed in Oslo"),
        ("shell", "Make the text area taller", "taller"),
    ],
)
async def test_it_is_done(browser: Browser, served: str, page: str, words: str, told: str) -> None:
    result, shown = await done(browser, f"{served}/{page}.html", words)
    assert shown == told, result.reason
    assert result.outcome in ("passed", "unverified"), result.reason


@pytest.mark.parametrize(
    ("page", "words", "why"),
    [
        ("folded", 'Search the tabs and click on "mango"', "nowhere"),
        ("form", "tick all except Pineapple and press Continue", "Pineapple"),
        ("form", "select words similar to carburettor and press Continue", "carburettor"),
        ("form", "Set the slider to 45, then press Continue", "moves by 2"),
        ("shell", "Use the terminal to delete a file ending with .png", "no such file"),
        ("shell", 'Enter a city that starts with "Zz"', "suggested"),
    ],
)
async def test_what_cannot_be_done_is_said(browser: Browser, served: str, page: str, words: str, why: str) -> None:
    result, shown = await done(browser, f"{served}/{page}.html", words)
    assert result.outcome == "needs_human" and why in result.reason
    assert "handed in" not in shown and "with" not in shown and "rm" not in shown
