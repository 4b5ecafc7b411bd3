"""Recorded runs done again: live, without network and model, and differently from one of their steps on."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from operator_agent import Operator, Result
from operator_agent.errors import UsageError
from operator_agent.models.stub import Say, StubServer
from operator_agent.replay.fork import Tail, fork
from operator_agent.replay.hermetic import hermetic
from operator_agent.replay.live import Here, live
from operator_agent.replay.recording import Recording, read_recording
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from tests.program import PROGRAM, environment, operator_agent
from tests.replay.pages import SCRIPT, STEPS, Application, opened
from tests.site import Site, serving

GREETER = """<!doctype html><title>Greeter</title><h1>Greeter</h1><label>Name <input name=name></label>
<button onclick="greet()">Greet</button><p role=status id=out></p><script>
async function greet() {
  await fetch('/greet', {method: 'POST'});
  out.textContent = 'Hello ' + document.querySelector('input').value;
}
</script>"""
FILL = {"kind": "fill", "target": 'textbox "Name"', "text": "Ada"}
GREET = {"kind": "click", "target": 'button "Greet"', "expect": ["text: Hello Ada", "response: POST /greet 200, exactly once"]}
PLAN = {"note": "greet", "steps": [FILL, GREET], "done": ["text: Hello Ada"], "finished": True}


def settings(folder: Path) -> Settings:
    return Settings(state_dir=folder / "state", search_path=Settings.from_env().search_path)


def here(folder: Path) -> Here:
    return Here(settings=settings(folder), runs=folder / "replays")


def holding(folder: Path, secret: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and secret in file.read_bytes()]


def kept(result: Result) -> tuple[list[str], bool]:
    """Which steps have a picture, and whether the network is there."""
    screens = sorted((Path(result.run) / "screens").glob("*.jpg"))
    return [screen.name.split("-")[1] for screen in screens], (Path(result.run) / "network.jsonl").exists()


async def recorded(application: Application, folder: Path) -> Recording:
    (folder / "tour.yaml").write_text(SCRIPT.format(url=application.url), encoding="utf-8")
    async with Operator(runs=folder / "runs", pictures=False, settings=settings(folder)) as op:
        result = await op.run_plan(load_plan(folder / "tour.yaml"))
    assert result.passed, result.reason
    assert len(result.steps) == STEPS
    return read_recording(Path(result.run))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tour(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A run on an application that is gone since."""
    async with opened() as application:
        return await recorded(application, tmp_path_factory.mktemp("tour"))


