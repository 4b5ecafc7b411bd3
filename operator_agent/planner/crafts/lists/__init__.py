"""What is in rows: put in another order, sorted by a column, looked for in a tree."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def lists() -> tuple[Craft, ...]:
    """The more particular first."""
    from operator_agent.planner.crafts.lists.ordering import Ordering
    from operator_agent.planner.crafts.lists.sorting import Sorting

    return (Ordering(), Sorting())
