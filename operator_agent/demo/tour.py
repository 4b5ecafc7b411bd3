"""What `operator-agent demo` does: opens the shop, orders in it, and asks the shop's own database whether that is so."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operator_agent.demo.serve import serve
from operator_agent.flow.record import EXIT_CODES, Result
from operator_agent.roles import Person
from operator_agent.run import Operator

if TYPE_CHECKING:
    from operator_agent.recorder.console import ConsoleView


async def order(
    command: str,
    faults: Collection[str] = (),
    *,
    headed: bool = False,
    runs: Path | None = None,
    person: Person | None = None,
    view: ConsoleView | None = None,
) -> tuple[Result, str]:
    """The run's result, with the ordered lines as `values["database"]`, and what the database holds in words.

    A run that says `passed` while the database differs comes back as `failed`: the screen is not believed.
    Errors: as `demo.serve.serve`, and those of `Operator`.
    """
    async with serve(faults=faults) as shop:
        operator = Operator(
            shop.url, allow=[shop.payment_url.removesuffix("/pay")], approve=["pay"], headed=headed, runs=runs, person=person,
            listeners=(view,) if view else (),
        )  # fmt: skip
        operator.stop_on_signals()
        with view or nullcontext():
            async with operator:
                result = await operator.run(command)
        rows = ordered(shop.db)
        return compared(result, rows), described(rows)


def ordered(db: Path) -> list[dict[str, Any]]:
    """Every line that was ordered, as the database has it."""
    with closing(sqlite3.connect(f"{db.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("select drink, size, milk, quantity, name, pickup, status from orders order by id")
        return [dict(row) for row in rows]


def compared(result: Result, rows: Sequence[dict[str, Any]]) -> Result:
    """The result with the database's word in it."""
    inputs = result.plan.inputs if result.plan else {}
    wanted = sorted(_line(item, inputs) for item in inputs.get("items", ()))
    result = result.model_copy(update={"values": {**result.values, "database": list(rows)}})
    if not result.passed or wanted == sorted(_line(row, row) for row in rows):
        return result
    reason = f"every check passed, but the shop's database holds {described(rows)}"
    return result.model_copy(update={"outcome": "failed", "exit_code": EXIT_CODES["failed"], "reason": reason})


def described(rows: Sequence[dict[str, Any]]) -> str:
    """`2 × large latte, oat milk, for Ada (received)`; `no order` when there is none."""
    line = "{quantity} × {size} {drink}, {milk} milk, for {name} ({status})"
    return "; ".join(line.format_map(row) for row in rows) or "no order"


def _line(item: dict[str, Any], order: dict[str, Any]) -> tuple[str, ...]:
    return (*(str(item.get(key, "")) for key in ("drink", "size", "milk", "quantity")), str(order.get("name", "")))
