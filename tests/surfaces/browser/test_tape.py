"""What the proxy writes on the tape, on raw sockets: bodies, limits, and every way an exchange can end badly."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import stat
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import trustme

from operator_agent.errors import SetupError
from operator_agent.flow.tape import Taped
from operator_agent.surfaces.browser.egress.proxy import EgressProxy
from operator_agent.surfaces.browser.egress.tls import Authority, system_trust
from tests.surfaces.browser.taped_site import trusting
from tests.surfaces.browser.test_egress import OK, Client, answering, anything, connected, only, serve


async def taped(answer: bytes, *lines: str, method: str = "GET", close: bool = False, kept: int = 1 << 20) -> Taped:
    """One exchange with a server that gives these bytes."""
    tape: asyncio.Queue[Taped] = asyncio.Queue()
    proxied = EgressProxy(anything, tape=tape.put_nowait, kept=kept)
    async with answering(answer, close=close) as server, proxied as proxy, connected(proxy) as client:
        client.send("\r\n".join([f"{method} {server.url}/a?b=1 HTTP/1.1", f"Host: {server.url[7:]}", *lines, "", ""]))
        return await asyncio.wait_for(tape.get(), 5)


def packed(body: bytes, encoding: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_an_exchange_is_handed_over_whole() -> None:
    before = time.monotonic()
    one = await taped(OK, "Cookie: session=hunter2", "Authorization: Basic aHVudGVyMg==", "X-Mine: kept")
    assert (one.number, one.kind, one.method, one.url.partition("/a")[2]) == (1, "http", "GET", "?b=1")
    assert dict(one.request_headers) | {"Host": ""} == {
        "Host": "", "Cookie": "(left out)", "Authorization": "(left out)", "X-Mine": "kept",
    }  # fmt: skip
    assert (one.status, one.reason, one.headers, one.body) == (200, "OK", (("X-Case", "Kept"),), b"ok")
    assert (one.end, one.failure, one.cut, one.chunks) == ("whole", "", (), ())
    assert one.answered and one.ended
    assert before <= one.at <= one.answered <= one.ended <= time.monotonic()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
async def test_encodings_are_undone(encoding: str) -> None:
    plain = b"the same again and again " * 1000
    raw = zlib.compressobj(wbits=-15)
    body = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain)}.get(encoding) or raw.compress(plain) + raw.flush()
    one = await taped(packed(body, encoding.removeprefix("raw ")))
    assert (one.body, one.headers, one.cut) == (plain, (), ())


async def test_an_encoding_that_is_not_known_is_kept_as_it_came_and_said() -> None:
    one = await taped(packed(b"\x8b\x01\x80brotli\x03", "br"))
    assert one.body == b"\x8b\x01\x80brotli\x03"
    assert one.headers == (("Content-Encoding", "br"),)
    assert one.cut == ("the body is kept as it came, in the encoding br",)


async def test_a_broken_encoding_is_said() -> None:
    one = await taped(packed(b"this is no gzip", "gzip"))
    assert one.cut == ("the body is cut where its encoding is broken",)


async def test_only_encodings_a_tape_can_undo_are_asked_for() -> None:
    tape: list[Taped] = []
    async with answering(OK) as server, EgressProxy(anything, tape=tape.append) as proxy, connected(proxy) as client:
        await client.get(server.url, "Accept-Encoding: gzip, deflate, br, zstd", "Sec-WebSocket-Extensions: permessage-deflate")
        assert b"Accept-Encoding: gzip, deflate\r\n" in server.heads[0]
        assert b"permessage-deflate" not in server.heads[0]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_big_body_reaches_the_browser_and_is_cut_on_the_tape(encoding: str) -> None:
    plain = os.urandom(50_000)
    body = gzip.compress(plain) if encoding == "gzip" else plain
    one = await taped(packed(body, encoding), kept=10_000)
    assert (one.body, one.cut) == (plain[:10_000], ("the body is cut after 10,000 bytes",))


async def test_a_packed_giant_does_not_fill_the_memory() -> None:
    one = await taped(packed(gzip.compress(bytes(50_000_000)), "gzip"), kept=10_000)
    assert len(one.body) == 10_000


async def test_a_posted_body_is_taped() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(200_000)
        writer.write(OK)
        await writer.drain()

    tape: list[Taped] = []
    async with serve(swallow) as server, EgressProxy(anything, tape=tape.append) as proxy, connected(proxy) as client:
        client.send(f"POST {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\nContent-Length: 200000\r\n\r\n")
        client.send(b"x" * 200_000)
        assert (await client.answer())[0] == 200
    assert tape[0].request_body == b"x" * 200_000


@pytest.mark.parametrize(
    ("answer", "status", "failure"),
    [
        (b"", None, "cannot be reached"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", None, "cannot be reached"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", 200, "the answer broke off"),
    ],
)
async def test_a_server_that_breaks_is_taped_as_it_broke(answer: bytes, status: int | None, failure: str) -> None:
    one = await taped(answer, close=True)
    assert (one.status, one.end) == (status, "broken")
    assert failure in one.failure


async def test_a_refused_origin_is_taped_as_refused() -> None:
    tape: list[Taped] = []
    async with answering(OK) as evil, EgressProxy(only(), tape=tape.append) as proxy, connected(proxy) as client:
        await client.get(f"{evil.url}/x")
        client.send(f"CONNECT {evil.url[7:]} HTTP/1.1\r\nHost: {evil.url[7:]}\r\n\r\n")
        await client.answer()
        assert evil.connections == 0
    assert [(one.method, one.refused, one.status, one.end) for one in tape] == [
        ("GET", True, None, "broken"), ("CONNECT", True, None, "broken"),
    ]  # fmt: skip


async def test_a_dead_port_behind_a_tunnel_is_taped() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tape: list[Taped] = []
    async with EgressProxy(anything, tape=tape.append) as proxy, connected(proxy) as client:
        client.send(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
        assert (await client.answer())[0] == 502
    assert [(one.kind, one.end, "cannot be reached" in one.failure) for one in tape] == [("tunnel", "broken", True)]


async def test_what_is_open_when_the_session_ends_is_handed_over_then() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
        await reader.read()

    tape: list[Taped] = []
    async with serve(silent) as server, EgressProxy(anything, tape=tape.append) as proxy, connected(proxy) as client:
        client.send(f"GET {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
        await client.reader.readuntil(b"data: one\n\n")
        assert tape == []
    assert [(one.status, one.end, one.body, len(one.chunks)) for one in tape] == [(200, "left", b"data: one\n\n", 1)]


async def test_what_the_browser_left_before_an_answer_is_taped_as_left() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()

    asked, tape = asyncio.Event(), []
    async with serve(silent) as server, EgressProxy(anything, tape=tape.append) as proxy:
        async with connected(proxy) as client:
            client.send(f"GET {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
            await asked.wait()
        await asyncio.wait_for(server.closed.wait(), 5)
    assert [(one.status, one.end) for one in tape] == [(None, "left")]


async def test_a_server_nobody_vouches_for_is_the_browsers_to_judge(tmp_path: Path) -> None:
    """Its tunnel passes unread: the browser sees the server's own certificate, and the tape says what it cannot hold."""
    stranger = trustme.CA()
    tape: list[Taped] = []
    port, listener = await encrypted_server(stranger)
    async with listener, EgressProxy(anything, tape=tape.append, authority=Authority(tmp_path), trust=system_trust()) as proxy:
        status, page = await through(proxy, port, stranger)
    assert (status, page) == (200, b"ok")
    assert [one.kind for one in tape] == ["tunnel"]
    assert "could not be looked into" in tape[0].cut[0]


