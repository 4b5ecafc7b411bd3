"""Crafts for apps, for reading values and for small reasoning."""

from __future__ import annotations

from operator_agent.planner.crafts import Craft


def apps() -> tuple[Craft, ...]:
    """All of them, the more particular first."""
    from operator_agent.planner.crafts.apps.amounts import Amounts
    from operator_agent.planner.crafts.apps.choosing import InOrder, Pick
    from operator_agent.planner.crafts.apps.goals import Goals
    from operator_agent.planner.crafts.apps.inside import Inside
    from operator_agent.planner.crafts.apps.mail import Answer, Nth
    from operator_agent.planner.crafts.apps.playing import Mark, Noughts
    from operator_agent.planner.crafts.apps.reading import FormFromPage, PutValue, TakeValue
    from operator_agent.planner.crafts.apps.repeating import Guess, Until, When

    reading = (FormFromPage(), PutValue(), TakeValue())
    reasoning = (InOrder(), Until(), When(), Guess(), Mark(), Noughts())
    return (*reading, Goals(), Amounts(), Pick(), *reasoning, Answer(), Nth(), Inside())
