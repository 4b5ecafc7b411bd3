"""The library is what it says: every file has its proof and its page, and a sample of it is proved in the browser."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from operator_agent.flow.grant import Limits
from operator_agent.scenarios.falsify import falsified
from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.named import is_scenario
from operator_agent.scenarios.scenario import Scenario
from operator_agent.scenarios.trial import Trial, Way, try_scenario
from operator_agent.settings import Settings

LIBRARY = Path(__file__).parents[2] / "scenarios"
PAGES = LIBRARY / "pages"
FILES = sorted(path for path in LIBRARY.rglob("*.yaml") if is_scenario(path))
SAMPLE = ("widgets/radio", "widgets/closed-shadow", "widgets/download", "sites/question", "refused/send-unapproved")


@cache
def scenarios() -> list[Scenario]:
    return [scenario for path in FILES for scenario in load_scenarios(path)]


def test_it_is_large_and_its_files_are_short() -> None:
    assert len(FILES) >= 60
    assert len(scenarios()) - len(FILES) <= len(scenarios()) / 3, "rows of tables are no more than a third"
    assert [path.name for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) >= 40] == []


def test_each_says_what_is_asked_and_has_a_solution_and_a_second_witness() -> None:
    assert [one.id for one in scenarios() if not (one.command and one.solution and one.proof)] == []
    assert [one.id for one in scenarios() if not falsified(one)] == []
    assert {"passed", "failed", "blocked", "needs_human"} <= {one.outcome for one in scenarios()}


def test_every_store_a_solution_writes_to_is_asked() -> None:
    """What is kept without anybody looking would be a hole: a page could write whatever it likes there."""
    for scenario in scenarios():
        written = set(re.findall(r"POST /store/([\w-]+) (?:201|303), exactly", str(scenario.solution)))
        asked = set(re.findall(r"/?store/([\w-]+)", str(scenario.proof)))
        assert written <= asked, scenario.where


def test_every_page_is_there_is_used_and_needs_nothing_from_elsewhere() -> None:
    named = {page for path in FILES for page in re.findall(r"(?:widgets|sites)/[\w-]+\.html", path.read_text(encoding="utf-8"))}
    assert [page for page in sorted(named) if not (PAGES / page).is_file()] == []
    within = " ".join(page.read_text(encoding="utf-8") for page in PAGES.rglob("*.html"))
    made = {str(page.relative_to(PAGES)) for page in PAGES.glob("*/*.html")}
    assert [page for page in sorted(made - named) if Path(page).name not in within] == []
    texts = within + "".join((PAGES / name).read_text(encoding="utf-8") for name in ("store.js", "style.css"))
    assert set(re.findall(r"https?://[\w.-]+", texts)) == {"https://partner.example"}


@pytest.mark.parametrize("name", SAMPLE)
async def test_a_sample_is_proved(name: str, tmp_path: Path) -> None:
    """Its solution passes, doing nothing fails, and so does every false proof."""
    scenario = load_scenarios(LIBRARY / f"{name}.yaml")[0]
    settings = Settings(state_dir=tmp_path / "state", search_path=Settings.from_env().search_path)

    def tried(one: Scenario, planner: str = "solution") -> asyncio.Future[Trial]:
        way = Way(planner, runs=tmp_path / "runs", pictures=False)  # type: ignore[arg-type]
        return asyncio.ensure_future(try_scenario(one, way, settings))

    hasty = replace(scenario, limits=Limits(step=2))
    solved, nothing, *false = await asyncio.gather(tried(scenario), tried(hasty, "nothing"), *map(tried, falsified(scenario)))
    assert solved.passed, solved.reason
    assert nothing.verdict not in ("passed", "infrastructure"), nothing.reason
    assert false and [one.verdict for one in false] == ["failed"] * len(false), [one.reason for one in false]
