"""Acting on an element that only the deep look knows: where to point, and how to fill it.

Such an element has no Playwright locator. The handle gives a point for `page.mouse`, or takes the focus for `page.keyboard`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from operator_agent.flow.observation import Box
from operator_agent.surfaces.browser.scanner import Document, Scanner

if TYPE_CHECKING:
    from playwright.async_api import Page


_SETTLING = 6
"""How many times frames around may move while they follow a scroll, before the point is taken as it is."""
_PATIENCE = 2.0
"""Seconds a document may take to answer where it is."""


class StaleNode(Exception):
    """The element behind a ref is gone, or the ref is of an earlier look. A signal: look again."""


class Point(NamedTuple):
    """Where the pointer reaches a node, in CSS pixels of the page's view."""

    x: float
    y: float
    box: Box
    covered_by: str = ""
    """What would take the click instead, as a person would name it; "" when the node takes it."""
    disabled: bool = False


def is_node_ref(ref: str) -> bool:
    """True for a ref of the deep look, which `NodeHandle` acts on; all others are for `page.get_by_ref`."""
    return ref.startswith("n:")


class NodeHandle:
    """One element of the latest deep look of a page. Its methods raise `StaleNode` when it is no longer there."""

    def __init__(self, page: Page, ref: str) -> None:
        found = Scanner.of(page).find(ref)
        if found is None:
            raise StaleNode(f"{ref} is of an earlier look")
        self._page = page
        self._document, self._row = found

    async def point(self) -> Point | None:
        """Where to click, after bringing it into view, and what covers it there; None when nothing of it shows
        (then `press` reaches it: fallback content of a canvas)."""
        await self._ask("scroll", self._row)
        point = await self._aim()
        for _ in range(_SETTLING if self._document.path else 0):
            await self._ask("painted")
            before, point = point, await self._aim()
            if point == before:
                break
        return point

    async def _aim(self) -> Point | None:
        aim = await self._ask("aim", self._row)
        if aim["state"] == "gone":
            raise StaleNode("the element is no longer there")
        if aim["state"] == "hidden":
            return None
        left, top = await self._origin()
        x, y, width, height = aim["rect"]
        covered = (aim["by"] or "the edge of the view") if aim["state"] == "covered" else ""
        return Point(left + aim["x"], top + aim["y"], Box(left + x, top + y, width, height), covered, aim["state"] == "disabled")

    async def focus(self) -> bool:
        """Puts the keyboard focus on it, all of its text selected; False when it does not take the focus."""
        return bool(await self._ask("focus", self._row))

    async def fill(self, text: str) -> bool:
        """Replaces what the field holds, as typing would; False when it does not take the focus."""
        if not await self.focus():
            return False
        if text:
            await self._page.keyboard.insert_text(text)
        else:
            await self._page.keyboard.press("Delete")
        return True

    async def press(self, keys: str = "Enter") -> bool:
        """Presses a key on it; False when it does not take the focus."""
        if not await self.focus():
            return False
        await self._page.keyboard.press(keys)
        return True

    async def value(self) -> str:
        """What it holds now, passwords masked."""
        return str((await self._read())["value"])

    async def states(self) -> tuple[str, ...]:
        """Its states now, as in ARIA snapshots; of the input, when it is a label that stands for one."""
        return tuple((await self._read())["states"])

    async def attached(self) -> bool:
        """Whether it is still in the page."""
        try:
            await self._read()
        except StaleNode:
            return False
        return True

    async def reacts(self) -> bool:
        """Whether a click there does something: a listener on the way up, or what browsers do by themselves."""
        return bool(await self._ask("reacts", self._row))

    async def _read(self) -> dict[str, Any]:
        read = await self._ask("read", self._row)
        if read is None:
            raise StaleNode("the element is no longer there")
        return dict(read)

    async def _origin(self) -> tuple[float, float]:
        """Where the view of its document begins in the page's view."""
        left = top = 0.0
        path = self._document.path
        while path:
            outer = await Scanner.of(self._page).at(path[:-1], _PATIENCE)
            place = await _ask(outer, "frame", path[-1]) if outer else None
            if place is None:
                raise StaleNode("the frame around the element is no longer there")
            _, x, y, _, _, inner_x, inner_y = place
            left, top, path = left + x + inner_x, top + y + inner_y, path[:-1]
        return left, top

    async def _ask(self, function: str, *arguments: Any) -> Any:
        return await _ask(self._document, function, *arguments)


async def _ask(document: Document, function: str, *arguments: Any) -> Any:
    from playwright.async_api import Error

    try:
        return await document.call(function, *arguments)
    except Error as error:
        raise StaleNode(f"the document of the element is gone: {error.message}") from error


async def reacts_at(page: Page, x: float, y: float) -> bool:
    """Whether a click at this point of the view does something: a pointer listener on the element there or around it, up to
    the window, or what browsers do by themselves (follow a link, submit a form, tick a box, open a select …).

    False is what a handler that is not attached yet looks like. Raises `StaleNode` while the page is being replaced.
    """
    scanner = Scanner.of(page)
    try:
        return await _reacts(scanner, x, y)
    except StaleNode:
        scanner.outdate()
        return await _reacts(scanner, x, y)


async def _reacts(scanner: Scanner, x: float, y: float) -> bool:
    path: tuple[int, ...] = ()
    while True:
        document = await scanner.at(path, _PATIENCE)
        if document is None:
            return True  # A frame we cannot look into: nothing says it is inert.
        inner = await _ask(document, "frameAt", x, y)
        if inner is None:
            return bool(await _ask(document, "reactsAt", x, y))
        number, left, top = inner
        path, x, y = (*path, int(number)), x - left, y - top
