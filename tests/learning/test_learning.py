"""A model plans once; then the same wish is done without one, and only where it was learned."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

# ruff: noqa: E501 - a page reads best on one line
import pytest
import pytest_asyncio

from operator_agent import Operator, Result
from operator_agent.flow.command import Question
from operator_agent.learning.lessons import Lessons
from operator_agent.learning.shelf import Candidate, Shelf
from operator_agent.models.scripted import ScriptedModel
from operator_agent.script import load_script
from operator_agent.settings import Settings
from tests.program import environment, operator_agent

PAGE = """<!doctype html><title>Greeter</title><h1>Greeter</h1><label>Name <input name=name></label>
<label>Tone <select><option>formal<option>warm</select></label>
<button onclick="fetch('/greet?to='+document.querySelector('input').value,{method:'POST'}).then(()=>out.textContent='Hello '+document.querySelector('input').value)">%s</button>
<p role=status id=out></p>"""
CLICK = {"kind": "click", "target": 'button "Greet"', "expect": ["text: Hello Ada", "response: POST /greet 200, exactly once"]}
STEPS = [
    {"kind": "fill", "target": 'textbox "Name"', "text": "Ada"},
    {"kind": "select", "target": 'combobox "Tone"', "options": ["warm"]},
    CLICK,
]
PLAN = {"steps": STEPS, "done": ["text: Hello Ada"], "finished": True}
HELLO = {"steps": [{"kind": "click", "target": 'button "Say hello"'}]}
COMMAND = "give Ada a warm welcome"


class Site:
    def __init__(self) -> None:
        self.url, self.button = "", "Greet"
        self.greeted: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if head.startswith("POST /greet?to="):
            self.greeted.append(head.split()[1].partition("=")[2])
        body = (PAGE % self.button).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def greeter() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    async with server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield site


class Desk:
    """One browser and one shelf; each run may have a model that knows these answers."""

    def __init__(self, folder: Path, sites: Sequence[Site]) -> None:
        self.state, self.sites = folder / "state", sites
        self.replies: list[Any] = []
        self.model = ScriptedModel(lambda prompt, reply: self.replies.pop(0))
        self.operators: dict[str, Operator] = {}
        self.folder = folder

    async def run(self, command: str, *replies: Any, site: int = 0, **given: Any) -> Result:
        self.replies[:] = replies
        key = json.dumps([site, given], default=repr)
        if key not in self.operators:
            settings = replace(Settings.from_env(), state_dir=self.state)
            start = self.sites[site].url
            operator = Operator(start, model=self.model, record=False, pictures=False, settings=settings, **given)
            self.operators[key] = await self.open.enter_async_context(operator)
        return await self.operators[key].run(command)

    @property
    def shelf(self) -> Shelf:
        return Lessons(self.state).shelf

    @property
    def learned(self) -> Candidate:
        (only,) = self.shelf.of(self.sites[0].url.rstrip("/"))
        return only

    async def __aenter__(self) -> Desk:
        self.open = await AsyncExitStack().__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.open.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with greeter() as one, greeter() as other, Desk(tmp_path_factory.mktemp("desk"), (one, other)) as desk:
        yield desk


@pytest.fixture(autouse=True)
def _afresh(desk: Desk) -> None:
    shutil.rmtree(desk.shelf.folder, ignore_errors=True)
    for site in desk.sites:
        site.button = "Greet"
        site.greeted.clear()


class Ada:
    async def ask(self, question: Question) -> str | None:
        return "Ada"


@pytest.mark.asyncio(loop_scope="module")
class TestLearning:
    async def test_the_second_run_asks_no_model(self, desk: Desk) -> None:
        first = await desk.run(COMMAND, PLAN)
        assert (first.passed, first.model_calls) == (True, 1), first.reason
        assert load_script(desk.learned.file).says == ("give {name} a {tone} welcome",)
        second = await desk.run("please give Grace Hopper a formal welcome")
        assert (second.passed, second.model_calls, second.plan and second.plan.tier) == (True, 0, "learned"), second.reason
        assert desk.sites[0].greeted == ["Ada", "Grace%20Hopper"]
        counts = desk.learned.counts
        assert (counts.version, counts.runs, counts.passed) == (1, 1, 1)

    async def test_it_is_not_done_on_another_site(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN)
        elsewhere = await desk.run(COMMAND, PLAN, site=1)
        assert (elsewhere.passed, elsewhere.model_calls) == (True, 1), elsewhere.reason
        assert len(desk.shelf.all()) == 2, "each site has its own"

    async def test_without_learning_nothing_is_kept_or_used(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN, learning=False)
        assert desk.shelf.all() == []
        await desk.run(COMMAND, PLAN)
        again = await desk.run(COMMAND, PLAN, learning=False)
        assert again.model_calls == 1

    async def test_a_step_that_fails_is_the_models_and_only_that(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN)
        desk.sites[0].button = "Say hello"
        healed = await desk.run("give Linus a warm welcome", HELLO)
        assert (healed.passed, healed.model_calls, healed.plan and healed.plan.tier) == (True, 1, "learned"), healed.reason
        assert desk.sites[0].greeted == ["Ada", "Linus"]
        file = desk.learned.file
        assert 'button "Say hello"' in file.read_text(encoding="utf-8")
        assert "text: Hello {name}" in file.read_text(encoding="utf-8"), "its checks are the learned step's"
        history = file.with_suffix(".history")
        assert 'button "Greet"' in (history / "1.yaml").read_text(encoding="utf-8")
        changed = [line for line in (history / "1-2.diff").read_text(encoding="utf-8").splitlines() if line[:1] in "+-" and line[1:2] == " "]
        assert changed == ['-  - click: button "Greet"', '+  - click: button "Say hello"']
        assert (desk.learned.counts.version, desk.learned.counts.healed) == (2, 1)
        free = await desk.run("give Ada a warm welcome")
        assert (free.passed, free.model_calls) == (True, 0), free.reason

    async def test_a_target_that_is_called_otherwise_is_found_again_without_a_model(self, desk: Desk) -> None:
        desk.sites[0].button = "Save"
        click = {**CLICK, "target": 'button "Save"'}
        await desk.run(COMMAND, {**PLAN, "steps": [*STEPS[:2], click]})
        desk.sites[0].button = "Store"
        healed = await desk.run("give Linus a warm welcome")
        assert (healed.passed, healed.model_calls) == (True, 0), healed.reason
        file = desk.learned.file
        assert 'button "Store"' in file.read_text(encoding="utf-8")
        assert 'button "Save"' in (file.with_suffix(".history") / "1.yaml").read_text(encoding="utf-8")
        assert (desk.learned.counts.version, desk.learned.counts.healed) == (2, 1)

    async def test_a_heal_that_was_not_proved_is_not_kept(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN)
        before = desk.learned.file.read_text(encoding="utf-8")
        desk.sites[0].button = "Say hello"
        wrong = {"steps": [{"kind": "click", "target": 'heading "Greeter"'}]}
        ended = await desk.run("give Linus a warm welcome", wrong, {"impossible": "there is no way"})
        assert not ended.passed
        assert desk.learned.file.read_text(encoding="utf-8") == before
        assert (desk.learned.counts.version, desk.learned.counts.passed, desk.learned.counts.failed_in_a_row) == (1, 0, 1)
        assert desk.sites[0].greeted == ["Ada"]

    async def test_what_fails_again_and_again_is_left_alone_until_it_is_learned_anew(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN)
        for _ in range(3):
            desk.shelf.used(desk.learned, passed=False)
        assert desk.learned.counts.tired
        anew = await desk.run(COMMAND, PLAN)
        assert anew.model_calls == 1
        assert not desk.learned.counts.tired

    async def test_what_a_person_had_to_answer_is_not_learned(self, desk: Desk) -> None:
        asked = await desk.run("give her a warm welcome", {"question": "Whom?"}, PLAN, person=Ada())
        assert asked.passed, asked.reason
        assert desk.shelf.all() == []

    async def test_a_broken_file_is_left_out(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN)
        desk.learned.file.write_text("skill: [", encoding="utf-8")
        assert desk.shelf.all() == []
        again = await desk.run(COMMAND, PLAN)
        assert (again.passed, again.model_calls) == (True, 1)

    async def test_it_is_listed_shown_named_and_forgotten(self, desk: Desk) -> None:
        await desk.run(COMMAND, PLAN)
        env = environment(OPERATOR_STATE=desk.state)
        listed = json.loads((await operator_agent("skills", "list", "--json", env=env)).out)["learned"]
        assert [(one["name"], one["origin"], one["runs"]) for one in listed] == [("give a welcome", desk.sites[0].url.rstrip("/"), 0)]
        shown = await operator_agent("skills", "show", "give a welcome", env=env)
        assert "give {name} a {tone} welcome" in shown.out
        options = ("--start", desk.sites[1].url, "--skill", "give a welcome", "--runs", desk.folder, "--no-pictures", "--json")
        named = await operator_agent("run", "give Bob a warm welcome", *options, env=env)
        assert (named.code, desk.sites[1].greeted) == (0, ["Bob"]), named.out
        assert (await operator_agent("skills", "forget", "give-a-welcome", env=env)).code == 0
        assert desk.shelf.all() == []
        gone = await operator_agent("skills", "forget", "give-a-welcome", env=env)
        assert gone.code == 2
