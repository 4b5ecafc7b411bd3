"""Fixtures begin in order and end in the reverse order, by their process ids; what does not start says why."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from operator_agent.scenarios.file import load_scenarios
from operator_agent.scenarios.fixtures import APPS, FixtureError, opened
from operator_agent.scenarios.scenario import Scenario
from operator_agent.settings import Settings

SETTINGS = Settings()
# Writes when it begins and ends, and starts a child that only a signal to the whole group ends.
APP = """
import json, os, signal, subprocess, sys
name, log = sys.argv[1:3]
def tell(what):
    with open(log, "a") as file:
        file.write(f"{what} {name}\\n")
def end(*_):
    tell("end")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
stubborn = "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
tell("begin")
print(json.dumps({"url": f"http://127.0.0.1/{name}/", "pid": os.getpid(), "child": child.pid}), flush=True)
signal.pause()
"""


def scenario(tmp_path: Path, fixtures: str) -> Scenario:
    path = tmp_path / "s.yaml"
    path.write_text(f"scenario: s\nstart: http://a.example/\nfixtures:\n{fixtures}", encoding="utf-8")
    return load_scenarios(path)[0]


def program(tmp_path: Path, source: str) -> dict[str, tuple[str, ...]]:
    file = tmp_path / "app.py"
    file.write_text(source, encoding="utf-8")
    return {**APPS, "own": ("{python}", str(file))}


def alive(pid: str) -> bool:
    """Whether there is such a process, one that has ended and was not yet waited for apart."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def there(path: str) -> bool:
    return Path(path).exists()


def login(path: str) -> tuple[dict[str, Any], int]:
    """A saved login, and who may read it."""
    return json.loads(Path(path).read_text(encoding="utf-8")), Path(path).stat().st_mode & 0o777


def wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


async def test_the_last_to_begin_is_the_first_to_end_and_takes_its_children_along(tmp_path: Path) -> None:
    log = tmp_path / "log"
    wanted = scenario(tmp_path, f"  one: {{app: own, args: [one, {log}]}}\n  two: {{app: own, args: [two, {log}]}}\n")
    with pytest.raises(ZeroDivisionError):
        async with opened(wanted, apps=program(tmp_path, APP), settings=SETTINGS) as values:
            assert (values["one"], values["two"]) == ("http://127.0.0.1/one/", "http://127.0.0.1/two/")
            pids = [values[name] for name in ("one.pid", "one.child", "two.pid", "two.child")]
            assert all(map(alive, pids))
            assert there(values["downloads"])
            raise ZeroDivisionError
    assert log.read_text().split("\n")[:4] == ["begin one", "begin two", "end two", "end one"]
    await asyncio.to_thread(wait, lambda: not any(map(alive, pids)))
    assert not there(values["downloads"])


async def test_one_that_is_broken_off_leaves_nothing_behind(tmp_path: Path) -> None:
    wanted, pids, begun = scenario(tmp_path, f"  one: {{app: own, args: [one, {tmp_path / 'log'}]}}\n"), [], asyncio.Event()

    async def trying() -> None:
        async with opened(wanted, apps=program(tmp_path, APP), settings=SETTINGS) as values:
            pids.extend([values["one.pid"], values["one.child"]])
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(trying())
    await begun.wait()
    for _ in range(3):  # whoever is in a hurry presses Ctrl-C again
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(pids) == 2
    await asyncio.to_thread(wait, lambda: not any(map(alive, pids)))


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import sys; print('one', file=sys.stderr); exit('two')", "ended with exit code 1 before it served; it said: one | two"),
        ("print('Serving on port 8000', flush=True); input()", "printed 'Serving on port 8000' as its first line"),
        ("print('[]', flush=True)", "printed '[]' as its first line"),
        ("import sys, signal; print('starting', file=sys.stderr, flush=True); signal.pause()", "within 0.5 s; it said: starting"),
    ],
)  # fmt: skip
async def test_an_app_that_does_not_begin_says_why(source: str, cause: str, tmp_path: Path) -> None:
    wanted = scenario(tmp_path, "  shop: {app: own, seconds: 500 ms}\n" if "0.5 s" in cause else "  shop: {app: own}\n")
    with pytest.raises(FixtureError) as caught:
        async with opened(wanted, apps=program(tmp_path, source), settings=SETTINGS):
            pytest.fail("it began")
    assert cause in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/s.yaml:4: the app own (shop) ")


async def test_an_app_that_dies_meanwhile_is_told_with_its_last_words(tmp_path: Path) -> None:
    died = '    os.write(2, b"out of memory")'
    source = APP.replace('    tell("end")', died).replace("sys.exit(0)", "os._exit(3)")
    with pytest.raises(FixtureError, match=r"ended with exit code 3 while the scenario ran; it said: out of memory"):
        wanted = scenario(tmp_path, f"  shop: {{app: own, args: [a, {tmp_path / 'log'}]}}\n")
        async with opened(wanted, apps=program(tmp_path, source), settings=SETTINGS) as values:
            os.kill(int(values["shop.pid"]), signal.SIGTERM)
            await asyncio.to_thread(wait, lambda: not alive(values["shop.pid"]))
    await asyncio.to_thread(wait, lambda: not alive(values["shop.child"]))


