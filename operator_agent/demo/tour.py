"""What `operator-agent demo` does: opens the shop, orders in it, and asks the shop's own database whether that is so."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from operator_agent.demo.serve import serve
from operator_agent.flow.record import EXIT_CODES, Result
from operator_agent.run import Listener, Operator


async def order(
    command: str, faults: Collection[str], *, headed: bool, runs: Path | None, follow: AbstractContextManager[Sequence[Listener]]
) -> Result:
    """The run's result. A run that says `passed` while the database differs comes back as `failed`: the screen is not believed.

    Errors: as `demo.serve.serve`, and those of `Operator`.
    """
    async with serve(faults=faults) as shop:
        with follow as listeners:
            operator = Operator(
                shop.url, allow=[shop.payment_url.removesuffix("/pay")], approve=["pay"], headed=headed, runs=runs, listeners=listeners
            )  # fmt: skip
            operator.stop_on_signals()
            async with operator:
                result = await operator.run(command)
        rows = ordered(shop.db)
        return _compared(result, rows)


def ordered(db: Path) -> list[dict[str, Any]]:
    """Every line that was ordered, as the database has it."""
    with contextlib.closing(sqlite3.connect(f"{db.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [
            dict(row)
            for row in connection.execute("select drink, size, milk, quantity, name, pickup, status from orders order by id")
        ]


def _compared(result: Result, rows: list[dict[str, Any]]) -> Result:
    """The result with the database's word in it."""
    wanted = sorted(_line(item) for item in (result.plan.inputs.get("items", []) if result.plan else []))
    got = sorted(_line(row) for row in rows)
    said = "; ".join(f"{row['quantity']} × {row['size']} {row['drink']}, {row['milk']} milk" for row in rows) or "no order"
    values = {**result.values, "database": rows}
    if result.passed and wanted != got:
        return result.model_copy(
            update={
                "outcome": "failed",
                "exit_code": EXIT_CODES["failed"],
                "reason": f"the shop's database has {said}",
                "values": values,
            }
        )
    return result.model_copy(update={"values": values})


def _line(item: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(item.get(key, "")) for key in ("drink", "size", "milk", "quantity"))
