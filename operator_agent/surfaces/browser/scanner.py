"""Reads what an ARIA snapshot does not show, over Chromium's protocol: one call per document and look.

A script (`scan.js`) is placed once per document as an object of our own debugging session; the page holds nothing of it.
Closed shadow roots are found in the document's markup and, only when there are any, named by Chromium's DOM snapshot.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from operator_agent.surfaces.browser.snapshot import MASK

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Frame, Page

T = TypeVar("T")

_CLOSED_ROOT = '<template shadowrootmode="closed"'

_scanners: WeakKeyDictionary[Page, Scanner] = WeakKeyDictionary()


class Row(NamedTuple):
    """One finding of `scan.js`; see there. Boxes are x, y, width, height in the view of the document."""

    kind: str
    inside: bool
    """It is in a closed shadow root, where the snapshot sees nothing."""
    parent: int
    box: list[int]
    before: list[int] | None
    role: str = ""
    name: str = ""
    value: str = ""
    states: list[str] | tuple[str, ...] = ()
    placeholder: str = ""
    url: str = ""
    own: list[int] | None = None
    icon: str = ""
    """What a control without a name calls itself in its markup."""


@dataclass(eq=False)
class Document:
    """One document of the page, and our object in it."""

    session: CDPSession
    scanner: str
    node: str
    path: tuple[int, ...] = ()
    """The numbers of the frames around it, from the page's own document inwards."""
    closed: tuple[int, int] = (0, 0)
    """How many closed shadow roots its markup named, and how many of them the scanner knew then."""

    async def call(self, function: str, *arguments: Any) -> Any:
        """What a function of our object returns. Raises Playwright's Error when the document is gone."""
        return await _call(self.session, self.scanner, function, [{"value": argument} for argument in arguments])


@dataclass
class Scan:
    """What one document holds."""

    document: Document
    number: int
    rows: list[Row]
    secrets: list[tuple[str, bool]]
    """The values of its password fields, and whether each shows."""
    frames: list[list[float]]
    """Of each frame: its number, its box (4), and where its content begins in that box (2)."""


class Scanner:
    """The scans of one page. Refs are `n:LOOK:DOCUMENT:ROW` and hold until the next look."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sessions: dict[Frame, CDPSession] = {}
        self._documents: list[Document] = []
        self._stale = True
        self._missing = False
        """A document did not answer when they were found."""
        self.looks = 0
        page.on("frameattached", self.outdate)
        page.on("framedetached", self.outdate)

    @classmethod
    def of(cls, page: Page) -> Scanner:
        """The page's one scanner."""
        if page not in _scanners:
            _scanners[page] = cls(page)
        return _scanners[page]

    async def look(self, timeout: float) -> tuple[list[Scan], bool]:
        """Every document's findings, and whether every one answered in time."""
        self.looks += 1
        scans = await self._scan_all(timeout)
        if None in scans and not self._page.is_closed():
            # Most often a document that has been replaced since the last look.
            self._stale = True
            scans = await self._scan_all(timeout)
        answered = None not in scans and not self._stale
        self._stale = self._stale or not answered
        return [scan for scan in scans if scan is not None], answered

    async def _scan_all(self, timeout: float) -> list[Scan | None]:
        if self._stale:
            await self._find_documents(timeout)
        scans = [_within(timeout, _scan(document, number)) for number, document in enumerate(self._documents)]
        return [*await asyncio.gather(*scans), *([None] if self._missing else [])]

    def ref(self, scan: Scan, row: int) -> str:
        return f"n:{self.looks}:{scan.number}:{row}"

    def find(self, ref: str) -> tuple[Document, int] | None:
        """The document and row of a ref of the latest look; None when it is older."""
        _, look, document, row = ref.split(":")
        if int(look) != self.looks or int(document) >= len(self._documents):
            return None
        return self._documents[int(document)], int(row)

    async def at(self, path: tuple[int, ...], timeout: float) -> Document | None:
        """The document behind these frames; None when it does not answer."""
        if self._stale:
            await self._find_documents(timeout)
        return next((each for each in self._documents if each.path == path), None)

    def outdate(self, _: Frame | None = None) -> None:
        """The documents are not what they were: find them anew before the next question."""
        self._stale = True

    async def _find_documents(self, timeout: float) -> None:
        self._stale = False
        alone = len(self._page.frames) == 1
        frames = [self._page.main_frame] if alone else self._page.frames
        sessions = await asyncio.gather(*(_within(timeout, self._session(frame)) for frame in frames))
        found = await asyncio.gather(*(_documents(each, alone, timeout) for each in sessions if each is not None))
        documents = [document for group in found for document in group]
        self._documents = [document for document in documents if document is not None]
        self._missing = len(self._documents) < len(documents) or not documents

    async def _session(self, frame: Frame) -> CDPSession | None:
        """The session of the page, or of a frame that Chromium keeps in a process of its own; None for all other frames."""
        if frame in self._sessions:
            return self._sessions[frame]
        session = await self._page.context.new_cdp_session(self._page if frame is self._page.main_frame else frame)
        self._sessions[frame] = session

        def forget(_: object) -> None:
            self._sessions.pop(frame, None)

        session.on("close", forget)
        return session


