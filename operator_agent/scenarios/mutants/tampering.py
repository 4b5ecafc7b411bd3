"""What is done to the traffic of one run: nothing but watching, or what a mutant says."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from operator_agent.scenarios.mutants.body import changed
from operator_agent.scenarios.mutants.mutant import TOLERATED, Answer, Click, Mutant, Traffic, Write
from operator_agent.scenarios.mutants.stored import stored

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

Ask = Callable[[bytes], Awaitable[Answer]]
"""Sends a body on to the server, under the head it came with."""
LATE_SECONDS = 0.4
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_ON = "<!doctype html><title>Error</title><script>location.replace({})</script>"


class Tampering:
    """For one run. Without a mutant it only watches; with one it needs what was seen of the run without."""

    def __init__(self, mutant: Mutant | None = None, unbroken: Traffic | None = None) -> None:
        self.mutant, self.unbroken = mutant, unbroken or Traffic()
        self.traffic = Traffic()
        self._old: dict[str, Answer] = {}
        self._frozen = False
        """The write after which a stale page stands still has been sent."""
        self._counts: dict[tuple[str, str], int] = {}

    @property
    def keeps_reads(self) -> bool:
        """Whether what is read passes through `read`."""
        return self.mutant is not None and self.mutant.kind in ("stale page", TOLERATED)

    def noticed(self, fact: Mapping[str, Any]) -> None:
        """What the script in the pages tells."""
        told = dict(fact)
        match told.pop("act", ""):
            case "fired":
                self.traffic.fired += 1
            case "clicked":
                self.traffic.clicks.append(Click(**told))
            case "choices":
                self.traffic.options += [one for one in told["lists"] if one not in self.traffic.options]

    def asked_for(self, origin: str, path: str, *, reads: bool) -> None:
        """Some request is on its way."""
        if origin not in self.traffic.origins:
            self.traffic.origins.append(origin)
        if reads:
            self.traffic.reads.append((path, len(self.traffic.writes)))

    async def read(self, path: str, ask: Ask) -> Answer:
        """The answer to a GET that is let through, or the one of an earlier time."""
        assert self.mutant
        if self.mutant.kind == TOLERATED:
            self.traffic.fired += 1
            await asyncio.sleep(LATE_SECONDS)
            return await ask(b"")
        answer = await ask(b"")
        if not self._frozen:
            self._old[path] = answer
        old = self._old.get(path)
        if old is None or _visible(old) == _visible(answer):
            return answer
        self.traffic.fired += 1
        return old

    async def write(self, write: Write, ask: Ask, *, navigates: bool) -> Answer:
        """The answer the page gets to a request that changes something."""
        seen = self._counts.get((write.method, write.path), 0)
        self._counts[write.method, write.path] = seen + 1
        write = replace(write, nth=seen)
        place = len(self.traffic.writes)
        self.traffic.writes.append(write)
        answer = await self._answered(write, ask, navigates)
        self.traffic.writes[place] = replace(write, answer=answer)
        return answer

    async def _answered(self, write: Write, ask: Ask, navigates: bool) -> Answer:
        mutant = self.mutant
        if mutant is None or not mutant.hits(write.method, write.path) or mutant.nth != write.nth:
            if mutant and mutant.kind == "hidden error" and mutant.hits(write.method, write.path):
                return self._failed(write, navigates)
            return await self._deliver(write, ask, write.body)
        match mutant.kind:
            case "dropped request":
                self.traffic.fired += 1
                return self.good_answer(write)
            case "swapped value":
                body = changed(write.kind, write.body, mutant.changes)
                self.traffic.fired += body != write.body
                return await self._deliver(write, ask, body)
            case "doubled write":
                self.traffic.fired += 1
                first = await self._deliver(write, ask, write.body)
                await self._deliver(write, ask, write.body)
                return first
            case "hidden error":
                return self._failed(write, navigates)
            case "no answer":
                self.traffic.fired += 1
                await asyncio.Event().wait()  # until the browser is closed
            case "late answer":
                self.traffic.fired += 1
                await asyncio.sleep(LATE_SECONDS)
            case "stale page":
                self._frozen = True
        return await self._deliver(write, ask, write.body)

    async def _deliver(self, write: Write, ask: Ask, body: bytes) -> Answer:
        answer = await ask(body)
        self.traffic.delivered.append(replace(write, body=body, answer=answer))
        return answer

    def _failed(self, write: Write, navigates: bool) -> Answer:
        """An error. A page that is loaded with it looks as if there were none; a script is told so by `page.js`."""
        body, good = b"{}", self.good_answer(write)
        if navigates:
            self.traffic.fired += 1
            body = _ON.format(json.dumps(good.header("location"))).encode() if good.header("location") else good.body
        kind = b"text/html; charset=utf-8" if navigates else b"application/json"
        return Answer(500, b"Internal Server Error", ((b"Content-Type", kind),), body)

    def good_answer(self, write: Write) -> Answer:
        """What the server said to the same request in the run that nothing was done to, at the addresses of this one."""
        same = [one for one in self.unbroken.writes if (one.method, one.path) == (write.method, write.path) and one.answer]
        found = next((one for one in same if one.nth == write.nth), same[-1] if same else None)
        if found is None or found.answer is None:
            return Answer(200, b"OK", ((b"Content-Type", b"text/plain"),), b"")
        return self._moved(found.answer)

    def given(self) -> dict[str, Any] | None:
        """The good answer as `page.js` wants it."""
        if self.mutant is None or self.mutant.kind not in ("lying page", "hidden error"):
            return None
        answer = self.good_answer(Write(self.mutant.method, self.mutant.path, "", "", b"", self.mutant.nth))
        origins = self.unbroken.origins  # of fixtures that have another port now; a path is right at any
        location, body = answer.header("location"), answer.body.decode("utf-8", "replace")
        for origin in origins:
            location, body = location.removeprefix(origin), body.replace(origin, "")
        return {"status": answer.status, "kind": answer.header("content-type"), "location": location, "body": body}

    def _moved(self, answer: Answer) -> Answer:
        """At the addresses that the fixtures have now."""
        body, headers = answer.body, answer.headers
        for old, new in zip(self.unbroken.origins, self.traffic.origins, strict=False):
            body = body.replace(old.encode(), new.encode())
            headers = tuple((name, value.replace(old.encode(), new.encode())) for name, value in headers)
        return replace(answer, body=body, headers=headers)

    def left(self, given: Mapping[str, Any]) -> None:
        """The run is over; what the fixtures gave still stands."""
        self.traffic.stored = stored(given)

    async def look(self, context: BrowserContext) -> None:
        """Keeps what can be read in the tabs; a page that a dialog holds shows nothing."""
        from playwright.async_api import Error

        shown = []
        for page in context.pages:
            for frame in page.frames:
                try:
                    async with asyncio.timeout(0.5):
                        shown.append(str(await frame.evaluate("document.body?.innerText || ''")).strip())
                except (Error, TimeoutError):
                    continue
        self.traffic.shown = tuple(shown)


def _visible(answer: Answer) -> str:
    """What of an answer a person could see. A page's scripts and markup differ from time to time without meaning anything."""
    text = answer.body.decode("utf-8", "replace")
    if "html" in answer.header("content-type"):
        text = html.unescape(_MARKUP.sub(" ", text))
    return " ".join(text.split())
