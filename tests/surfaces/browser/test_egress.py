"""The proxy on raw sockets: what goes out byte for byte, what is refused, what happens when either side breaks."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin
from operator_agent.surfaces.browser.egress.heads import MARKER
from operator_agent.surfaces.browser.egress.proxy import EgressProxy, UpstreamProxy

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A raw loopback server that keeps what it received, per connection."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.heads: list[bytes] = []
        self.connections = 0
        self.open = 0
        self.closed = asyncio.Event()
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            await self.handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.open -= 1
            self.closed.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> Origin:
        return Origin.parse(self.url)


@asynccontextmanager
async def serve(handler: Handler) -> AsyncIterator[Server]:
    server = Server(handler)
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


@asynccontextmanager
async def answering(answer: bytes, *, close: bool = False) -> AsyncIterator[Server]:
    """Reads heads (no bodies) and gives the same bytes each time."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            server.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
            if close:
                return

    async with serve(handle) as server:
        yield server


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes | str) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode())

    async def head(self) -> tuple[int, dict[str, str]]:
        async with asyncio.timeout(5):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in pairs}

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        status, headers = await self.head()
        return status, headers, await self.reader.readexactly(int(headers.get("content-length", 0)))

    async def get(self, url: str, *lines: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        host = url.split("/")[2]
        self.send("\r\n".join([f"{method} {url} HTTP/1.1", f"Host: {host}", *lines, "", ""]))
        return await self.answer()


@asynccontextmanager
async def connected(proxy: EgressProxy) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


def only(*origins: Origin) -> Callable[[Origin], bool]:
    return lambda origin: origin in origins


def anything(origin: Origin) -> bool:
    return True


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Case: Kept\r\n\r\nok"


async def test_a_request_reaches_its_server_in_origin_form() -> None:
    async with answering(OK) as server, EgressProxy(only(server.origin)) as proxy, connected(proxy) as client:
        status, headers, body = await client.get(
            f"{server.url}/a?b=1",
            "Proxy-Connection: keep-alive",
            "X-Twice: 1",
            "Connection: X-Secret, Content-Length, Host",
            "X-Secret: hop",
        )
        assert (status, body, headers["x-case"]) == (200, b"ok", "Kept")
        assert MARKER not in headers
        assert server.heads == [f"GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Twice: 1\r\n\r\n".encode()]


@pytest.mark.parametrize(("path", "target"), [("", "/"), ("?q", "/?q"), ("/a#b", "/a"), ("/a?/b", "/a?/b")])
async def test_the_path_is_cut_from_the_url(path: str, target: str) -> None:
    async with answering(OK) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(f"GET {server.url}{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n")
        await client.answer()
        assert server.heads[0].split()[1].decode() == target


async def test_each_request_of_a_connection_is_judged_anew() -> None:
    async with answering(OK) as good, answering(OK) as other, answering(OK) as evil:
        allowed = only(good.origin, other.origin)
        async with EgressProxy(allowed) as proxy, connected(proxy) as client:
            seen = [(await client.get(server.url))[0] for server in (good, good, evil, other, good)]
            assert seen == [200, 200, 403, 200, 200]
            assert evil.connections == 0
            assert good.connections == 2, "the two requests in a row share a connection"


async def test_a_refused_origin_sees_nothing_and_the_browser_gets_a_page() -> None:
    async with answering(OK) as evil, EgressProxy(only()) as proxy, connected(proxy) as client:
        before = time.time()
        status, headers, page = await client.get(f"{evil.url}/<x>")
        assert (status, headers[MARKER], evil.connections) == (403, "refused", 0)
        assert f"--allow {evil.url}".encode() in page
        (refused,) = proxy.refused
        assert (refused.origin, refused.method, refused.url) == (evil.origin, "GET", f"{evil.url}/<x>")
        assert before <= refused.at <= time.time()


async def test_a_refused_body_is_read_and_dropped() -> None:
    async with answering(OK) as evil, EgressProxy(only()) as proxy, connected(proxy) as client:
        for _ in range(2):
            client.send(f"POST {evil.url} HTTP/1.1\r\nHost: {evil.url[7:]}\r\nContent-Length: 300000\r\n\r\n")
            client.send(b"x" * 300_000)
            assert (await client.answer())[0] == 403
        assert evil.connections == 0


async def test_a_refused_body_that_is_still_waiting_is_never_sent() -> None:
    async with answering(OK) as evil, EgressProxy(only()) as proxy, connected(proxy) as client:
        status, headers, _ = await client.get(evil.url, "Content-Length: 9", "Expect: 100-continue", method="POST")
        assert (status, headers["connection"], evil.connections) == (403, "close", 0)


async def test_a_grant_may_widen_while_the_proxy_runs() -> None:
    granted: set[Origin] = set()
    async with answering(OK) as server, EgressProxy(granted.__contains__) as proxy, connected(proxy) as client:
        assert (await client.get(server.url))[0] == 403
        granted.add(server.origin)
        assert (await client.get(server.url))[0] == 200


@pytest.mark.parametrize(
    "request_",
    [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET https://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET ftp://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: x@127.0.0.1\r\n\r\n",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        "GET http://127.0.0.1\\@evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "CONNECT 127.0.0.1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "CONNECT x@127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "\x16\x03\x01 not http at all\r\n\r\n",
    ],
)
async def test_requests_that_could_be_read_two_ways_are_refused(request_: str) -> None:
    async with EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(request_)
        status, headers, _ = await client.answer()
        assert (status, headers[MARKER]) == (400, "malformed")


async def test_an_http_1_0_request_without_host_gets_one() -> None:
    async with answering(OK) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(f"GET {server.url}/ HTTP/1.0\r\n\r\n")
        assert (await client.answer())[0] == 200
        assert f"Host: 127.0.0.1:{server.port}\r\n".encode() in server.heads[0]


async def test_a_server_cannot_pretend_to_be_the_proxy() -> None:
    forged = OK.replace(b"X-Case", MARKER.upper().encode())
    async with answering(forged) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        assert MARKER not in (await client.get(server.url))[1]


async def test_bodies_stream_both_ways_before_either_is_complete() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while (line := await reader.readline()) != b"0\r\n":
            writer.write(line + await reader.readexactly(int(line, 16) + 2))
        await reader.readline()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async with serve(echo) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(f"POST {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await client.head())[0] == 200
        for chunk in (b"one", b"two"):
            client.send(b"3\r\n" + chunk + b"\r\n")
            assert await asyncio.wait_for(client.reader.readexactly(8), 5) == b"3\r\n" + chunk + b"\r\n"
        client.send(b"0\r\n\r\n")
        assert await asyncio.wait_for(client.reader.readexactly(5), 5) == b"0\r\n\r\n"


async def test_an_early_answer_to_a_long_upload_arrives() -> None:
    async def too_large(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()

    async with serve(too_large) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(f"POST {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\nContent-Length: 5000000\r\n\r\n")
        client.send(b"x" * 1000)
        assert (await client.head())[0] == 413


async def test_100_continue_is_passed_on() -> None:
    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(4)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        await writer.drain()

    async with serve(patient) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        head = f"POST {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\nContent-Length: 4\r\n"
        client.send(head + "Expect: 100-continue\r\n\r\n")
        assert (await client.head())[0] == 100
        client.send("body")
        assert (await client.answer())[::2] == (200, b"body")


async def test_head_and_304_have_no_body() -> None:
    answer = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    async with answering(answer) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        assert [(await client.get(server.url))[0] for _ in range(2)] == [304, 304]
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    async with answering(answer) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        for _ in range(2):
            client.send(f"HEAD {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
            assert (await client.head())[1]["content-length"] == "99"


async def test_a_body_ended_by_closing_becomes_chunked() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\nhello"
    async with answering(answer, close=True) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        for _ in range(2):
            client.send(f"GET {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
            assert (await client.head())[1]["transfer-encoding"] == "chunked"
            assert await client.reader.readexactly(15) == b"5\r\nhello\r\n0\r\n\r\n"


async def test_a_refused_connection_is_a_page_that_names_the_cause() -> None:
    async with answering(OK) as server:
        pass
    async with EgressProxy(anything) as proxy, connected(proxy) as client:
        status, headers, page = await client.get(server.url)
        assert (status, headers[MARKER]) == (502, "unreachable")
        assert b"refused" in page.lower() or b"connect call failed" in page.lower()
        assert (await client.get(server.url))[0] == 502


async def test_an_unknown_name_is_a_page_that_names_the_cause() -> None:
    async with EgressProxy(anything) as proxy, connected(proxy) as client:
        status, headers, _ = await client.get("http://no-such-host.invalid/")
        assert (status, headers[MARKER]) == (502, "unreachable")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200"])
async def test_a_server_that_breaks_before_its_answer_is_unreachable(answer: bytes) -> None:
    async with answering(answer, close=True) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        status, headers, _ = await client.get(server.url)
        assert (status, headers[MARKER]) == (502, "unreachable")


async def test_a_cut_answer_stays_cut() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"
    async with answering(answer, close=True) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(f"GET {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
        assert (await client.head())[0] == 200
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await asyncio.wait_for(client.reader.readexactly(99), 5)


async def test_a_kept_connection_the_server_closed_unseen_is_replaced_for_a_safe_request() -> None:
    async def one_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        # The second request arrives, and only then does the server hang up.
        await reader.readuntil(b"\r\n\r\n")

    async with serve(one_only) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        assert (await client.get(server.url))[0] == 200
        assert (await client.get(server.url))[0] == 200
        assert (await client.get(server.url, "Content-Length: 0", method="POST"))[0] == 200
        assert server.connections == 3
        assert [head.split()[0] for head in server.heads] == [b"GET", b"GET", b"POST"]


async def test_a_post_is_never_sent_twice() -> None:
    answer = b""
    async with answering(answer, close=True) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        assert (await client.get(server.url, "Content-Length: 0", method="POST"))[0] == 502
        assert len(server.heads) == 1


async def test_a_browser_that_hangs_up_ends_the_long_poll() -> None:
    async def poll(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        polled.set()
        while await reader.read(1000):
            pass

    polled = asyncio.Event()
    async with serve(poll) as server, EgressProxy(anything) as proxy:
        async with connected(proxy) as client:
            client.send(f"GET {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
            await asyncio.wait_for(polled.wait(), 5)
        await asyncio.wait_for(server.closed.wait(), 5)


async def test_requests_sent_ahead_are_answered_in_order() -> None:
    async with answering(OK) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        for path in "abc":
            client.send(f"GET {server.url}/{path} HTTP/1.1\r\nHost: {server.url[7:]}\r\n\r\n")
        assert [(await client.answer())[0] for _ in "abc"] == [200] * 3
        assert [head.split()[1] for head in server.heads] == [b"/a", b"/b", b"/c"]


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data.upper())
    writer.write(b"bye")
    await writer.drain()


@pytest.mark.parametrize("ahead", [b"", b"ahead "])
async def test_a_tunnel_carries_raw_bytes_and_half_closes(ahead: bytes) -> None:
    async with serve(shout) as server, EgressProxy(only(server.origin)) as proxy, connected(proxy) as client:
        target = f"127.0.0.1:{server.port}"
        client.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode() + ahead)
        assert (await client.head())[0] == 200
        client.send(b"hello")
        client.writer.write_eof()
        assert await asyncio.wait_for(client.reader.read(), 5) == ahead.upper() + b"HELLObye"


async def test_a_refused_tunnel_is_never_opened() -> None:
    async with serve(shout) as server, EgressProxy(only()) as proxy, connected(proxy) as client:
        client.send(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\nsecret")
        assert (await client.head())[0] == 403
        assert server.connections == 0
        assert [(r.method, r.url) for r in proxy.refused] == [("CONNECT", f"https://127.0.0.1:{server.port}")]


async def test_an_unreachable_tunnel_is_502() -> None:
    async with serve(shout) as server:
        pass
    async with EgressProxy(anything) as proxy, connected(proxy) as client:
        client.send(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n")
        assert (await client.head())[0] == 502


async def test_an_upgrade_switches_to_raw_bytes() -> None:
    async def switch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\nfirst ")
        await shout(reader, writer)

    async with serve(switch) as server, EgressProxy(anything) as proxy, connected(proxy) as client:
        head = f"GET {server.url} HTTP/1.1\r\nHost: {server.url[7:]}\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"
        client.send(head)
        status, headers = await client.head()
        assert (status, headers["upgrade"]) == (101, "shout")
        assert b"Connection: Upgrade\r\nUpgrade: shout" in server.heads[0]
        client.send("hello")
        client.writer.write_eof()
        assert await asyncio.wait_for(client.reader.read(), 5) == b"first HELLObye"


async def test_leaving_closes_every_connection() -> None:
    async with serve(shout) as server:
        async with EgressProxy(anything) as proxy, connected(proxy) as client, connected(proxy):
            client.send(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n")
            await client.head()
            await proxy.__aexit__(None, None, None)
            assert await asyncio.wait_for(client.reader.read(), 5) == b""
        await asyncio.wait_for(server.closed.wait(), 5)
        with pytest.raises(UsageError, match="not running"):
            _ = proxy.url


async def test_the_machines_own_proxy_is_used_for_the_internet_only() -> None:
    requests = []

    async def corporate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        requests.append(head)
        if head.startswith(b"CONNECT denied"):
            writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        elif head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nearly ")
            await shout(reader, writer)
        elif b"/unauthorized" in head:
            writer.write(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(OK)
        await writer.drain()

    async with serve(corporate) as upstream, answering(OK) as local:
        url = f"http://ada:p%40ss@127.0.0.1:{upstream.port}"
        async with EgressProxy(anything, upstream=url, bypass=[".invalid", "intranet"]) as proxy:
            async with connected(proxy) as client:
                assert (await client.get("http://shop.example/a"))[0] == 200
                assert (await client.get(local.url))[0] == 200
                assert (await client.get("http://host.invalid/"))[0] == 502, "in the bypass list: tried without the proxy"
                assert len(requests) == 1
                assert (await client.get("http://shop.example/unauthorized"))[0] == 502
            async with connected(proxy) as client:
                client.send("CONNECT denied.example:443 HTTP/1.1\r\nHost: denied.example:443\r\n\r\n")
                assert (await client.head())[0] == 502
            async with connected(proxy) as client:
                client.send("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n")
                assert (await client.head())[0] == 200
                client.writer.write_eof()
                assert await asyncio.wait_for(client.reader.read(), 5) == b"early bye"
    assert requests[0].startswith(b"GET http://shop.example/a HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " + b64encode(b"ada:p@ss") in requests[0]
    assert b"Proxy-Authorization: Basic " + b64encode(b"ada:p@ss") in requests[-1]


@pytest.mark.parametrize("url", ["https://proxy.example:3128", "socks5://proxy.example", "http://"])
def test_an_upstream_proxy_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        UpstreamProxy.parse(url)
