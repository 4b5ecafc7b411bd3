"""What `crypto` of pages draws, so that it can be had again and yet nobody could have foretold it.

Each document draws from a stream of its own (ChaCha20), whose key Chromium's own generator gives at the first draw. The keys are
told, and a run that keeps its network keeps them beside it: whoever has them has what the pages drew. A replay gives each document
the key that one of its address had. Workers, `crypto.subtle` and documents that nobody told of keep Chromium's own.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable
from secrets import token_hex
from typing import TYPE_CHECKING

from operator_agent.flow.tape import Drawn
from operator_agent.surfaces.browser.clock import patiently
from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

_KEY = re.compile(r"[0-9a-f]{64}")
_LONGEST = 4000
"""Characters of an address; a page may tell what it likes."""


class PageChance:
    """Install it once, before the first page is opened. `told` gets the key of each document when it first draws; `recorded` are
    those of a recording, in their order, which documents of the same address get instead of new ones."""

    def __init__(self, told: Callable[[Drawn], None], recorded: Iterable[Drawn] = ()) -> None:
        self._told = told
        self._left = list(recorded)
        self._hook = token_hex(8)
        """What our scripts in pages know each other by; nothing a page could guess."""
        self._context: BrowserContext | None = None

    async def install(self, context: BrowserContext) -> None:
        self._context = context
        teller = f"draws{self._hook}"
        await context.expose_binding(teller, self._drawn)
        kept = [(one.document, one.key) for one in self._left]
        given = ", ".join(map(json.dumps, (self._hook, teller, kept)))
        await context.add_init_script(f"({script('chance')})({given})")

    async def forget(self) -> None:
        """From now on nothing is as recorded: what has been drawn from its keys already draws from new ones."""
        self._left = []
        await self._tell(None)

    async def _drawn(self, _source: object, document: object, key: object) -> None:
        if not (isinstance(document, str) and isinstance(key, str) and len(document) <= _LONGEST and _KEY.fullmatch(key)):
            return
        self._told(Drawn(document=document, key=key))
        kept = next((one for one in self._left if one.key == key), None)
        if kept:
            self._left.remove(kept)
            await self._tell(key)

    async def _tell(self, used: str | None) -> None:
        """Lets the documents that are open and those that come know that a key is used; None: that all are."""
        if self._context is None:
            return
        said = f"globalThis[Symbol.for({json.dumps(self._hook)})]?.({json.dumps(used)});"
        frames = (patiently(frame.evaluate(said)) for page in self._context.pages for frame in page.frames)
        await asyncio.gather(patiently(self._context.add_init_script(said)), *frames)
