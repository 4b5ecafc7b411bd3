"""Whether a script listens at a place of the page. DevTools knows; the page cannot tell that it was asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

CLICKS = ("click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend")

_HEARD = """(() => {
  const kinds = %s;
  let root = document, x = %f, y = %f, hit = null;
  for (;;) {
    hit = root.elementFromPoint(x, y);
    while (hit?.shadowRoot?.elementFromPoint(x, y) && hit.shadowRoot.elementFromPoint(x, y) !== hit) hit = hit.shadowRoot.elementFromPoint(x, y);
    if (hit?.localName !== 'iframe' || !hit.contentDocument) break;
    const rect = hit.getBoundingClientRect();
    x -= rect.left + hit.clientLeft; y -= rect.top + hit.clientTop; root = hit.contentDocument;
  }
  if (hit?.localName === 'iframe') return true;
  const heard = node => kinds.some(kind => getEventListeners(node)[kind]?.length);
  const above = node => node.assignedSlot || node.parentNode || node.host;
  for (let node = hit; node; node = above(node)) if (heard(node)) return true;
  return hit ? heard(hit.ownerDocument.defaultView) : false;
})()"""


async def listened_at(session: CDPSession, x: float, y: float, kinds: Sequence[str] = CLICKS) -> bool:
    """True when something on the path of an event at this point of the view listens to one of `kinds`.

    True as well inside a frame of another process, which cannot be asked from here.
    """
    question = {"expression": _HEARD % (json.dumps(list(kinds)), x, y), "includeCommandLineAPI": True, "returnByValue": True}
    answer: dict[str, Any] = await session.send("Runtime.evaluate", question)
    return "exceptionDetails" in answer or bool(answer["result"].get("value"))
