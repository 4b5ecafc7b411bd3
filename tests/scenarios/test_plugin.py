"""Scenario files as pytest items: what is collected, and what became of it in exit codes, JUnit and overview. What a trial comes to
is said by a tag here; trials on a real browser are in `test_rounds.py`."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from xml.etree import ElementTree

import pytest
import ruamel.yaml

from operator_agent.cli.scenarios import workers
from operator_agent.scenarios import diagnosis, falsify, overview, progress, project, trial
from operator_agent.scenarios.console import ScenarioConsole
from operator_agent.scenarios.flakes import Rate, flake_rate, wilson
from operator_agent.scenarios.items import alone
from operator_agent.scenarios.named import is_scenario

pytest_plugins = ["pytester"]
KEPT = (diagnosis, falsify, overview, progress, project, trial, ruamel.yaml)
"""Imported here, so that the sessions within this one need not do it each anew."""
TRIALS = '''
import os
from operator_agent.scenarios.trial import Trial

TURNS = []

def pytest_try_scenario(scenario, way):
    verdict = next((tag for tag in scenario.tags if tag != "shop"), "passed")
    TURNS.append(scenario.id)
    if verdict == "crash":
        os._exit(3)
    if verdict == "flaky":
        verdict = "failed" if len(TURNS) % 2 else "passed"
    if way.planner == "nothing" and verdict != "blind" or any("falsified" in str(entry) for entry in scenario.proof):
        verdict = "failed"
    verdict = "passed" if verdict == "blind" else verdict
    folder = way.runs / scenario.id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text("a report")
    return Trial(scenario=scenario.id, source=scenario.where, planner=way.planner, verdict=verdict, reason=f"it {verdict}",
                 seconds=0.5, run=str(folder), report=str(folder / "report.html"))
'''
BODY = """start: http://127.0.0.1:1/
solution:
  - click: button "Go"
proof:
  - http: GET http://127.0.0.1:1/orders
    contains: latte
