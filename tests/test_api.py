"""The Python API, as its docstrings promise it: on a real browser, against the shop and against small pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from operator_agent import Command, Limits, Operator, OperatorError, Plan, Record, Result, StepFailed
from operator_agent.demo.serve import Served, serve
from operator_agent.demo.tour import ordered
from operator_agent.errors import UsageError
from operator_agent.flow.command import Question
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser
from tests.site import Site, serving

Make = Callable[..., Operator]
ORDER = "order two large oat lattes for Ada"
PAGE = """<!doctype html><title>Visits</title><h1>Visits</h1>
<form onsubmit="event.preventDefault(); document.querySelector('output').textContent = 'Hello ' + this.name.value">
<label>Name <input name=name></label><label><input type=checkbox name=tea> Tea</label><button>Greet</button></form>
<output></output><p>Ticket <b role=note aria-label=Ticket>T-47</b></p>
<button onclick="remember()">Remember</button><p role=status aria-label=Cookies id=crumbs></p>
<button onclick="setTimeout(() => slow.textContent = 'Baked', 700)">Bake</button><p role=status aria-label=Oven id=slow></p>
<a href=/again>Again</a> <button onclick="call()">Call home</button><p role=status aria-label=Call id=called></p>
<script>
function remember() {
  document.cookie = 'who=' + document.querySelector('[name=name]').value;
  crumbs.textContent = document.cookie;
}
function call() {
  fetch(`http://localhost:${location.port}/spy`, {mode: 'no-cors'})
    .then(() => called.textContent = 'reached', () => called.textContent = 'refused');
}
</script>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serving(PAGE) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Served]:
    async with serve() as served:
        yield served


@pytest.fixture
def operator(tmp_path: Path) -> Make:
    """An operator that records into the test's folder, without pictures, and keeps its browsers there too."""

    def made(start: str = "", **given: object) -> Operator:
        settings = Settings(state_dir=tmp_path / "state", search_path=Settings.from_env().search_path)
        return Operator(start, runs=tmp_path / "runs", pictures=False, settings=settings, **given)  # type: ignore[arg-type]

    return made


def browsers(tmp_path: Path) -> list[str]:
    """What browsers of these operators have left: profiles, and processes that work on one."""
    left = [str(folder) for folder in (tmp_path / "state" / "browsers").glob("*")]
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes()
        except OSError:
            continue
        if str(tmp_path / "state" / "browsers").encode() in line:
            left.append(line.decode(errors="replace"))
    return left


@pytest.mark.asyncio(loop_scope="module")
class TestCommands:
    async def test_a_command_gives_a_result(self, operator: Make, shop: Served, tmp_path: Path) -> None:
        before = len(ordered(shop.db))
        heard: list[Record] = []
        async with operator(shop.url, approve=["pay"], listeners=[heard.append]) as op:
            result = await op.run(Command(text=ORDER, language="en"))
        assert result.passed, result.reason
        assert (result.exit_code, result.model_calls, result.command) == (0, 0, ORDER)
        assert [step.verdict for step in result.steps] == ["verified"] * len(result.steps)
        (row,) = ordered(shop.db)[before:]
        assert (row["drink"], row["size"], row["milk"], row["quantity"], row["name"]) == ("latte", "large", "oat", 2, "Ada")
        assert result.report == f"{result.run}/report.html"
        assert [heard[0].kind, heard[1].kind, heard[-1].kind] == ["started", "planned", "ended"]
        assert browsers(tmp_path) == []

    async def test_records_come_as_they_happen_and_leaving_stops_the_run(
        self, operator: Make, shop: Served, tmp_path: Path
    ) -> None:
        before, seen = len(ordered(shop.db)), []
        async with operator(shop.url, approve=["pay"]) as op:
            going = op.records(ORDER)
            async for record in going:
                seen.append(record.kind)
                if record.kind == "judged":
                    break
        assert seen[:3] == ["started", "planned", "step_started"]
        assert seen.count("step_started") == 1, "the loop goes on only when a record was taken"
        assert [record async for record in going] == []
        assert browsers(tmp_path) == []
        assert len(ordered(shop.db)) == before

    async def test_a_plan_that_is_ready(self, operator: Make, site: Site, tmp_path: Path) -> None:
        file = tmp_path / "greet.yaml"
        file.write_text(
            f'plan: greet\nstart: {site.url}\nsteps:\n- fill: textbox "Name"\n  with: Ada\n'
            '- click: button "Greet"\n  expect: {text: Hello Ada}\n- read: note "Ticket"\n  into: ticket\n',
            encoding="utf-8",
        )
        async with operator() as op:
            result = await op.run_plan(load_plan(file))
        assert result.passed, result.reason
        assert result.values == {"ticket": "T-47"}
        assert result.answer == "T-47"

    async def test_an_order_that_only_a_person_may_pay(self, operator: Make, shop: Served) -> None:
        class Careful:
            def __init__(self) -> None:
                self.asked: list[Question] = []

            async def ask(self, question: Question) -> str | None:
                self.asked.append(question)
                return "latte" if question.about.endswith("drink") else "no"

        before, person = len(ordered(shop.db)), Careful()
        async with operator(shop.url, person=person) as op:
            result = await op.run("coffee")
        assert (result.outcome, result.exit_code) == ("needs_human", 4)
        assert [question.kind for question in person.asked] == ["choice", "approval"]
        assert "€" in person.asked[1].text
        assert len(ordered(shop.db)) == before

    async def test_stop_ends_the_run_that_is_going_on(self, operator: Make, shop: Served, tmp_path: Path) -> None:
        async with operator(shop.url) as op:
            op.listeners = [lambda record: op.stop("the test") if record.kind == "step_started" else None]
            result = await op.run(ORDER)
        assert (result.outcome, result.exit_code, result.reason) == ("incomplete", 6, "stopped by the test")
        assert result.steps[-1].verdict == "not run"
        assert browsers(tmp_path) == []


