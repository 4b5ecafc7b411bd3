"""What a page shows of one limit, and how numbers, days and times are held against it."""

from __future__ import annotations

import operator
from typing import Any, Literal, NamedTuple

from operator_agent.flow.constraint import Relation


class Finding(NamedTuple):
    """`holds` and `broken` were read from the page; for `unread` nothing was, or nothing to compare. `why` is for a person."""

    status: Literal["holds", "broken", "unread"]
    why: str = ""


_RELATIONS = {
    "at most": operator.le,
    "below": operator.lt,
    "at least": operator.ge,
    "above": operator.gt,
    "is": operator.eq,
    "is not": operator.ne,
}
HOLDS = Finding("holds")


def unread(what: str) -> Finding:
    return Finding("unread", what)


def broken(shown: str) -> Finding:
    return Finding("broken", f"the page shows {shown}")


def within(relation: Relation, value: Any, limit: Any) -> bool:
    """Whether a number, day or time stands in this relation to the limit."""
    return bool(_RELATIONS[relation](value, limit))


