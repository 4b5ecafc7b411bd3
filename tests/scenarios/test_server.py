"""The page server, over HTTP: files of its folder and no other, a store that keeps what it is sent, late answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx2
import pytest
import pytest_asyncio

from operator_agent.scenarios.server import serving

NOISE = bytes(range(256)) + b"\r\n--x\r\n\n\r"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    pages = folder / "pages"
    (pages / "sub").mkdir(parents=True)
    (pages / "index.html").write_text("<h1>Home</h1>", encoding="utf-8")
    (pages / "sub" / "index.html").write_text("<h1>Sub</h1>", encoding="utf-8")
    (pages / "out.txt").symlink_to(folder / "secret.txt")
    async with serving(pages) as url, httpx2.AsyncClient(base_url=url, trust_env=False) as opened:
        yield opened


@pytest.mark.asyncio(loop_scope="module")
class TestServer:
    async def test_pages_are_served(self, client: httpx2.AsyncClient) -> None:
        home = await client.get("/")
        assert (home.text, home.headers["content-type"]) == ("<h1>Home</h1>", "text/html; charset=utf-8")
        assert (await client.get("/sub/")).text == "<h1>Sub</h1>"
        assert (await client.get("/none.html")).status_code == 404

    @pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "sub/..%2f..%2fsecret.txt", "out.txt", "/%2fetc/hosts"])
    async def test_no_file_outside_the_folder(self, path: str, client: httpx2.AsyncClient) -> None:
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert b" 404 " in answer.split(b"\r\n")[0]
        assert b"secret" not in answer

    async def test_a_form_is_kept_and_leads_on(self, client: httpx2.AsyncClient) -> None:
        sent = {"drink": "latte & milk", "extra": ["sugar", "cinnamon"], "note": "", "then": "/sub/?ok=1"}
        answer = await client.post("/store/forms", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sub/?ok=1")
        for page, leads in (("sub/form.html", "/sub/ok.html"), ("", "/ok.html")):
            form = await client.post("/store/others", data={"then": "ok.html"}, headers={"referer": f"{client.base_url}{page}"})
            assert form.headers["location"] == leads
        kept = (await client.get("/store/forms")).json()
        assert kept == {"count": 1, "entries": [{"drink": "latte & milk", "extra": ["sugar", "cinnamon"], "note": ""}]}

    async def test_json_and_other_text_are_kept(self, client: httpx2.AsyncClient) -> None:
        for entry in ({"a": [1, {"then": "x"}]}, [1, 2]):
            assert (await client.post("/store/json", json=entry)).status_code == 201
        await client.post("/store/json", content="hello", headers={"content-type": "text/plain"})
        assert (await client.get("/store/json")).json()["entries"] == [{"a": [1, {"then": "x"}]}, [1, 2], {"text": "hello"}]

    async def test_files_are_kept_by_what_they_are(self, client: httpx2.AsyncClient) -> None:
        files = [("receipt", ("Rechnung é.pdf", NOISE, "application/pdf")), ("note", ("n.txt", b"two\r\nlines\n", "text/plain"))]
        await client.post("/store/files", data={"title": "Ünter"}, files=files)
        (entry,) = (await client.get("/store/files")).json()["entries"]
        assert (entry["title"], entry["receipt"]["size"], entry["note"]["text"]) == ("Ünter", len(NOISE), "two\r\nlines\n")
        assert entry["receipt"]["name"] == "Rechnung é.pdf"
        assert "text" not in entry["receipt"]

    async def test_what_is_wrong_is_refused_and_not_kept(self, client: httpx2.AsyncClient) -> None:
        wrong = {"content-type": "application/json"}
        assert (await client.post("/store/wrong", content="{", headers=wrong)).status_code == 400
        for then in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"):
            assert (await client.post("/store/wrong", data={"then": then})).status_code == 400, then
        assert (await client.post("/store/wrong", content=b"x" * 10_000_001)).status_code == 413
        assert (await client.delete("/store/wrong")).status_code == 405
        assert (await client.get("/store/wrong")).json() == {"count": 0, "entries": []}

    async def test_late_answers(self, client: httpx2.AsyncClient) -> None:
        began = monotonic()
        assert (await client.get("/slow/0.3/sub/")).text == "<h1>Sub</h1>"
        assert (await client.post("/slow/0/store/late", json={"n": 1})).status_code == 201
        assert (await client.get("/store/late")).json()["count"] == 1
        assert monotonic() - began >= 0.3


async def test_a_late_answer_does_not_hold_the_end_up(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>Home</h1>", encoding="utf-8")
    async with serving(tmp_path) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx2.URL(url).port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"</h1>")
        writer.write(b"GET /slow/30/ HTTP/1.1\r\nHost: x\r\n\r\n")
        await writer.drain()
        began = monotonic()
    assert monotonic() - began < 5
    writer.close()
    await writer.wait_closed()
