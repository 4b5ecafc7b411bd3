"""From an element of the latest observation to the node in the page."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.engine import question
from operator_agent.surfaces.browser.frames import document_of
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame, Locator

_LATE_MILLISECONDS = 250


def locate(turn: Turn, element: Element) -> Locator:
    """For Playwright's own verbs, which wait for their element. Raises Hindered for one that has no ref."""
    if not element.ref or is_node_ref(element.ref):
        raise _out_of_reach(element)
    return turn.parts.page.get_by_ref(element.ref)


async def find(turn: Turn, element: Element) -> ElementHandle:
    """The node, now: unlike a locator this does not wait for one that is gone. Raises Hindered: stale, unsupported."""
    if is_node_ref(element.ref):
        raise _out_of_reach(element)
    if not element.ref:
        return await _by_name(turn, element)
    handle = await turn.parts.page.query_selector(f"aria-ref={element.ref}")
    if handle is None:
        raise Hindered("stale", f"{element} is no longer there")
    return handle


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the page that scripts of ours can be asked about."""

    turn: Turn
    element: str
    """As a person is told of it."""
    locator: Locator | None = None
    """Asked through the selector engine; only nodes of the main document."""
    handle: ElementHandle | None = None

    async def frame(self) -> Frame:
        return (await self.handle.owner_frame() if self.handle else None) or self.turn.parts.page.main_frame

    async def ask(self, name: str, **given: Any) -> Any:
        """What the script answers. Raises Hindered (stale) for a node that is gone."""
        if self.locator is None:
            assert self.handle
            if name == "aim":
                given["keep"] = await self.turn.parts.tabs.active.keep(await self.frame())
            return await self.handle.evaluate(script(name), given)
        asked = self.locator.locator(question(name, given))
        return json.loads(await self._unless_gone(asked.text_content) or "null")

    async def report(self) -> Any:
        """What the guard has seen that a script may have put up in this node's document, which is taken down; None without one."""
        page = self.turn.parts.page
        if self.locator is not None:
            told = await page.locator(question("arrived")).text_content(timeout=self._milliseconds)
            return json.loads(told or "null")
        keep = await self.turn.parts.tabs.active.keep(await self.frame())
        return await keep.evaluate(f"keep => ({script('arrived')})(null, {{keep}})")

    async def select_option(self, indexes: list[int]) -> None:
        await (self.locator or self.handle).select_option(index=indexes, timeout=self._milliseconds)  # type: ignore[union-attr]

    async def fill(self, text: str) -> None:
        await (self.locator or self.handle).fill(text, timeout=self._milliseconds)  # type: ignore[union-attr]

    @property
    def _milliseconds(self) -> float:
        return max(self.turn.left, 0.1) * 1000

    async def _unless_gone(self, ask: Callable[..., Awaitable[str | None]]) -> str | None:
        """Playwright waits for a node that is gone; whether it is, is asked as soon as an answer is late."""
        from playwright.async_api import TimeoutError as TimedOut

        assert self.locator
        while True:
            try:
                return await ask(timeout=_LATE_MILLISECONDS)
            except TimedOut:
                if await self.locator.count() == 0:
                    raise Hindered("stale", f"{self.element} is no longer there") from None
                if self.turn.left <= 0:
                    raise


async def node_of(turn: Turn, element: Element) -> Node:
    """Raises Hindered: stale, unsupported."""
    if turn.parts.asks and element.ref and document_of(element.ref) == turn.parts.tabs.active.documents:
        return Node(turn, str(element), locator=locate(turn, element))
    return Node(turn, str(element), handle=await find(turn, element))


async def _by_name(turn: Turn, element: Element) -> ElementHandle:
    """A node too small to have a ref, such as the hidden checkbox whose label is what people see; when it is the only one."""
    found = []
    if element.name:
        by_role = turn.parts.page.get_by_role(element.role, name=element.name, exact=True)  # type: ignore[arg-type]
        found = await by_role.element_handles()
    if len(found) != 1:
        raise _out_of_reach(element)
    return found[0]


def _out_of_reach(element: Element) -> Hindered:
    if is_node_ref(element.ref):
        return Hindered("unsupported", f"only the pointer and the keyboard reach {element}; click, fill, type or press it")
    return Hindered("unsupported", f"{element} cannot be acted on by itself; name what is in it or around it")