async def test_an_app_that_writes_much_does_not_stand_still(tmp_path: Path) -> None:
    source = (
        "import json, sys\nprint(json.dumps({'url': 'http://a.example/'}), flush=True)\n"
        "for _ in range(20000): print('x' * 99); print('y' * 99, file=sys.stderr)\n"
        f"open({str(tmp_path / 'done')!r}, 'w').close()\nimport signal; signal.pause()\n"
    )
    async with opened(scenario(tmp_path, "  shop: {app: own}\n"), apps=program(tmp_path, source), settings=SETTINGS):
        await asyncio.to_thread(wait, (tmp_path / "done").exists)


async def test_the_demo_shop_is_an_app_that_is_known(tmp_path: Path) -> None:
    async with opened(scenario(tmp_path, "  shop: {app: demo-shop}\n"), settings=SETTINGS) as values:
        with closing(sqlite3.connect(f"file:{values['shop.db']}?mode=ro", uri=True)) as database:
            assert database.execute("select count(*) from orders").fetchone() == (0,)
        assert values["shop"].startswith("http://127.0.0.1:")
    assert not there(values["shop.db"])


@pytest.mark.parametrize(
    ("fixture", "cause"),
    [
        ("{app: nothing}", "there is no app 'nothing'; known are demo-shop"),
        ("{serve: nowhere}", "there is no folder"),
        ("{sqlite: nowhere.sql}", "could not be made of"),
        ("{sqlite: bad.sql}", 'near "creat": syntax error'),
        ("{login: nowhere.json}", "cannot be read"),
        ("{login: bad.sql}", "no storage state as Playwright writes it"),
    ],
)
async def test_a_fixture_that_is_not_there(fixture: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_text("creat table t (n)", encoding="utf-8")
    with pytest.raises(FixtureError, match=cause):
        async with opened(scenario(tmp_path, f"  f: {fixture}\n"), settings=SETTINGS):
            pytest.fail("it began")


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match="the app own cannot be started"):
        async with opened(scenario(tmp_path, "  f: {app: own}\n"), apps={"own": (str(tmp_path / "none"),)}, settings=SETTINGS):
            pytest.fail("it began")


@pytest.mark.parametrize(("domain", "mode"), [("127.0.0.1", 0o600), (".localhost", 0o600), ("shop.example", 0o644)])
async def test_a_login_to_this_machine_alone_may_lie_in_a_repository(tmp_path: Path, domain: str, mode: int) -> None:
    state = {"cookies": [{"name": "s", "value": "1", "domain": domain}], "origins": []}
    (tmp_path / "ada.json").write_text(json.dumps(state), encoding="utf-8")
    (tmp_path / "ada.json").chmod(0o644)
    async with opened(scenario(tmp_path, "  login: {login: ada.json}\n"), settings=SETTINGS) as values:
        assert login(values["login"]) == (state, mode)


async def test_a_database_is_new_each_time_and_a_login_knows_the_address(tmp_path: Path) -> None:
    (tmp_path / "seed.sql").write_text("create table t (n); insert into t values (1);", encoding="utf-8")
    (tmp_path / "pages").mkdir()
    cookie = {"name": "s", "value": "{other}", "domain": "127.0.0.1"}
    state = {"cookies": [cookie], "origins": [{"origin": "{pages}", "localStorage": []}]}
    (tmp_path / "ada.json").write_text(json.dumps(state), encoding="utf-8")
    abroad = {"cookies": [{**cookie, "domain": ".shop.example"}], "origins": []}
    (tmp_path / "abroad.json").write_text(json.dumps(abroad), encoding="utf-8")
    (tmp_path / "abroad.json").chmod(0o644)
    logins = "  login: {login: ada.json}\n  out: {login: abroad.json}\n"
    wanted = scenario(tmp_path, f"  db: {{sqlite: seed.sql}}\n  pages: {{serve: pages}}\n{logins}")
    for _ in range(2):
        async with opened(wanted, settings=SETTINGS) as values:
            with closing(sqlite3.connect(values["db"])) as database:
                assert database.execute("select count(*) from t").fetchone() == (1,)
                database.execute("insert into t values (2)")
                database.commit()
            known, mode = login(values["login"])
            assert (known["origins"][0]["origin"] + "/", known["cookies"][0]["value"]) == (values["pages"], "{other}")
            assert mode == 0o600, "it is of a site that is gone in a moment"
            assert login(values["out"]) == (abroad, 0o644), "whoever has it is logged in elsewhere: it is refused"
    assert not there(values["db"])
