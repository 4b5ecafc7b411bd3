"""Which recorded answer a request gets, when it comes, and what is said when there is none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from operator_agent.flow.tape import Chunk, Taped
from operator_agent.surfaces.browser.egress.heads import MARKER
from operator_agent.surfaces.browser.egress.player import Player
from operator_agent.surfaces.browser.egress.proxy import EgressProxy
from operator_agent.surfaces.redaction import Redaction
from tests.surfaces.browser.test_egress import OK, Client, answering, anything, connected

SITE = "http://site.example"
"""Nobody's name: whatever is answered there comes from a tape."""


def exchange(number: int, path: str, body: str = "", *, at: float | None = None, **fields: Any) -> Taped:
    begun = float(number) if at is None else at
    given = {"method": "GET", "status": 200, "answered": begun + 0.1, "ended": begun + 0.2, "body": body.encode()}
    return Taped(number=number, at=begun, url=f"{SITE}{path}", **(given | fields))


@asynccontextmanager
async def playing(player: Player) -> AsyncIterator[Client]:
    async with EgressProxy(anything, player=player) as proxy, connected(proxy) as client:
        yield client


async def texts(player: Player, *paths: str) -> list[str]:
    async with playing(player) as client:
        return [(await client.get(SITE + path))[2].decode() for path in paths]


async def test_the_same_address_gets_its_answers_in_order() -> None:
    player = Player([exchange(3, "/a", "second"), exchange(1, "/a", "first"), exchange(2, "/b", "other")])
    assert await texts(player, "/a", "/b", "/a") == ["first", "other", "second"]
    assert (player.misses, player.loose, player.repeated, player.unused) == ([], [], [], [])


async def test_what_was_posted_decides_between_answers() -> None:
    def posted(number: int, sent: bytes, got: str) -> Taped:
        return exchange(number, "/a", got, method="POST", request_body=sent, at=1.0, answered=1.0)

    player = Player([posted(1, b"x=1", "one"), posted(2, b"x=2", "two")])
    async with playing(player) as client:
        found = []
        for body in ("x=2", "x=9"):
            client.send(f"POST {SITE}/a HTTP/1.1\r\nHost: site.example\r\nContent-Length: 3\r\n\r\n{body}")
            found.append((await client.answer())[2])
    assert found == [b"two", b"one"]
    assert player.loose == [f"POST {SITE}/a: another body was sent (3 bytes, recorded 3)"]


async def test_a_query_that_differs_gets_the_likest_answer_and_is_noted() -> None:
    together = {"at": 1.0, "answered": 1.0}
    player = Player([exchange(1, "/a?id=1&t=5", "one", **together), exchange(2, "/a?id=2&t=6", "two", **together)])
    assert await texts(player, "/a?id=2&t=99", "/a?id=1&t=98") == ["two", "one"]
    assert player.loose[0] == f"GET {SITE}/a?id=2&t=99: answered as {SITE}/a?id=2&t=6"


async def test_a_read_may_be_repeated_and_a_write_may_not() -> None:
    player = Player([exchange(1, "/a", "once"), exchange(2, "/a", "done", method="POST"), exchange(3, "/ab", "near")])
    assert await texts(player, "/a", "/a") == ["once", "once"]
    assert len(player.repeated) == 1
    async with playing(player) as client:
        for _ in range(2):
            client.send(f"POST {SITE}/a HTTP/1.1\r\nHost: site.example\r\nContent-Length: 0\r\n\r\n")
            status, headers, page = await client.answer()
    assert (status, headers[MARKER]) == (504, "missing")
    (miss,) = player.misses
    assert miss.startswith(f"POST {SITE}/a: the tape has no answer to it; the nearest unused one is GET {SITE}/ab (number 3)")
    assert b"the tape has no answer" in page


@pytest.mark.speed
async def test_a_repeated_long_poll_takes_as_long_as_the_recorded_one() -> None:
    player = Player([exchange(1, "/poll", "tick", at=1.0, answered=2.2, ended=2.2)])
    player.reached(5.0)
    began = time.monotonic()
    assert await texts(player, "/poll") == ["tick"]
    assert time.monotonic() - began < 1.0, "the replay is past it already"
    assert await texts(player, "/poll") == ["tick"]
    assert time.monotonic() - began > 1.2


async def test_without_repeats_a_second_read_is_a_miss() -> None:
    player = Player([exchange(1, "/a", "once")], repeats=False)
    await texts(player, "/a", "/a")
    assert player.misses == [f"GET {SITE}/a: the tape has no answer to it; every exchange of it is used"]


async def test_secrets_are_compared_hidden() -> None:
    hidden = exchange(1, "/a?key={secret:key}", "in", method="POST", request_body=b'{"key":"{secret:key}"}')
    player = Player([hidden], redaction=Redaction({"key": "hunter2!"}))
    body = '{"key":"hunter2!"}'
    async with playing(player) as client:
        head = f"POST {SITE}/a?key=hunter2%21 HTTP/1.1\r\nHost: site.example\r\nContent-Length: {len(body)}\r\n\r\n"
        client.send(head + body)
        assert (await client.answer())[2] == b"in"
    assert player.loose == []


