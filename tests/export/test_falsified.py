"""An exported test goes red when the one thing it says is no longer so: a small page for each kind of check."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from operator_agent import Operator
from operator_agent.cli.export import exported
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from tests.export.alone import run_alone

# ruff: noqa: E501 - a page reads best on one line


class Case(NamedTuple):
    """`good` and `bad` are what the button's handler does; `says` stands in the line that fails."""

    good: str
    bad: str
    expect: str
    says: str
    then: str = ""
    """Further steps."""
    markup: str = ""


SHOWN = "out.textContent='%s'"
CASES = {
    "text": Case(SHOWN % "Saved 3 files", SHOWN % "Saved 30 files", "text: Saved 3 files", "to_contain_text"),
    "element": Case(SHOWN % "Done", SHOWN % "Not done yet", "status: Done", "to_have_text"),
    "value": Case("sum.value='12.50'", "sum.value='12.51'", 'textbox "Sum": "12.50"', "to_have_value", markup="<label>Sum <input id=sum></label>"),
    "read": Case(SHOWN % "€ 4.50", SHOWN % "€ 14.50", "text: €", "== \"€ 4.50\"", "  - read: status\n    into: total\n    expect: {value: {total: € 4.50}}\n"),
    "checked": Case("urgent.checked=true", "urgent.checked=false", 'checkbox "Urgent" [checked]', "to_be_checked", markup="<label><input type=checkbox id=urgent> Urgent</label>"),
    "disabled": Case("pay.disabled=true", "pay.disabled=false", 'button "Pay" [disabled]', "to_be_disabled", markup="<button id=pay>Pay</button>"),
    "count": Case("list.innerHTML='<li>a<li>b<li>c'", "list.innerHTML='<li>a<li>b<li>c<li>d'", "count: {listitem: 3}", "to_have_count(3)", markup="<ul id=list></ul>"),
    "gone": Case("note.remove()", "note.title='x'", 'gone: heading "Note"', "to_have_count(0)", markup="<h2 id=note>Note</h2>"),
    "row": Case("n.textContent='2'", "n.textContent='20'", "row: {Drink: Latte, Number: '2'}", "row(page", markup="<table><tr><th>Drink<th>Number<tr><td>Latte<td id=n></table>"),
    "url": Case("location.href='/at/17'", "location.href='/at/18?error'", "url: /at/17", "to_have_url"),
    "title": Case("document.title='Thanks'", "document.title='Sorry'", "title: Thanks", "to_have_title"),
    "dialog": Case("confirm('Delete 2 files?')", "confirm('Delete 20 files?')", "dialog: Delete 2 files", "said[-1]", "  - answer dialog: dismiss\n"),
    "response": Case("save('POST', 201)", "save('POST', 500)", "response: POST /save 201", "assert 201 in"),
    "once": Case("save('POST', 201)", "save('POST', 201); save('POST', 201)", "response: POST /save 201, exactly once", "assert list(post_save.values()) =="),
    "unsaid": Case("save('PUT', 204)", "save('PUT', 500)", "text: Saved", "assert answer.value.ok"),
}  # fmt: skip
PAGE = """<!doctype html><meta charset=utf-8><title>Small</title><h1>Small</h1>{markup}<button onclick="{does}">Go</button><p role=status id=out></p>
<script>function save(method, status) {{ out.textContent = 'Saved'; return fetch('/save?status=' + status, {{method}}) }}</script>"""
DOWNLOAD = """
plan: fetch the report
start: {url}/download
steps:
  - download: link "Report"
    into: report
    expect: {{download: report-*.csv}}
"""


@dataclass
class Small:
    url: str = ""
    broken: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        except asyncio.IncompleteReadError:
            target = ""
        status, body, more = "200", self.page(target.strip("/")), ""
        if target.startswith("/save"):
            status, body = target.partition("status=")[2], ""
        if target == "/file":
            body, name = "a,b\n", "error.html" if self.broken else "report-7.csv"
            more = f"content-disposition: attachment; filename={name}\r\n"
        length = "" if status == "204" else f"content-length: {len(body.encode())}\r\n"
        head = f"HTTP/1.1 {status} OK\r\ncontent-type: text/html; charset=utf-8\r\n{more}{length}connection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    def page(self, name: str) -> str:
        if name == "download":
            return PAGE.format(markup="<a href=/file download>Report</a>", does="")
        case = CASES.get(name, Case("", "", "", ""))
        return PAGE.format(markup=case.markup, does=case.bad if self.broken else case.good)


@asynccontextmanager
async def small() -> AsyncIterator[Small]:
    site = Small()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    async with server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield site


class Ran(NamedTuple):
    texts: dict[str, str]
    good: dict[str, str]
    bad: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ran(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ran]:
    """Each check recorded on a page that keeps it, exported, and run on that page and on the one that does not."""
    folder = tmp_path_factory.mktemp("small")
    settings = replace(Settings.from_env(), state_dir=folder / "state")
    async with small() as site:
        texts: dict[str, str] = {}
        async with Operator(runs=folder / "runs", settings=settings, pictures=False) as operator:
            for name, case in CASES.items():
                step = f'  - click: button "Go"\n    expect:\n      - {case.expect}\n{case.then}'
                texts[name] = await recorded(operator, f"plan: see the {name}\nstart: {site.url}/{name}\nsteps:\n{step}")
            texts["download"] = await recorded(operator, DOWNLOAD.format(url=site.url))
        good = await run_alone(folder / "good", texts)
        site.broken = True
        yield Ran(texts, good, await run_alone(folder / "bad", texts, patience=600))


async def recorded(operator: Operator, plan: str) -> str:
    result = await operator.run_plan(load_plan(plan))
    assert result.passed, (plan, result.reason)
    return exported(Path(result.run), "playwright")


@pytest.mark.asyncio(loop_scope="module")
class TestFalsified:
    @pytest.mark.parametrize("kind", [*CASES, "download"])
    async def test_it_is_green_where_it_is_so_and_red_where_it_is_not(self, ran: Ran, kind: str) -> None:
        assert ran.good[kind] == ""
        says = CASES[kind].says if kind in CASES else "suggested_filename"
        failing = [line for line in ran.bad[kind].splitlines() if line.startswith(">")]
        assert failing and says in failing[-1], f"{ran.texts[kind]}\n{ran.bad[kind]}"

    async def test_they_are_as_ruff_wants_them(self, ran: Ran, tmp_path: Path) -> None:
        for kind, text in ran.texts.items():
            (tmp_path / f"test_{kind}.py").write_text(text, encoding="utf-8")
            assert "sleep" not in text and "wait_for_timeout" not in text
        for line in (["check"], ["format", "--check"]):
            options = (*line, "--isolated", "--no-cache", str(tmp_path))
            process = await asyncio.create_subprocess_exec(sys.executable, "-m", "ruff", *options, stdout=asyncio.subprocess.PIPE)
            out, _ = await process.communicate()
            assert process.returncode == 0, out.decode()
