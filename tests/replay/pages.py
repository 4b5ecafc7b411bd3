"""An application that moves while it is looked at: long-polls, answers that change, frames, tabs, a dialog, a download."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

TOUR = """<!doctype html><title>Tour</title><h1>Tour</h1>
<p>Drawn <b role=note aria-label=Drawn id=drawn></b>, opened <b role=note aria-label=Opened id=opened></b></p>
<button onclick="count()">Next number</button> <p role=status aria-label=Count id=count></p>
<p role=status aria-label=News id=news></p>
<button onclick="save()">Save</button> <p role=status aria-label=State id=state></p>
<button onclick="said.textContent = 'You said ' + confirm('Go on?')">Ask me</button> <p id=said></p>
<a href=/list.csv download>List</a> <a href=/second target=_blank>Second</a>
<iframe src=/inner title=Inner width=300 height=80></iframe>
<script>
drawn.textContent = Math.random();
opened.textContent = new Date().toISOString().slice(0, 13);
const told = async path => (await fetch(path, {method: path == '/save' ? 'POST' : 'GET'})).text();
async function count() { document.getElementById('count').textContent = await told('/count'); }
function save() { state.textContent = 'Saving'; setTimeout(async () => state.textContent += ': ' + await told('/save'), 900); }
setTimeout(async () => { for (let n = 0; n < 4; n++) news.textContent = await told('/poll'); }, 300);
</script>"""
INNER = "<!doctype html><title>Inner</title><button onclick=\"this.after(' Inside ' + Math.random())\">Press</button>"
SECOND = "<!doctype html><title>Second page</title><h1>Second page</h1><script>document.write(Math.random())</script>"

SCRIPT = """plan: go round
start: {url}
steps:
- click: button "Next number"
  expect: {{'status "Count"': "1"}}
- click: button "Next number"
  expect: {{'status "Count"': "2"}}
- click: button "Save"
  expect: {{'status "State"': /Saving/}}
- wait for: {{'status "State"': "Saving: Saved"}}
- wait for: {{'status "News"': news 4}}
- click: button "Press"
  expect: {{text: /Inside 0/}}
- click: button "Ask me"
  expect: {{dialog: Go on}}
- answer dialog: accept
  expect: {{text: You said true}}
- download: link "List"
  expect: {{download: list.csv}}
- click: link "Second"
  expect: {{tab: Second page}}
- close tab: Second page
done:
- holds: {{'status "Count"': "2"}}
"""
STEPS = 12


@dataclass
class Application:
    url: str = ""
    counted: int = 0
    polled: int = 0
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:  # a connection the browser opened in advance and did not use
            writer.close()
            return
        path = head.split()[1]
        self.asked.append(path)
        body = (await self.answer(path)).encode()
        kind = "text/csv" if path.endswith(".csv") else "text/html; charset=utf-8"
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n".encode())
        writer.write(b"cache-control: no-store\r\nconnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    async def answer(self, path: str) -> str:
        match path:
            case "/":
                self.counted = self.polled = 0
                return TOUR
            case "/count":
                self.counted += 1
                return str(self.counted)
            case "/poll":
                self.polled += 1
                await asyncio.sleep(0.8)  # a long-poll answers when there is news
                return f"news {self.polled}"
            case "/save":
                return "Saved"
            case "/inner":
                return INNER
            case "/second":
                return SECOND
            case "/list.csv":
                return "a,b\n1,2\n"
            case _:
                return ""


@asynccontextmanager
async def opened() -> AsyncIterator[Application]:
    """The application, until the block is left."""
    application = Application()
    server = await asyncio.start_server(application.serve, "127.0.0.1", 0)
    async with server:
        application.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield application
