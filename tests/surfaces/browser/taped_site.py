"""A site that answers in every way a tape has to keep, in the clear and encrypted, and the page that asks for all of it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

PAGE = """<!doctype html><meta charset=utf-8><title>Taped</title><a id=file href=/file download>file</a><script>
const text = async (url, given) => {
  try { const r = await fetch(url, given); return [r.status, r.redirected, r.headers.get('x-kept'), await r.text()]; }
  catch (error) { return 'failed'; }
};
const events = () => new Promise(done => {
  const heard = [], source = new EventSource('/events');
  source.onmessage = event => { heard.push(event.data); if (heard.length == 3) { source.close(); done(heard); } };
});
const talk = () => new Promise(done => {
  const heard = [], socket = new WebSocket(location.origin.replace('http', 'ws') + '/talk', ['chat']);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => heard.push(socket.protocol);
  socket.onmessage = event => {
    const binary = typeof event.data != 'string';
    heard.push(binary ? [...new Uint8Array(event.data)] : event.data);
    if (event.data == 'welcome') socket.send('one');
    if (event.data == 'you said one') socket.send(new Uint8Array([1, 2, 255]));
    if (binary) socket.send('x'.repeat(70000));
  };
  socket.onclose = event => done([...heard, event.code, event.reason]);
});
const poll = async () => {
  const waiting = text('/wait').then(found => (order.push('answered'), found));
  await text('/before'); order.push('asked');
  await text('/kick', {method: 'POST'}); return [await waiting, [...order]];
};
const order = [];
const worker = async () => {
  await navigator.serviceWorker.register('/sw.js');
  const ready = await navigator.serviceWorker.ready;
  const told = new Promise(done => navigator.serviceWorker.onmessage = event => done(event.data));
  ready.active.postMessage('say'); return await told;
};
async function all() {
  const found = {};
  found.gzip = await text('/gzip');
  found.chunked = await text('/chunked');
  found.posted = await text('/echo', {method: 'POST', body: 'sent body'});
  found.count = [await text('/count'), await text('/count'), await text('/count')];
  found.r302 = await text('/go302');
  found.r307 = await text('/go307', {method: 'POST', body: 'carried'});
  const head = await fetch('/head', {method: 'HEAD'});
  found.head = [head.status, head.headers.get('content-length'), (await head.text()).length];
  found.empty = await text('/empty');
  const fresh = {cache: 'no-cache'};
  found.etag = [await text('/etag', fresh), await text('/etag', fresh)];
  found.binary = [...new Uint8Array(await (await fetch('/binary')).arrayBuffer())].reduce((a, b) => a + b);
  found.broken = await text('/broken');
  found.dead = await text('DEAD/');
  found.events = await events();
  found.talk = await talk();
  found.poll = await poll();
  found.worker = await worker();
  return found;
}
</script>"""
SW = "onmessage = async event => event.source.postMessage(await (await fetch('/from-worker')).text())"


class TapedSite:
    """`url` while it is served. `asked` counts the requests that reached it."""

    def __init__(self, dead: str) -> None:
        self.url = ""
        self.dead = dead
        self.asked = 0
        self._count = 0
        self._kicked = asyncio.Event()
        plain = ("gzip", "chunked", "count", "head", "empty", "etag", "binary", "broken", "events", "wait", "file")
        routes = [Route(f"/{name}", getattr(self, name), methods=["GET", "HEAD"]) for name in plain]
        routes += [
            Route("/", lambda _: HTMLResponse(PAGE.replace("DEAD", self.dead))),
            Route("/echo", self.echo, methods=["POST"]),
            Route("/kick", self.kick, methods=["POST"]),
            Route("/go302", lambda _: RedirectResponse("/count", 302)),
            Route("/go307", lambda _: RedirectResponse("/echo", 307), methods=["POST"]),
            Route("/before", lambda _: Response("before")),
            Route("/from-worker", lambda _: Response("a worker asked")),
            Route("/sw.js", lambda _: Response(SW, media_type="text/javascript")),
            WebSocketRoute("/talk", self.talk),
        ]
        self.app = Starlette(routes=routes)

    async def gzip(self, _: Request) -> Response:
        headers = {"Content-Encoding": "gzip", "X-Kept": "kept"}
        return Response(gzip.compress("packed öä".encode() * 50), headers=headers, media_type="text/plain; charset=utf-8")

    async def chunked(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"one ", b"two ", b"three"):
                yield piece

        return StreamingResponse(pieces(), media_type="text/plain")

    async def echo(self, request: Request) -> Response:
        return Response(b"echo " + await request.body(), headers={"X-Kept": "kept"})

    async def count(self, _: Request) -> Response:
        self._count += 1
        return JSONResponse({"count": self._count})

    async def head(self, _: Request) -> Response:
        return Response(b"x" * 77)

    async def empty(self, _: Request) -> Response:
        return Response(status_code=204)

    async def etag(self, request: Request) -> Response:
        known = request.headers.get("if-none-match") == '"1"'
        return Response(b"" if known else b"the whole", 304 if known else 200, headers={"ETag": '"1"'})

    async def binary(self, _: Request) -> Response:
        return Response(bytes(range(256)) * 20, media_type="application/octet-stream")

    async def broken(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half of"
            raise ConnectionResetError

        return StreamingResponse(pieces())

    async def events(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for number in range(3):
                yield f"data: event {number}\n\n".encode()
                await asyncio.sleep(0.05)
            await asyncio.sleep(5)

        return StreamingResponse(pieces(), media_type="text/event-stream")

    async def wait(self, _: Request) -> Response:
        await self._kicked.wait()
        return Response("kicked")

    async def kick(self, _: Request) -> Response:
        self._kicked.set()
        return Response("done")

    async def file(self, _: Request) -> Response:
        return Response(b"a file\n" * 300, headers={"Content-Disposition": 'attachment; filename="list.txt"'})

    async def talk(self, talk: WebSocket) -> None:
        await talk.accept(subprotocol="chat")
        with contextlib.suppress(WebSocketDisconnect):
            await talk.send_text("welcome")
            await talk.send_text(f"you said {await talk.receive_text()}")
            await talk.send_bytes(bytes(reversed(await talk.receive_bytes())))
            await talk.send_text(f"{len(await talk.receive_text())} characters")
            await talk.close(4001, "enough")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def taped_site(dead: str, authority: trustme.CA | None = None, folder: Path | None = None) -> AsyncIterator[TapedSite]:
    """Served on loopback; with `authority`, encrypted with a certificate of it that is put into `folder`."""
    site = TapedSite(dead)
    secure: dict[str, str] = {}
    if authority and folder:
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "site.pem")
        secure = {"ssl_certfile": str(folder / "site.pem")}

    async def counted(scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
        site.asked += 1
        with contextlib.suppress(ConnectionResetError):  # told to break off
            await site.app(scope, receive, send)  # type: ignore[arg-type]

    async with listening(counted, **secure) as port:
        site.url = f"{'https' if secure else 'http'}://127.0.0.1:{port}"
        yield site


@asynccontextmanager
async def listening(app: Any, **options: Any) -> AsyncIterator[int]:
    """The port an ASGI application listens on, until the block is left."""
    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, lifespan="off", ws="wsproto", timeout_graceful_shutdown=1, **options
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    try:
        await server.up.wait()
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a system trusts whose administrator added `authority`."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