async def test_an_encrypted_tunnel_is_looked_into_and_what_fails_its_grant_is_refused(tmp_path: Path) -> None:
    known = trustme.CA()
    port, listener = await encrypted_server(known)
    own = Authority(tmp_path)
    tape: list[Taped] = []
    async with listener, EgressProxy(anything, tape=tape.append, authority=own, trust=trusting(known)) as proxy:
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            await through(proxy, port, known)
        status, page = await through(proxy, port, trustme.CA.from_pem(*(part.encode() for part in authority_of(tmp_path))))
    assert (status, page) == (200, b"ok")
    assert [(one.kind, one.url, one.status) for one in tape if one.kind == "http"] == [
        ("http", f"https://127.0.0.1:{port}/inside", 200)
    ]


async def test_the_systems_trust_is_what_servers_are_judged_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = trustme.CA()
    known.cert_pem.write_to_path(tmp_path / "known.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "known.pem"))
    port, listener = await encrypted_server(known)
    tape: list[Taped] = []
    async with listener, EgressProxy(anything, tape=tape.append, authority=Authority(tmp_path), trust=system_trust()) as proxy:
        shown = trustme.CA.from_pem(*(part.encode() for part in authority_of(tmp_path)))
        assert await through(proxy, port, shown) == (200, b"ok")
    assert [one.kind for one in tape] == ["http"]


def test_operators_that_make_an_authority_at_the_same_time(tmp_path: Path) -> None:
    together = Barrier(4)

    def made(_: int) -> Authority:
        together.wait()
        return Authority(tmp_path)

    for round_ in range(5):
        (tmp_path / "authority.pem").unlink(missing_ok=True)
        with ThreadPoolExecutor(4) as threads:
            pins = {one.pin for one in threads.map(made, range(4))}
        assert Authority(tmp_path).pin in pins, round_
    assert [file.name for file in tmp_path.iterdir()] == ["authority.pem"]



def test_the_authority_is_its_owners_alone_and_renewed_in_time(tmp_path: Path) -> None:
    first, file = Authority(tmp_path), tmp_path / "authority.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Authority(tmp_path).pin == first.pin
    old = time.time() - 31 * 86_400
    os.utime(file, (old, old))
    assert Authority(tmp_path).pin != first.pin
    file.write_text("torn", encoding="ascii")
    assert len(Authority(tmp_path).pin) == 44
    with pytest.raises(SetupError, match="cannot be written"):
        Authority(file / "below a file")


def authority_of(folder: Path) -> list[str]:
    return (folder / "authority.pem").read_text(encoding="ascii").split("\n\n")[1:]


async def encrypted_server(authority: trustme.CA) -> tuple[int, asyncio.Server]:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    return server.sockets[0].getsockname()[1], server


async def through(proxy: EgressProxy, port: int, trusted: trustme.CA) -> tuple[int, bytes]:
    """What a browser that trusts only `trusted` gets through a tunnel."""
    async with connected(proxy) as client:
        client.send(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
        assert (await client.head())[0] == 200
        await client.writer.start_tls(trusting(trusted), server_hostname="127.0.0.1")
        inner = Client(client.reader, client.writer)
        inner.send(f"GET /inside HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
        status, _, body = await inner.answer()
        return status, body
