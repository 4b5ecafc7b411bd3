"""An application that never rests: events of its server, a web socket, a service worker, one address that always answers
otherwise, ids that are drawn from `crypto`, and a dialog that slides in."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.surfaces.browser.taped_site import listening

PAGE = """<!doctype html><meta charset=utf-8><title>Lively</title><h1>Lively</h1>
<style>dialog { transition: transform 700ms linear; transform: translateX(-300px); top: 20px }
dialog.in { transform: none }</style>
<p role=status aria-label=Id id=own></p>
<p role=status aria-label=Events id=events></p>
<p role=status aria-label=Progress id=progress></p>
<label>Message <input id=message></label> <button onclick="talk.send(message.value)">Say</button>
<p role=status aria-label=Talk id=heard></p> <p role=status aria-label=Beat id=beat></p>
<button onclick="asked()">Ask the worker</button> <p role=status aria-label=Worker id=worker></p>
<button onclick="list()">Refresh</button> <ul id=list></ul>
<button onclick="slide.show(); setTimeout(() => slide.classList.add('in'), 20)">Keep it</button>
<dialog id=slide><p>Keep this?</p><button onclick="keep()">Yes, keep</button></dialog>
<p role=status aria-label=Kept id=kept></p>
<script>
const text = async (url, given) => (await fetch(url, given)).text();
const hex = size => [...crypto.getRandomValues(new Uint8Array(size))].map(one => one.toString(16).padStart(2, '0')).join('');
(async () => own.textContent = await text('/hello?id=' + crypto.randomUUID()))();
new EventSource('/events').onmessage = event => events.textContent = event.data;
const talk = new WebSocket(location.origin.replace('http', 'ws') + '/talk');
talk.onmessage = event => (event.data.startsWith('beat') ? beat : heard).textContent = event.data;
(async () => {
  for (let state = ''; state != 'ready';) {
    progress.textContent = state = await text('/progress');
    await new Promise(done => setTimeout(done, 150));
  }
})();
navigator.serviceWorker.register('/worker.js');
const asked = async () => { await navigator.serviceWorker.ready; worker.textContent = await text('/through'); };
const list = async () => {
  history.pushState({}, '', '/orders');
  document.getElementById('list').innerHTML = (await (await fetch('/api')).json()).map(one => `<li>${one}</li>`).join('');
};
const keep = async () => { kept.textContent = await text('/things/' + hex(12), {method: 'PUT', body: hex(4)}); slide.close(); };
</script>"""
WORKER = """oninstall = () => skipWaiting(); onactivate = event => event.waitUntil(clients.claim());
onfetch = event => {
  if (new URL(event.request.url).pathname == '/through')
    event.respondWith(fetch('/api').then(async found => new Response('the worker heard ' + (await found.json()).length)));
};"""

SCRIPT = """plan: be quick
start: {url}
steps:
- wait for: {{'status "Id"': /welcome .+-/}}
- wait for: {{'status "Progress"': ready}}
- wait for: {{'status "Events"': event 4}}
- fill: textbox "Message"
  with: ahoy
- click: button "Say"
  expect: {{'status "Talk"': you said ahoy}}
- click: button "Refresh"
  expect: {{text: order 1}}
- click: button "Refresh"
  expect: {{text: order 2}}
- click: button "Ask the worker"
  expect: {{'status "Worker"': the worker heard 3}}
- click: button "Refresh"
  expect: {{text: order 4}}
- click: button "Keep it"
  expect: button "Yes, keep"
- click: button "Yes, keep"
  expect: {{'status "Kept"': /kept .+ as/}}
done:
- text: order 4
"""

class Lively:
    """`url` while it is served."""

    def __init__(self) -> None:
        self.url = ""
        self.greeted = 0.0
        """Seconds since 1970."""
        self.begin()
        routes = [Route(f"/{name}", getattr(self, name)) for name in ("hello", "events", "progress", "api")]
        routes += [
            Route("/", lambda _: self.begin() or HTMLResponse(PAGE)),
            Route("/worker.js", lambda _: Response(WORKER, media_type="text/javascript")),
            Route("/things/{name}", self.things, methods=["PUT"]),
            WebSocketRoute("/talk", self.talk),
        ]
        self.app = Starlette(routes=routes)

    def begin(self) -> None:
        self._listed = self._progress = 0

    async def hello(self, request: Request) -> Response:
        self.greeted = time.time()
        return Response(f"welcome {request.query_params['id']}")

    async def events(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for number in range(100):
                await asyncio.sleep(0.4)
                yield f"data: event {number}\n\n".encode()

        return StreamingResponse(pieces(), media_type="text/event-stream")

    async def progress(self, _: Request) -> Response:
        self._progress += 1
        return Response("ready" if self._progress > 6 else f"{self._progress} of 6")

    async def api(self, _: Request) -> Response:
        self._listed += 1
        return JSONResponse([f"order {number}" for number in range(1, self._listed + 1)])

    async def things(self, request: Request) -> Response:
        return Response(f"kept {request.path_params['name']} as {(await request.body()).decode()}")

    async def talk(self, talk: WebSocket) -> None:
        await talk.accept()

        async def beats() -> None:
            for number in range(100):
                await talk.send_text(f"beat {number}")
                await asyncio.sleep(0.5)

        beating = asyncio.create_task(beats())
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                said = await talk.receive_text()
                await asyncio.sleep(0.2)
                await talk.send_text(f"you said {said}")
        beating.cancel()
        await asyncio.wait({beating})


@asynccontextmanager
async def lively() -> AsyncIterator[Lively]:
    """Served on loopback until the block is left."""
    site = Lively()
    async with listening(site.app) as port:
        site.url = f"http://127.0.0.1:{port}/"
        yield site
