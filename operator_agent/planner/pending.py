"""What went wrong on the way and is not put right yet: until it is, a planner thinks as much as it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from operator_agent.flow.action import describe
from operator_agent.flow.grant import FREE
from operator_agent.flow.record import LEVELS, Level
from operator_agent.planner.effort import Case
from operator_agent.roles import Situation, Taken

_ACTS = 4
"""So many verified acts on the page where it went wrong are taken as an answer: a page may do everything at one address."""
_PAGES = 3
"""So many pages that verified acts led on to are taken as an answer: the run goes another way."""
_TRAVEL = frozenset({"go to", "back", "switch tab", "close tab"})
"""Verbs that lead to a page without doing anything on one."""


@dataclass(slots=True)
class _Evidence:
    """One thing that went wrong, at an act and the page that was seen then."""

    kind: str
    risky: bool = False
    page: str = ""
    """Address of the page the act was done on."""
    away: bool = False
    times: int = 0
    tried: list[Level] = field(default_factory=list)
    """Levels of the calls it has cost before it was so again."""
    since: list[Level] = field(default_factory=list)
    """And afterwards."""
    taken: int = 0
    """Steps of the run that were taken when it was so last."""
    answered: bool = False
    """The run went on from there. It is still counted if it comes again, until its act is verified."""

    def case(self, *, pending: bool) -> Case:
        idle = max((level for level in self.tried if level != "off"), key=LEVELS.index, default=None)
        return Case(self.kind, self.times, self.risky, pending, self.away, idle)


class Pending:
    """The evidence of one run, by place: the act and the page's address."""

    def __init__(self) -> None:
        self._places: dict[str, _Evidence] = {}

    def note(self, kind: str, situation: Situation) -> Case:
        """The case of new evidence."""
        taken, failed = situation.taken, situation.failed
        place = f"{describe(failed.action) if failed else kind} at {situation.seen.url}"
        one = self._places.pop(place, None) or _Evidence(kind)
        one.kind, one.times, one.taken, one.answered = kind, one.times + 1, len(taken), False
        one.tried, one.since = one.tried + one.since, []
        one.risky = bool(failed and failed.risk and failed.risk not in FREE)
        one.page = _address(taken[-2]) if failed and len(taken) > 1 else situation.seen.url
        one.away = bool(failed) and one.page != situation.seen.url
        self._places[place] = one  # the latest is the last
        return one.case(pending=False)

    def case(self) -> Case | None:
        """That of the latest evidence without an answer, if there is any."""
        one = self._latest()
        return one.case(pending=True) if one else None

    def asked(self, level: Level) -> None:
        """A call was made at this level."""
        if one := self._latest():
            one.since.append(level)

    def settle(self, taken: tuple[Taken, ...]) -> None:
        """Takes note of what the steps since have answered."""
        for place, one in list(self._places.items()):
            done = list(_verified(taken, one.taken))
            if place in {f"{describe(act.step.action)} at {_address(act)}" for act, _ in done}:
                del self._places[place]
            elif one.kind != "unproved":  # that only the proof answers
                led = [at for act, at in done if _address(act) != at]
                here = sum(1 for _, at in done if at == one.page)
                one.answered = one.answered or one.page in led or here >= _ACTS or len(led) >= _PAGES

    def _latest(self) -> _Evidence | None:
        return next((one for one in reversed(self._places.values()) if not one.answered), None)


def _verified(taken: tuple[Taken, ...], start: int) -> Iterator[tuple[Taken, str]]:
    """The verified acts from there on, and the address of the page each was done on."""
    for number, one in enumerate(taken[start:], start):
        if one.verdict and one.verdict.status == "verified" and one.step.action.verb not in _TRAVEL:
            yield one, _address(taken[number - 1]) if number else ""


def _address(taken: Taken) -> str:
    return taken.page.rpartition(" ")[0]
