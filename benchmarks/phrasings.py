"""How many ways of ordering end in the right order: every phrasing of the planner's tables that is an order goes through the shop.

    python benchmarks/phrasings.py --limit 60

The witness is the shop's database. `right`: the lines, name and pick-up time that the table wants. `asked`: a question or a
reason instead, and nothing ordered. `undone`: understood, but the run did not pass; nothing is claimed then. `wrong`: a run that
passed with another order, or lines in the database of a run that did not pass; there must be none. Ends with 1 if there are.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from operator_agent import Operator, Result
from operator_agent.demo.order import AS_SOON_AS_POSSIBLE
from operator_agent.demo.serve import serve
from operator_agent.demo.tour import ordered

TABLES = Path(__file__).parent.parent / "tests" / "planner"


def orders(limit: int) -> list[dict[str, Any]]:
    """Phrasings that are orders, evenly from all tables; all when there are no more than `limit`. Times that hang on the clock
    are left out: the shop's is the real one."""
    found = [row for file in sorted(TABLES.glob("*.yaml")) for row in YAML(typ="safe").load(file) if fixed(row)]
    step = max(1.0, len(found) / limit)
    return [found[int(index * step)] for index in range(min(limit, len(found)))]


def fixed(row: dict[str, Any]) -> bool:
    words = row["say"].casefold()
    return "gives" in row and not (row.get("pickup") and any(span in words for span in ("hour", "min", "小时", "分钟", "刻钟")))


def wanted(row: dict[str, Any]) -> Counter[str]:
    """`large oat latte for Ada at 08:30` → how many."""
    ends = f" for {row.get('name', 'Guest')} at {row.get('pickup', AS_SOON_AS_POSSIBLE)}"
    found: Counter[str] = Counter()
    for item in row["gives"]:
        number, what = item.split(" ", 1)
        found[what + ends] += int(number)
    return found


def stored(rows: list[dict[str, Any]]) -> Counter[str]:
    """The same of the database's lines."""
    found: Counter[str] = Counter()
    for row in rows:
        found["{size} {milk} {drink} for {name} at {pickup}".format_map(row)] += row["quantity"]
    return found


def judge(row: dict[str, Any], result: Result, lines: Counter[str]) -> str:
    if lines == wanted(row) and result.passed:
        return "right"
    if lines or result.passed:
        return "wrong"
    return "asked" if not result.steps else "undone"


async def measure(limit: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as runs:
        async with serve() as shop, Operator(shop.url, approve=["pay"], runs=runs, pictures=False) as operator:
            for row in orders(limit):
                before = len(ordered(shop.db))
                result = await operator.run(row["say"])
                verdict = judge(row, result, lines := stored(ordered(shop.db)[before:]))
                counts[verdict] += 1
                if verdict != "right":
                    print(f"{verdict}: {row['say']!r}: {dict(lines) or result.reason}", flush=True)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=10_000, metavar="N", help="how many phrasings; all by default")
    counts = asyncio.run(measure(parser.parse_args().limit))
    print(", ".join(f"{counts[name]} {name}" for name in ("right", "asked", "undone", "wrong")))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
