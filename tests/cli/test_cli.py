"""The command line as a person and a program meet it: real processes, a real shop, a real terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import shlex
import signal
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import typer

from operator_agent.cli import main as cli
from operator_agent.demo.faults import FAULTS
from operator_agent.demo.serve import Served, serve
from operator_agent.demo.tour import compared, described, ordered
from operator_agent.flow.plan import Plan
from operator_agent.flow.record import EXIT_CODES, Result, StepResult
from tests.program import KEYS, PROGRAM, Ending, environment, installed, operator_agent
from tests.recorder.making import files

ORDER = "order two large oat lattes for Ada"
ASKED = {"drink": "latte", "size": "large", "milk": "oat", "quantity": 2, "name": "Ada"}
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
_SECONDS = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Served]:
    async with serve() as served:
        yield served


class Desk:
    """Somebody at a terminal in front of the program. With `split`, its stdout is a pipe."""

    def __init__(self, process: asyncio.subprocess.Process, terminal: int) -> None:
        self.process, self._terminal = process, terminal
        self.screen = ""
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(terminal, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # the program has left the terminal
            data = b""
        self.screen += _CONTROL.sub("", data.decode(errors="replace"))
        if not data:
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._more.set()

    async def sees(self, text: str) -> None:
        async with asyncio.timeout(_SECONDS):
            while text not in self.screen:
                self._more.clear()
                await self._more.wait()

    def types(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    async def ends(self) -> Ending:
        async with asyncio.timeout(_SECONDS):
            out = await self.process.stdout.read() if self.process.stdout else b""
            code = await self.process.wait()
        return Ending(code, out.decode(), self.screen)


@asynccontextmanager
async def desk(*arguments: str | Path, split: bool = False) -> AsyncIterator[Desk]:
    ours, theirs = pty.openpty()
    out: Any = asyncio.subprocess.PIPE if split else theirs
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *arguments, stdin=theirs, stdout=out, stderr=theirs, env=environment(TERM="xterm"), start_new_session=True
    )
    os.close(theirs)
    sitting = Desk(process, ours)
    try:
        yield sitting
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)


@pytest.fixture
def line(shop: Served, tmp_path: Path) -> Callable[..., list[str | Path]]:
    """The arguments of a run in the shop that is recorded into the test's folder."""
    return lambda command, *options: ["run", command, "--start", shop.url, "--runs", tmp_path, "--no-pictures", *options]


Line = Callable[..., list[str | Path]]


def text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


