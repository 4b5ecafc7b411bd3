"""Requests to apps, on pages that behave like some: what the page then holds is what was asked for, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from operator_agent import Limits, Operator, Result
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = Path(__file__).parent / "apps_pages"
DONE = "done.join('|')"

CASES = [
    ("wall", "For the user @zoe, click on the Reply button", DONE, "reply six"),
    ("wall", 'Press the "Reply" icon on all posts by @ann, then press Done', DONE, "reply one|reply three|reply five|sent"),
    ("wall", "like 2 posts by @ann and press Done", DONE, "like one|like three|sent"),
    ("wall", "on the post by @bob, click Report", DONE, "Report two"),
    ("inbox", "delete the email from Bob", DONE, "deleted Bob"),
    ("inbox", 'Find the email by Eve and reply with the text "On my way"', DONE, "to Eve: On my way"),
    ("inbox", "forward the email from Ann to Dora", DONE, "Lunch to Dora"),
    ("book", "Find Cleo in the contact book and click on their email", DONE, "mail Cleo"),
    ("results", "open the 7th result", DONE, "opened 7"),
    ("table", "Enter the phone of Amy into Answer", "a.value", "555-2"),
    ("table", "type Bob's age into the text field", "a.value", "31"),
    ("table", "put the value of Colour into the answer field", "a.value", "teal"),
    ("table", "enter the sum of the Age column into Answer", "a.value", "76"),
    ("form", "Enter the value that corresponds with each label into the form, submit when done", "s.value + t.value", "Main 1Oslo"),
    ("text", "Find the 2nd word in the paragraph and type it into the box", "a.value", "ipsum"),
    ("text", "type the last word of the paragraph in uppercase into Answer", "a.value", "AMET"),
    ("sum", "Solve for x and type your answer into the textbox, then press OK", "a.value", "5"),
    ("offers", "Buy the ticket with the shortest duration", DONE, "c"),
    ("offers", "book the cheapest one", DONE, "b"),
    ("offers", "choose the earliest offer", DONE, "b"),
    ("trip", "Book the cheapest trip from Oslo to Rome", DONE, "early Oslo (OSL)Rome (ROM)"),
    ("films", "Search for action movies directed by Thomas Allen from year 2004.", DONE, "/action/Thomas Allen/2004"),
    ("counter", "Generate an odd number less than 5, then press Submit", DONE, "3"),
    ("counter", "press Generate until the number is greater than 10 and press Submit", DONE, "12"),
    ("price", "Buy when the price is less than $40", "done.map(text => +text.slice(8) < 40).join()", "true"),
    ("secret", "Guess the number between 1 and 50", "done.at(-1)", "37"),
    ("food", "Order one of each item: Steak, Rice and beans", DONE, "Soup0,Bread0,Steak1,Salad0,Rice and beans1"),
    ("food", "order 4 items that are vegan", DONE, "Soup2,Bread1,Steak0,Salad1,Rice and beans0"),
    ("food", "add 2 Soup and 3 Salad, then press Order!", DONE, "Soup2,Bread0,Steak0,Salad3,Rice and beans0"),
    ("tiles", "click the numbers in descending order", DONE, "25|12|7|3"),
    ("parity", "Mark the numbers below as odd or even and press submit when done", DONE, "4 even|7 odd|-3 odd|handed in"),
    ("board", "Playing as 'X', win a game of tic-tac-toe.", "winner()", "X"),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    yield page
    await page.close()


async def run(page: Page, text: str) -> Result:
    given = Operator(
        page=page, planners=("words",), record=False, learning=False, limits=Limits(steps=60, seconds=60, step=8), allow=["*"],
        approve=("send", "pay", "delete", "publish"),
    )  # fmt: skip
    async with given as op:
        return await op.run(text)


@pytest.mark.parametrize(("shown", "text", "asked", "expected"), CASES, ids=[text[:45] for _, text, _, _ in CASES])
async def test_the_page_holds_what_was_asked_for(page: Page, shown: str, text: str, asked: str, expected: Any) -> None:
    await page.set_content((PAGES / f"{shown}.html").read_text(encoding="utf-8"))
    result = await run(page, text)
    assert await page.evaluate(asked) == expected, result.reason


REFUSED = [
    ("wall", "press Reply on all posts by @nobody"),
    ("wall", "like 5 posts by @bob"),
    ("inbox", "delete the email from Nobody"),
    ("table", "Enter the value of Height into Answer"),
    ("text", "type the 40th word of the paragraph into Answer"),
    ("offers", "choose the highest rated offer"),
    ("food", "Order one of each item: Soup, Pizza"),
    ("results", "open the 12th result"),
    ("tiles", "what is the phone of Bob"),
]


@pytest.mark.parametrize(("shown", "text"), REFUSED, ids=[text[:45] for _, text in REFUSED])
async def test_what_is_not_there_is_said(page: Page, shown: str, text: str) -> None:
    await page.set_content((PAGES / f"{shown}.html").read_text(encoding="utf-8"))
    result = await run(page, text)
    assert result.outcome in ("needs_human", "failed", "incomplete"), result.reason
    assert result.reason


async def test_a_question_is_answered_from_where_it_stands(page: Page) -> None:
    await page.set_content((PAGES / "table.html").read_text(encoding="utf-8"))
    result = await run(page, "what is the phone of Amy")
    assert (result.outcome, result.values["answer"]) == ("passed", "555-2")
    await page.set_content((PAGES / "shelf.html").read_text(encoding="utf-8"))
    result = await run(page, "how much does the Lamp cost?")
    assert (result.outcome, result.values["answer"], result.answer) == ("passed", "€ 19.90", "€ 19.90")