@pytest.mark.asyncio(loop_scope="module")
class TestSingleSteps:
    async def test_steps_in_words_as_mappings_and_with_what_was_read(self, operator: Make, site: Site, tmp_path: Path) -> None:
        async with operator(site.url) as op:
            assert (await op.do('type "Ada" into Name')).passed
            assert (await op.do({"check": 'checkbox "Tea"'})).passed
            assert (await op.do("press Greet", expect={"text": "Hello Ada"})).passed
            read = await op.do({"read": 'note "Ticket"', "into": "ticket"})
            assert read.values == {"ticket": "T-47"}
            assert (await op.do({"fill": 'textbox "Name"', "with": "{ticket}"})).passed
            assert (await op.do("press Greet", expect=["status: Hello T-47", {"holds": {"gone": 'heading "Error"'}}])).passed
            seen = await op.observe()
            assert seen.title == "Visits"
            unproved = await op.do({"click": 'button "Greet"'})
            assert unproved.outcome == "unverified"
        (folder,) = (tmp_path / "runs").iterdir()
        journal = (folder / "run.jsonl").read_text(encoding="utf-8").splitlines()
        assert '"kind":"ended"' in journal[-1]
        assert sum('"kind":"started"' in line for line in journal) == 1

    async def test_what_comes_late_is_waited_for(self, operator: Make, site: Site) -> None:
        async with operator(site.url, limits=quick()) as op:
            assert (await op.do({"click": 'button "Bake"'})).outcome == "unverified"
            assert (await op.do({"wait for": 'status "Oven": Baked'})).passed
            assert (await op.do("wait for Baked")).passed
            with pytest.raises(StepFailed, match="wait for text: Burnt"):
                await op.do({"wait for": "text: Burnt"})

    async def test_a_step_that_is_not_proved_raises_with_its_evidence(self, operator: Make, site: Site, tmp_path: Path) -> None:
        with pytest.raises(StepFailed) as failed:
            async with operator(site.url, limits=quick()) as op:
                await op.do("press Greet", expect='heading "Thank you"')
        assert failed.value.result.outcome == "failed"
        assert "Thank you" in str(failed.value)
        assert failed.value.exit_code == 1
        (step,) = [step for step in failed.value.result.steps if step.verdict == "refuted"]
        assert step.checks
        assert browsers(tmp_path) == []

    async def test_a_target_that_is_not_there(self, operator: Make, site: Site) -> None:
        async with operator(site.url, limits=quick()) as op:
            with pytest.raises(StepFailed, match="Chekout"):
                await op.do({"click": 'button "Chekout"'})
            assert (await op.do({"check": 'checkbox "Tea"'})).passed, "the operator can be used on"

    async def test_a_step_that_cannot_be_read(self, operator: Make, site: Site) -> None:
        async with operator(site.url) as op:
            with pytest.raises(UsageError, match="clik"):
                await op.do({"clik": 'button "Greet"'})
            with pytest.raises(StepFailed, match="frobnicate"):
                await op.do("frobnicate the gizmo")


