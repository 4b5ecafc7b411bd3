"""The small apps of the model benchmarks as a server of its own, whose state is also a file: it can be stopped and looked into.

python pages.py --port 8000 --state state.json     the first run is `r1`: http://127.0.0.1:8000/r1/signup/start
"""

from __future__ import annotations

import argparse
import json
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
from model_tasks.site import Site, _handler


class Kept(Site):
    """A site with one run, written to a file after each change."""

    def __init__(self, port: int, file: Path) -> None:
        super().__init__(port)
        self._file, self._run = file, self.begin()
        self._keep()

    def operate(self, path: str, query: dict[str, str], form: dict[str, str]) -> str:
        leads = super().operate(path, query, form)
        self._keep()
        return leads

    def _keep(self) -> None:
        state: dict[str, Any] = self.state(self._run)
        self._file.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    given = parser.parse_args()
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer(("127.0.0.1", given.port), _handler(Kept(given.port, given.state))).serve_forever()


if __name__ == "__main__":
    main()
