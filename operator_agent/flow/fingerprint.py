"""What an element was known by when a step chose it, besides its locator: how it is found again when the locator is gone."""

from __future__ import annotations

from typing import NamedTuple

from operator_agent.flow.base import Frozen
from operator_agent.flow.observation import Box


class Control(NamedTuple):
    """Another control of the page. `unit` is what the form, row, card or dialog around it is known by."""

    role: str
    name: str
    unit: str = ""


class Fingerprint(Frozen):
    """Of one element at one moment. All texts as they were shown, cut to a name's length."""

    role: str
    name: str = ""
    label: str = ""
    """The text that labels it, when it has no name of its own."""
    placeholder: str = ""
    url: str = ""
    """Where a link leads; path and query when that is on the page's own origin."""
    options: tuple[str, ...] = ()
    """What can be chosen in it."""
    unit_role: str = ""
    unit: tuple[str, ...] = ()
    """What tells the form, row, card or dialog around it from the others of its kind: its name, else its titles."""
    kin: int = 0
    """How many such units stand side by side, its own counted: one row of many, or the only form."""
    section: str = ""
    """The nearest heading before it."""
    before: str = ""
    after: str = ""
    """The nearest text in reading order on either side."""
    path: tuple[str, ...] = ()
    """The roles around it, innermost first, without those that mean nothing."""
    order: tuple[int, int] = (0, 0)
    """Its place among the controls of its unit, from 0, and how many those are."""
    box: Box | None = None
    others: tuple[Control, ...] = ()
    """The other controls of the page, nearest in the document first cut: what was there then has not become it since."""