def quick() -> Limits:
    return Limits(step=2.0)


@asynccontextmanager
async def someones_page() -> AsyncIterator[Page]:
    """A page of a program that uses Playwright itself."""
    async with async_playwright() as playwright:
        chromium = find_browser(Settings.from_env(), headed=False)
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


@pytest.mark.asyncio(loop_scope="module")
class TestAPageYouAlreadyHave:
    async def test_it_stays_open_with_its_cookies_and_holds_its_origin(self, operator: Make, site: Site) -> None:
        async with someones_page() as page:
            await page.goto(site.url)
            await page.evaluate("document.cookie = 'mine=1'")
            async with operator(page=page) as op:
                assert (await op.do("press Greet", expect="status: Hello")).passed
                assert (await op.do("press Call home", expect='status "Call": refused')).passed
                assert (await op.do("press Again", expect={"url": "/again"})).passed
                assert (await op.do("press Call home", expect='status "Call": refused')).passed
            assert not any(request.page == "/spy" for request in site.asked)
            assert not page.is_closed()
            assert await page.evaluate("document.cookie") == "mine=1"
            await page.get_by_role("button", name="Call home").click()
            await page.get_by_text("reached").wait_for(timeout=10_000)
            assert any(request.page == "/spy" for request in site.asked), "afterwards the page is its owner's again"


    async def test_with_every_origin_allowed_nothing_is_put_in_its_way(self, operator: Make, site: Site) -> None:
        async with someones_page() as page:
            await page.goto(site.url)
            async with operator(page=page, allow=["*"]) as op:
                assert (await op.do("press Call home", expect='status "Call": reached')).passed


@pytest.mark.asyncio(loop_scope="module")
class TestSeveral:
    async def test_two_at_once_do_not_disturb_each_other(self, operator: Make, site: Site, tmp_path: Path) -> None:
        async def remembered(name: str) -> Result:
            async with operator(site.url) as op:
                await op.do({"fill": 'textbox "Name"', "with": name})
                return await op.do("press Remember", expect=f'status "Cookies": who={name}')

        results = await asyncio.gather(remembered("Ada"), remembered("Grace"))
        assert all(result.passed for result in results)
        assert len(list((tmp_path / "runs").iterdir())) == 2
        assert browsers(tmp_path) == []

    async def test_an_error_inside_the_block_closes_the_browser(self, operator: Make, site: Site, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError):
            async with operator(site.url) as op:
                await op.observe()
                raise ZeroDivisionError
        assert browsers(tmp_path) == []

    async def test_a_listener_that_fails_ends_the_run_and_closes_the_browser(
        self, operator: Make, shop: Served, tmp_path: Path
    ) -> None:
        def deaf(record: Record) -> None:
            if record.kind == "observed":
                raise RuntimeError("heard enough")

        with pytest.raises(RuntimeError, match="heard enough"):
            async with operator(shop.url, listeners=[deaf]) as op:
                await op.run(ORDER)
        assert browsers(tmp_path) == []

    async def test_one_that_is_never_used_leaves_nothing(self, operator: Make, tmp_path: Path) -> None:
        async with operator("http://127.0.0.1:1/"):
            pass
        assert browsers(tmp_path) == []
        assert not (tmp_path / "runs").exists() or list((tmp_path / "runs").iterdir()) == []


async def test_outside_its_block_it_says_how_it_is_used(operator: Make, tmp_path: Path) -> None:
    op = operator("http://127.0.0.1:1/")
    for use in (op.run(ORDER), op.do("press Save"), op.observe(), op.run_plan(Plan(goal="x", steps=(), start="http://127.0.0.1:1/"))):
        with pytest.raises(UsageError, match="async with Operator"):
            await use
    with pytest.raises(UsageError, match="async with Operator"):
        op.records(ORDER)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"approve": ["steal"]}, "unknown risk class 'steal'"),
        ({"start": "ftp://shop.example"}, "only http and https"),
        ({"allow": ["pay.example"]}, "not a web address"),
        ({"secrets": {"pin": "https://pay.example"}}, "OPERATOR_SECRET_PIN"),
    ],
)
async def test_arguments_that_make_no_sense(operator: Make, given: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=said):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(operator(**given))
    assert browsers(tmp_path) == []
