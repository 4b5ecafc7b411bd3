"""Customers of the demo shop, with and without a browser, and its database as the witness."""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from operator_agent.demo.serve import Served

ENGLISH = {
    "add": "Add latte",
    "size": "Size",
    "milk": "Milk",
    "quantity": "Quantity",
    "to_basket": "Add to basket",
    "checkout": "Checkout",
    "name": "Name",
    "to_payment": "Continue to payment",
    "place": "Place order",
    "thanks": "Thank you",
    "basket": "Basket",
}


def rows(served: Served) -> list[tuple[Any, ...]]:
    """(drink, size, milk, quantity) of every stored line item, read from the file by a second connection."""
    with closing(sqlite3.connect(f"file:{served.db}?mode=ro", uri=True)) as connection:
        return connection.execute("select drink, size, milk, quantity from orders order by id").fetchall()


def column(served: Served, name: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{served.db}?mode=ro", uri=True)) as connection:
        return [value for (value,) in connection.execute(f"select {name} from orders order by id")]


async def stored(served: Served) -> list[tuple[Any, ...]]:
    """The rows, as soon as there are any. TimeoutError: there are none after 10 s."""
    async with asyncio.timeout(10):
        while not (found := rows(served)):  # noqa: ASYNC110 - the file cannot be awaited
            await asyncio.sleep(0.02)
    return found


@dataclass
class Reply:
    status: int
    url: str
    text: str
    headers: Any = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """A customer without a browser: keeps cookies, follows redirects, returns error answers like any other."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._cookies)
        )

    @property
    def session(self) -> str | None:
        return next((cookie.value for cookie in self._cookies if cookie.name == "shop_session"), None)

    async def get(self, path: str, **headers: str) -> Reply:
        return await asyncio.to_thread(self._send, path, None, headers)

    async def post(self, path: str, **form: str) -> Reply:
        return await asyncio.to_thread(self._send, path, urllib.parse.urlencode(form).encode(), {})

    async def fill_basket(self) -> None:
        await self.post("drinks/latte", size="large", milk="oat", quantity="2")

    def _send(self, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        request = urllib.request.Request(urllib.parse.urljoin(self.base, path), body, headers)
        try:
            with self._opener.open(request, timeout=20) as answer:
                return Reply(answer.status, answer.url, answer.read().decode("utf-8"), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.url, error.read().decode("utf-8"), error.headers)


@dataclass
class Customer:
    """Orders two large oat lattes for Ada, page by page."""

    page: Page
    served: Served
    words: dict[str, str]

    async def walk_to_basket(self) -> None:
        """From the menu, with a click for everything."""
        await self.page.goto(self.served.url)
        await self.page.get_by_role("link", name=self.words["add"], exact=True).click()
        await self.page.get_by_role("combobox", name=self.words["size"]).select_option("large")
        await self.page.get_by_role("combobox", name=self.words["milk"]).select_option("oat")
        await self.page.get_by_role("spinbutton", name=self.words["quantity"]).fill("2")
        await self.press("to_basket")
        await self.page.get_by_role("heading", name=self.words["basket"], level=1).wait_for()

    async def to_basket(self) -> None:
        """The short way."""
        form: dict[str, str | float | bool] = {"size": "large", "milk": "oat", "quantity": "2"}
        await self.page.request.post(f"{self.served.url}drinks/latte", form=form, max_redirects=0)
        await self.page.goto(f"{self.served.url}basket")

    async def to_payment(self) -> None:
        await self.to_basket()
        await self.press("checkout")
        await self.page.get_by_role("textbox", name=self.words["name"]).fill("Ada")
        await self.press("to_payment")

    async def order(self) -> None:
        await self.to_payment()
        await self.press("place")

    async def press(self, key: str) -> None:
        await self.page.get_by_role("button", name=self.words[key], exact=True).click()

    async def thanked(self) -> None:
        await self.page.wait_for_url("**/orders/*")
        await self.page.get_by_role("heading", name=self.words["thanks"], level=1).wait_for()

    async def history(self) -> list[str]:
        """The cells of every row of the history page, joined."""
        await self.page.goto(f"{self.served.url}orders")
        found = await self.page.locator("tbody tr").all()
        return [" ".join(await row.locator("td").all_inner_texts()) for row in found]
