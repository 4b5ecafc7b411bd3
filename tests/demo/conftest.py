"""An open shop, and a browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from operator_agent.demo.serve import Served, serve
from tests.demo.customer import ENGLISH, Customer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


Shop = Callable[..., Awaitable[Served]]
Visit = Callable[..., Awaitable[Customer]]


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Shop]:
    """`await shop("slow-3s")` opens a shop that is closed after the test."""
    async with AsyncExitStack() as stack:

        async def opened(*faults: str, db: Path | None = None) -> Served:
            return await stack.enter_async_context(serve(db, faults=faults))

        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def honest() -> AsyncIterator[Served]:
    """One open shop without faults. Its database holds the orders of every test: ask for one session's."""
    async with serve() as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def visit(shop: Shop, browser: Browser) -> AsyncIterator[Visit]:
    """`await visit("decoy")` opens a shop and a customer's browser in front of it."""
    async with AsyncExitStack() as stack:

        async def came(*faults: str, words: dict[str, str] = ENGLISH, locale: str = "en-US") -> Customer:
            served = await shop(*faults)
            page = await stack.enter_async_context(_page(browser, locale))
            return Customer(page, served, words)

        yield came


@asynccontextmanager
async def _page(browser: Browser, locale: str) -> AsyncIterator[Page]:
    context = await browser.new_context(locale=locale)
    context.set_default_timeout(10_000)
    try:
        yield await context.new_page()
    finally:
        await context.close()
