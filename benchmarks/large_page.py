"""A page of 5,000 buttons: how long a plain-words click on the last one takes, and what memory it needs.

    python benchmarks/large_page.py --rounds 5

The step (look, point, act, prove) is compared with one bare `page.aria_snapshot(mode="ai")` of the same page, in neighbouring
rounds: the ratio must stay at or under 4.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
from time import perf_counter

from playwright.async_api import async_playwright

from operator_agent import Operator
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import ARGUMENTS, find_browser

LIMIT = 4.0
BUTTONS = 5_000
PAGE = f"""<!doctype html><title>Large</title><h1>Large</h1><p role="status" aria-label="Last">none</p><div id="all"></div><script>
const all = document.getElementById("all");
for (let n = 1; n <= {BUTTONS}; n++) {{
  const row = document.createElement("div");
  const button = document.createElement("button");
  button.textContent = `Button ${{n}}`;
  button.addEventListener("click", () => {{ document.querySelector("[role=status]").textContent = `pressed ${{n}}`; }});
  row.append(button); all.append(row);
}}
</script>"""


async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = PAGE.encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n" % len(body))
    writer.write(b"Connection: close\r\n\r\n" + body)
    await writer.drain()
    writer.close()


async def measure(rounds: int) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    executable = str(find_browser(Settings.from_env(), headed=False))
    ratios, steps, memory = [], [], []
    async with server, async_playwright() as playwright, Operator(record=False, pictures=False) as operator:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, "--no-sandbox"])
        page = await browser.new_page()
        await page.goto(url)
        await operator.do({"go to": url})
        for number in range(BUTTONS, BUTTONS - rounds, -1):
            began = perf_counter()
            await page.aria_snapshot(mode="ai")
            bare = perf_counter() - began
            began = perf_counter()
            await operator.do(f"press Button {number}", expect=f'status "Last": pressed {number}')
            steps.append(perf_counter() - began)
            ratios.append(steps[-1] / bare)
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        await browser.close()
    print(f"step {statistics.median(steps):.2f} s, {statistics.median(ratios):.2f} × a bare snapshot (limit {LIMIT:g})")
    print(f"peak memory of our process {memory[0]:.0f} MB after the first step, {memory[-1]:.0f} MB after {rounds}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
