"""Whether a script listens at a place of the page. DevTools knows; the page cannot tell that it was asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

CLICKS = ("click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend")


async def listened_at(session: CDPSession, x: float, y: float, kinds: Sequence[str] = CLICKS) -> bool:
    """True when something on the path of an event at this point of the view listens to one of `kinds`.

    True as well inside a frame of another process, which cannot be asked from here.
    """
    asked = f"({script('heard')})(getEventListeners, {json.dumps(list(kinds))}, {x}, {y})"
    question = {"expression": asked, "includeCommandLineAPI": True, "returnByValue": True}
    answer: dict[str, Any] = await session.send("Runtime.evaluate", question)
    return "exceptionDetails" in answer or bool(answer["result"].get("value"))