"""
CACHED = ("-p", "no:asyncio", "-p", "no:cov", "-p", "no:hypothesispytest", "-q")
PLAIN = (*CACHED, "-p", "no:cacheprovider")


def scenario(tag: str = "passed", more: str = "", body: str = BODY) -> str:
    return f"scenario: one that is {tag}\ntags: [{tag}]\n{body}{more}"


@pytest.fixture
def made(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(TRIALS)
    return pytester


def files(made: pytest.Pytester, **texts: str) -> None:
    for name, text in texts.items():
        (made.path / f"{name}.yaml").write_text(text, encoding="utf-8")


def codes(made: pytest.Pytester, *arguments: str) -> tuple[int, int | None]:
    """Of pytest, and of `operator-agent scenarios run`."""
    console = ScenarioConsole()
    ended = made.inline_run(*PLAIN, *arguments, plugins=[console])
    return int(ended.ret), console.round.exit_code if console.round else None


@pytest.mark.parametrize(
    ("verdict", "pytest_code", "ours", "tag"),
    [
        ("passed", 0, 0, None), ("failed", 1, 1, "failure"), ("unverified", 13, 3, "failure"), ("needs_human", 14, 4, "error"),
        ("blocked", 15, 5, "error"), ("infrastructure", 17, 7, "error"),
    ],
)  # fmt: skip
def test_every_verdict_has_its_exit_code_and_its_place_in_junit(
    made: pytest.Pytester, verdict: str, pytest_code: int, ours: int, tag: str | None
) -> None:
    files(made, one=scenario(verdict), good=scenario())
    assert codes(made, "--junitxml=j.xml") == (pytest_code, ours)
    case = ElementTree.parse(made.path / "j.xml").find(".//testcase[@name='one']")
    assert case is not None
    assert [child.tag for child in case if child.tag != "properties"] == ([tag] if tag else [])
    told = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert told["verdict"] == verdict
    assert (told["seconds"], told["model_requests"], told["planner"]) == ("0.5", "0", "solution")
    assert Path(told["report"] or "").is_file()
    assert Path(told["run"] or "").is_dir()


def test_a_failure_outweighs_what_could_not_be_carried_out(made: pytest.Pytester) -> None:
    files(made, one=scenario("blocked"), two=scenario("failed"), three=scenario("infrastructure"))
    assert codes(made) == (1, 1)


def test_a_projects_own_failure_stays_one(made: pytest.Pytester) -> None:
    files(made, one=scenario("blocked"))
    made.makepyfile("def test_own():\n    assert False")
    assert codes(made) == (1, 1)
    made.makepyfile("def test_own(:")
    assert codes(made, "--continue-on-collection-errors") == (1, 1)
    assert codes(made, "--deselect=one.yaml")[0] == pytest.ExitCode.INTERRUPTED
    assert not list(made.path.glob("runs/scenarios/*/index.html"))[2:]


def test_nothing_that_was_tried_is_not_a_pass(made: pytest.Pytester) -> None:
    files(made, one=scenario(body="start: http://127.0.0.1:1/\ncommand: go\ndone: 'text: Gone'\n"))
    assert codes(made, "--planner=solution") == (13, 3)
    assert codes(made, "--scenario-tag=shop")[0] == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_broken_file_is_a_collection_error_with_file_line_and_key(made: pytest.Pytester) -> None:
    files(made, one=scenario(), broken=scenario(more="limts: {steps: 3}\n"))
    ended = made.runpytest_inprocess(*PLAIN)
    assert ended.ret == pytest.ExitCode.INTERRUPTED
    assert "broken.yaml:9: " in ended.stdout.str()
    assert "limts" in ended.stdout.str()
    assert codes(made, "--continue-on-collection-errors", "--junitxml=j.xml") == (2, 2)
    found = ElementTree.parse(made.path / "j.xml").findall(".//error[@message='collection failure']")
    assert len(found) == 1


def test_only_files_that_say_they_are_scenarios_are_collected(made: pytest.Pytester) -> None:
    files(made, one=scenario(), compose="services:\n  scenario: x\n", molecule="scenario:\n  name: default\n")
    ended = made.runpytest_inprocess(*PLAIN, "--collect-only")
    assert [line for line in ended.outlines if "::" in line] == ["one.yaml::one"]
    assert not is_scenario(made.path / "nowhere.yaml")


def test_rows_tags_words_and_node_ids_choose(made: pytest.Pytester) -> None:
    files(made, order=scenario(more="rows: [{size: large}, {size: small}]\n"), other=scenario().replace("[passed]", "[shop]"))

    def chosen(*arguments: str) -> list[str]:
        ended = made.runpytest_inprocess(*PLAIN, "--collect-only", *arguments)
        return [line for line in ended.outlines if "::" in line]

    assert chosen() == ["order.yaml::order[large]", "order.yaml::order[small]", "other.yaml::other"]
    assert chosen("--scenario-tag=shop") == chosen("-k", "shop") == ["other.yaml::other"]
    assert chosen("--scenario-tag=not:shop") == chosen("order.yaml")
    assert chosen("order.yaml::order[small]") == ["order.yaml::order[small]"]


def test_shards_share_the_scenarios_out_and_keep_them(made: pytest.Pytester) -> None:
    files(made, **{f"s{number}": scenario() for number in range(12)})

    def shards() -> list[set[str]]:
        ended = [made.runpytest_inprocess(*PLAIN, "--collect-only", f"--shard={part}/3", "--repeat=2") for part in (1, 2, 3)]
        return [{line for line in one.outlines if "::" in line} for one in ended]

    before = shards()
    assert len(set.union(*before)) == sum(map(len, before)) == 24
    files(made, another=scenario())
    assert all(old <= new for old, new in zip(before, shards(), strict=True))


def test_an_empty_shard_is_no_failure(made: pytest.Pytester) -> None:
    files(made, one=scenario())
    assert sorted(codes(made, f"--shard={part}/2")[0] for part in (1, 2)) == [0, 0]
    assert made.runpytest_inprocess(*PLAIN, "--shard=3/2").ret == pytest.ExitCode.USAGE_ERROR


def test_repeats_tell_rates_and_flakes(made: pytest.Pytester) -> None:
    files(made, good=scenario(), odd=scenario("flaky"))
    ended = made.runpytest_inprocess(*PLAIN, "--repeat=4", "--scenario-runs=held")
    assert ended.ret == 1
    ended.stdout.fnmatch_lines(["*odd.yaml::odd: 2 of 4 passed (15% to 85%), flaky", "flake rate: 50.0% of 2 scenarios"])
    page = next((made.path / "held").glob("*/index.html")).read_text(encoding="utf-8")
    assert "2 of 4 passed (15% to 85%), flaky" in page
    assert page.count('href="odd/report.html"') == 4
    assert "<script" not in page
    assert "http" not in page.partition("<body>")[0].replace("http-equiv", "")


def test_workers_that_crash_and_stopping_early(made: pytest.Pytester) -> None:
    files(made, bad=scenario("crash"), good=scenario(), other=scenario(), third=scenario())
    ended = made.runpytest_subprocess(*PLAIN, "-n", "2", "--junitxml=j.xml")
    assert ended.ret == 17
    assert "crashed while running" in (made.path / "j.xml").read_text(encoding="utf-8")
    files(made, bad=scenario("failed"))
    assert made.runpytest_subprocess(*PLAIN, "-n", "2", "-x").ret == 1


def test_last_failures_run_again(made: pytest.Pytester) -> None:
    files(made, good=scenario(), bad=scenario("failed"), lost=scenario("infrastructure"))
    made.runpytest_inprocess(*CACHED)
    again = made.runpytest_inprocess(*CACHED, "--lf", "--collect-only")
    assert [line for line in again.outlines if "::" in line] == ["bad.yaml::bad", "lost.yaml::lost"]


def test_proving_wants_the_pass_and_the_two_failures(made: pytest.Pytester) -> None:
    files(made, good=scenario())
    console = ScenarioConsole()
    assert made.inline_run(*PLAIN, "--prove", plugins=[console]).ret == 0
    assert console.round
    assert [case.name for case in console.round.cases] == ["good", "good (nothing done)", "good (falsified 1)"]
    files(made, good=scenario("blind"))
    ended = made.runpytest_inprocess(*PLAIN, "--prove")
    assert ended.ret == 1
    ended.stdout.fnmatch_lines(["*it passed though nothing was done, so what it asserts proves nothing"])


def test_no_more_workers_than_there_is_work_for(tmp_path: Path) -> None:
    one, table = tmp_path / "one.yaml", tmp_path / "table.yaml"
    one.write_text(scenario(), encoding="utf-8")
    table.write_text(scenario(more="rows:\n  - {size: large}\n  - {size: small}\n"), encoding="utf-8")
    several = ["-n", "2", "--dist", "worksteal"] if (os.cpu_count() or 1) > 1 else []
    assert workers([one], None, times=1) == workers([one, table], 1, times=9) == []
    assert workers([one], 2, times=1) == ["-n", "2", "--dist", "worksteal"]
    assert workers([table], None, times=1)[:2] == workers([one], None, times=2)[:2] == several[:2]


def test_a_round_without_scenarios_costs_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_own():\n"
        "    heavy = ('pydantic', 'ruamel.yaml', 'playwright', 'jinja2', 'rich', 'operator_agent.scenarios.items')\n"
        "    assert [name for name in heavy if name in sys.modules] == []\n"
    )
    (pytester.path / "data.yaml").write_text("orders: [1, 2]\n", encoding="utf-8")
    ended = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cov", "-p", "no:anyio", "-p", "no:hypothesispytest")
    ended.assert_outcomes(passed=1)
    assert not (pytester.path / "runs").exists()


def test_an_item_leaves_the_threads_event_loop_alone() -> None:
    own = asyncio.new_event_loop()
    asyncio.set_event_loop(own)
    try:
        assert alone(_running()) is not own
        assert asyncio.get_event_loop_policy().get_event_loop() is own
    finally:
        asyncio.set_event_loop(None)
        own.close()


def test_sigterm_lets_an_item_close_what_it_opened() -> None:
    before, closed = signal.getsignal(signal.SIGTERM), []

    async def ended() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        alone(ended())
    assert closed == [True]
    assert signal.getsignal(signal.SIGTERM) is before


async def _running() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_wilson() -> None:
    """Against the values that are published for the score interval, and honest at the ends."""
    assert [round(bound, 3) for bound in wilson(81, 263)] == [0.255, 0.366]  # Newcombe 1998, table I
    assert [round(bound, 3) for bound in wilson(0, 20)] == [0.0, 0.161]
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 5)[1] == 1.0
    assert flake_rate([]) == 0.0
    assert flake_rate([Rate("a", 1, 2), Rate("b", 2, 2), Rate("c", 0, 2)]) == pytest.approx(1 / 3)


def test_our_own_modules_are_not_rewritten() -> None:
    """Rewriting parses them, and modules that are imported in two threads at once are then parsed at once."""
    from operator_agent import loop

    assert loop.__spec__ and "rewrite" not in type(loop.__spec__.loader).__module__
