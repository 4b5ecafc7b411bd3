"""The view as a JPEG, with everything secret painted over."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import TYPE_CHECKING, Any

from operator_agent.flow.observation import Box, Element, Picture
from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import CDPSession, Page

    from operator_agent.surfaces.browser.parts import Parts

_QUALITY = 60
_MARGIN = 4
"""Pixels painted beyond the box: a focus ring, a shadow, a layout that moved by a little."""
_INK = (40, 40, 40)
_PLACE_SECONDS = 0.25
_TRIES = 3
_NO_FRAME = "Unable to capture screenshot"
"""What Chromium says when it has no frame to give: it is busy, or just changes from one document to the next."""


Region = tuple[float, float, float, float]


class Camera:
    """Takes pictures of the active tab's view. It remembers the last one, which may do again: each costs two frames of time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._last: Picture | None = None
        self._seen: tuple[Page, dict[str, Any]] | None = None
        self.wanted = False
        """Somebody has taken a picture: then looks give boxes, and a picture is taken ahead of being asked for."""
        self._current = False
        self._ahead: asyncio.Task[Picture] | None = None

    def begin(self) -> None:
        """An act is over: somebody who took pictures before will want one, so it is taken while the act is still being proved."""
        self.drop()
        if self.wanted:
            self._ahead = asyncio.ensure_future(self._take(None, True))

    def acting(self) -> None:
        """An act begins: what was taken is of the time before."""
        self.drop()
        self._current = False

    def drop(self) -> None:
        """The picture taken ahead is out of date, or nobody wants it."""
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._ahead = None

    async def take(self, of: Element | None, fresh: bool) -> Picture:
        """The view, with `of` brought into it and marked. Unless `fresh`, the last picture when nothing has moved since."""
        self.wanted = True
        if of is None and fresh and self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return await ahead
        if not fresh and self._current and self._last and of and of.box and _within(of.box, self._last):
            # Nothing was done since: the look that gave the element its box is of the same view as the picture.
            return self._last.model_copy(update={"mark": of.box})
        return await self._take(of, fresh)

    async def _take(self, of: Element | None, fresh: bool) -> Picture:
        page, session, secrets = self._parts.page, await self._parts.session(), self._parts.redaction.values
        mark = await _place(page, of) if of else None
        # Without secrets only password fields are painted over, and those show dots: to measure them once is enough.
        view = await _view(session, secrets) if secrets or not fresh else None
        if view is None or fresh or not self._last or self._seen != (page, view):
            self._last, view = await _shot(session, secrets, view)
            self._seen = (page, view)
        self._current = True
        return self._last.model_copy(update={"mark": mark})


def _within(box: Box, picture: Picture) -> bool:
    """The whole box lies in the view."""
    width, height = picture.width / picture.scale, picture.height / picture.scale
    inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= width and box.y + box.height <= height
    return inside and box.width > 0 and box.height > 0


async def _shot(session: CDPSession, secrets: Sequence[str], before: dict[str, Any] | None) -> tuple[Picture, dict[str, Any]]:
    """What must not be seen is measured and painted over. Where there are secrets it is measured before the shot and after it, else
    while the shot waits for its frame: only password fields are hidden then, and those show dots."""
    if secrets:
        jpeg, after = await frame(session), await _view(session, secrets)
    else:
        jpeg, after = await asyncio.gather(frame(session), _view(session, secrets))
    width, height = jpeg_size(jpeg)
    scale = width / after["width"] if after["width"] else 1.0
    hidden = [tuple(region) for region in (*(before["hidden"] if before else ()), *after["hidden"])]
    if hidden:
        jpeg = _painted(jpeg, hidden, scale)
    return Picture(jpeg=jpeg, width=width, height=height, scale=scale), after


async def frame(session: CDPSession) -> bytes:
    """The view as a JPEG. Raises TimeoutError when Chromium has none to give, asked again and again."""
    from playwright.async_api import Error

    for _ in range(_TRIES):
        try:
            shot = await session.send("Page.captureScreenshot", {"format": "jpeg", "quality": _QUALITY, "optimizeForSpeed": True})
        except Error as error:
            if _NO_FRAME not in str(error):
                raise
        else:
            return base64.b64decode(shot["data"])
    raise TimeoutError(_NO_FRAME)


async def _place(page: Page, element: Element) -> Box | None:
    """Where the element is in the view, after bringing it there; None when it is gone."""
    from playwright.async_api import Error

    if not element.ref or element.ref.startswith("n:"):
        return element.box
    locator = page.get_by_ref(element.ref)
    patience = _PLACE_SECONDS * 1000
    try:
        place = Box(*await locator.evaluate(script("place"), timeout=patience))
        if element.ref.startswith("f"):
            outer = await locator.bounding_box(timeout=patience)
            return Box(**outer) if outer else None
    except Error:
        # The act will tell that it is gone; a picture without a mark is all that is lost here.
        return None
    return place


async def _view(session: CDPSession, secrets: Sequence[str]) -> dict[str, Any]:
    asked = f"({script('view')})({json.dumps(list(secrets))}, {json.dumps(bool(secrets))})"
    answer: dict[str, Any] = await session.send("Runtime.evaluate", {"expression": asked, "returnByValue": True})
    view: dict[str, Any] = answer["result"].get("value") or {"width": 0, "height": 0, "hidden": [], "place": []}
    return view


def _painted(jpeg: bytes, regions: Sequence[Region], scale: float) -> bytes:
    from PIL import Image, ImageDraw

    with Image.open(io.BytesIO(jpeg)) as image:
        draw = ImageDraw.Draw(image)
        for x, y, width, height in regions:
            left, top = x * scale - _MARGIN, y * scale - _MARGIN
            draw.rectangle((left, top, left + width * scale + 2 * _MARGIN, top + height * scale + 2 * _MARGIN), fill=_INK)
        painted = io.BytesIO()
        image.save(painted, "JPEG", quality=_QUALITY)
    return painted.getvalue()


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the frame header of a JPEG. Raises ValueError when there is none."""
    at = 2
    while at + 9 < len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(jpeg[at + 7 : at + 9], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")
        at += 2 + length
    raise ValueError("not a JPEG")