@pytest.mark.asyncio(loop_scope="module")
class TestHermetic:
    async def test_the_same_records_again_with_the_application_stopped(self, tour: Recording, tmp_path: Path) -> None:
        for _ in range(2):
            done = await hermetic(tour, here(tmp_path))
            assert done.divergence is None, f"{done.divergence} {done.notes}"
            assert done.result.passed
            assert done.notes == ()

    async def test_an_application_that_is_another_one_now_is_a_divergence_with_both_sides(
        self, tour: Recording, tmp_path: Path
    ) -> None:
        changed = tmp_path / "changed"
        shutil.copytree(tour.folder, changed)
        tape = changed / "network.jsonl"
        tape.write_text(tape.read_text().replace('"body":{"text":"2"}', '"body":{"text":"7"}'), encoding="utf-8")
        journal, browser = changed / "run.jsonl", tour.started.versions["browser"]
        journal.write_text(journal.read_text().replace(browser, "chromium 1.0", 1), encoding="utf-8")
        done = await hermetic(read_recording(changed), here(tmp_path))
        assert done.divergence
        assert (done.divergence.step, done.result.outcome) == (3, "failed")
        assert "2" in done.divergence.recorded
        assert "7" in done.divergence.replayed
        assert done.notes[0] == f"recorded in chromium 1.0, replayed in {browser}"

    async def test_a_run_without_a_network_recording_cannot_be_replayed_so(self, tour: Recording, tmp_path: Path) -> None:
        bare = tmp_path / "bare"
        shutil.copytree(tour.folder, bare)
        (bare / "network.jsonl").unlink()
        with pytest.raises(UsageError, match="holds no network recording"):
            await hermetic(read_recording(bare), here(tmp_path))

    async def test_a_run_that_a_model_planned(self, tmp_path: Path) -> None:
        async with serving(GREETER) as site, StubServer([Say(content=json.dumps(PLAN))]) as server:
            asking = replace(settings(tmp_path), model_url=server.url, model="stub", model_key="sk-test")
            async with Operator(site.url, runs=tmp_path / "runs", settings=asking) as op:
                result = await op.run("be polite to the mathematician")
        assert (result.outcome, result.model_calls) == ("passed", 1), result.reason
        done = await hermetic(read_recording(Path(result.run)), here(tmp_path))
        assert done.divergence is None, f"{done.divergence} {done.notes}"
        assert (done.result.model_calls, len(server.asked)) == (1, 1)

    async def test_a_secret_that_is_not_set_is_stood_in_for(self, tmp_path: Path) -> None:
        login = """<!doctype html><title>Login</title><form method=post action=/in>
            <label>Password <input type=password name=p></label><button>Sign in</button></form>"""
        inside = "<!doctype html><title>In</title><h1>Welcome</h1>"
        async with serving({"/": login, "/in": inside}) as site:
            known = replace(settings(tmp_path), secrets={"door": "open sesame+1"})
            script = tmp_path / "login.yaml"
            script.write_text(
                f'plan: sign in\nstart: {site.url}\nsteps:\n- fill: textbox "Password"\n  with: "{{secret:door}}"\n'
                '- click: button "Sign in"\n  expect: heading "Welcome"\n',
                encoding="utf-8",
            )
            secrets = {"door": site.origin}
            async with Operator(secrets=secrets, runs=tmp_path / "runs", pictures=False, settings=known) as op:
                result = await op.run_plan(load_plan(script))
            assert result.passed, result.reason
            assert "sesame" in site.asked[-1].body
        done = await hermetic(read_recording(Path(result.run)), here(tmp_path))
        assert done.divergence is None, f"{done.divergence} {done.notes}"
        assert holding(tmp_path, b"sesame") == []

    async def test_nothing_leaves_a_namespace_that_has_only_loopback(self, tour: Recording, tmp_path: Path) -> None:
        probe = await asyncio.create_subprocess_exec("unshare", "-n", "true", stderr=asyncio.subprocess.DEVNULL)
        if await probe.wait():
            pytest.skip("network namespaces are not permitted here")
        line = f"ip link set lo up && exec {PROGRAM} replay {tour.folder} --hermetic --json --runs {tmp_path}"
        process = await asyncio.create_subprocess_exec(
            "unshare", "-n", "sh", "-c", line, stdout=asyncio.subprocess.PIPE, env=environment(OPERATOR_STATE=tmp_path / "state")
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()


@pytest.mark.asyncio(loop_scope="module")
class TestForks:
    @pytest.mark.parametrize("step", [1, 9])
    async def test_the_rest_as_recorded(self, tour: Recording, tmp_path: Path, step: int) -> None:
        done = await fork(tour, step, Tail(network="hermetic"), here(tmp_path))
        assert done.result.passed, done.result.reason
        assert done.divergence is None, str(done.divergence)
        assert done.comparison.divergence is None, str(done.comparison.divergence)
        assert [pair.step for pair in done.comparison.steps] == list(range(done.from_step, STEPS + 1))

    async def test_an_edited_script_from_a_step_on(self, tour: Recording, tmp_path: Path) -> None:
        script = load_plan(tour.folder / "script.yaml")
        other = script.steps[1].model_copy(update={"expect": script.steps[0].expect})
        edited = script.model_copy(update={"steps": (script.steps[0], other, *script.steps[2:])})
        done = await fork(tour, 3, Tail("hermetic", script=edited), here(tmp_path))
        assert done.result.outcome == "failed"
        assert done.divergence is None
        assert done.comparison.divergence
        assert done.comparison.divergence.step == 3
        assert done.comparison.steps[0].second
        assert done.comparison.steps[0].second.verdict == "refuted"

    async def test_a_step_the_run_did_not_have(self, tour: Recording, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="steps 1 to 12"):
            await fork(tour, 13, Tail(), here(tmp_path))


@pytest.mark.asyncio(loop_scope="module")
class TestLive:
    async def test_the_script_again_and_the_rest_of_it_in_other_words(self, tmp_path: Path) -> None:
        async with serving(GREETER) as site:
            async with Operator(site.url, runs=tmp_path / "runs", settings=settings(tmp_path)) as op:
                first = await op.run('type Ada into Name, press Greet')
            recording = read_recording(Path(first.run))
            again = await live(recording, here(tmp_path))
            assert (again.outcome, again.model_calls) == (first.outcome, 0)
            assert sum(asked.page == "/greet" for asked in site.asked) == 2
            assert kept(again) == (["step3"], False), "where it ends; the network was not asked for"
            whole = await live(recording, replace(here(tmp_path), full=True))
            assert kept(whole) == kept(first)
            tail = Tail(command="press Greet")
            forked = await fork(recording, 3, tail, here(tmp_path))
            assert forked.result.steps[-1].verdict == first.steps[-1].verdict
            assert sum(asked.page == "/greet" for asked in site.asked) == 4
            await self.by_a_model(recording, site, tmp_path)

    async def by_a_model(self, recording: Recording, site: Site, folder: Path) -> None:
        """The same again on the command line: a model sees the page as it was before the step, and plans on from there."""
        plan = {"note": "greet her", "steps": [GREET], "done": ["text: Hello Ada"], "finished": True}
        async with StubServer([Say(content=json.dumps(plan))]) as server:
            asking = environment(
                OPERATOR_MODEL_URL=server.url, OPERATOR_MODEL="stub", OPERATOR_MODEL_KEY="sk-test", OPERATOR_STATE=folder / "state"
            )
            line = ("replay", recording.folder, "--from-step", "3", "--model", "--json", "--unattended", "--runs", folder / "forks")
            ending = await operator_agent(*line, env=asking)
        assert ending.code == 0, ending.out + ending.err
        (told,) = ending.result["replays"]
        assert (told["outcome"], told["model_calls"], len(server.asked), told["divergence"]) == ("passed", 1, 1, None)
        assert re.search('textbox "Name".*Ada', server.asked[0].text), "the page holds what the recorded steps have left"
        assert sum(asked.page == "/greet" for asked in site.asked) == 5
        assert [pair["step"] for pair in told["comparison"]["steps"]] == [3]
        page = Path(told["page"])
        assert (page.parent, page.name) == (Path(told["run"]), f"compared-with-{recording.folder.name}.html")
        assert page in holding(page.parent, b"Hello Ada")
        assert page in holding(page.parent, b"The steps before 3 are left out")