@pytest.mark.asyncio(loop_scope="module")
class TestRun:
    async def test_json_is_one_object_that_says_everything(self, shop: Served, line: Line) -> None:
        before = len(ordered(shop.db))
        ending = await operator_agent(*line(ORDER, "--approve", "pay", "--json"))
        result = ending.result
        assert (ending.code, ending.err) == (0, "")
        assert set(result) == KEYS
        assert (result["outcome"], result["exit_code"], result["command"]) == ("passed", 0, ORDER)
        assert (result["model_calls"], result["tokens"], result["cost"]) == (0, 0, 0)
        assert {key for step in result["steps"] for key in step} == {"intent", "action", "verdict", "checks", "seconds"}
        assert {step["verdict"] for step in result["steps"]} == {"verified"}
        assert sum(step["seconds"] for step in result["steps"]) <= result["seconds"]
        assert result["report"] == f"{result['run']}/report.html"
        (row,) = ordered(shop.db)[before:]
        assert {key: row[key] for key in ASKED} == ASKED

        again = await operator_agent("view", result["run"], "--json")
        assert again.code == 0
        assert {**again.result, "run": "", "report": ""} == {**result, "run": "", "report": ""}
        told = await operator_agent("view", Path(result["run"]).name, "--runs", Path(result["run"]).parent)
        assert told.out == f"passed: {result['reason']}\n{result['report']}\n"

    async def test_people_see_the_plan_each_verdict_and_the_report(self, line: Line, tmp_path: Path) -> None:
        ending = await operator_agent(*line("order a flat white", "--approve", "pay"))
        assert (ending.code, ending.err) == (0, "")
        assert "flat white" in ending.out
        assert ending.out.count("✓") >= 12
        assert re.search(r"^passed", ending.out, re.MULTILINE)
        assert re.search(rf"{tmp_path}/\S+/report\.html", ending.out)

    async def test_inputs_given_apart_to_a_named_skill(self, line: Line) -> None:
        inputs = ["--input", "drink=mocha", "--input", "quantity=3", "--input", "name=Grace"]
        ending = await operator_agent(*line("", "--skill", "order a coffee", *inputs, "--limit", "steps=1", "--json"))
        assert (ending.code, ending.result["outcome"]) == (6, "incomplete")
        given = ending.result["plan"]["inputs"]
        assert (given["items"], given["name"]) == ([{"drink": "mocha", "size": "medium", "milk": "whole", "quantity": 3}], "Grace")

    async def test_unattended_nothing_is_paid(self, shop: Served, line: Line) -> None:
        before = len(ordered(shop.db))
        ending = await operator_agent(*line(ORDER, "--unattended", "--json"))
        assert (ending.code, ending.result["outcome"]) == (4, "needs_human")
        assert "--approve pay" in ending.result["reason"]
        assert len(ordered(shop.db)) == before

    async def test_plain_words_on_a_page_below_the_root(self, shop: Served, tmp_path: Path) -> None:
        say = 'press Basket and check that it says "Your basket is empty"'
        less = ("--no-pictures", "--no-network-recording")
        ending = await operator_agent("run", say, "--start", f"{shop.url}orders", "--runs", tmp_path, *less, "--json")
        kept = " ".join(str(file.relative_to(tmp_path)) for file in files(tmp_path))
        assert "run.jsonl" in kept and "network" not in kept and "screens" not in kept
        assert ending.result["plan"]["tier"] == "words"
        assert (ending.code, ending.result["outcome"]) == (0, "passed"), ending.result["reason"]

    async def test_a_reader_who_leaves_does_not_stop_the_run(self, line: Line, tmp_path: Path) -> None:
        read, write = os.pipe()
        os.close(read)
        words = line('press Basket and check that it says "Your basket is empty"')
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, stdin=asyncio.subprocess.DEVNULL, stdout=write, stderr=asyncio.subprocess.PIPE, env=environment()
        )
        os.close(write)
        _, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")

    @pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
    async def test_a_signal_ends_it_in_order(self, number: signal.Signals, name: str, tmp_path: Path) -> None:
        asked, over = asyncio.Event(), asyncio.Event()

        async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await over.wait()
            writer.close()

        async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
            start = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            process = await asyncio.create_subprocess_exec(
                PROGRAM, "run", ORDER, "--start", start, "--runs", tmp_path / "runs", "--json",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                env=environment(OPERATOR_STATE=tmp_path / "state"),
            )  # fmt: skip
            async with asyncio.timeout(_SECONDS):
                await asked.wait()
                process.send_signal(number)
                out, _ = await process.communicate()
            over.set()
        result = json.loads(out)
        assert (process.returncode, result["outcome"]) == (6, "incomplete")
        assert result["reason"].endswith(f"stopped by {name}")
        assert os.listdir(tmp_path / "state" / "browsers") == []  # noqa: PTH208


