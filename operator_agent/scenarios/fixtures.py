"""What a scenario needs around it: started in the order it is written, ended in the reverse order whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from operator_agent.errors import SetupError, UsageError
from operator_agent.flow.origin import Origin
from operator_agent.scenarios.scenario import Fixture, Scenario
from operator_agent.script.placeholder import names, put_values
from operator_agent.settings import Settings

Apps = Mapping[str, tuple[str, ...]]
"""Name of an app → the program that serves it, with its arguments. `{python}` is this interpreter."""
APPS: Apps = MappingProxyType({"demo-shop": ("{python}", "-m", "operator_agent.demo.serve")})
_END_SECONDS = 5.0
_NOTICE = 0.05
_LAST_WORDS = 1.0
"""Seconds that are waited for what a dead app still says: its children may hold its stderr open."""
_TOLD_LINES = 8
"""Of what an app wrote to stderr, the last that are told."""


class FixtureError(SetupError):
    """A fixture could not be started, or ended before its scenario did. It says nothing about what was tried."""


@asynccontextmanager
async def opened(scenario: Scenario, *, apps: Apps = APPS, settings: Settings | None = None) -> AsyncIterator[dict[str, Any]]:
    """The values the fixtures give, by name: `shop`, `shop.db`, and always `here` (the file's folder) and `downloads` (an empty
    folder), while the block lasts. Raises FixtureError for one that does not start, and at the end for an app that died meanwhile.
    """
    settings = settings or Settings.from_env()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scenario-")))
        (folder / "downloads").mkdir()
        values: dict[str, Any] = {"here": str(scenario.source.parent.absolute()), "downloads": str(folder / "downloads")}
        started: list[_App] = []
        for fixture in scenario.fixtures:
            match fixture.kind:
                case "app":
                    app = await stack.enter_async_context(_running(fixture, _argv(fixture, apps, values), settings))
                    started.append(app)
                    values |= app.values
                case "serve":
                    values |= await stack.enter_async_context(_served(fixture, values))
                case "sqlite":
                    values[fixture.name] = str(await asyncio.to_thread(_database, fixture, values, folder))
                case "login":
                    values[fixture.name] = str(_login(fixture, values, folder))
        yield values
        for app in started:
            await app.check()


def _path(fixture: Fixture, values: Mapping[str, Any]) -> Path:
    return (fixture.folder / put_values(fixture.what, values)).absolute()


@asynccontextmanager
async def _served(fixture: Fixture, values: Mapping[str, Any]) -> AsyncIterator[dict[str, str]]:
    from operator_agent.scenarios.server import serving

    folder = _path(fixture, values)
    if not folder.is_dir():
        raise FixtureError(f"{fixture.where}: there is no folder {folder} to serve")
    async with serving(folder) as url:
        yield {fixture.name: url, f"{fixture.name}.other": url.replace("127.0.0.1", "localhost")}


def _database(fixture: Fixture, values: Mapping[str, Any], folder: Path) -> Path:
    """A new database made by the fixture's SQL."""
    source, target = _path(fixture, values), folder / f"{fixture.name}.sqlite"
    try:
        with closing(sqlite3.connect(target)) as connection:
            connection.executescript(source.read_text(encoding="utf-8"))
            connection.commit()
    except (OSError, UnicodeDecodeError, sqlite3.Error) as error:
        raise FixtureError(f"{fixture.where}: the database {fixture.name} could not be made of {source}: {error}") from error
    return target


