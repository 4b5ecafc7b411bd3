"""The crafts of forms, sets, navigation and widgets."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def basics() -> tuple[Craft, ...]:
    """The more particular first."""
    from operator_agent.planner.crafts.branches import Branches
    from operator_agent.planner.crafts.dates import Dates
    from operator_agent.planner.crafts.explore import Explore
    from operator_agent.planner.crafts.fields import Fields
    from operator_agent.planner.crafts.marking import Marking
    from operator_agent.planner.crafts.sets import Sets
    from operator_agent.planner.crafts.sliders import Sliders
    from operator_agent.planner.crafts.styled import Styled
    from operator_agent.planner.crafts.suggestions import Suggestions
    from operator_agent.planner.crafts.terminal import Terminal

    return (Branches(), Terminal(), Explore(), Dates(), Suggestions(), Styled(), Marking(), Sliders(), Fields(), Sets())
