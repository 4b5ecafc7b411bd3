"""A run on a real browser, written as a test, a skill and a scenario; each of them is then run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from operator_agent import Operator
from operator_agent.cli.export import exported
from operator_agent.errors import UsageError
from operator_agent.export.retold import Retelling, retell
from operator_agent.export.tree import observed
from operator_agent.flow.record import Ended, Observed
from operator_agent.recorder.reader import read
from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.trial import Way, try_scenario
from operator_agent.script import load_plan, load_script
from operator_agent.settings import Settings
from operator_agent.skills import diagnose
from tests.export.alone import run_alone
from tests.export.office import PLAN, Office, office

SECRET = "s3cret pass&word"
class Made(NamedTuple):
    site: Office
    run: Path
    settings: Settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Made]:
    folder = tmp_path_factory.mktemp("office")
    settings = replace(Settings.from_env(), state_dir=folder / "state", secrets={"office": SECRET})
    async with office() as site:
        secrets = {"office": site.url}
        async with Operator(
            runs=folder / "runs", settings=settings, secrets=secrets, approve=["grant"], pictures=False
        ) as operator:
            result = await operator.run_plan(load_plan(PLAN.format(url=site.url)))
        assert result.passed, result.reason
        yield Made(site, Path(result.run), settings)


def unfolded(code: str) -> str:
    """The same without regard to where lines are broken."""
    return re.sub(r"\s+|,(?=\s*\))", "", code)


@pytest.mark.asyncio(loop_scope="module")
class TestExports:
    async def test_a_playwright_test_passes_by_itself_and_fails_on_a_broken_site(self, made: Made, tmp_path: Path) -> None:
        text = exported(made.run, "playwright")
        assert "operator_agent" not in text
        for said in (
            'page.get_by_role("link", name="New claim", exact=True).click()',
            'page.get_by_role("textbox", name="Title").fill(TITLE)',
            'page.get_by_role("listitem").filter(has_text="Receipt B").get_by_role("button", name="Remove").click()',
            'page.locator("iframe").content_frame.get_by_role("textbox", name="Note").fill("window seat")',
            'expect(page.get_by_role("checkbox", name="Urgent")).to_be_checked()',
            'expect(row(page, {"Title": TITLE, "Kind": "travel", "Amount": amount})).to_be_visible()',
            "assert list(post_save.values()) == [200]",
        ):
            assert unfolded(said) in unfolded(text)
        made.site.claims.clear()
        secret = {"OPERATOR_SECRET_OFFICE": SECRET}
        assert await run_alone(tmp_path / "good", {"claim": text}, env=secret) == {"claim": ""}
        assert [claim["title"] for claim in made.site.claims] == ["Flight to Oslo"]
        assert set(made.site.passwords) == {SECRET}
        made.site.claims.clear()
        made.site.broken = True
        try:
            bad = await run_alone(tmp_path / "bad", {"claim": text}, env=secret)
        finally:
            made.site.broken = False
        assert "row(page" in bad["claim"]

    async def test_a_skill_does_it_for_other_data(self, made: Made, tmp_path: Path) -> None:
        file = tmp_path / "claim.yaml"
        file.write_text(exported(made.run, "skill"), encoding="utf-8")
        assert diagnose(file) == []
        skill = load_script(file)
        assert (skill.name, skill.says, list(skill.inputs)) == ("hand in a claim", ("hand in a claim for {title}",), ["title"])
        made.site.claims.clear()
        secrets = {"office": made.site.url}
        async with Operator(
            skills=[file], runs=tmp_path, settings=made.settings, secrets=secrets, approve=["grant"], pictures=False
        ) as operator:
            result = await operator.run("please hand in a claim for Taxi in Rome")
        assert result.passed, result.reason
        assert [claim["title"] for claim in made.site.claims] == ["Taxi in Rome"]

    async def test_a_scenario_has_command_and_solution_and_can_be_tried(self, made: Made, tmp_path: Path) -> None:
        file = tmp_path / "claim.yaml"
        file.write_text(exported(made.run, "scenario"), encoding="utf-8")
        (scenario,) = load_scenarios(file)
        plan = scenario.plan()
        assert (scenario.command, scenario.approve) == ("hand in a claim for Flight to Oslo", ("grant",))
        assert (plan.start, len(plan.done), dict(scenario.secrets)) == (f"{made.site.url}/", 3, {"office": made.site.url})
        made.site.claims.clear()
        trial = await try_scenario(scenario, Way(runs=tmp_path / "runs", pictures=False), made.settings)
        assert trial.passed, trial.reason
        assert [claim["title"] for claim in made.site.claims] == ["Flight to Oslo"]
        assert 'fill textbox "Title" with "Flight to Oslo"' in [step.title for step in plan.steps], "plain words became a target"

    async def test_no_export_holds_the_secret(self, made: Made) -> None:
        for kind in ("playwright", "skill", "scenario"):
            text = exported(made.run, kind)  # type: ignore[arg-type]
            assert "s3cret" not in text
            assert "OPERATOR_SECRET_OFFICE" in text or "{secret:office}" in text

    async def test_a_page_is_read_back_as_it_was_written(self, made: Made) -> None:
        trees = [record.tree for record in read(made.run) if isinstance(record, Observed) and record.tree]
        assert len(trees) > 8
        for tree in trees:
            assert observed(tree).tree == tree

    async def test_only_what_passed_is_exported(self, made: Made) -> None:
        records = list(read(made.run))
        ended = records[-1]
        assert isinstance(ended, Ended)
        told: Retelling = retell(records)
        unproved = [act.title for act in told.acts if act.status != "verified"]
        assert unproved == ['press Tab on textbox "Amount"'], "nothing is expected of it"
        failed = ended.model_copy(update={"result": ended.result.model_copy(update={"outcome": "failed", "reason": "step 3: no"})})
        with pytest.raises(UsageError, match="the run ended failed: step 3: no"):
            retell([*records[:-1], failed])
        with pytest.raises(UsageError, match="did not come to its end"):
            retell(records[:-1])
