"""What proving and recording every step costs: the same acts as a bare Playwright script and as a script of ours.

    make bench                                  or: python benchmarks/overhead.py --rounds 9

Both use the same browser executable and flags, alternate in one process, each in a browser freshly started for it, and are
timed from the first address to the last proof: the start of the browser is not in it. Ratios are medians of the ratios of
neighbouring rounds: the machine may be busy.
`bare with pictures` is the bare script that takes a picture behind each act: the least that pictures cost.
`cold` is the time from process start to the first act, in processes of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from playwright.async_api import Browser, Page, async_playwright

from operator_agent import Limits, Operator, Plan
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import ARGUMENTS, find_browser
from operator_agent.surfaces.browser.picture import frame

HERE = Path(__file__).parent
LIMITS = {"order": 1.6, "order without pictures": 1.6, "form": 2.0, "form without pictures": 1.6, "cold": 1.3}
FLOOR = {"order": "order, bare with pictures", "form": "form, bare with pictures"}
"""The bare script that takes a picture behind each act and does nothing else: what pictures cost whoever takes them."""

FORM = """
plan: hand in a travel claim
start: {start}
steps:
  - fill: textbox "First name"
    with: Ada
  - fill: textbox "Last name"
    with: Lovelace
  - fill: textbox "E-mail"
    with: ada@example.org
  - fill: spinbutton "Amount"
    with: "120"
  - fill: textbox "Date"
    with: "2026-03-03"
  - select: combobox "City"
    option: Oslo
  - check: checkbox "I have read the terms"
  - fill: textbox "Reason"
    with: A talk on engines
  - click: button "Send"
    expect:
      - 'status "Result": Thank you, Ada'
      - response: POST /claims 200, exactly once
"""


async def bare_form(page: Page, url: str) -> AsyncIterator[None]:
    await page.goto(url)
    yield
    await page.get_by_role("textbox", name="First name").fill("Ada")
    yield
    await page.get_by_role("textbox", name="Last name").fill("Lovelace")
    yield
    await page.get_by_role("textbox", name="E-mail").fill("ada@example.org")
    yield
    await page.get_by_role("spinbutton", name="Amount").fill("120")
    yield
    await page.get_by_label("Date").fill("2026-03-03")
    yield
    await page.get_by_role("combobox", name="City").select_option("Oslo")
    yield
    await page.get_by_role("checkbox", name="I have read the terms").check()
    yield
    await page.get_by_role("textbox", name="Reason").fill("A talk on engines")
    yield
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("Thank you, Ada").wait_for()
    yield


async def bare_order(page: Page, url: str) -> AsyncIterator[None]:
    await page.goto(url)
    yield
    await page.get_by_role("link", name="Add latte", exact=True).click()
    yield
    await page.get_by_role("combobox", name="Size").select_option("large")
    yield
    await page.get_by_role("combobox", name="Milk").select_option("oat")
    yield
    await page.get_by_role("spinbutton", name="Quantity").fill("2")
    yield
    await page.get_by_role("button", name="Add to basket").click()
    await page.get_by_role("heading", name="Total").inner_text()
    yield
    await page.get_by_role("button", name="Checkout").click()
    yield
    await page.get_by_role("textbox", name="Name").fill("Ada")
    yield
    await page.get_by_role("textbox", name="Pick-up time").fill("as soon as possible")
    yield
    await page.get_by_role("button", name="Continue to payment").click()
    yield
    await page.get_by_role("button", name="Place order").click()
    await page.wait_for_url("**/orders/*")
    number = await page.get_by_role("definition").first.inner_text()
    yield
    await page.goto(f"{url}orders")
    await page.get_by_role("row", name=number).wait_for()
    yield


@contextmanager
def served(*command: str) -> Iterator[str]:
    """The address a server in a process of its own prints first: neither side's work may slow the pages down."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.communicate()