async def _within(timeout: float, asked: Awaitable[T]) -> T | None:
    """The answer, or None when it does not come in time, or cannot: its document or session is gone."""
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(timeout):
            return await asked
    except (TimeoutError, Error):
        return None


async def _documents(session: CDPSession, alone: bool, timeout: float) -> list[Document | None]:
    """The documents of a session; None for one that does not answer."""
    if alone:
        return [await _within(timeout, _place(session, None))]
    contexts: list[int] = []

    def note(event: dict[str, Any]) -> None:
        if event["context"]["auxData"]["isDefault"]:
            contexts.append(event["context"]["id"])

    session.on("Runtime.executionContextCreated", note)
    answered = await _within(timeout, session.send("Runtime.enable"))
    session.remove_listener("Runtime.executionContextCreated", note)
    if answered is None:
        return [None]
    await _within(timeout, session.send("Runtime.disable"))
    return await asyncio.gather(*(_within(timeout, _place(session, context)) for context in contexts))


async def _place(session: CDPSession, context: int | None) -> Document:
    script = Path(__file__).with_name("scan.js").read_text(encoding="utf-8")
    where = {} if context is None else {"contextId": context}
    expression = f"({script.strip()})(getEventListeners, {json.dumps(MASK)})"
    made = await session.send("Runtime.evaluate", {"expression": expression, "includeCommandLineAPI": True, **where})
    scanner = made["result"]["objectId"]
    node = await _call(session, scanner, "document", [], by_value=False)
    document = Document(session, scanner, node)
    if context is not None:
        document.path = tuple(await document.call("path"))
    return document


async def _call(session: CDPSession, scanner: str, function: str, arguments: list[dict[str, Any]], *, by_value: bool = True) -> Any:
    from playwright.async_api import Error

    declaration = f"function (...all) {{ return this.{function}(...all); }}"
    asked = {
        "objectId": scanner,
        "functionDeclaration": declaration,
        "arguments": arguments,
        "returnByValue": by_value,
        "awaitPromise": True,
    }
    answer = await session.send("Runtime.callFunctionOn", asked)
    if "exceptionDetails" in answer:
        raise Error(f"scan.js {function}: {answer['result'].get('description', answer['exceptionDetails']['text'])}")
    return answer["result"].get("value") if by_value else answer["result"]["objectId"]


async def _scan(document: Document, number: int) -> Scan:
    asked = {"objectId": document.node, "includeShadowDOM": True}
    looked, markup = await asyncio.gather(document.call("look"), document.session.send("DOM.getOuterHTML", asked))
    found = json.loads(looked)
    roots = markup["outerHTML"].count(_CLOSED_ROOT)
    if roots and (roots, found["closed"]) != document.closed:
        inside = [{"objectId": each} for each in await _closed_nodes(document, roots)]
        found = json.loads(await _call(document.session, document.scanner, "lookInside", inside))
    document.closed = roots, found["closed"]
    document.path = tuple(found["path"])
    return Scan(document, number, [Row(*row) for row in found["rows"]], found["secrets"], found["frames"])


async def _closed_nodes(document: Document, roots: int) -> list[str]:
    """One node of each of the document's closed shadow roots, as remote objects; of some roots more than one."""
    snapshot = await document.session.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    described = await document.session.send("DOM.describeNode", {"objectId": document.node, "depth": 0})
    own = described["node"]["backendNodeId"]
    nodes = next((each["nodes"] for each in snapshot["documents"] if each["nodes"]["backendNodeId"][0] == own), None)
    if nodes is None:
        return []
    kinds = nodes["shadowRootType"]
    closed = {index for index, kind in zip(kinds["index"], kinds["value"], strict=True) if snapshot["strings"][kind] == "closed"}
    first: dict[int, int] = {}
    for index in sorted(closed, reverse=True):
        first[nodes["parentIndex"][index]] = index
    # The snapshot names no root, only what is in one: below a host that is itself outside, or in a root inside a root.
    outer = [index for parent, index in first.items() if parent not in closed]
    wanted = sorted(outer if len(outer) == roots else first.values())
    resolve = (document.session.send("DOM.resolveNode", {"backendNodeId": nodes["backendNodeId"][index]}) for index in wanted)
    return [resolved["object"]["objectId"] for resolved in await asyncio.gather(*resolve)]
