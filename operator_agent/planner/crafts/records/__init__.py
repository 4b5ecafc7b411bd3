"""What applications keep (entries, pages, files, issues): made, filled in, changed, deleted and asked about by their names."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def records() -> tuple[Craft, ...]:
    """The more particular first."""
    from operator_agent.planner.crafts.records.asking import Question
    from operator_agent.planner.crafts.records.changing import Change
    from operator_agent.planner.crafts.records.entering import Enter, Login, Run, Save, Ticks
    from operator_agent.planner.crafts.records.making import Make
    from operator_agent.planner.crafts.records.moving import Find, Menu, Opened
    from operator_agent.planner.crafts.records.removing import Act

    return (Make(), Enter(), Save(), Run(), Login(), Ticks(), Find(), Opened(), Act(), Change(), Menu(), Question())
