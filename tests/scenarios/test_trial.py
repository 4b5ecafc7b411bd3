"""Scenarios tried on a real browser: what each way of trying them comes to, and that none of them can lie."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operator_agent.scenarios.falsify import falsified
from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.scenario import Scenario
from operator_agent.scenarios.trial import Planner, Trial, Way, try_scenario
from operator_agent.settings import Settings

SITE = Path(__file__).parent / "site"
TOP = f"fixtures:\n  pages: {{serve: {SITE}}}\nlimits: {{step: 3}}\nstart: \"{{pages}}order.html\"\n"
ORDER = (
    "scenario: order for {name}\n" + TOP + "command: 'fill \"{name}\" into Name, then press \"Save order\"'\n"
    "solution:\n  - fill: textbox \"Name\"\n    with: \"{name}\"\n"
    "  - click: button \"Save order\"\n    expect: heading \"Thank you\"\n"
    "done: heading \"Thank you\"\nproof:\n  - http: \"{pages}store/orders\"\n    json: {count: 1, entries: [{name: \"{name}\"}]}\n"
    "rows: [{name: Ada}, {name: Grace}]\n"
)  # fmt: skip


def loaded(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenarios(path)[0]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", search_path=Settings.from_env().search_path, secrets={"card": "4111-1111-1111"})


def way(tmp_path: Path, planner: Planner = "solution", **more: Any) -> Way:
    return Way(planner, runs=tmp_path / "runs", pictures=False, **more)


async def tried(tmp_path: Path, settings: Settings, text: str, planner: Planner = "solution") -> Trial:
    return await try_scenario(loaded(tmp_path, text), way(tmp_path, planner), settings)


async def test_a_scenario_passes_fails_undone_and_fails_falsified(tmp_path: Path, settings: Settings) -> None:
    wanted = loaded(tmp_path, ORDER)
    solved, words = await asyncio.gather(
        *(try_scenario(wanted, way(tmp_path, planner), settings) for planner in ("solution", "words"))
    )
    assert (solved.verdict, words.verdict) == ("passed", "passed"), (solved.reason, words.reason)
    assert (solved.scenario, solved.done, solved.proof[0].ok) == ("s[Ada]", None, True)
    assert words.done is not None and words.done.status == "verified", "a planner does not see what is read of it"
    assert 'heading "Thank you"' in words.reason and "store/orders" in words.reason
    undone, lied = await asyncio.gather(
        try_scenario(wanted, way(tmp_path, "nothing"), settings), try_scenario(falsified(wanted)[0], way(tmp_path), settings)
    )
    assert (undone.verdict, lied.verdict) == ("failed", "failed")
    assert "store/orders count is 0, not 1" in undone.reason
    assert "entries" not in lied.reason and lied.result and lied.result.passed, "only the second witness differs"
    assert Path(lied.report).name == "report.html" and lied.run.startswith(str(tmp_path / "runs"))


async def test_the_screen_is_not_believed(tmp_path: Path, settings: Settings) -> None:
    pretended = ORDER.replace('click: button "Save order"', 'click: link "Pretend"')
    trial = await tried(tmp_path, settings, pretended)
    assert trial.verdict == "failed"
    assert trial.result and trial.result.passed
    assert "count is 0, not 1" in trial.reason and trial.reason.endswith("s.yaml:14)")


async def test_a_run_that_must_not_go_on_passes_when_nothing_happened(tmp_path: Path, settings: Settings) -> None:
    pays = (
        "scenario: nobody approved\n" + TOP + "solution:\n  - click: button \"Pay € 4.50\"\noutcome: needs_human\n"
        "done: heading \"Order\"\nproof:\n  - http: \"{pages}store/paid\"\n    json: {count: 0}\n"
    )  # fmt: skip
    paid = pays.replace("outcome:", "approve: [pay]\noutcome:")
    stopped, approved = await asyncio.gather(*(tried(tmp_path, settings, text) for text in (pays, paid)))
    baffled = await tried(tmp_path, settings, pays, "words")
    assert (baffled.verdict, baffled.reason.split(":")[0]) == ("needs_human", "nothing was planned")
    assert stopped.verdict == "passed", stopped.reason
    assert "ended needs_human, as expected" in stopped.reason
    assert approved.verdict == "failed"
    assert "not needs_human" in approved.reason or "count is 1" in approved.reason


async def test_a_step_without_expectation_is_proved_by_the_second_witness(tmp_path: Path, settings: Settings) -> None:
    text = (
        "scenario: what is kept\n" + TOP + "secrets: {card: \"{pages}\"}\napprove: [pay]\nanswers: {\"For whom?\": Ada}\n"
        "solution:\n  - download: link \"Menu as a file\"\n    into: menu\n  - ask: For whom?\n    into: name\n"
        "  - fill: textbox \"Name\"\n    with: \"{name}\"\n  - fill: textbox \"Card\"\n    with: \"{secret:card}\"\n"
        "  - click: button \"Save order\"\nproof:\n  - file: \"{downloads}/menu.csv\"\n    contains: latte,4.50\n"
        "  - http: \"{pages}store/orders\"\n    json: {entries: [{name: \"{name}\", card: 4111-1111-1111}]}\n"
    )  # fmt: skip
    trial = await tried(tmp_path, settings, text)
    assert trial.verdict == "passed", trial.reason
    assert [one.ok for one in trial.proof] == [True, True]
    journal = (Path(trial.run) / "run.jsonl").read_bytes()
    assert b"{secret:card}" in journal and b"4111-1111" not in journal


async def test_scenarios_share_nothing_and_a_login_is_its_own(tmp_path: Path, settings: Settings) -> None:
    seen = 'done:\n  - {status "Visits": 1 visits}\n  - {status "Known": "KNOWN"}\n'
    visits = "scenario: first visit\n" + TOP + seen.replace("KNOWN", "cookie of 0, storage of 0")
    state: dict[str, Any] = {
        "cookies": [{"name": "session", "value": "open-sesame-4711", "domain": "127.0.0.1", "path": "/", "expires": -1,
                     "httpOnly": False, "secure": False, "sameSite": "Lax"}],
        "origins": [{"origin": "{pages}", "localStorage": [{"name": "token", "value": "storage-0815-xy"}]}],
    }  # fmt: skip
    file = tmp_path / "ada.json"
    file.write_text(json.dumps(state), encoding="utf-8")
    file.chmod(0o600)
    known_here = seen.replace("KNOWN", "cookie of 24, storage of 15")
    login = "scenario: logged in\n" + TOP.replace("limits:", f"  ada: {{login: {file}}}\nlimits:") + known_here
    known, first = await asyncio.gather(tried(tmp_path, settings, login), tried(tmp_path, settings, visits))
    assert (known.verdict, first.verdict) == ("passed", "passed"), (known.reason, first.reason)
    for kept in Path(known.run).rglob("*"):  # noqa: ASYNC240
        if kept.is_file():
            assert b"open-sesame" not in kept.read_bytes() and b"storage-0815" not in kept.read_bytes(), kept
    state["cookies"][0]["domain"] = "shop.example"
    file.write_text(json.dumps(state), encoding="utf-8")
    file.chmod(0o644)
    refused = await tried(tmp_path, settings, login)
    assert (refused.verdict, refused.result) == ("infrastructure", None)
    assert "is open to others (mode 0644); close it with: chmod 600" in refused.reason
    assert "sesame" not in refused.reason


async def test_what_says_nothing_about_the_scenario_is_infrastructure(tmp_path: Path, settings: Settings) -> None:
    wanted = loaded(tmp_path, ORDER)
    broken = {
        "there is no app 'gone'": loaded(tmp_path, 'scenario: s\nfixtures: {shop: {app: gone}}\nstart: "{shop}"\n'),
        "which is not allowed": loaded(tmp_path, "scenario: s\nstart: http://a.example/\nproof: {command: [touch, made]}\n"),
        "set OPERATOR_SECRET_BANK": loaded(tmp_path, "scenario: s\n" + TOP + 'secrets: {bank: "{pages}"}\n'),
    }
    for cause, one in broken.items():
        trial = await try_scenario(one, way(tmp_path), settings)
        assert (trial.verdict, trial.result) == ("infrastructure", None)
        assert cause in trial.reason
    nobody = await try_scenario(wanted, way(tmp_path, "model"), settings)
    assert (nobody.verdict, "OPERATOR_MODEL_URL" in nobody.reason) == ("infrastructure", True)
    unreachable = await try_scenario(replace(wanted, start="http://127.0.0.1:1/"), way(tmp_path), settings)
    assert (unreachable.verdict, unreachable.result and unreachable.result.outcome) == ("infrastructure", "error")
    unseen = await try_scenario(wanted, way(tmp_path), replace(settings, browser_path=tmp_path / "none"))
    assert unseen.verdict == "infrastructure"
    assert "does not exist; correct OPERATOR_BROWSER" in unseen.reason