async def serve_form() -> None:
    """Serves the form; answers a claim with the name in it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        body = await reader.readexactly(length)
        if head.startswith(b"GET"):
            kind, page = b"text/html", (HERE / "form.html").read_bytes()
        else:
            kind, page = b"text/plain", b"Thank you, " + (b"Ada" if b"first=Ada" in body else b"?")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n" % (kind, len(page)))
        writer.write(b"Connection: close\r\n\r\n" + page)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"}), flush=True)
        await server.serve_forever()


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    await work()
    return perf_counter() - began


async def bare(
    start: Callable[[], Awaitable[Browser]], acts: Callable[[Page, str], AsyncIterator[None]], url: str, *, pictures: bool = False
) -> float:
    browser = await start()
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    await page.title()
    session = await page.context.new_cdp_session(page)

    async def act() -> None:
        async for _ in acts(page, url):
            if pictures:
                await frame(session)

    seconds = await timed(act)
    await browser.close()
    return seconds


async def ours(work: Callable[[Operator], Awaitable[object]], url: str, runs: str, *, pictures: bool) -> float:
    async with Operator(url, approve=["pay", "send"], runs=runs, pictures=pictures, limits=Limits()) as operator:
        await operator.observe()

        async def passed() -> None:
            result = await work(operator)
            assert result.passed, result.reason  # type: ignore[attr-defined]

        return await timed(passed)


def cold(script: str, url: str) -> float:
    """Seconds from process start until the script says that its first act, opening a page, is done."""
    began = perf_counter()
    process = subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().strip() == "first act"
    seconds = perf_counter() - began
    process.communicate()
    return seconds


COLD_BARE = """
import asyncio, sys
from playwright.async_api import async_playwright
async def main():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path={executable!r}, args={flags!r})
        page = await browser.new_page()
        await page.goto(sys.argv[1])
        print("first act", flush=True)
        await browser.close()
asyncio.run(main())
"""
COLD_OURS = """
import asyncio, sys
from operator_agent import Operator
def acted(record):
    if record.kind == "acted":
        print("first act", flush=True)
async def main():
    async with Operator(record=False, listeners=[acted]) as operator:
        await operator.do({{"go to": sys.argv[1]}})
asyncio.run(main())
"""


async def measure(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Pairs of seconds, bare and ours, by what was measured."""
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in (*LIMITS, *FLOOR.values())}
    executable = str(find_browser(Settings.from_env(), headed=False))
    flags = [*ARGUMENTS, "--no-sandbox"]
    with served("-m", "operator_agent.demo.serve") as shop, served(__file__, "--serve-form") as form:
        return await _measure(rounds, executable, flags, shop, form, pairs)


async def _measure(
    rounds: int, executable: str, flags: list[str], shop: str, form: str, pairs: dict[str, list[tuple[float, float]]]
) -> dict[str, list[tuple[float, float]]]:
    async with async_playwright() as playwright:
        claim: Plan = load_plan(FORM.format(start=form))

        async def start() -> Browser:
            return await playwright.chromium.launch(executable_path=executable, args=flags)

        with tempfile.TemporaryDirectory() as runs:
            for _ in range(rounds):
                for pictures in (True, False):
                    suffix = "" if pictures else " without pictures"
                    order = await bare(start, bare_order, shop)
                    said = await ours(lambda op: op.run("order two large oat lattes for Ada"), shop, runs, pictures=pictures)
                    pairs["order" + suffix].append((order, said))
                    filled = await bare(start, bare_form, form)
                    planned = await ours(lambda op: op.run_plan(claim), form, runs, pictures=pictures)
                    pairs["form" + suffix].append((filled, planned))
                    if pictures:
                        pairs[FLOOR["order"]].append((order, await bare(start, bare_order, shop, pictures=True)))
                        pairs[FLOOR["form"]].append((filled, await bare(start, bare_form, form, pictures=True)))
                scripts = [text.format(executable=executable, flags=flags) for text in (COLD_BARE, COLD_OURS)]
                first = [await asyncio.to_thread(cold, script, form) for script in scripts]
                pairs["cold"].append((first[0], first[1]))
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--serve-form", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve_form:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve_form())
        return
    pairs = asyncio.run(measure(given.rounds))
    print(f"{'':28}{'bare':>9}{'ours':>9}{'ratio':>8}{'limit':>8}")
    for name, seconds in pairs.items():
        bare_median, ours_median = (statistics.median(column) for column in zip(*seconds, strict=True))
        ratio = statistics.median(theirs / plain for plain, theirs in seconds)
        limit = f"{LIMITS[name]:>8.2f}" if name in LIMITS else ""
        print(f"{name:28}{bare_median:>7.2f} s{ours_median:>7.2f} s{ratio:>8.2f}{limit}")


if __name__ == "__main__":
    main()
