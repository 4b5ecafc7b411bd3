"""The limits a person states in a command, read by code: no model is asked, so none can leave one out.

    stated("order a latte for at most 12 euros, only if it is in stock")

The words are data (`words.json`), English and Chinese together; what reads them are a few rules, one module a kind.
"""

from __future__ import annotations

from datetime import date

from operator_agent.flow.constraint import Constraint
from operator_agent.policy.constraints.conditions import conditions
from operator_agent.policy.constraints.exclusions import exclusions
from operator_agent.policy.constraints.measures import Stated, measures
from operator_agent.policy.constraints.parties import parties
from operator_agent.policy.constraints.speech import Speech

__all__ = ["stated"]


def stated(text: str, today: date | None = None) -> tuple[Constraint, ...]:
    """The limits in a command, in the order they were said; empty when there are none.

    `today` (this day when None) is what `tomorrow`, `Friday` and a day without a year count from. Who only looks ("search for shoes
    under 50 euros") takes nothing, and states no limit on what is taken. An exact number of things ("3 lattes") and an exact time
    ("at 5 pm") are what to do, not limits; an exact day or address is held too, but only against what a page shows otherwise
    (`Constraint.firm`).
    """
    speech = Speech(text, today or date.today())
    if _only_looks(speech):
        return ()
    measured = list(measures(speech))
    found = [*_one_day(measured), *parties(speech), *conditions(speech, measured), *exclusions(speech)]
    return tuple(dict.fromkeys(one.constraint for one in sorted(found, key=lambda one: one.start)))


def _only_looks(speech: Speech) -> bool:
    first = speech.skip("opening", 0)
    return first < len(speech) and bool(speech.phrase("look", first)) and not speech.has("act")


def _one_day(measured: list[Stated]) -> list[Stated]:
    """Several days of what to do are each right for a part of it: a room on one, a train on another."""
    days = [one for one in measured if one.constraint.kind == "date" and not one.constraint.firm]
    if len(days) < 2:
        return measured
    values = tuple(dict.fromkeys(value for day in days for value in day.constraint.values))
    said = " and ".join(day.constraint.said for day in days)
    merged = days[0]._replace(constraint=days[0].constraint.model_copy(update={"values": values, "said": said}))
    return [merged if one is days[0] else one for one in measured if one is days[0] or one not in days]
