"""A small office with everything an exported test must cope with; `broken` pages look right and do nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

# ruff: noqa: E501 - a page reads best on one line
HEAD = "<!doctype html><meta charset=utf-8>"
PAGES = {
    "/": HEAD
    + """<title>Office</title><h1>Office</h1>
<form action="/in" method=post><label>User <input name=user></label><label>Password <input type=password name=password></label>
<button>Sign in</button></form>""",
    "/in": HEAD
    + """<title>Claims</title><h1>Claims</h1><nav><a href="/new">New claim</a> <a href="/new?old">New claims of last year</a></nav>""",
    "/new": HEAD
    + """<title>New claim</title><h1>New claim</h1><form action="/save" method=post>
<label>Title <input name=title></label>
<fieldset><legend>Kind</legend><label><input type=radio name=kind value=travel>Travel</label><label><input type=radio name=kind value=meal>Meal</label></fieldset>
<label>Currency <select name=currency><option>EUR<option>USD<option>JPY</select></label>
<label>Amount <input name=amount inputmode=decimal></label>
<label><input type=checkbox name=urgent value=yes> Urgent</label>
<iframe title="Note" srcdoc="<label>Note <input oninput='parent.document.forms[0].note.value=this.value'></label>"></iframe>
<input type=hidden name=note>
<ul><li><b>Receipt A</b> <button type=button onclick="this.textContent='Removed'">Remove</button></li>
<li><b>Receipt B</b> <button type=button onclick="this.textContent='Removed'">Remove</button></li></ul>
<button>Save</button></form>""",
    "/terms": HEAD + "<title>Terms</title><h1>Terms</h1><p>Be honest.</p>",
}
CLAIMS = (
    HEAD
    + """<title>Claims</title><h1>Claims</h1>
<table><tr><th>Title<th>Kind<th>Amount<th>Note<th>State</tr>{rows}</table><p>{count} claims</p>
<button onclick="if (confirm('Approve all claims?')) fetch('/approve', {{method: 'POST'}}).then(() => document.getElementById('s').textContent = 'All approved')">Approve all</button>
<p role=status id=s aria-label=State></p>
<a href="/report.csv" download>Report</a> <a href="/terms" target=_blank>Terms</a>"""
)


@dataclass
class Office:
    url: str = ""
    broken: bool = False
    claims: list[dict[str, str]] = field(default_factory=list)
    approvals: int = 0
    passwords: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            writer.close()
            return
        method, target, _ = head.split("\r\n")[0].split(" ")
        length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0)
        form = {name: values[0] for name, values in parse_qs((await reader.readexactly(length)).decode()).items()}
        status, kind, body = self.answer(method, urlsplit(target).path, form)
        data = body.encode()
        told = f"HTTP/1.1 {status} OK\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\nconnection: close\r\n\r\n"
        writer.write(told.encode() + data)
        await writer.drain()
        writer.close()

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        html = "text/html; charset=utf-8"
        if path == "/in":
            self.passwords.append(form.get("password", ""))
        if path == "/save":
            if not self.broken:
                self.claims.append(form)
            return 200, html, self._list()
        if path == "/approve":
            self.approvals += 1
            return 204, html, ""
        if path == "/report.csv":
            return 200, "text/csv", "title,amount\n" + "".join(f"{one.get('title')},{one.get('amount')}\n" for one in self.claims)
        return (200, html, PAGES[path]) if path in PAGES else (404, html, "no such page")

    def _list(self) -> str:
        cells = ("title", "kind", "amount", "note")
        rows = "".join("<tr>" + "".join(f"<td>{one.get(cell, '')}" for cell in cells) + "<td>open</tr>" for one in self.claims)
        return CLAIMS.format(rows=rows, count=len(self.claims))


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    opened = Office()
    server = await asyncio.start_server(opened.serve, "127.0.0.1", 0)
    async with server:
        opened.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield opened


PLAN = """
plan: hand in a claim for Flight to Oslo
start: {url}/
steps:
  - fill: textbox "User"
    with: ada
  - fill: textbox "Password"
    with: "{{secret:office}}"
  - click: button "Sign in"
    expect: heading "Claims"
  - click: link "New claim"
    expect: [heading "New claim", {{url: /new}}]
  - fill: the title field
    with: Flight to Oslo
  - check: radio "Travel"
  - select: combobox "Currency"
    option: USD
  - fill: textbox "Amount"
    with: '120.50'
  - press: Tab
    on: textbox "Amount"
  - check: checkbox "Urgent"
    expect: checkbox "Urgent" [checked]
  - fill: textbox "Note"
    with: window seat
  - click: button "Remove" in listitem "Receipt B"
    expect: {{count: {{'button "Remove"': 1}}}}
  - click: button "Save"
    intent: hand it in
    expect:
      - row: {{Title: Flight to Oslo, Amount: '120.50', Note: window seat}}
      - text: 1 claims
      - response: POST /save 200, exactly once
  - read: cell "120.50"
    into: amount
  - click: button "Approve all"
    risk: submit
    expect: {{dialog: Approve all}}
  - answer dialog: accept
    expect:
      - status "State": All approved
      - response: POST /approve 2xx
  - download: link "Report"
    into: report
    expect: {{download: report*.csv}}
  - click: link "Terms"
    expect: [heading "Terms", {{title: Terms}}]
  - close tab:
    expect:
      - gone: heading "Terms"
done:
  - row: {{Title: Flight to Oslo, Kind: travel, Amount: '{{amount}}'}}
  - not: {{text: no such page}}
  - any:
      - text: nothing of this
      - status "State": All approved
"""
