"""Does thinking on evidence pay? A simulation of the model, not of the pages.

    make bench-effort                           or: python benchmarks/effort.py --seeds 20 --tasks 4

The pages, browser, checks and planner are real; the model is a seeded stub that errs as `model_tasks/fallible.py` says: more
often on harder steps, less often the more it may think, at so many tokens a thought. Three policies do the same tasks with the
same seeds:

    off     never thinks
    high    always thinks deeply
    ours    thinks when a check, a missing element or a stall asks for it (`operator_agent/planner/effort.py`)

Success is the state of the app's server. Intervals are Wilson's, at 95 %. A run of `ours` in which every call was made at `off` is
counted for `off` as well, without doing it again: the same seed would do the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

from model_tasks.fallible import Fallible
from model_tasks.site import Site, serving
from model_tasks.tasks import Task, load_tasks
from playwright.async_api import Browser, async_playwright

from operator_agent import Command, Limits
from operator_agent.executor import Executor
from operator_agent.flow.classes import RISKS
from operator_agent.flow.grant import Grant
from operator_agent.flow.record import Called, Level, Result
from operator_agent.loop import Loop
from operator_agent.models.ledger import Ledgered
from operator_agent.person import Nobody
from operator_agent.planner.effort import Caps, Case, effort
from operator_agent.planner.model import ModelPlanner
from operator_agent.policy.policy import Policy
from operator_agent.roles import Roles
from operator_agent.settings import Settings
from operator_agent.surfaces.browser import engine
from operator_agent.surfaces.browser.launch import ARGUMENTS, find_browser
from operator_agent.surfaces.browser.surface import BrowserSurface
from operator_agent.verifier import Verifier

SUCCESS, TOKENS = 0.95, 0.20
"""The limits, as parts of what `high` reaches and writes."""
TASKS = ("tracker_edit", "signup", "mail_new", "travel", "calendar", "invoice", "admin_invite", "admin_role")
"""Two easy ones, six with steps that are hard in part."""
AT_ONCE = 2
LIMITS = Limits(step=2, seconds=90, steps=80)
"""Short, so that a refuted check is known soon: the pages answer in milliseconds."""

Choosing = Callable[[Case, Caps], tuple[Level, str]]
POLICIES: dict[str, Choosing] = {
    "ours": effort,
    "off": lambda case, caps: ("off", "never"),
    "high": lambda case, caps: ("high", "always"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One task, seed and policy."""

    task: str
    seed: int
    easy: bool
    success: bool
    outcome: str
    reason: str
    errors: int
    calls: int
    output: int
    thinking: int
    levels: tuple[Level, ...]
    triggers: tuple[str, ...]
    witness: str = ""
    """The state of the app, when it is not what was asked for."""


async def run_one(task: Task, seed: int, policy: Choosing, browser: Browser, site: Site) -> Run:
    run = site.begin()
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    surface = BrowserSurface(await context.new_page(), limits=LIMITS)
    simulated = Fallible(task, seed)
    model = Ledgered(simulated)
    grant = Grant(origins=(site.url,), approved=frozenset(RISKS), unattended=True)
    planner = ModelPlanner(model, surface.vocabulary, lambda: grant, policy=policy)
    roles = Roles(planner, Executor(), Verifier(), Policy(), Nobody())._replace(ledger=model.take)
    loop = Loop(roles, surface, grant, LIMITS, pictures=False)
    loop.start = f"{site.url}/{run}/{task.app}/{task.start}"
    calls: list[Called] = []
    try:
        async for record in loop.run(Command(text=task.command)):
            if isinstance(record, Called):
                calls.append(record)
            elif record.kind == "ended":
                result = record.result
    finally:
        await surface.close()
        await context.close()
    return _told(task, seed, simulated, result, calls, site.state(run))


def _told(task: Task, seed: int, model: Fallible, result: Result, calls: list[Called], state: dict[str, Any]) -> Run:
    easy = all(move.difficulty == "easy" for stage in task.stages for move in stage.moves)
    success = task.achieved(state)
    return Run(
        task.name, seed, easy, success, result.outcome, result.reason, model.errors, len(calls),
        sum(call.usage.output for call in calls), sum(call.usage.reasoning for call in calls),
        tuple(call.level for call in calls), tuple(call.trigger for call in calls), "" if success else json.dumps(state),
    )  # fmt: skip


