"""One round of scenarios, as the controlling process hears of it: what became of each, the exit code, the overview."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

import pytest

from operator_agent.scenarios.flakes import Rate, flake_rate, rates

CODES = {"passed": 0, "failed": 1, "infrastructure": 7, "blocked": 5, "needs_human": 4, "unverified": 3}
"""Of `operator-agent scenarios run`, the gravest first. In pytest they are ten more, but for 0 and 1: its own go up to 5."""
BROKEN, NOTHING, STOPPED = 2, 3, 6


@dataclass(frozen=True, slots=True)
class Case:
    """What became of one scenario, tried once."""

    id: str
    """pytest's node id."""
    scenario: str
    """The same for all times it is repeated."""
    verdict: str
    """Of the trial, `skipped` or `stopped`; with `--prove` what it came to was expected or not: `passed` or `failed`."""
    reason: str
    title: str = ""
    """The scenario's name, as people call it."""
    seconds: float = 0.0
    planner: str = ""
    model_requests: int = 0
    run: str = ""
    report: str = ""

    @property
    def file(self) -> str:
        return self.id.partition("::")[0]

    @property
    def name(self) -> str:
        return self.id.partition("::")[2]


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is no valid scenario."""

    file: str
    message: str


class Round:
    """`folder` is where its runs are recorded; it is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.began = datetime.now().astimezone()
        self._since = monotonic()
        self._cases: dict[str, Case] = {}
        self.files: list[Broken] = []
        self.stopped = False
        self.others_failed = 0
        """Tests and files of the session that failed and are no scenarios."""
        self.overview: Path | None = None

    @classmethod
    def begin(cls, runs: str | None, given: str | None = None) -> Round:
        """A round below `runs`, or in the folder that the controlling process has chosen."""
        if given:
            return cls(Path(given))
        from operator_agent.settings import Settings

        home = Path(runs) if runs else Settings.from_env().runs_dir / "scenarios"
        return cls(home.absolute() / f"{datetime.now():%Y-%m-%dT%H-%M-%S}-{token_hex(2)}")

    def case(self, id: str) -> Case | None:
        return self._cases.get(id)

    @property
    def cases(self) -> list[Case]:
        return list(self._cases.values())

    @property
    def seconds(self) -> float:
        return monotonic() - self._since

    def heard(self, report: pytest.TestReport) -> bool:
        """Takes in a report of pytest's; whether it is of a scenario."""
        known: dict[str, Any] = dict(report.user_properties)
        of_scenario = "scenario" in known or (report.failed and _is_yaml(report.nodeid))
        if not of_scenario:
            self.others_failed += report.failed
        elif report.when == "call" or not report.passed:
            self._cases[report.nodeid] = _case(report, known)
        return of_scenario

    def broken(self, report: pytest.CollectReport) -> None:
        """Takes in a file that could not be collected, a scenario or not."""
        if _is_yaml(report.nodeid):
            self.files.append(Broken(report.nodeid, str(report.longrepr)))
        else:
            self.others_failed += 1

    def interrupted(self, why: BaseException) -> None:
        """pytest and xdist also say they are interrupted, by kinds of their own, when they stop after a failure, or at files that
        cannot be collected."""
        own = isinstance(why, KeyboardInterrupt) and type(why) is not KeyboardInterrupt
        self.stopped = not own or "keyboard-interrupt" in str(why)

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(case.verdict for case in self._cases.values()))

    @property
    def rates(self) -> list[Rate]:
        """Of each scenario that was tried; a single try says nothing of flakes."""
        tried = [case for case in self._cases.values() if case.verdict not in ("skipped", "stopped")]
        return rates((case.scenario, case.verdict == "passed") for case in sorted(tried, key=lambda case: case.scenario))

    @property
    def flake_rate(self) -> float:
        return flake_rate(self.rates)

    @property
    def repeated(self) -> bool:
        return any(rate.runs > 1 for rate in self.rates)

    @property
    def exit_code(self) -> int:
        """Of `operator-agent scenarios run`."""
        if self.stopped:
            return STOPPED
        if self.files:
            return BROKEN
        counts = self.counts
        worst = next((code for verdict, code in CODES.items() if code and counts.get(verdict)), 0)
        return CODES["failed"] if self.others_failed else worst or (0 if counts.get("passed") else NOTHING)

    def pytest_code(self, status: int) -> int:
        """pytest's own exit status, told more exactly where it is about scenarios alone."""
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED) or self.stopped:
            return status
        if self.files:
            return int(pytest.ExitCode.INTERRUPTED)
        if self.others_failed or not self._cases:
            return status
        code = self.exit_code
        return status if code == 0 else code if code == 1 else 10 + code

    def close(self) -> None:
        """Writes the overview; nothing when there was no scenario."""
        if self._cases or self.files:
            from operator_agent.scenarios.overview import write_overview

            self.overview = write_overview(self, shown=" ".join(sys.argv[1:]))

    def summary(self) -> Iterable[str]:
        """What a person reads last."""
        yield self.counted()
        if self.repeated:
            for rate in self.rates:
                if rate.passed < rate.runs:
                    yield f"{rate.scenario}: {rate}{', flaky' if rate.flaky else ''}"
            yield f"flake rate: {self.flake_rate:.1%} of {len(self.rates)} scenarios"
        if self.overview:
            yield f"overview: {self.overview}"

    def counted(self) -> str:
        counts = self.counts
        known = [verdict for verdict in (*CODES, "stopped", "skipped") if counts.get(verdict)]
        said = ", ".join(f"{counts[verdict]} {verdict.replace('_', ' ')}" for verdict in known) or "none"
        return f"scenarios: {said}"

    def as_json(self) -> dict[str, Any]:
        return {
            "exit_code": self.exit_code, "stopped": self.stopped, "counts": self.counts, "seconds": round(self.seconds, 3),
            "scenarios": [asdict(case) for case in self.cases],
            "rates": [
                {"scenario": rate.scenario, "passed": rate.passed, "runs": rate.runs, "interval": list(rate.interval)}
                for rate in self.rates
            ],
            "flake_rate": self.flake_rate, "broken": [asdict(file) for file in self.files],
            "overview": str(self.overview or ""),
        }  # fmt: skip


def _is_yaml(nodeid: str) -> bool:
    return nodeid.partition("::")[0].endswith((".yaml", ".yml"))


def _case(report: pytest.TestReport, known: dict[str, Any]) -> Case:
    verdict, reason = str(known.get("verdict", "infrastructure")), str(known.get("reason", ""))
    if report.skipped:
        verdict, reason = "skipped", report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    elif "expected" in known and verdict != "infrastructure":
        verdict = report.outcome
    if report.failed and (verdict == "failed" or not reason):
        reason = str(report.longrepr).partition("\n")[0]
    return Case(
        id=report.nodeid, scenario=str(known.get("scenario", report.nodeid)), verdict=verdict,
        reason=reason, title=str(known.get("title", "")), seconds=float(known.get("seconds", report.duration)),
        planner=str(known.get("planner", "")), model_requests=int(known.get("model_requests", 0)),
        run=str(known.get("run", "")), report=str(known.get("report", "")),
    )  # fmt: skip
