"""What cannot work ends at once with its exit code, one line that names the cause and the way out, and never a traceback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest
import pytest_asyncio

from operator_agent.demo.serve import serve
from operator_agent.demo.tour import ordered
from tests.program import KEYS, Ending, Lines, at_once, environment

USAGE, NEEDS_HUMAN, INCOMPLETE, ERROR = 2, 4, 6, 7


class Bad(NamedTuple):
    """A command line without `--json`, its exit code and what must be said. Names in braces are filled in: see `places`."""

    line: list[str]
    code: int
    said: str
    env: Mapping[str, str] = MappingProxyType({})
    names_also: str = ""


def run(*options: str, code: int = USAGE, say: str, order: str = "order a latte", names: str = "", **env: str) -> Bad:
    start = [] if "--start" in options else ["--start", "{shop}"]
    return Bad(["run", order, *start, *options], code, say, env, names)


def skill(file: str, say: str) -> Bad:
    return run("--skills", f"{{bad}}/{file}.yaml", say=say, names=f"{file}.yaml:")


BAD = {
    "no command": Bad(["run"], USAGE, "Missing argument"),
    "empty command": run(order=" ", say="nothing is asked for"),
    "unknown option": run("--fast", say="No such option: --fast"),
    "unknown subcommand": Bad(["brew", "coffee"], USAGE, "No such command 'brew'"),
    "limit without value": run("--limit", "steps", say="write it as name=value"),
    "limit that is no number": run("--limit", "steps=many", say="write a whole number"),
    "limit that is not finite": run("--limit", "seconds=nan", say="above 0 and finite"),
    "unknown limit": run("--limit", "money=3", say="one of steps, seconds, step, load"),
    "input without value": run("--input", "drink", say="--input 'drink': write it as name=value"),
    "unknown input": run("--skill", "order a coffee", "--input", "colour=red", say="has no input 'colour'", names="drink, size"),
    "unknown skill": run("--skill", "order a tea", say="there is no skill 'order a tea'", names="order a coffee"),
    "unknown risk": run("--approve", "steal", say="unknown risk class 'steal'", names="pay"),
    "allowed origin is a name": run("--allow", "pay.example", say="'pay.example' is not a web address"),
    "allowed origin has a path": run("--allow", "https://pay.example/now", say="names a path"),
    "secret without value": run("--secret", "pin=https://pay.example", say="OPERATOR_SECRET_PIN"),
    "secret without origin": run("--secret", "pin", say="write it as name=value"),
    "setting that is no switch": run(say="OPERATOR_HEADED", names="set it to 1 or 0", OPERATOR_HEADED="maybe"),
    "start has another scheme": run("--start", "ftp://shop.example/", say="only http and https"),
    "start is a name": run("--start", "shop.example", say="write it in full"),
    "start has no host": run("--start", "http:///menu", say="no valid host name"),
    "start is refused": run("--start", "{refused}", code=ERROR, say="cannot be reached"),
    "start is unknown": run("--start", "http://shop.invalid/", code=ERROR, say="cannot be reached"),
    "start is not found": run("--start", "{shop}no/such/page", code=ERROR, say="404"),
    "start is broken": run("--start", "{broken}", code=ERROR, say="500"),
    "start never answers": run("--start", "{silent}", "--limit", "load=1", code=ERROR, say="did not answer within 1 s"),
    "start is no web server": run("--start", "{babble}", code=ERROR, say="cannot be reached"),
    "nowhere to start": Bad(["run", "order a latte"], NEEDS_HUMAN, "--start"),
    "no such browser": run(say="does not exist", names="OPERATOR_BROWSER", OPERATOR_BROWSER="{folder}/none"),
    "browser is a folder": run(say="not an executable file", names="OPERATOR_BROWSER", OPERATOR_BROWSER="{folder}"),
    "browser is a text": run(say="not an executable file", names="OPERATOR_BROWSER", OPERATOR_BROWSER="{folder}/text"),
    "browser is another program": run(say="did not start", names="OPERATOR_BROWSER", OPERATOR_BROWSER="/bin/true"),
    "no display to show it on": run("--headed", say="no display", names="xvfb-run"),
    "runs below a file": run("--runs", "{folder}/text/runs", say="no run folder can be made", names="--runs"),
    "runs that cannot be written": run("--runs", "/proc/runs", say="no run folder can be made", names="--runs"),
    "no such skill file": run("--skills", "{folder}/none.yaml", say="none.yaml: cannot be read"),
    "skill is no YAML": skill("broken_yaml", "YAML"),
    "skill with an unknown verb": skill("unknown_verb", "did you mean 'click'?"),
    "skill with cyclic inputs": skill("cyclic_defaults", "a → b → c → a"),
    "skill with a wrong type": skill("limits_on_text", "min"),
    "not on the menu": run(order="order a pizza", code=NEEDS_HUMAN, say='"pizza"', names="espresso"),
    "a missing input": run(order="coffee", code=NEEDS_HUMAN, say="Which drink would you like?"),
    "too many steps": run("--limit", "steps=2", code=INCOMPLETE, say="the limit of 2 steps was reached"),
    "no such run": Bad(["view", "{folder}/none"], USAGE, "is no run folder"),
    "no skill of that name": Bad(["skills", "show", "tea"], USAGE, "there is no skill 'tea'"),
    "unknown fault of the demo": Bad(["demo", "--fault", "fire"], USAGE, "fire"),
    "port of the demo is taken": Bad(["demo", "serve", "--port", "{taken}"], USAGE, "cannot listen on port"),
    "port of the demo is none": Bad(["demo", "serve", "--port", "99999"], USAGE, "99999"),
    "database of the demo is a folder": Bad(["demo", "serve", "--db", "{folder}"], USAGE, "unable to open"),
}


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[str]:
    """Answers every connection with these bytes; with None it reads and never answers."""
    over = asyncio.Event()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if answer is None:
            await over.wait()
        writer.write(answer or b"")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        over.set()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Ending]]:
    """Every line above, run; the shop they were pointed at has no order afterwards."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text").write_text("no program", encoding="utf-8")
    internal = b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\noops"
    async with serve() as shop, server(internal) as broken, server(None) as silent, server(b"SSH-2.0-x\r\n") as babble:
        async with server(None) as refused:
            pass
        with socket.create_server(("127.0.0.1", 0)) as taken:
            places = {
                "folder": str(folder), "shop": shop.url, "broken": broken, "silent": silent, "babble": babble, "refused": refused,
                "taken": str(taken.getsockname()[1]), "bad": str(Path(__file__).parent / "scripts" / "bad"),
            }  # fmt: skip
            lines: Lines = {}
            for name, bad in BAD.items():
                env = {"OPERATOR_RUNS": "{folder}/runs", "OPERATOR_STATE": "{folder}/state", **bad.env}
                filled = environment(**{key: value.format(**places) for key, value in env.items()})
                lines[name] = ([*(part.format(**places) for part in bad.line), *_json(bad)], filled)
            yield await at_once(lines, folder)
        assert ordered(shop.db) == []


def _json(bad: Bad) -> list[str]:
    return [] if bad.line[:2] == ["skills", "show"] else ["--json"]


@pytest.mark.parametrize("name", BAD)
def test_it_ends_with_one_clear_reason(name: str, endings: dict[str, Ending]) -> None:
    bad, ending = BAD[name], endings[name]
    assert ending.code == bad.code, ending
    assert "Traceback" not in ending.err
    if _json(bad):
        result = ending.result
        assert set(result) == KEYS
        assert result["exit_code"] == ending.code
        assert result["outcome"] == {USAGE: "error", NEEDS_HUMAN: "needs_human", INCOMPLETE: "incomplete", ERROR: "error"}[bad.code]
        assert result["model_calls"] == 0
        reason = result["reason"]
    else:
        reason = ending.err
    assert bad.said in reason
    assert bad.names_also in reason
    assert len(reason.strip().splitlines()) == 1
