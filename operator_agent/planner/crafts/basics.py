"""The crafts of forms, sets, navigation and widgets."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def basics() -> tuple[Craft, ...]:
    """The more particular first."""
    from operator_agent.planner.crafts.explore import Explore

    return (Explore(),)