def _login(fixture: Fixture, values: Mapping[str, Any], folder: Path) -> Path:
    """A copy of the saved login with the addresses of fixtures in it. One that opens this machine alone is written for a test, and
    a repository keeps no permissions: its copy is for its owner alone, as is asked of any other."""
    source = _path(fixture, values)
    try:
        mode, state = source.stat().st_mode & 0o777, _filled(json.loads(source.read_text(encoding="utf-8")), values)
        kept = [cookie["domain"] for cookie in state["cookies"]] + [origin["origin"] for origin in state["origins"]]
        here = all(_is_here(site) for site in kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        why = error if isinstance(error, (OSError, UsageError)) else "it is no storage state as Playwright writes it"
        raise FixtureError(f"{fixture.where}: the saved login {source} cannot be read: {why}") from None
    target = folder / f"{fixture.name}.json"
    target.touch()
    target.chmod(0o600 if here else mode)  # else as wide as the file it is made of, so that one too wide is refused
    target.write_text(json.dumps(state), encoding="utf-8")
    return target


def _is_here(site: str) -> bool:
    """Whether a cookie's domain or an origin can only be this machine."""
    return Origin.parse(site if "://" in site else f"http://{site.lstrip('.')}").is_loopback


def _filled(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, str):
        return put_values(node, values).rstrip("/") if list(names(node)) and all(name in values for name in names(node)) else node
    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    return [_filled(one, values) for one in node] if isinstance(node, list) else node


def _argv(fixture: Fixture, apps: Apps, values: Mapping[str, Any]) -> tuple[str, ...]:
    if fixture.what not in apps:
        known = ", ".join(apps) or "none"
        raise FixtureError(
            f"{fixture.where}: there is no app {fixture.what!r}; known are {known} (apps are named in pyproject.toml, "
            f"[tool.operator-agent.apps])"
        )
    program = tuple(part.replace("{python}", sys.executable) for part in apps[fixture.what])
    return (*program, *(put_values(argument, values) for argument in fixture.args))


class _App:
    """A program that serves. Its first line on stdout is a JSON object: what it gives, its address as `url`."""

    def __init__(self, fixture: Fixture, process: asyncio.subprocess.Process) -> None:
        self.fixture, self.process = fixture, process
        self.values: dict[str, str] = {}
        self._told: deque[str] = deque(maxlen=_TOLD_LINES)
        self._listening = [asyncio.create_task(self._hear())]

    async def ready(self) -> None:
        """Returns when it has told where it serves; raises FixtureError when it does not in time, or ends."""
        assert self.process.stdout
        seconds = self.fixture.seconds
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        except TimeoutError:
            raise self.error(f"did not print where it serves within {seconds:g} s") from None
        except ValueError:  # longer than a line may be
            line = b"(a very long line)"
        if not line:
            await asyncio.wait([self._listening[0]], timeout=_LAST_WORDS)
            raise self.error(f"ended with exit code {await self.process.wait()} before it served")
        try:
            given = json.loads(line)
            self.values = {f"{self.fixture.name}.{key}": str(value) for key, value in given.items()}
            self.values[self.fixture.name] = str(given["url"])
        except (ValueError, AttributeError, KeyError, TypeError):
            shown = line.decode("utf-8", "replace").strip()[:80]
            raise self.error(f'printed {shown!r} as its first line, not {{"url": …}}') from None
        self._listening.append(asyncio.create_task(self._drain()))

    async def check(self) -> None:
        """Raises FixtureError when it has ended by itself."""
        with suppress(TimeoutError):  # that it has ended is only known after a turn of the loop
            await asyncio.wait_for(self.process.wait(), _NOTICE)
        if self.process.returncode is not None:
            await asyncio.wait([self._listening[0]], timeout=_LAST_WORDS)
            raise self.error(f"ended with exit code {self.process.returncode} while the scenario ran")

    def error(self, what: str) -> FixtureError:
        said = f"; it said: {' | '.join(self._told)}" if self._told else "; it said nothing on stderr"
        return FixtureError(f"{self.fixture.where}: the app {self.fixture.what} ({self.fixture.name}) {what}{said}")

    async def end(self) -> None:
        """Ends it, with all it started, and waits for it."""
        with suppress(ProcessLookupError):
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), _END_SECONDS)
            self._signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        await self.process.wait()
        for task in self._listening:
            task.cancel()
        await asyncio.wait(self._listening)

    def _signal(self, number: int) -> None:
        """To its whole process group, which is its own."""
        if sys.platform == "win32":
            self.process.terminate()
        else:
            os.killpg(self.process.pid, number)

    async def _hear(self) -> None:
        """Keeps the last lines of stderr, in whatever pieces they come."""
        assert self.process.stderr
        rest = ""
        while data := await self.process.stderr.read(4096):
            *lines, rest = (rest + data.decode("utf-8", "replace")).split("\n")
            self._told.extend(line.rstrip()[:300] for line in lines if line.strip())
        if rest.strip():
            self._told.append(rest.rstrip()[:300])

    async def _drain(self) -> None:
        """What it prints later nobody needs, but it must not stand still for it."""
        assert self.process.stdout
        while await self.process.stdout.read(65536):
            pass


@asynccontextmanager
async def _running(fixture: Fixture, argv: tuple[str, ...], settings: Settings) -> AsyncIterator[_App]:
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=dict(settings.browser_env),
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise FixtureError(f"{fixture.where}: the app {fixture.what} cannot be started: {error}") from error
    app = _App(fixture, process)
    try:
        await app.ready()
        yield app
    finally:
        await _to_the_end(asyncio.create_task(app.end()))


async def _to_the_end(ending: asyncio.Task[None]) -> None:
    """Waits for it however often that is cancelled: what was started must not be left behind. The cancellation is raised then."""
    cancelled: asyncio.CancelledError | None = None
    while not ending.done():
        try:
            await asyncio.wait([ending])
        except asyncio.CancelledError as error:
            cancelled = error
    await ending
    if cancelled:
        raise cancelled
