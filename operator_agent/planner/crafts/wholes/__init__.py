"""Requests that are understood as a whole or not at all."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def wholes() -> tuple[Craft, ...]:
    from operator_agent.planner.crafts.wholes.attempts import Attempts
    from operator_agent.planner.crafts.wholes.cells import Cells
    from operator_agent.planner.crafts.wholes.items import Items
    from operator_agent.planner.crafts.wholes.longlists import LongLists
    from operator_agent.planner.crafts.wholes.quoting import Quoting
    from operator_agent.planner.crafts.wholes.replies import Replies
    from operator_agent.planner.crafts.wholes.rows import Rows
    from operator_agent.planner.crafts.wholes.trees import Trees
    from operator_agent.planner.crafts.wholes.whole import Whole

    return (Trees(), Cells(), Items(), LongLists(), Replies(), Rows(), Attempts(), Quoting(), Whole())
