"""Other people's web applications as data: how each is installed, seeded, started, and where it keeps what was done in it.

`apps/*.yaml`, one application each:

    python: [sqlite-web]            packages for a virtual environment of its own
    npm: [tiddlywiki]               … or for a folder of its own
    seed: [[program, argument]]     commands that make a fresh state, in the state's folder
    sql: {books.db: create table …} SQLite files of a fresh state
    files: {users: …}               … and text files
    serve: [program, argument]      the server; it must keep all it stores below the state's folder
    env: {NAME: value}
    ready: /                        an address that answers once the server is ready

`{bin}` is the folder of the application's programs, `{python}` this interpreter, `{state}` the state's folder, `{port}` the port,
`{here}` this folder.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML

HERE = Path(__file__).parent
APPS = HERE / "apps"
PATIENCE = 60.0
"""Seconds until a server must answer."""


@dataclass(frozen=True, slots=True)
class App:
    """How one application is had. Errors: `RuntimeError` when it cannot be installed or does not start, with what it said."""

    name: str
    serve: tuple[str, ...]
    ready: str = "/"
    python: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    seed: tuple[tuple[str, ...], ...] = ()
    sql: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, name: str) -> App:
        data = YAML(typ="safe", pure=True).load((APPS / f"{name}.yaml").read_text(encoding="utf-8"))
        lists = {key: tuple(data.pop(key, ())) for key in ("serve", "python", "npm")}
        seed = tuple(tuple(line) for line in data.pop("seed", ()))
        return cls(name, seed=seed, **lists, **data)

    def install(self, home: Path) -> Path:
        """The folder of its programs, below `home`; what is there already is taken as it is."""
        place = home / self.name
        programs = place / ("node_modules/.bin" if self.npm else "bin")
        if not (self.python or self.npm) or (place / ".installed").exists():
            return programs
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if self.npm:
            _run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(place), *self.npm])
        else:
            venv.create(place, with_pip=True)
            _run([str(programs / "python"), "-m", "pip", "install", "--quiet", *self.python])
        (place / ".installed").touch()
        return programs


class Served:
    """One application on one port, begun anew and stopped as often as one likes. `url` has no slash at its end."""

    def __init__(self, app: App, home: Path, state: Path) -> None:
        self.app, self.state = app, state
        self.programs = app.install(home)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._fresh: Path | None = None

    def begin(self) -> None:
        """Starts it over a fresh state, and waits until it answers. The state is made once, and copied from then on."""
        self.stop()
        shutil.rmtree(self.state, ignore_errors=True)
        if not self._fresh:
            self._make()
            self._fresh = self.state.with_name(f"{self.state.name}.fresh")
            shutil.rmtree(self._fresh, ignore_errors=True)
            shutil.copytree(self.state, self._fresh, symlinks=True)
        else:
            shutil.copytree(self._fresh, self.state, symlinks=True)
        log = (self.state / "server.log").open("wb")
        self._process = subprocess.Popen(
            self._filled(self.app.serve), cwd=self.state, env=self._env(), stdout=log, stderr=subprocess.STDOUT
        )
        log.close()
        self._wait()

    def _make(self) -> None:
        self.state.mkdir(parents=True)
        for name, script in self.app.sql.items():
            with sqlite3.connect(self.state / name) as database:
                database.executescript(script)
            database.close()
        for name, text in self.app.files.items():
            (self.state / name).parent.mkdir(parents=True, exist_ok=True)
            (self.state / name).write_text(text, encoding="utf-8")
        for line in self.app.seed:
            _run(self._filled(line), cwd=self.state, env=self._env())

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        assert self._process
        while time.monotonic() < until and self._process.poll() is None:
            try:
                urllib.request.urlopen(self.url + self.app.ready, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return  # it answers
            except OSError:
                time.sleep(0.05)
        said = (self.state / "server.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.app.name} did not start:\n{said}")

    def _filled(self, line: tuple[str, ...]) -> list[str]:
        known = {"bin": self.programs, "python": sys.executable, "state": self.state, "port": self.port, "here": HERE}
        return [word.format(**known) for word in line]

    def _env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPERATOR_")}
        return kept | dict(zip(self.app.env, self._filled(tuple(self.app.env.values())), strict=True))


@contextmanager
def served(app: App, home: Path, state: Path) -> Iterator[Served]:
    """Stopped when the block is left."""
    server = Served(app, home, state)
    try:
        yield server
    finally:
        server.stop()


def _run(line: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(line, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(line[:4])} …: exit code {done.returncode}\n{done.stdout[-2000:]}")
