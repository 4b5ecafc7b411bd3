"""How long plain words take to be understood, beyond looking: planning and pointing, in CPU time of one step.

    python benchmarks/wordings/speed.py

Two pages of forms, tables, lists and links, of 300 and of 5,000 elements, are looked at once by a real browser. Then each of
some commands that fit the page, and every fifth phrasing of `gallery.yaml`, which do not, is planned, its first words settled
on the page, and the first act pointed at its element. Limits: 20 ms on 300 elements, 250 ms on 5,000. Printed are the median,
the 95th of a hundred and the slowest; exit code 1 when the 95th is over the limit.
"""

from __future__ import annotations

import asyncio
import sys
from time import process_time
from typing import NamedTuple

from playwright.async_api import async_playwright
from run import phrasings

from operator_agent import Operator
from operator_agent.executor import Executor
from operator_agent.flow.action import Do
from operator_agent.flow.command import Command
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Plan, Step
from operator_agent.planner.words import WordsPlanner
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import ARGUMENTS, find_browser

LIMITS = {300: 0.020, 5_000: 0.250}
ROUNDS = 2
EACH = 5
"""Of the gallery's phrasings one in so many."""
FITTING = (
    'press "Open 7"',
    "click the link Invoice 12",
    "tick Paid 9",
    "put Oslo into Town 3",
    "choose Large in Size 4",
    "set Due 2 to 3 March 2026",
    "delete the row of Customer 11",
    "open the cheapest invoice",
    "how much does Invoice 8 cost?",
    "sort by Amount",
    "go to the last page",
    "fill in Town 1 with Oslo, tick Paid 1 and press Save",
    "I'd like to have Paid 5 ticked, please",
    "open the menu and choose Export",
    "search for lamp and open the third result",
    "tick all but Paid 2",
    "drag Open 1 to Open 3",
    "untick everything",
    "press the button next to Customer 6",
    "who owes the most?",
    'if there is no "Open 900", press Save',
    "scroll down",
    "what is the total?",
    "press the second Open button",
)


class Took(NamedTuple):
    seconds: float
    words: str


def page_of(elements: int) -> str:
    """A page with about so many elements that can be acted on."""
    rows = "".join(
        f"<tr><td><a href='#i{n}'>Invoice {n}</a><td>Customer {n}<td>{n * 7 % 90} €"
        f"<td><label><input type=checkbox> Paid {n}</label><td><button>Open {n}</button>"
        for n in range(1, elements // 6)
    )
    fields = "".join(
        f"<p><label>Town {n} <input></label> <label>Due {n} <input type=date></label>"
        f"<label>Size {n} <select><option>Small<option>Large</select></label>"
        for n in range(1, elements // 6)
    )
    return (
        "<!doctype html><title>Invoices</title><h1>Invoices</h1>"
        "<nav><button aria-haspopup=menu>Menu</button> <input type=search></nav>"
        f"<table><tr><th>Invoice<th>Customer<th>Amount<th>Paid<th>Act</tr>{rows}</table><form>{fields}<button>Save</button></form>"
    )


async def looks() -> dict[int, Observation]:
    async with async_playwright() as playwright:
        executable = find_browser(Settings.from_env(), headed=False)
        browser = await playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, "--no-sandbox"])
        found = {}
        for elements in LIMITS:
            page = await browser.new_page()
            await page.set_content(page_of(elements))
            async with Operator(page=page, allow=["*"], record=False) as op:
                found[elements] = await op.observe()
            assert found[elements].complete
        await browser.close()
        return found


async def understood(words: str, seen: Observation) -> float:
    """Seconds of CPU of planning these words and of settling and pointing at the first of their steps."""
    began = process_time()
    planner = WordsPlanner("http://127.0.0.1/")
    plan = await planner.plan(Command(text=words), {})
    if isinstance(plan, Plan) and plan.steps:
        step: Step = plan.steps[0]
        if isinstance(step.action, Do):
            refined = await planner.refine(step, seen, {})
            step = refined[0] if isinstance(refined, tuple) and refined else step
        if not isinstance(step.action, Do):
            Executor().ground(step.action, seen)
    return process_time() - began


async def main() -> int:
    over = 0
    seen = await looks()
    said = {"fitting": list(FITTING), "gallery": [words for _, words in phrasings(())][::EACH]}
    for words in said["fitting"]:
        await understood(words, seen[300])  # what is read from files once is no part of a step
    for elements, limit in LIMITS.items():
        for kind, commands in said.items():
            took = sorted([Took(min([await understood(one, seen[elements]) for _ in range(ROUNDS)]), one) for one in commands])
            middle, late = took[len(took) // 2].seconds, took[int(len(took) * 0.95)].seconds
            over += late > limit
            print(f"{elements} ({len(seen[elements].elements)}) elements, {len(took)} {kind}: median {middle * 1000:.1f} ms, "
                  f"95th {late * 1000:.1f} ms, slowest {took[-1].seconds * 1000:.1f} ms (limit {limit * 1000:.0f})")  # fmt: skip
            for one in took[-4:]:
                print(f"    {one.seconds * 1000:8.1f} ms  {one.words[:100]}")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
