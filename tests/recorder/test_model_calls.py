"""How calls to models show: a quiet line each on the terminal, a ledger in the report, nothing at all without a model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from operator_agent.flow.action import Click
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import Called, Ended, Judged, Level, Planned, Record, StepStarted, Usage
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Evidence, Verdict
from operator_agent.outcome import Tally
from operator_agent.recorder import wording
from operator_agent.recorder.reader import view
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser
from tests.recorder.test_console import followed
from tests.recorder.test_journal import EVERY_KIND, RESULT, recorded, started
from tests.recorder.test_report import opened, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEPS = tuple(Step(action=Click(target=Target(role="button", name=name))) for name in ("Add", "Submit", "Send"))
VERIFIED = Verdict(status="verified", reason="so", evidence=(Evidence(check="text: ok", status="verified", saw="on the page"),))
REFUTED = Verdict(status="refuted", reason="not so", evidence=(Evidence(check="text: ok", status="refuted", saw="nothing"),))
OPEN = Plan(goal="order", steps=(), open=True, tier="model")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        executable = find_browser(Settings.from_env(), headed=False)
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        await browser.close()


def call(step: int, level: Level, trigger: str, before: str = "", cost: float | None = 0.0012, **more: object) -> Called:
    thought = 1_000 if level == "high" else 0
    usage = Usage(input=1_500, output=330 + thought, reasoning=thought, cost=cost)
    told = {"step": step, "purpose": "revise" if before else "plan", "model": "m", "level": level, "trigger": trigger}
    return Called.model_validate({**told, "usage": usage, "seconds": 2.1, "before": before, **more})


def plan(*steps: Step) -> Plan:
    return OPEN.model_copy(update={"steps": steps})


def replanned(cost: float | None = 0.0012) -> list[Record]:
    """A step that is verified, one whose target is not there, a deep call, one that is verified, a proof that fails twice."""
    calls = [
        call(1, "off", "first plan", cost=cost),
        call(3, "high", "its target is not there", "refuted", cost=cost, requests=2, notes=("it was repaired",)),
        call(4, "low", "what was asked is not proved", "verified", cost=cost),
    ]
    tally = Tally(started().command, plan(STEPS[2]))
    for step, verdict in zip(STEPS, (VERIFIED, REFUTED, VERIFIED), strict=True):
        tally.begin(step, ())
        tally.end(step, verdict, None)
    result = tally.result({}, 1.5, calls).model_copy(update={"outcome": "unverified", "exit_code": 3})
    begun = [StepStarted.begin(step, number, 3).model_copy(update={"at": float(number)}) for number, step in enumerate(STEPS, 1)]
    return [
        started(), Planned(plan=OPEN), calls[0], Planned(plan=plan(*STEPS[:2]), because="the steps so far are verified"),
        begun[0], Judged(step=1, verdict=VERIFIED, seconds=0.1),
        begun[1], calls[1], Planned(plan=plan(STEPS[2]), because='no button "Submit"', at=2.5),
        begun[2], Judged(step=3, verdict=VERIFIED, seconds=0.1), Judged(step=0, verdict=REFUTED, seconds=0.1),
        calls[2], Judged(step=0, verdict=REFUTED, seconds=0.1), Ended(result=result, at=4.0),
    ]  # fmt: skip


async def test_the_report_has_the_ledger_and_its_sum(tmp_path: Path, browser: Browser) -> None:
    page = await opened(browser, recorded(tmp_path, *replanned()) / "report.html")
    text = await shown(page)
    assert text.index("Plan from a model") < text.index("Did thinking pay?") < text.index("the model was asked first")
    model = page.locator(".model")
    assert "1 of 1 call at high or max led from refuted or unknown to verified." in await model.inner_text()
    rows = [(await row.inner_text()).split("\t") for row in await model.locator("tr").all()]
    assert rows[1] == ["1", "plan", "off", "first plan", "1,830", "0", "0.0012", "verified", "2.1 s"]
    assert rows[2][3:8] == ["its target is not there\nit was repaired", "2,830", "1,000", "0.0012", "refuted → verified"]
    assert rows[3][7] == "verified → –"
    assert rows[4] == ["", "4 requests", "6,490", "1,000", "0.0036", "", "6.3 s"]
    assert "6,490 tokens" in await page.locator(".facts").inner_text()
    unknown = await opened(browser, recorded(tmp_path, *replanned(cost=None)) / "report.html")
    assert await unknown.locator(".model").get_by_text("unknown", exact=True).count() == 4
    assert "cost unknown" in await unknown.locator(".facts").inner_text()


async def test_a_step_after_a_call_says_so_and_plans_stand_where_they_were_made(tmp_path: Path, browser: Browser) -> None:
    page = await opened(browser, recorded(tmp_path, *replanned()) / "report.html")
    told = [await page.locator(f"#step-{number}").get_by_text("the model was asked first").count() for number in (1, 2, 3)]
    assert told == [1, 0, 1]
    assert "thinking high · 2,830 tokens · 2 requests · 2.1 s" in await page.locator("#step-3").inner_text()
    left = await page.locator("#step-2").inner_text()
    assert "given up" in left
    assert 'no button "Submit"' in left
    text = await shown(page)
    assert text.count("Plan from a model") == 1
    assert text.index("given up") < text.index('Next steps from a model: no button "Submit"') < text.rindex('click button "Send"')


async def test_what_was_asked_may_be_read_more_than_once(tmp_path: Path, browser: Browser) -> None:
    failed = replanned()
    ended = failed[-1]
    assert isinstance(ended, Ended)
    steps = tuple(step.model_copy(update={"verdict": "verified"}) for step in ended.result.steps)
    result = ended.result.model_copy(update={"outcome": "failed", "steps": steps})
    page = await opened(browser, recorded(tmp_path, *failed[:-1], Ended(result=result)) / "report.html")
    await page.get_by_text("Go there.").click()
    assert await page.locator("#step-0-2:target").count() == 1
    assert await page.locator("#step-0").count() == 1


async def test_the_ledger_fits_a_telephone(tmp_path: Path, browser: Browser) -> None:
    report = recorded(tmp_path, *replanned()) / "report.html"
    for width in (360, 720, 1100):
        page = await opened(browser, report, scripts=True, viewport={"width": width, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert await page.locator(".model table").evaluate("one => one.scrollWidth <= one.parentElement.clientWidth"), width


async def test_without_a_model_nothing_of_it_shows(tmp_path: Path, browser: Browser) -> None:
    spared = RESULT.model_copy(update={"model_calls": 0, "tokens": 0, "cost": 0.0, "thoughts": ()})
    records = [record for record in EVERY_KIND if not isinstance(record, Called | Ended)] + [Ended(result=spared)]
    folder = recorded(tmp_path, *records)
    text = await shown(await opened(browser, folder / "report.html"))
    for word in ("Did thinking pay", "tokens", "cost", "thinking", "model was asked"):
        assert word not in text
        assert word not in followed(*records)
    assert not (folder / "model.jsonl").exists()


async def test_a_run_that_was_cut_off_still_has_its_ledger(tmp_path: Path, browser: Browser) -> None:
    folder = recorded(tmp_path, *replanned()[:-4])
    result, report = view(folder)
    assert (result.model_calls, result.tokens, result.cost) == (3, 4_660, pytest.approx(0.0024))
    assert [thought.after for thought in result.thoughts] == ["verified", "verified"]
    assert "in step 3" in result.reason
    assert await (await opened(browser, report)).locator(".model tbody tr").count() == 2
    unknown = recorded(tmp_path / "other", *replanned(cost=None)[:-4])
    assert view(unknown)[0].cost is None


async def test_the_terminal_has_a_line_a_call() -> None:
    lines = followed(*replanned()).splitlines()
    assert lines[0] == "order  a model, as it goes"
    assert lines[1:3] == ["      thinking off · 1,830 tokens · 2.1 s · first plan", "      a model plans 2 steps"]
    given_up = lines.index(' ?  2 click button "Submit"  given up')
    assert lines[given_up + 1] == "      thinking high · 2,830 tokens · 2 requests · 2.1 s · its target is not there"
    assert lines[given_up + 2 : given_up + 4] == ["    – it was repaired", '      a model plans 1 step: no button "Submit"']
    assert "2 of 3 steps verified, 4 model calls, 6,490 tokens, cost 0.0036, 1.5 s" in lines


async def test_a_call_without_a_reply_and_one_that_was_not_made() -> None:
    nothing = {"usage": Usage(), "notes": ("ModelLost: gone",)}
    assert wording.called(call(1, "off", "first plan", **nothing)) == "thinking off · no reply · 2.1 s · first plan"
    assert "not asked" in wording.called(call(1, "off", "first plan", requests=0, **nothing))
    reason = "the limit of 3 model calls would be exceeded: 3 are used and the next needs at least 1; allow more with --max-calls"
    stopped = RESULT.model_copy(update={"outcome": "incomplete", "reason": reason})
    assert "next  " not in followed(Ended(result=stopped))


async def test_money_in_words() -> None:
    given = (None, 0.0, 0.00004, 0.00012, 0.5, 12.0)
    assert [wording.money(one) for one in given] == ["unknown", "0", "under 0.0001", "0.0001", "0.5000", "12.0000"]
    assert wording.paid(()) == "no call was at high or max."


async def test_the_script_of_a_run_planned_in_pieces_is_whole(tmp_path: Path) -> None:
    folder = recorded(tmp_path, *replanned())
    whole = load_plan((folder / "script.yaml").read_text(encoding="utf-8"))
    assert whole.steps == (STEPS[0], STEPS[2]), "what was verified, then what was planned last; not what led nowhere"
