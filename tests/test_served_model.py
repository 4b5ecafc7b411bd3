"""From the settings to the outcome: a model behind a real HTTP server plans a run, and every way it fails has its ending."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

# ruff: noqa: E501 - a page reads best on one line
import pytest
import pytest_asyncio

from operator_agent.models.stub import Answer, Close, Html, Say, Silence, Status, StubServer
from tests.program import Ending, environment, operator_agent
from tests.site import Site, serving

PAGE = """<!doctype html><title>Greeter</title><h1>Greeter</h1><label>Name <input name=name></label>
<button onclick="fetch('/greet',{method:'POST'}).then(()=>out.textContent='Hello '+document.querySelector('input').value)">Greet</button>
<p role=status id=out></p>"""
FILL = {"kind": "fill", "target": 'textbox "Name"', "text": "Ada"}
GREET = {"kind": "click", "target": 'button "Greet"', "expect": ["text: Hello Ada", "response: POST /greet 200, exactly once"]}
PLAN = {"note": "greet", "steps": [FILL, GREET], "done": ["text: Hello Ada"], "finished": True}
COMMAND = "be polite to the mathematician"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serving(PAGE) as opened:
        yield opened


def greeted(site: Site) -> int:
    return sum(request.method == "POST" for request in site.asked)


def said(plan: Any) -> Say:
    return Say(content=json.dumps(plan))


async def ran(
    site: Site, tmp_path: Path, answers: Sequence[Answer], *options: str, key: str = "sk-test"
) -> tuple[Ending, StubServer]:
    site.asked.clear()
    async with StubServer(answers, key=key) as server:
        env = environment(
            OPERATOR_MODEL_URL=server.url, OPERATOR_MODEL="stub", OPERATOR_MODEL_KEY="sk-test", OPERATOR_STATE=tmp_path / "state"
        )  # fmt: skip
        line = ("run", COMMAND, "--start", site.url, "--runs", tmp_path / "runs", "--no-pictures", "--json", *options)
        return await operator_agent(*line, env=env), server


@pytest.mark.asyncio(loop_scope="module")
class TestEndings:
    async def test_it_plans_and_what_it_planned_is_proved(self, site: Site, tmp_path: Path) -> None:
        ending, server = await ran(site, tmp_path, [said(PLAN)])
        assert (ending.code, ending.result["outcome"], ending.err) == (0, "passed", ""), ending.out
        assert (ending.result["model_calls"], len(server.asked), greeted(site)) == (1, 1, 1)
        assert ending.result["tokens"] > 0
        assert ending.result["cost"] is None, "no price is known"
        (traffic,) = (Path(ending.result["run"]) / "model.jsonl").read_text(encoding="utf-8").splitlines()
        assert "sk-test" not in traffic
        assert COMMAND in traffic

    async def test_a_bad_reply_is_asked_for_once_more_and_nothing_of_it_is_done(self, site: Site, tmp_path: Path) -> None:
        cut = Say(content=json.dumps(PLAN)[:-40])
        ending, server = await ran(site, tmp_path, [cut, cut])
        assert (ending.code, ending.result["outcome"]) == (7, "error"), ending.out
        assert (len(server.asked), greeted(site)) == (2, 0)

    async def test_a_step_that_is_no_step_is_quoted_back(self, site: Site, tmp_path: Path) -> None:
        wrong = {**PLAN, "steps": [FILL, {**GREET, "expect": ["the greeting is there"]}]}
        ending, server = await ran(site, tmp_path, [said(wrong), said(PLAN)])
        assert ending.code == 0, ending.out
        assert "the greeting is there" in server.asked[1].text
        assert greeted(site) == 1

    @pytest.mark.parametrize(
        ("answers", "key", "code", "words"),
        [
            ([], "another", 2, "key"),
            ([Status(402, {"error": {"message": "Insufficient Balance"}})], "sk-test", 2, "Insufficient Balance"),
            ([Html()], "sk-test", 7, "/v1"),
            ([Close()] * 9, "sk-test", 7, ""),
        ],
        ids=["a wrong key", "no credit", "a web page", "a closed socket"],
    )
    async def test_a_server_that_does_not_serve(
        self, answers: list[Answer], key: str, code: int, words: str, site: Site, tmp_path: Path
    ) -> None:
        ending, _ = await ran(site, tmp_path, answers, key=key)
        assert ending.code == code, ending.out
        assert words in ending.result["reason"]
        assert "sk-test" not in ending.out
        assert greeted(site) == 0

    async def test_trouble_between_two_plans_does_nothing_twice(self, site: Site, tmp_path: Path) -> None:
        first = {"steps": [FILL, GREET], "done": ["text: Hello Ada"]}
        busy = Status(503, {"error": {"message": "busy"}}, {"Retry-After": "0"})
        ending, _ = await ran(site, tmp_path, [said(first), busy, Close(), said({"finished": True, "done": ["text: Hello Ada"]})])
        assert ending.code == 0, ending.out
        assert greeted(site) == 1

    async def test_limits_stop_before_the_request_that_would_exceed(self, site: Site, tmp_path: Path) -> None:
        first = {"steps": [FILL], "done": ["text: Hello Ada"]}
        ending, server = await ran(site, tmp_path, [said(first), said(PLAN)], "--max-calls", "1")
        assert (ending.code, ending.result["outcome"], len(server.asked)) == (6, "incomplete", 1), ending.out
        none, server = await ran(site, tmp_path, [said(PLAN)], "--max-tokens", "500")
        assert (none.code, len(server.asked)) == (6, 0), none.out

    @pytest.mark.speed
    async def test_a_run_has_its_limit_of_time_also_with_a_silent_model(self, site: Site, tmp_path: Path) -> None:
        ending, _ = await ran(site, tmp_path, [Silence()], "--max-seconds", "3")
        assert (ending.code, ending.result["outcome"]) == (6, "incomplete"), ending.out
        assert ending.result["seconds"] < 3.6
