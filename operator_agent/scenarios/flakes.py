"""How often scenarios pass when they are done several times, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Of the normal distribution, for an interval that holds the true rate in 95 of 100 cases."""


def wilson(passed: int, runs: int) -> tuple[float, float]:
    """Between which rates the true one is, with 95 % confidence: E. B. Wilson's score interval, which stays within 0 and 1 and is
    honest about few runs. All is possible when there was none."""
    if not runs:
        return 0.0, 1.0
    share, weight = passed / runs, _Z * _Z / runs
    middle = share + weight / 2
    spread = sqrt(share * (1 - share) * weight + weight * weight / 4)
    return max(0.0, (middle - spread) / (1 + weight)), min(1.0, (middle + spread) / (1 + weight))


@dataclass(frozen=True, slots=True)
class Rate:
    """How often one scenario passed."""

    scenario: str
    passed: int
    runs: int

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.passed, self.runs)

    @property
    def flaky(self) -> bool:
        """It passed and it did not: nothing but chance was between the runs."""
        return 0 < self.passed < self.runs

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.passed} of {self.runs} passed ({low:.0%} to {high:.0%})"


def rates(runs: Iterable[tuple[str, bool]]) -> list[Rate]:
    """Of (scenario, whether it passed), the rate of each scenario, in the order they came first."""
    counts: dict[str, tuple[int, int]] = {}
    for scenario, passed in runs:
        before, of = counts.get(scenario, (0, 0))
        counts[scenario] = before + passed, of + 1
    return [Rate(scenario, *count) for scenario, count in counts.items()]


def flake_rate(found: Iterable[Rate]) -> float:
    """The share of scenarios that both passed and did not."""
    known = list(found)
    return sum(one.flaky for one in known) / len(known) if known else 0.0
