"""The SQLite file. Its table `orders` is the truth about what was ordered: one row per line item."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from operator_agent.demo.order import Details, Line, Order
from operator_agent.errors import SetupError

# price_cents is for the whole line, total_cents is what was charged for the whole order.
_SCHEMA = """
create table if not exists orders (
    id          integer primary key autoincrement,
    number      text    not null,
    drink       text    not null,
    size        text    not null,
    milk        text    not null,
    quantity    integer not null,
    price_cents integer not null,
    total_cents integer not null,
    name        text    not null,
    pickup      text    not null,
    status      text    not null,
    session     text    not null,
    created     text    not null
)"""
_SHOWN = "number, drink, size, milk, quantity, price_cents, total_cents, name, pickup, status, created"
_COLUMNS = (*_SHOWN.split(", "), "session")
_LINE = ("drink", "size", "milk", "quantity", "price_cents")


class Store:
    """Orders in the file `db`. Every call is one short statement, so it runs on the event loop.

    Errors: `SetupError` when the file cannot be written or is not a shop's database.
    """

    def __init__(self, db: Path) -> None:
        try:
            db.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(db, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            # No write-ahead log: whoever reads or copies this one file sees every order. No fsync: a demo's
            # orders need to survive a killed process, not a power cut.
            self._connection.execute("pragma synchronous = off")
            self._connection.execute(_SCHEMA)
            self._connection.execute(f"select session, {_SHOWN} from orders limit 0")
            self._connection.execute("pragma user_version = 1")
        except (OSError, sqlite3.Error) as error:
            raise SetupError(
                f"The shop cannot use the database {db}: {error}. Name a file in a folder you may write to."
            ) from error

    def add(self, order: Order, session: str) -> None:
        """Stores every line of the order, or none."""
        whole = {
            "number": order.number,
            "total_cents": order.total_cents,
            "name": order.details.name,
            "pickup": order.details.pickup,
            "status": order.status,
            "session": session,
            "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        names = ", ".join(_COLUMNS)
        places = ", ".join(f":{column}" for column in _COLUMNS)
        with self._connection:
            self._connection.execute("begin")
            self._connection.executemany(
                f"insert into orders ({names}) values ({places})", [vars(line) | whole for line in order.lines]
            )

    def rows(self, session: str) -> list[dict[str, Any]]:
        """This session's line items, newest first, with every column but `id` and `session`."""
        found = self._connection.execute(f"select {_SHOWN} from orders where session = ? order by id desc", (session,))
        return [dict(row) for row in found]

    def order(self, number: str, session: str) -> Order | None:
        """What is stored under that number for this session."""
        found = self._connection.execute(
            f"select {_SHOWN} from orders where number = ? and session = ? order by id", (number, session)
        ).fetchall()
        if not found:
            return None
        first = found[0]
        lines = tuple(Line(*(row[column] for column in _LINE)) for row in found)
        return Order(number, lines, first["total_cents"], Details(first["name"], first["pickup"]), first["status"])

    def close(self) -> None:
        self._connection.close()
