"""The mutation table: what a replay makes of pages that have changed since they were recorded.

    python -m benchmarks.mutations.run [--pairs N] [--only RECORDING …] [--json]

Every recording is made once on the honest page and replayed on every mutation of it. The witness in the page tells the server of
each click and each input, and by which control it was taken: one that the plan does not act on is a wrong one. `--pairs` adds so
many random pairs of mutations, which nobody wrote a rule for. Exit code 1 when anything wrong was clicked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import Browser, async_playwright

from benchmarks.mutations.mutations import MUTATIONS
from benchmarks.mutations.recordings import RECORDINGS, Recording
from benchmarks.mutations.site import Site, serving
from operator_agent import Limits, Operator, Record
from operator_agent.healing.healer import Healer
from operator_agent.healing.prints import Prints
from operator_agent.roles import Person
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser

RECORDED = Limits(step=10.0, seconds=60)
REPLAYED = Limits(step=2.0, seconds=60)
"""What is gone is waited for this long."""


class Ending(NamedTuple):
    """What became of one replay."""

    recording: str
    mutation: str
    outcome: str
    healed: int
    wrong: list[dict[str, str]]
    reason: str

    @property
    def short(self) -> str:
        return "WRONG" if self.wrong else f"{self.outcome}{' healed' * bool(self.healed)}"


class Stage:
    """A browser and the site, for many runs."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.prints: dict[str, Prints] = {}

    async def run(
        self, recording: Recording, mutations: Iterable[str] = (), healer: Healer | None = None, person: Person | None = None
    ) -> list[Record]:
        """The records of the recording's plan, done on the page with these mutations."""
        plan = load_plan(recording.plan).model_copy(update={"start": self.site.address(recording, *mutations)})
        context = await self.browser.new_context()
        self.site.told.clear()
        try:
            page = await context.new_page()
            limits = REPLAYED if healer else RECORDED
            known = {"healer": healer, "person": person, "approve": ["delete"]}
            async with Operator(page=page, record=False, pictures=False, limits=limits, **known) as operator:
                return [record async for record in operator.records(plan.goal, plan=plan)]
        finally:
            await context.close()

    async def replay(self, recording: Recording, *mutations: str, person: Person | None = None) -> Ending:
        """The ending of a replay on the changed page, healed from what was recorded on the honest one."""
        if recording.name not in self.prints:
            records = await self.run(recording)
            assert records[-1].kind == "ended" and records[-1].result.passed, records[-1]
            assert not self.site.wrong(recording), self.site.told
            self.prints[recording.name] = Prints.of(records)
        records = await self.run(recording, mutations, Healer(self.prints[recording.name]), person)
        last = records[-1]
        assert last.kind == "ended"
        healed = sum(record.kind == "healed" for record in records)
        wrong = self.site.wrong(recording)
        return Ending(recording.name, " + ".join(mutations), last.result.outcome, healed, wrong, last.result.reason)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    settings = Settings.from_env()
    async with serving() as site, async_playwright() as playwright:
        found = find_browser(settings, headed=False)
        browser = await playwright.chromium.launch(executable_path=str(found), args=["--no-sandbox"])
        try:
            yield Stage(browser, site)
        finally:
            await browser.close()


async def table(only: list[str], pairs: int, mutations: list[str]) -> list[Ending]:
    chosen = [RECORDINGS[name] for name in only or RECORDINGS]
    chance = random.Random(7)
    random_pairs = [tuple(chance.sample(sorted(MUTATIONS), 2)) for _ in range(pairs)]
    async with staged() as stage:
        endings = []
        for recording in chosen:
            for names in [*((name,) for name in mutations or MUTATIONS), *random_pairs]:
                endings.append(await stage.replay(recording, *names))
                if endings[-1].wrong:
                    print(endings[-1], file=sys.stderr)
        return endings


def told(endings: list[Ending]) -> str:
    """The endings as a table, a line a mutation."""
    columns = list(dict.fromkeys(one.recording for one in endings))
    cells = {(one.mutation, one.recording): one.short for one in endings}
    rows = list(dict.fromkeys(one.mutation for one in endings))
    width = max(map(len, rows))
    lines = [f"{'':{width}}  " + " ".join(f"{column:18}" for column in columns)]
    lines += [f"{row:{width}}  " + " ".join(f"{cells[row, column]:18}" for column in columns) for row in rows]
    wrong = sum(bool(one.wrong) for one in endings)
    healed = sum(bool(one.healed) and one.outcome == "passed" for one in endings)
    passed = sum(one.outcome == "passed" for one in endings)
    return "\n".join((*lines, f"{len(endings)} replays: {passed} passed, {healed} of them healed, {wrong} with a wrong click"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=sorted(RECORDINGS))
    parser.add_argument("--mutations", nargs="*", default=[], choices=sorted(MUTATIONS))
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--why", action="store_true", help="print each reason, too")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    endings = asyncio.run(table(given.only, given.pairs, given.mutations))
    if given.json:
        found: list[dict[str, Any]] = [one._asdict() for one in endings]
        print(json.dumps({"runs": found, "wrong": sum(bool(one.wrong) for one in endings)}, indent=2, ensure_ascii=False))
    else:
        print(told(endings))
    if given.why:
        print("\n".join(f"{one.recording} · {one.mutation} · {one.short} · {one.reason} {one.wrong or ''}" for one in endings))
    return int(any(one.wrong for one in endings))


if __name__ == "__main__":
    sys.exit(main())
