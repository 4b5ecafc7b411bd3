"""The mutation score: how many of the mutants that did something were caught."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from operator_agent.scenarios.mutants.mutant import KINDS, Ending, Examined, Fate

_APART: tuple[Ending, ...] = ("equivalent", "not reached", "undecided", "tolerated", "not tolerated")
"""In no score, but told."""


@dataclass(frozen=True, slots=True)
class Score:
    examined: Sequence[Examined]
    seed: int
    least: float
    """Of the score, in percent."""
    stopped: bool = False
    """Not all were examined."""

    @property
    def caught(self) -> int:
        return self.count("caught")

    @property
    def counted(self) -> int:
        return self.count("caught", "survived")

    @property
    def percent(self) -> float | None:
        """None when no mutant did anything."""
        return 100 * self.caught / self.counted if self.counted else None

    @property
    def on_journeys(self) -> int:
        """Survivors of scenarios that are journeys: there must be none."""
        return sum(one.count("survived") for one in self.examined if one.is_journey)

    @property
    def unsound(self) -> list[Examined]:
        return [one for one in self.examined if one.unsound]

    @property
    def exit_code(self) -> int:
        """0 when the score is high enough, no journey let a mutant pass, and every scenario could be examined; 6 when stopped."""
        if self.stopped:
            return 6
        good = self.percent is not None and self.percent >= self.least
        return 0 if good and not self.on_journeys and not self.unsound else 1

    def count(self, *endings: Ending) -> int:
        return sum(one.count(*endings) for one in self.examined)

    def survivors(self) -> Iterator[tuple[Examined, Fate]]:
        for one in self.examined:
            for fate in one.fates:
                if fate.ending in ("survived", "not tolerated"):
                    yield one, fate

    def lines(self) -> Iterator[str]:
        """For a person, the survivors first and the score last."""
        for one, fate in self.survivors():
            yield f"{fate.ending}: {one.scenario} ({one.source})"
            yield f"    {told(fate)}"
            if fate.report:
                yield f"    {fate.report}"
        for one in self.unsound:
            yield f"not tested: {one.scenario} ({one.source}): {one.unsound}"
        yield from self._table()
        apart = [f"{self.count(ending)} {ending}" for ending in _APART if self.count(ending)]
        if apart:
            yield f"apart from that: {', '.join(apart)}"
        if self.stopped:
            yield f"stopped by Ctrl-C: {len(self.examined)} scenarios were examined by then"
        percent = "no mutant did anything" if self.percent is None else f"mutation score {self.percent:.1f} %"
        yield f"{percent} ({self.caught} of {self.counted} caught), {self.on_journeys} passed on journeys, seed {self.seed}"

    def _table(self) -> Iterator[str]:
        fates = [fate for one in self.examined for fate in one.fates]
        for kind in KINDS:
            of = [fate.ending for fate in fates if fate.mutant.kind == kind]
            if of:
                told = ", ".join(f"{of.count(ending)} {ending}" for ending in dict.fromkeys(sorted(of)))
                yield f"  {kind:16} {told}"

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed, "score": self.percent and round(self.percent, 2), "caught": self.caught, "counted": self.counted,
            "passed_on_journeys": self.on_journeys, **{ending.replace(" ", "_"): self.count(ending) for ending in _APART},
            "scenarios": [one.model_dump(mode="json") for one in self.examined], "exit_code": self.exit_code,
        }  # fmt: skip


def told(fate: Fate) -> str:
    mutant = fate.mutant
    return f"{mutant.kind}, {mutant.where}: {mutant.what}"


def weaknesses(examined: Examined) -> Iterator[str]:
    """What a scenario did not see, and why it could not be examined; nothing for a good one."""
    if examined.unsound:
        yield examined.unsound
    for fate in examined.fates:
        if fate.ending in ("survived", "not tolerated"):
            yield f"{fate.ending}: {told(fate)}" + (f" ({fate.reason})" if fate.ending == "not tolerated" else "")


def summed(examined: Examined) -> str:
    """One scenario in a line."""
    if examined.unsound:
        return "not tested"
    counted = examined.count("caught", "survived")
    rest = [f"{examined.count(ending)} {ending}" for ending in _APART if examined.count(ending)]
    return ", ".join([f"{examined.count('caught')} of {counted} caught", *rest])
