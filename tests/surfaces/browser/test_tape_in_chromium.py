"""A real Chromium asks for everything a site can answer; the tape then answers the same with the site gone."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.async_api import Page

from operator_agent.flow.tape import Taped
from operator_agent.recorder.tape import TapeWriter, read_tape
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.egress.player import Player
from operator_agent.surfaces.browser.egress.proxy import EgressProxy
from operator_agent.surfaces.browser.egress.tls import Authority
from operator_agent.surfaces.browser.launch import launch
from operator_agent.surfaces.redaction import Redaction
from tests.surfaces.browser.taped_site import TapedSite, taped_site, trusting


def dead_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@asynccontextmanager
async def browsing(folder: Path, **given: Any) -> AsyncIterator[Page]:
    settings = replace(Settings.from_env(os.environ), state_dir=folder)
    authority = Authority(folder)
    async with EgressProxy(lambda origin: True, authority=authority, **given) as proxy:
        browser = await launch(settings, proxy=proxy.url, pin=authority.pin)
        try:
            yield browser.page
        finally:
            await browser.close()


async def asked(page: Page, url: str) -> dict[str, Any]:
    """Everything the page found, and the file it gave."""
    await page.goto(url)
    found: dict[str, Any] = await page.evaluate("all()")
    async with page.expect_download() as download:
        await page.click("#file")
    found["file"] = await asyncio.to_thread(Path(await (await download.value).path()).read_bytes)
    return found


def named(tape: list[Taped], path: str) -> list[Taped]:
    return [one for one in tape if one.url.partition("?")[0].endswith(path)]


async def recorded(site: TapedSite, folder: Path, **given: Any) -> tuple[dict[str, Any], list[Taped]]:
    writer = TapeWriter(folder, Redaction({}))
    async with browsing(folder, tape=writer, **given) as page:
        found = await asked(page, site.url)
    writer.close()
    return found, read_tape(folder)


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
async def test_the_tape_answers_as_the_site_did(tmp_path: Path, encrypted: bool) -> None:
    authority = trustme.CA() if encrypted else None
    scheme = "https" if encrypted else "http"
    async with taped_site(f"{scheme}://{dead_port()}", authority, tmp_path) as site:
        given = {"trust": trusting(authority)} if authority else {}
        found, tape = await recorded(site, tmp_path, **given)
        assert site.asked > 20
    assert found["gzip"] == [200, False, "kept", "packed öä" * 50]
    assert found["r307"] == [200, True, "kept", "echo carried"]
    assert [answer[3] for answer in found["count"]] == ['{"count":1}', '{"count":2}', '{"count":3}']
    assert found["head"] == [200, "77", 0]
    assert found["etag"][1] == [200, False, None, "the whole"]
    assert found["broken"] == found["dead"] == "failed"
    assert found["talk"] == ["chat", "welcome", "you said one", [255, 2, 1], "70000 characters", 4001, "enough"]
    assert found["worker"] == "a worker asked"

    assert [one.number for one in tape] == list(range(1, len(tape) + 1))
    assert not any(one.cut for one in tape), [one.cut for one in tape if one.cut]
    assert named(tape, "/gzip")[0].body.decode() == "packed öä" * 50
    assert [one.status for one in named(tape, "/etag")] == [200, 304]
    (socket_,) = named(tape, "/talk")
    assert (socket_.kind, socket_.url.partition(":")[0], socket_.end) == ("socket", "wss" if encrypted else "ws", "whole")
    assert [(frame.sent, frame.kind) for frame in socket_.frames[:4]] == [
        (False, "text"), (True, "text"), (False, "text"), (True, "binary"),
    ]  # fmt: skip
    (events,) = named(tape, "/events")
    heard = [chunk.offset for chunk in events.chunks]  # a busy machine hands on two events as one piece
    assert (events.end, heard[:1], heard == sorted(set(heard))) == ("left", [0], True)
    assert events.body == b"".join(f"data: event {number}\n\n".encode() for number in range(3))
    (broken,) = named(tape, "/broken")
    assert (broken.end, broken.body, bool(broken.failure)) == ("broken", b"half of", True)
    (dead,) = [one for one in tape if one.url.startswith(site.dead)]
    assert (dead.status, dead.end) == (None, "broken")

    player = Player(tape)
    async with browsing(tmp_path / "again", player=player) as page:
        again = await asked(page, site.url)
    assert again == found
    assert player.misses == player.loose == player.repeated == []
    assert [one.url for one in player.unused if one.status] == []


def found_dead(site: TapedSite) -> str:
    return site.dead
