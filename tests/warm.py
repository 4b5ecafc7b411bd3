"""Processes that begin with the product's imports done, as forks of one that did them: what a short run costs most is its imports.

Each is a process of its own, with its own arguments, environment, folder, signals and exit code. That the installed program itself
starts is for `tests/cli/`.
"""

from __future__ import annotations

import array
import asyncio
import atexit
import contextlib
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

PROGRAM = "from operator_agent.cli.main import main; main()"
_BEFOREHAND = (
    "openai", "playwright.async_api", "operator_agent.cli.main", "operator_agent.run", "operator_agent.loop",
    "operator_agent.executor", "operator_agent.verifier", "operator_agent.policy.policy", "operator_agent.surfaces.browser.surface",
    "operator_agent.surfaces.browser.session", "operator_agent.recorder.recorder", "operator_agent.recorder.console",
    "operator_agent.planner.ladder", "operator_agent.models.client", "operator_agent.demo.serve",
)  # fmt: skip
_WIDE = 16
"""Bytes of a process's number, which its exit code may follow at once."""


class Warm:
    """A process that was begun here; nobody is at its stdin."""

    def __init__(self, code: str, arguments: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None = None) -> None:
        self._files = contextlib.ExitStack()
        self._out = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._err = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._told, theirs = socket.socketpair()
        asked = {"code": code, "arguments": [str(part) for part in arguments], "env": dict(env), "cwd": str(cwd or Path.cwd())}
        with theirs:
            files = [self._out.fileno(), self._err.fileno(), theirs.fileno()]
            socket.send_fds(_origin(), [json.dumps(asked).encode() + b"\n"], files)
        self.pid = int(self._told.recv(_WIDE, socket.MSG_WAITALL))
        self.returncode: int | None = None

    def wait(self, timeout: float) -> int:
        """Its exit code, negative for a signal. Raises `TimeoutError` after so many seconds."""
        if self.returncode is None:
            self._told.settimeout(timeout)
            self.returncode = int(self._told.recv(_WIDE))
        return self.returncode

    async def ended(self) -> int:
        """Its exit code, once it has one."""
        if self.returncode is None:
            self._told.setblocking(False)
            self.returncode = int(await asyncio.get_running_loop().sock_recv(self._told, _WIDE))
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    @property
    def out(self) -> str:
        self._out.seek(0)
        return self._out.read().decode()

    @property
    def err(self) -> str:
        self._err.seek(0)
        return self._err.read().decode()

    def close(self) -> None:
        """Ends it, if it still runs, and forgets what it said."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(10)
        self._told.close()
        self._files.close()


@cache
def _origin() -> socket.socket:
    """The way to the process that the others are forks of; it ends with this one."""
    ours, theirs = socket.socketpair()
    with theirs:
        call = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
        process = subprocess.Popen(call, pass_fds=[theirs.fileno()], cwd=Path(__file__).parent.parent)

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _next(asking: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """What is asked for, with the files that came along. Raises `EOFError` when nobody asks any more."""
    asked, files = b"", array.array("i")
    while not asked.endswith(b"\n"):
        data, came, _, _ = socket.recv_fds(asking, 1 << 16, 3)
        if not data:
            raise EOFError
        asked, files = asked + data, files + array.array("i", came)
    found: dict[str, Any] = json.loads(asked)
    return found, list(files)


def _begin(asked: dict[str, Any], out: int, err: int) -> None:
    """Makes this process look as if it had just been started so."""
    nobody = os.open(os.devnull, os.O_RDONLY)
    for place, file in enumerate((nobody, out, err)):
        os.dup2(file, place)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = ["operator-agent", *asked["arguments"]]
    sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb"), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb"), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _reap(*_: object) -> None:
    """Takes leave of those that wait below."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _serve(asking: socket.socket) -> str:
    """Forks for each that is asked for. Returns in those: the code they are to do."""
    signal.signal(signal.SIGCHLD, _reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        asked, (out, err, told) = _next(asking)
        if os.fork() == 0:
            asking.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            begun = os.fork()
            if begun == 0:
                os.close(told)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                _begin(asked, out, err)
                return str(asked["code"])
            os.write(told, f"{begun:{_WIDE}}".encode())
            _, status = os.waitpid(begun, 0)
            os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
            os._exit(0)
        for file in (out, err, told):
            os.close(file)


if __name__ == "__main__":
    for _part in _BEFOREHAND:
        import_module(_part)
    gc.collect()
    gc.freeze()
    try:
        _code = _serve(socket.socket(fileno=int(sys.argv[1])))
    except EOFError:
        sys.exit(0)
    exec(compile(_code, "<test>", "exec"), {"__name__": "__main__"})