@pytest.mark.asyncio(loop_scope="module")
class TestAttended:
    async def test_a_missing_input_is_asked_once_and_paying_too(self, shop: Served, line: Line) -> None:
        before = len(ordered(shop.db))
        async with desk(*line("coffee")) as person:
            await person.sees("Which drink would you like?")
            person.types("mocha\n")
            await person.sees("go ahead?")
            assert "€" in person.screen.split("Which drink")[1]
            person.types("yes\n")
            ending = await person.ends()
        assert ending.code == 0, ending.err
        assert ending.err.count("Which drink would you like?") == ending.err.count("go ahead?") == 1
        (row,) = ordered(shop.db)[before:]
        assert row["drink"] == "mocha"

    async def test_no_means_no_and_with_json_the_question_is_on_stderr(self, shop: Served, line: Line) -> None:
        before = len(ordered(shop.db))
        async with desk(*line(ORDER, "--json"), split=True) as person:
            await person.sees("go ahead?")
            person.types("no\n")
            ending = await person.ends()
        assert (ending.code, ending.result["outcome"]) == (4, "needs_human")
        assert "not approved" in ending.result["reason"]
        assert ending.err.count("go ahead?") == 1
        assert "✓" not in ending.err
        assert len(ordered(shop.db)) == before

    async def test_the_end_of_input_is_no_approval(self, shop: Served, line: Line) -> None:
        before = len(ordered(shop.db))
        async with desk(*line(ORDER)) as person:
            await person.sees("go ahead?")
            person.types("\x04")
            ending = await person.ends()
        assert ending.code == 4
        assert "not approved" in ending.err
        assert len(ordered(shop.db)) == before

    async def test_ctrl_c_at_a_question_ends_at_once(self, shop: Served, line: Line) -> None:
        async with desk(*line("coffee")) as person:
            await person.sees("Which drink would you like?")
            person.process.send_signal(signal.SIGINT)
            ending = await person.ends()
        assert ending.code == 6
        assert "stopped by Ctrl-C" in ending.err
        assert "Traceback" not in ending.err

    async def test_where_to_begin_is_asked(self, shop: Served, tmp_path: Path) -> None:
        async with desk("run", "press Basket", "--runs", tmp_path, "--no-pictures") as person:
            await person.sees("At which address should it begin?")
            person.types(f"{shop.url}\n")
            ending = await person.ends()
        assert ending.code in (0, 3), ending.err
        assert f"open {shop.url}" in ending.err


class TestDemo:
    async def test_it_orders_and_asks_the_database(self, tmp_path: Path) -> None:
        ending = await installed("demo", "--runs", tmp_path)
        assert (ending.code, ending.err) == (0, "")
        *_, last = ending.out.splitlines()
        assert last == "the shop's database: 2 × large latte, oat milk, for Ada (received)"
        report = re.search(rf"{tmp_path}/\S+/report\.html", ending.out)
        assert report
        assert "data:image/jpeg;base64," in text(report[0])

    async def test_a_shop_that_lies_is_not_believed(self, tmp_path: Path) -> None:
        ending = await operator_agent("demo", "--fault", "toast-no-row", "--runs", tmp_path, "--json")
        assert (ending.code, ending.result["outcome"]) == (1, "failed")
        assert ending.result["values"]["database"] == []

    def test_what_the_database_holds_outweighs_what_was_verified(self) -> None:
        plan = Plan(goal="order", steps=(), inputs={"items": [{key: str(value) for key, value in ASKED.items()}], "name": "Ada"})
        passed = Result(outcome="passed", reason="all verified", exit_code=0, command=ORDER, plan=plan)
        row = {**ASKED, "status": "received"}
        assert compared(passed, [row]).passed
        for rows in ([], [row, row], [{**row, "milk": "soy"}], [{**row, "name": "Bob"}]):
            result = compared(passed, rows)
            assert (result.outcome, result.exit_code) == ("failed", 1)
            assert described(rows) in result.reason
        assert described([]) == "no order"

    async def test_serving_says_first_where(self, tmp_path: Path) -> None:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "demo", "serve", "--port", "0", "--db", tmp_path / "shop.sqlite", "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(),
        )  # fmt: skip
        assert process.stdout
        where = json.loads(await process.stdout.readline())
        assert where["db"] == str(tmp_path / "shop.sqlite")
        assert ordered(Path(where["db"])) == []
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")

    async def test_its_faults_can_be_listed(self) -> None:
        serving = await operator_agent("demo", "serve", "--fault", "list", "--json")
        assert set(serving.result) == set(FAULTS)
        ordering = await operator_agent("demo", "--fault", "list")
        assert [line.split()[0] for line in ordering.out.splitlines()] == list(FAULTS)


