"""The crafts that look: shapes, colours, dragging, drawing, searching with the pointer."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def visual() -> tuple[Craft, ...]:
    """The more particular first."""
    from operator_agent.planner.crafts.visual.colouring import Colouring
    from operator_agent.planner.crafts.visual.counting import Counting
    from operator_agent.planner.crafts.visual.dragging import Dragging
    from operator_agent.planner.crafts.visual.drawing import Drawing
    from operator_agent.planner.crafts.visual.pointing import Pointing
    from operator_agent.planner.crafts.visual.seeking import Seeking

    return (Drawing(), Seeking(), Colouring(), Counting(), Dragging(), Pointing())
