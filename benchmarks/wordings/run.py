"""The same intents in other words: phrasings of scenarios' commands, done with plain words alone.

    python benchmarks/wordings/run.py                    every phrasing of `gallery.yaml`
    python benchmarks/wordings/run.py widgets/tabs.yaml  those of one scenario
    python benchmarks/wordings/run.py --every 4          each fourth, for a quick look
    python benchmarks/wordings/run.py --half held        every second of each scenario: those nothing was made by

The grammar is made by the `dev` half, the others show how far it reaches.

The scenario's second witness (the server, the file) tells whether what was asked was done; where it has none, its `done`. `right`:
it was. `asked`: the run said that it did not understand, cannot, or must ask, and nothing was stored. `wrong`: it thought itself
done and the witness says otherwise. Exit code 1 when anything was wrong, or less than 95 % right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from operator_agent.outcome import NOTHING_NAMED
from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.scenario import Scenario
from operator_agent.scenarios.trial import Trial, Way, try_scenario

HERE = Path(__file__).parent
LIBRARY = HERE.parents[1] / "scenarios"
WANTED = 0.95


class Told(NamedTuple):
    """What became of one phrasing. `why` is "" when it was right."""

    scenario: str
    words: str
    ending: str
    """`right`, `asked` or `wrong`."""
    why: str


def phrasings(chosen: Iterable[str], half: str = "") -> list[tuple[str, str]]:
    """Scenario file and words, of the scenarios that are chosen; of all when none is."""
    said = YAML(typ="safe").load(HERE / "gallery.yaml")
    names = list(chosen) or list(said)
    part = {"dev": slice(0, None, 2), "held": slice(1, None, 2)}.get(half, slice(None))
    return [(name, words) for name in names for words in said[name][part]]


async def tried(name: str, words: str, runs: Path) -> Told:
    """Each of the scenario's rows in these words; the worst of them is told."""
    worst = Told(name, words, "right", "")
    for scenario in load_scenarios(LIBRARY / name):
        asked = replace(scenario, command=words, done=() if scenario.proof else scenario.done)
        trial = await try_scenario(asked, Way(planner="words", runs=runs, pictures=False))
        ending = judged(trial, asked)
        if ("right", "asked", "wrong").index(ending) > ("right", "asked", "wrong").index(worst.ending):
            worst = Told(name, words, ending, trial.reason)
    return worst


def judged(trial: Trial, scenario: Scenario) -> str:
    if trial.passed:
        return "right"
    if trial.result is None:
        raise SystemExit(f"{scenario.id}: {trial.reason}")
    sure = trial.result.outcome == scenario.outcome or trial.result.reason == NOTHING_NAMED
    return "wrong" if sure else "asked"


async def main_async(asked: list[tuple[str, str]], jobs: int) -> list[Told]:
    turn = asyncio.Semaphore(jobs)
    told: list[Told] = []

    async def one(name: str, words: str, runs: Path) -> None:
        async with turn:
            found = await tried(name, words, runs)
        told.append(found)
        if found.ending != "right":
            print(f"{found.ending}  {name}: {words}\n       {found.why[:200]}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        await asyncio.gather(*(one(name, words, Path(folder)) for name, words in asked))
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--half", choices=("dev", "held"), default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.chdir(LIBRARY / "files")  # where the person stands who says "upload receipt.txt"
    told = asyncio.run(main_async(phrasings(given.scenarios, given.half)[:: given.every], given.jobs))
    count = Counter(one.ending for one in told)
    if given.json:
        print(json.dumps([one._asdict() for one in told], indent=1, ensure_ascii=False))
    else:
        share = count["right"] / max(len(told), 1)
        print(f"{len(told)} phrasings of {len({one.scenario for one in told})} intents: {count['right']} right", end=" ")
        print(f"({share:.0%}, wanted {WANTED:.0%}), {count['asked']} asked, {count['wrong']} wrong")
    return int(count["wrong"] > 0 or count["right"] < WANTED * len(told))


if __name__ == "__main__":
    sys.exit(main())