class TestSkills:
    async def test_listing_showing_and_checking(self, tmp_path: Path) -> None:
        listed = await operator_agent("skills", "list", "--json")
        (skill,) = listed.result["skills"]
        assert skill["name"] == "order a coffee"
        shown = await operator_agent("skills", "show", "order a coffee")
        assert shown.out.startswith("skill: order a coffee\nsays:\n")
        copy = tmp_path / "mine.yaml"
        copy.write_text(shown.out.replace("click:", "clik:"), encoding="utf-8")
        checked = await operator_agent("skills", "check", skill["file"], copy, "--json")
        assert checked.code == checked.result["exit_code"] == 2
        assert {problem["severity"] for problem in checked.result["problems"]} == {"error"}
        assert checked.result["problems"][0]["where"].startswith(f"{copy}:")
        assert (await operator_agent("skills", "check", skill["file"])).out == "all good\n"


DOCS = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


class TestTheReference:
    """docs/cli.md says what is so."""

    def test_it_names_every_key_of_the_result(self) -> None:
        table = DOCS.partition("## The result object")[2].partition("## The other")[0]
        named = [name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
        assert sorted(named) == sorted(KEYS) == sorted(Result.model_fields)
        assert f"{{{', '.join(StepResult.model_fields)}}}" in table

    def test_it_names_every_exit_code(self) -> None:
        rows = re.findall(r"^\| (\d+) \| `(\w+)`", DOCS, re.MULTILINE)
        assert {outcome: int(code) for code, outcome in rows if code not in ("2", "70")} == {
            outcome: code for outcome, code in EXIT_CODES.items() if outcome != "usage"
        }

    def test_it_names_every_option(self) -> None:
        group: Any = typer.main.get_command(cli.app)
        groups = (group, group.commands["demo"], group.commands["skills"], group.commands["models"])
        commands = [command for one in groups for command in one.commands.values()]
        options = {name for command in commands for option in command.params for name in option.opts if name.startswith("--")}
        assert {name for name in options if f"`{name}" not in DOCS and f"[{name}" not in DOCS} == set()

    async def test_its_example_prints_what_it_shows(self) -> None:
        command, _, shown = DOCS.partition("    $ operator-agent ")[2].partition("\n\n")[0].partition("\n")
        ending = await operator_agent(*shlex.split(command))
        assert ending.out == textwrap.dedent(shown) + "\n"


async def test_help_version_and_no_arguments() -> None:
    bare, asked, version = [await installed(*arguments) for arguments in ([], ["--help"], ["--version"])]
    assert bare == asked
    assert "Exit codes: 0 passed, 1 failed, 2 usage" in asked.out.replace("\n", " ").replace("  ", " ")
    assert re.fullmatch(r"operator-agent \d+\.\d+\.\d+\n", version.out)


async def test_a_mistake_of_ours_has_a_traceback_and_its_own_code(tmp_path: Path) -> None:
    """A listener that is broken: the one way to make a bug without a hook in the product."""
    script = (
        "import sys; from operator_agent.cli import main as cli; from operator_agent.recorder import console\n"
        "del console.ConsoleView.__call__; sys.argv = sys.argv[:1] + ['run', 'order a latte', '--start', 'http://127.0.0.1:1/', "
        f"'--runs', {str(tmp_path)!r}]; cli.main()"
    )
    python = PROGRAM.with_name("python")
    process = await asyncio.create_subprocess_exec(python, "-c", script, stderr=asyncio.subprocess.PIPE, env=environment())
    _, err = await process.communicate()
    assert process.returncode == 70
    assert b"Traceback" in err
    assert b"This is a bug in operator-agent: please report it" in err.splitlines()[-1]
