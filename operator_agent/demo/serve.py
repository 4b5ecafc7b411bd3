"""Opens the shop, the payment site and a foreign server on loopback ports.

python -m operator_agent.demo.serve --port 8000 --db shop.sqlite --fault slow-3s
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from operator_agent.demo import foreign, payment, shop
from operator_agent.demo.faults import FAULTS
from operator_agent.errors import OperatorError, SetupError


@dataclass(frozen=True)
class Served:
    """An open shop: `url` to start at, `db` the SQLite file, and the two other servers."""

    url: str
    db: Path
    payment_url: str
    """On another site than `url` (`localhost` instead of `127.0.0.1`)."""
    foreign_url: str
    foreign: foreign.Foreign

    @property
    def foreign_bytes(self) -> int:
        """How many bytes have reached the foreign server."""
        return len(self.foreign.received)

    def as_json(self) -> dict[str, str]:
        return {
            "url": self.url,
            "db": str(self.db),
            "payment_url": self.payment_url,
            "foreign_url": self.foreign_url,
        }


@asynccontextmanager
async def serve(db: Path | None = None, port: int = 0, faults: Collection[str] = ()) -> AsyncIterator[Served]:
    """An open shop until the block is left. Port 0: a free one. Without `db`: a file that is removed at the end.

    Errors: `UsageError` for an unknown fault; `SetupError` when the port is taken or the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        if db is None:
            db = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coffee-"))) / "shop.sqlite"
        elsewhere = await stack.enter_async_context(foreign.listen())
        shop_socket = stack.enter_context(listening(port))
        payment_socket = stack.enter_context(listening(0))
        payment_url = f"http://localhost:{payment_socket.getsockname()[1]}/pay"
        app = shop.create_app(db, frozenset(faults), payment_url=payment_url, foreign_url=elsewhere.url)
        stack.callback(app.state.shop.store.close)
        await stack.enter_async_context(running((app, shop_socket), (payment.create_app(), payment_socket)))
        stack.callback(app.state.shop.closing.set)
        yield Served(f"http://127.0.0.1:{shop_socket.getsockname()[1]}/", db.absolute(), payment_url, elsewhere.url, elsewhere)


def listening(port: int) -> socket.socket:
    """A socket on loopback. Raises SetupError for a port that is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SetupError(f"The shop cannot listen on port {port}: {error}. Name another port, or 0 for any.") from error
    return listener


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the event loop. `up` is set once it has started, or has failed to."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1)
        )
        self.up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.up.set()


@asynccontextmanager
async def running(*sites: tuple[ASGIApp, socket.socket]) -> AsyncIterator[None]:
    """Every application answers on its socket until the block is left."""
    servers = [_Server(app) for app, _ in sites]
    tasks = [asyncio.create_task(server.serve([listener])) for server, (_, listener) in zip(servers, sites, strict=True)]
    try:
        for server in servers:
            await server.up.wait()
        yield
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)


async def run(db: Path | None = None, port: int = 0, faults: Collection[str] = ()) -> None:
    """Serves until SIGTERM or SIGINT. Prints where as one line of JSON, and at the end the foreign server's bytes.

    Errors: as `serve`.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serve(db, port, faults) as served:
        print(json.dumps(served.as_json()), flush=True)
        await stop.wait()
        print(json.dumps({"foreign_bytes": served.foreign_bytes}), flush=True)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m operator_agent.demo.serve", description="Open the coffee shop.")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--db", type=Path, help="the SQLite file; without it, one that is removed at the end")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help=f"one of: {', '.join(FAULTS)}")
    given = parser.parse_args()
    try:
        asyncio.run(run(given.db, given.port, given.fault))
    except OperatorError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
