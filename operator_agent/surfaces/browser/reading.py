"""The verb read: text, field value, number, table, list, link, attribute."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from operator_agent.flow.action import Read
from operator_agent.surfaces.browser import deep
from operator_agent.surfaces.browser.located import node_of
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.turn import Hindered, Turn
from operator_agent.surfaces.numbers import number_in

_SPAN = 200
"""Characters of the source text that are kept as evidence."""


async def read(turn: Turn) -> None:
    """Leaves the value in `turn.value` and where it was read in `turn.source`. Raises Hindered when there is no such value."""
    assert isinstance(turn.action, Read)
    element = turn.element()
    what, _, attribute = turn.action.what.partition(" ")
    if what not in ("text", "value", "number", "table", "list", "link", "attribute") or (what == "attribute") != bool(attribute):
        raise Hindered("unsupported", f'nothing can be read as "{turn.action.what}"')
    turn.settles = False
    if is_node_ref(element.ref):
        if what not in ("text", "value"):
            raise Hindered("unsupported", f"only the text and the value of {element} can be read")
        turn.value = await deep.value(turn, element)
        turn.source = f"{turn.parts.page.url}: {str(turn.value)[:_SPAN]}"
        return
    seen: dict[str, Any] = await (await node_of(turn, element)).ask("read", what=what, attribute=attribute)
    value = seen["value"]
    if value is None:
        raise Hindered("rejected", f"{element} has no {turn.action.what}")
    if what == "link":
        value = urljoin(seen["url"], value)
    if what == "number":
        value = number_in(value)
        if value is None:
            raise Hindered("rejected", f'{element} shows no number: "{seen["span"][:60]}"')
    turn.value = value
    turn.source = f"{seen['url']}: {seen['span'][:_SPAN]}"
