"""Which Playwright frame an `iframe` of a snapshot holds, and where its view lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from operator_agent.errors import UsageError
from operator_agent.flow.observation import Element
from operator_agent.flow.origin import Origin

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

_known: WeakKeyDictionary[Page, dict[str, Frame]] = WeakKeyDictionary()
"""Page → ref of an iframe → its frame. A ref belongs to one iframe element for as long as its document lives."""


def holders(elements: Sequence[Element]) -> list[int]:
    """For each element the index of the `iframe` around it, -1 outside of any."""
    around: list[int] = []
    for element in elements:
        parent = element.parent
        around.append(-1 if parent < 0 else parent if elements[parent].role == "iframe" else around[parent])
    return around


def document_of(ref: str) -> str:
    """What tells the documents of a page apart: the beginning that a ref shares with all others of its document."""
    return ref.partition("e")[0]


async def frame_in(page: Page, ref: str, timeout: float) -> Frame | None:
    """The frame an `iframe` element holds; None when it holds none. Raises Playwright's Error when it is gone."""
    known = _known.setdefault(page, {})
    frame = known.get(ref)
    if frame is None or frame.is_detached():
        handle = await page.get_by_ref(ref).element_handle(timeout=timeout * 1000)
        frame = await handle.content_frame()
        await handle.dispose()
        if frame is None:
            return None
        known[ref] = frame
    return frame


def origin_of(frame: Frame) -> str:
    """The origin of a frame's document, `null` when it has none of the web; `about:` pages have that of the frame around."""
    holder = frame
    while holder.url.startswith("about:") and holder.parent_frame is not None:
        holder = holder.parent_frame
    try:
        return str(Origin.parse(holder.url))
    except UsageError:
        return "null"