async def test_an_unchanged_copy_the_browser_lost_is_given_whole() -> None:
    player = Player([exchange(1, "/a", "whole"), exchange(2, "/a", status=304), exchange(3, "/a", status=304)])
    async with playing(player) as client:
        await client.get(f"{SITE}/a")
        client.send(f'GET {SITE}/a HTTP/1.1\r\nHost: site.example\r\nIf-None-Match: "1"\r\n\r\n')
        assert (await client.head())[0] == 304
        assert (await client.get(f"{SITE}/a"))[::2] == (200, b"whole")
    assert player.loose == [f"GET {SITE}/a: answered 304 when recorded, now with the whole"]


async def test_a_body_that_is_not_on_the_tape_breaks_off_and_is_said() -> None:
    player = Player([exchange(1, "/a", "first part", cut=("the body is cut after 10 bytes",))])
    async with playing(player) as client:
        client.send(f"GET {SITE}/a HTTP/1.1\r\nHost: site.example\r\n\r\n")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await asyncio.wait_for(client.reader.readuntil(b"0\r\n\r\n"), 5)
    assert player.misses == [f"GET {SITE}/a: the body is cut after 10 bytes"]


async def test_no_answer_stays_no_answer() -> None:
    failure = "http://site.example cannot be reached: refused."
    player = Player([exchange(1, "/a", status=None, answered=None, end="broken", failure=failure)])
    async with playing(player) as client:
        status, headers, page = await client.get(f"{SITE}/a")
    assert (status, headers[MARKER], failure.encode() in page) == (502, "unreachable", True)


async def test_a_tunnel_that_failed_fails_again_in_its_turn() -> None:
    closed = {"method": "CONNECT", "kind": "tunnel", "status": None, "end": "broken", "failure": "cannot be reached"}
    tape = [exchange(1, "", **closed), exchange(2, "/a", "in")]
    player = Player(tape)
    assert [player.tunnel(SITE), player.tunnel(SITE)] == ["cannot be reached", ""]
    unread = Player([exchange(1, "", method="CONNECT", kind="tunnel", status=None, cut=("could not be looked into",))])
    assert unread.tunnel(SITE) == "could not be looked into"
    assert unread.misses == [f"CONNECT {SITE}: could not be looked into"]


async def test_what_was_left_open_stays_open_until_it_is_live() -> None:
    held = exchange(1, "/wait", status=None, answered=None, end="left")
    player = Player([held])
    async with playing(player) as client:
        client.send(f"GET {SITE}/wait HTTP/1.1\r\nHost: site.example\r\n\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.readexactly(1), 0.2)
        player.live = True
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await asyncio.wait_for(client.reader.readexactly(1), 5)


async def test_live_goes_to_the_network_from_then_on() -> None:
    async with answering(OK) as server:
        player = Player([])
        async with playing(player) as client:
            assert (await client.get(server.url))[0] == 504
            assert server.connections == 0
            player.live = True
            assert (await client.get(server.url))[2] == b"ok"


@pytest.mark.speed
async def test_an_answer_does_not_overtake_the_request_it_followed() -> None:
    """When it was recorded, /wait was answered after /kick had been asked."""
    waited = exchange(1, "/wait", "kicked", at=1.0, answered=1.5, ended=1.5)
    player = Player([waited, exchange(2, "/kick", "done", at=1.4, answered=1.45, ended=1.45)])
    async with EgressProxy(anything, player=player) as proxy, connected(proxy) as one, connected(proxy) as other:
        one.send(f"GET {SITE}/wait HTTP/1.1\r\nHost: site.example\r\n\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.reader.readexactly(1), 0.3)
        await other.get(f"{SITE}/kick")
        began = time.monotonic()
        assert (await one.answer())[2] == b"kicked"
        assert time.monotonic() - began < 0.3


async def test_what_never_comes_is_not_waited_for_twice() -> None:
    """A request of the recording that is not made this time holds up one answer, not every one after it."""
    tape = [exchange(1, "/never", at=0.0)] + [exchange(n, f"/{n}", str(n), at=n / 10) for n in range(2, 12)]
    began = time.monotonic()
    assert await texts(Player(tape), *(f"/{n}" for n in range(2, 12))) == [str(n) for n in range(2, 12)]
    assert 1.0 < time.monotonic() - began < 4.0


async def test_a_stream_keeps_its_pace_on_the_recorded_clock() -> None:
    chunks = (Chunk(offset=0, at=1.2), Chunk(offset=3, at=9.0), Chunk(offset=6, at=20.0))
    stream = exchange(1, "/events", "onetwotri", at=1.0, chunks=chunks, end="left", ended=30.0)
    player = Player([stream], patience=1.0)
    async with playing(player) as client:
        client.send(f"GET {SITE}/events HTTP/1.1\r\nHost: site.example\r\n\r\n")
        await asyncio.wait_for(client.reader.readuntil(b"one\r\n"), 2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.readexactly(1), 0.3)
        player.reached(9.5, 12.0)
        await asyncio.wait_for(client.reader.readuntil(b"two\r\n"), 2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.readexactly(1), 0.3)
        player.reached(19.9, 19.95)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.readexactly(1), 0.3)
        # The record that the clock stands still for does not come: after its patience it goes on without.
        await asyncio.wait_for(client.reader.readuntil(b"tri\r\n"), 5)