async def measure(tasks: list[Task], seeds: range, say: Callable[[str], None]) -> dict[str, list[Run]]:
    """The runs of each policy."""
    executable = str(find_browser(Settings.from_env(), headed=False))
    runs: dict[str, list[Run]] = {name: [] for name in POLICIES}
    places = asyncio.Semaphore(AT_ONCE)
    with serving() as site:
        async with async_playwright() as playwright:
            await engine.register(playwright)
            browser = await playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, "--no-sandbox"])

            async def compare(task: Task, seed: int) -> None:
                async with places:
                    mine = await run_one(task, seed, POLICIES["ours"], browser, site)
                    same = set(mine.levels) == {"off"}
                    off = mine if same else await run_one(task, seed, POLICIES["off"], browser, site)
                    high = await run_one(task, seed, POLICIES["high"], browser, site)
                for name, one in (("ours", mine), ("off", off), ("high", high)):
                    runs[name].append(one)
                say(f"{len(runs['ours'])} of {len(tasks) * len(seeds)}")

            await asyncio.gather(*(compare(task, seed) for seed in seeds for task in tasks))
            await browser.close()
    return runs


def wilson(successes: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share (Wilson 1927)."""
    share = successes / of
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of)), min(1.0, (middle + spread) / (1 + z * z / of))


def summary(runs: dict[str, list[Run]]) -> dict[str, Any]:
    """The figures of each policy, the two ratios, and which limits are missed."""
    told: dict[str, Any] = {}
    for name, done in runs.items():
        successes = sum(run.success for run in done)
        told[name] = {
            "runs": len(done), "success": successes / len(done), "interval": wilson(successes, len(done)),
            "passed_wrongly": sum(run.outcome == "passed" and not run.success for run in done),
            "output": sum(run.output for run in done) / len(done), "thinking": sum(run.thinking for run in done) / len(done),
            "calls": sum(run.calls for run in done) / len(done),
        }  # fmt: skip
    calm = [run for run in runs["ours"] if run.easy and not run.errors]
    told["easy_thinking"] = sum(run.thinking for run in calm)
    told["easy_runs"] = len(calm)
    told["success_ratio"] = told["ours"]["success"] / max(told["high"]["success"], 1e-9)
    told["tokens_ratio"] = told["ours"]["output"] / max(told["high"]["output"], 1e-9)
    missed = {
        "success": told["success_ratio"] < SUCCESS, "tokens": told["tokens_ratio"] > TOKENS, "easy": told["easy_thinking"] > 0,
    }  # fmt: skip
    return told | {"missed": [name for name, is_missed in missed.items() if is_missed]}


def show(runs: dict[str, list[Run]], told: dict[str, Any]) -> None:
    print("Simulated model, real pages: the figures say something of the policy, nothing of any model.\n")
    print(f"{'':6}{'runs':>6}{'success':>9}{'95 % interval':>17}{'output tokens':>15}{'thought':>9}{'calls':>7}{'false done':>12}")
    for name in ("off", "high", "ours"):
        one = told[name]
        low, high = one["interval"]
        between = f"{low:.2f} to {high:.2f}"
        print(
            f"{name:6}{one['runs']:>6}{one['success']:>9.2f}{between:>17}{one['output']:>15.0f}{one['thinking']:>9.0f}"
            f"{one['calls']:>7.1f}{one['passed_wrongly']:>12}"
        )
    print(f"\nours has {told['success_ratio']:.2f} of high's success (at least {SUCCESS})", end=" ")
    print(f"at {told['tokens_ratio']:.2f} of its output tokens (at most {TOKENS})")
    print(f"easy tasks without an error, {told['easy_runs']} runs: {told['easy_thinking']} tokens thought (0)")
    levels = Counter(level for run in runs["ours"] for level in run.levels)
    print("levels of our calls:", ", ".join(f"{level} {number}" for level, number in levels.most_common()))
    for task in dict.fromkeys(run.task for run in runs["ours"]):
        shares = "  ".join(f"{name} {sum(r.success for r in runs[name] if r.task == task)}" for name in ("off", "high", "ours"))
        print(f"    {task:14} succeeded: {shares}")
    print(f"missed: {', '.join(told['missed'])}" if told["missed"] else "all limits are kept")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--tasks", type=int, default=0, help="only the first N")
    parser.add_argument("--only", nargs="*", default=TASKS, help="tasks by name")
    parser.add_argument("--json", action="store_true", help="every run, and the figures")
    given = parser.parse_args()
    found = {task.name: task for task in load_tasks(given.only)}
    tasks = [found[name] for name in given.only][: given.tasks or None]
    seeds = range(given.first, given.first + given.seeds)
    runs = asyncio.run(measure(tasks, seeds, lambda text: print(text, end="\r", file=sys.stderr)))
    told = summary(runs)
    if given.json:
        print(json.dumps({"simulated": True, "total": told, "runs": {name: list(map(asdict, one)) for name, one in runs.items()}}))
    else:
        show(runs, told)
    sys.exit(1 if told["missed"] else 0)


if __name__ == "__main__":
    main()
