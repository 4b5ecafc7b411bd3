"""The verb read: text, field value, number, table, list, link, attribute."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from operator_agent.flow.action import Read
from operator_agent.surfaces.browser import deep
from operator_agent.surfaces.browser.located import find
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

_SPAN = 200
"""Characters of the source text that are kept as evidence."""


_NUMBER = re.compile(r"(?P<sign>[-−(]?\s*)[^\d\s.,]{0,3}\s*(?P<digits>\d(?:[\d.,'\u2019\s]*\d)?)")


def number_in(text: str) -> str | None:
    """The first number in `text`, with a point for decimals and no grouping: `€ 1.234,50` → `1234.50`."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    digits = re.split(r"\s(?!\d{3}(?!\d))", found["digits"])[0]
    digits = re.sub(r"[\s'\u2019]", "", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        whole, mark, rest = digits[:last], digits[last], digits[last + 1 :]
        # One mark before exactly three digits groups thousands, unless another kind of mark has done that already.
        grouped = (
            len(rest) == 3
            and whole.strip("0") != ""
            and (mark == "," or whole.count(mark) > 0)
            and (set(whole) & set(".,")) <= {mark}
        )
        whole = re.sub(r"[.,]", "", whole)
        digits = whole + rest if grouped else f"{whole}.{rest}"
    negative = found["sign"].strip() in ("-", "−", "(")
    return f"-{digits}" if negative else digits


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
    seen: dict[str, Any] = await (await find(turn, element)).evaluate(script("read"), {"what": what, "attribute": attribute})
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
