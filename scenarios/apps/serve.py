"""Starts a web application of others for a scenario and tells where it serves: one line of JSON, as fixtures expect it.

    python scenarios/apps/serve.py sqlite-web library.sqlite
    python scenarios/apps/serve.py uploadserver
    python scenarios/apps/serve.py radicale

Without a path what it keeps is in a folder that is removed at the end; the line tells it as `data`.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PATIENCE = 25.0
"""Seconds in which it must take connections."""
PROGRAMS = {
    "sqlite-web": ("-m", "sqlite_web.sqlite_web", "--no-browser", "--host", "127.0.0.1", "--port", "{port}", "{data}"),
    "uploadserver": ("-m", "uploadserver", "{port}", "--bind", "127.0.0.1", "--directory", "{data}"),
    "radicale": (
        "-m", "radicale", "--server-hosts", "127.0.0.1:{port}", "--auth-type", "none", "--storage-filesystem-folder", "{data}",
    ),
}  # fmt: skip
STARTS = {"sqlite-web": "", "uploadserver": "upload", "radicale": ".web/"}
"""Where a person begins."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def wait(port: int, program: subprocess.Popen[bytes]) -> None:
    """Returns when it takes connections; ends this program when it does not in time, or has ended."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and program.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    program.kill()
    sys.exit("it does not serve; is it installed? pip install --group apps")


def main() -> None:
    name, *given = sys.argv[1:]
    port = free_port()
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        data = given[0] if given else folder
        arguments = [part.format(port=port, data=data) for part in PROGRAMS[name]]
        program = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            wait(port, program)
            address = f"http://127.0.0.1:{port}/"
            print(json.dumps({"url": address + STARTS[name], "origin": address, "data": str(Path(data).absolute())}), flush=True)
            program.wait()
        finally:
            program.terminate()
            program.wait()


if __name__ == "__main__":
    main()
