"""What a server keeps, where it can be read beside it: its databases and folders. A second copy that left no trace did nothing."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

_VOLATILE = re.compile(r"(^|_)(id|number|no|uuid|time|at|on|date|created|updated|token|session)($|_)", re.IGNORECASE)
"""Columns with another value in every run."""
_OURS = frozenset(("here", "downloads"))


def stored(given: Mapping[str, Any]) -> tuple[tuple[str, object], ...]:
    """By the names of the values that fixtures gave; nothing of those that are neither a database nor a folder."""
    found: list[tuple[str, object]] = []
    for name, value in sorted(given.items()):
        place = Path(str(value))
        if name in _OURS or not place.is_absolute():
            continue
        if place.is_dir():
            found.append((name, sorted(str(file.relative_to(place)) for file in place.rglob("*"))))
        elif place.is_file() and (tables := _tables(place)) is not None:
            found.append((name, tables))
    return tuple(found)


def _tables(place: Path) -> list[tuple[str, list[str]]] | None:
    """Each table with its rows, without what differs anyway; None for what is no database."""
    try:
        with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
            connection.row_factory = sqlite3.Row
            names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table' order by name")]
            return [(name, sorted(map(_lasting, connection.execute(f'select * from "{name}"')))) for name in names]
    except sqlite3.Error:
        return None


def _lasting(row: sqlite3.Row) -> str:
    return str([(key, row[key]) for key in row.keys() if not _VOLATILE.search(key)])  # noqa: SIM118 - a Row iterates over its values
