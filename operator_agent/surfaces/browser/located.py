"""From an element of the latest observation to the node in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.turn import Hindered, Turn

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame, Locator


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
        return Hindered(
            "unsupported", f"only the pointer and the keyboard reach {element}; click, fill, type or press it"
        )
    return Hindered("unsupported", f"{element} cannot be acted on by itself; name what is in it or around it")


async def frame_of(turn: Turn, element: Element, handle: ElementHandle) -> Frame:
    """The frame the node lives in; only elements of child frames cost a question."""
    main = turn.parts.page.main_frame
    if not element.ref.startswith("f"):
        return main
    return await handle.owner_frame() or main
