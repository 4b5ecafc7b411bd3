"""The doctor on machines that lack something: it names the cause and the fix, in one line each."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from operator_agent.doctor import Finding, examine
from operator_agent.settings import Settings
from tests.program import environment, operator_agent

HEAD = "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"


class Sick(NamedTuple):
    """What is wrong with a machine, and what must be said of it."""

    only: str
    env: dict[str, str]
    said: str
    fix: str
    state: str = "missing"


@asynccontextmanager
async def endpoint(status: str | None = None, body: object = None) -> AsyncIterator[str]:
    """A server that answers every request alike; without `status` it takes the request and never answers."""
    silent = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if status is None:
            await silent.wait()
        text = json.dumps(body)
        writer.write(HEAD.format(status=status, length=len(text), body=text).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        silent.set()


# `{folder}` holds the files that are made below; the others are addresses of real servers.
EMPTY = "{folder}/empty"
SICK = {
    "browser is not there": Sick("browser", {"OPERATOR_BROWSER": "{folder}/none"}, "does not exist", "OPERATOR_BROWSER"),
    "browser is a folder": Sick("browser", {"OPERATOR_BROWSER": EMPTY}, "not an executable file", "OPERATOR_BROWSER"),
    "browser is a text": Sick("browser", {"OPERATOR_BROWSER": "{folder}/text"}, "not an executable file", "OPERATOR_BROWSER"),
    "browser is another program": Sick("browser", {"OPERATOR_BROWSER": "/bin/true"}, "/bin/true did not start", "OPERATOR_BROWSER"),
    "window without display": Sick("display", {"OPERATOR_HEADED": "1"}, "no DISPLAY", "xvfb-run"),
    "no display": Sick("display", {}, "everything runs but --headed", "xvfb-run", "absent"),
    "no fontconfig": Sick("fonts", {"PATH": EMPTY}, "fontconfig is not installed", "apt-get", "absent"),
    "no fonts": Sick("fonts", {"FONTCONFIG_FILE": "{folder}/fonts.conf"}, "no font is installed", "apt-get", "absent"),
    "runs below a file": Sick("folders", {"OPERATOR_RUNS": "{folder}/text/runs"}, "cannot be written", "--runs"),
    "runs in /proc": Sick("folders", {"OPERATOR_RUNS": "/proc/runs"}, "cannot be written", "--runs"),
    "state below a file": Sick("folders", {"OPERATOR_STATE": "{folder}/text/x"}, "cannot be written", "OPERATOR_STATE"),
    "model refuses": Sick("model", {"OPERATOR_MODEL_URL": "{refused}"}, "cannot be reached", "is the server up?"),
    "model wants a key": Sick("model", {"OPERATOR_MODEL_URL": "{unauthorized}"}, "refused the key (401)", "OPERATOR_MODEL_KEY"),
    "model is not there": Sick("model", {"OPERATOR_MODEL_URL": "{lacking}", "OPERATOR_MODEL": "big"}, "no model 'big'", "small, t"),
    "model is not named": Sick("model", {"OPERATOR_MODEL_URL": "{lacking}"}, "no model is named", "OPERATOR_MODEL to one of small"),
    "model never answers": Sick("model", {"OPERATOR_MODEL_URL": "{silent}"}, "did not answer within 5 s", "is the server up?"),
    "model address is another's": Sick("model", {"OPERATOR_MODEL_URL": "{other}"}, "not with a list of models", "/v1"),
    "model address is wrong": Sick("model", {"OPERATOR_MODEL_URL": "{missing}"}, "answered 404", "/v1"),
    "model address is none": Sick("model", {"OPERATOR_MODEL_URL": "llama:8000"}, "not a web address", "OPERATOR_MODEL_URL"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """What the doctor says of each of these machines."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "text").write_text("no program", encoding="utf-8")
    (folder / "empty").mkdir()
    (folder / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    async with (
        endpoint("401 Unauthorized", {}) as unauthorized,
        endpoint("404 Not Found", {}) as missing,
        endpoint("200 OK", {"data": [{"id": "tiny"}, {"id": "small"}]}) as lacking,
        endpoint("200 OK", {"hello": "world"}) as other,
        endpoint() as silent,
    ):
        async with endpoint("200 OK") as refused:
            pass
        names = {
            "folder": str(folder), "unauthorized": unauthorized, "missing": missing, "lacking": lacking, "other": other,
            "silent": silent, "refused": refused,
        }  # fmt: skip

        async def seen(sick: Sick) -> Finding:
            env = environment(**{key: value.format(**names) for key, value in sick.env.items()})
            return (await examine(Settings.from_env(env), [sick.only]))[0]

        return dict(zip(SICK, await asyncio.gather(*map(seen, SICK.values())), strict=True))


@pytest.mark.parametrize("name", SICK)
def test_what_is_wrong_is_said_in_one_line_with_its_fix(name: str, findings: dict[str, Finding]) -> None:
    finding, sick = findings[name], SICK[name]
    assert (finding.thing, finding.state) == (sick.only, sick.state)
    assert sick.said in finding.detail
    assert sick.fix in finding.detail
    assert len(str(finding).splitlines()) == 1


async def test_something_missing_ends_with_2(tmp_path: Path) -> None:
    empty = str(tmp_path)
    env = environment(PATH=empty, PLAYWRIGHT_BROWSERS_PATH=empty, OPERATOR_STATE=tmp_path / "state")
    ending = await operator_agent("doctor", "--only", "browser", "--only", "fonts", env=env)
    assert ending.code == 2
    assert ending.err == ""
    browser, fonts = ending.out.splitlines()
    assert browser.startswith("missing browser   no Chromium was found; get one with `playwright install chromium`")
    assert fonts.startswith("absent  fonts")


async def test_a_machine_that_is_well(tmp_path: Path) -> None:
    async with endpoint("200 OK", {"data": [{"id": "tiny"}]}) as url:
        env = environment(OPERATOR_MODEL_URL=url, OPERATOR_MODEL="tiny", DISPLAY=":7")
        ending = await operator_agent("doctor", "--json", "--runs", tmp_path / "new" / "runs", env=env)
    assert ending.code == ending.result["exit_code"] == 0
    states = {found["thing"]: found["state"] for found in ending.result["findings"]}
    assert states == dict.fromkeys(("browser", "display", "fonts", "folders", "model"), "ok")
    assert os.listdir(tmp_path) == [], "looking leaves nothing behind"  # noqa: PTH208 - iterdir would block, says another rule


async def test_what_cannot_be_checked_is_a_usage_error(tmp_path: Path) -> None:
    unknown = await operator_agent("doctor", "--only", "coffee")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err == "operator-agent: --only coffee: it is one of browser, display, fonts, folders, model\n"
    setting = await operator_agent("doctor", env=environment(OPERATOR_HEADED="perhaps"))
    assert setting.code == 2
    assert setting.err == "operator-agent: OPERATOR_HEADED='perhaps' is neither yes nor no; set it to 1 or 0\n"
