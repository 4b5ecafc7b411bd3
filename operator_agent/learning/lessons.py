"""Learning for one run: who plans first, and who follows to keep what is worth keeping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.origin import Origin
from operator_agent.flow.plan import Step
from operator_agent.flow.record import Record
from operator_agent.learning.learner import Learner
from operator_agent.learning.planner import Learned
from operator_agent.learning.shelf import Shelf, prints_of
from operator_agent.roles import Grounded, Healer, Planner, Settled

FOLDER = "learned"
"""Of the state folder."""


class Lessons:
    """A listener of one run. `state` is the user's state folder, `hide` takes secrets out of what is kept."""

    def __init__(self, state: Path, hide: Callable[[str], str] = str) -> None:
        self.shelf = Shelf(state / FOLDER, cache=state / "skills")
        self._hide = hide
        self._learner = Learner(self.shelf, None, hide)
        self._learned: Learned | None = None
        self._healer: Healer | None = None
        self._over = False

    @property
    def files(self) -> list[Path]:
        """All candidates, of every site: for a skill that is named."""
        return [one.file for one in self.shelf.all()]

    @property
    def told(self) -> str:
        """What was learned, in a sentence; "" when nothing was."""
        return self._learner.told

    def over(self, planner: Planner, model: Planner | None, *, start: str, here: str, named: str = "") -> Planner:
        """`planner`, with what was learned on this site before it. The run begins at `start`, else on the page at `here`.

        A candidate that is `named` is one of any site, and no other is."""
        at = start or here
        if named:
            wanted = named.casefold()
            found = [one for one in self.shelf.all() if wanted in (one.skill.name.casefold(), one.file.stem.casefold())]
        else:
            found = self.shelf.of(str(Origin.parse(at))) if at.startswith("http") else []
        learned = self._learned = Learned(planner, found, model, here=at, start=start, named=bool(named))
        self._learner = Learner(self.shelf, learned, self._hide)
        return learned

    def settle(self, step: Step, found: Grounded | Trouble, seen: Observation) -> Settled:
        """`roles.Healer` for what was learned: what its steps were done on is kept with it. Nothing is known of any other plan."""
        chosen = self._learned.chosen if self._learned and not self._over else None
        if chosen is None:
            return Settled(step, found)
        if self._healer is None:
            from operator_agent.healing import healer, prints

            self._healer = healer.Healer(prints.Prints.read(prints_of(chosen.file)))
        return self._healer.settle(step, found, seen)

    def __call__(self, record: Record) -> None:
        self._learner(record)
        self._over |= record.kind == "ended"
