"""Which roles a verb is for."""

from __future__ import annotations

from operator_agent.flow.observation import Element

FIELDS = frozenset({"textbox", "searchbox", "spinbutton", "combobox", "slider"})
CHECKS = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"})
CHOOSERS = frozenset({"combobox", "listbox", "radiogroup"})
INTERACTIVE = (
    FIELDS | CHECKS | frozenset({"button", "link", "listbox", "option", "menuitem", "tab", "treeitem", "scrollbar"})
)  # fmt: skip

_POINTING = frozenset({"click", "double click", "right click", "download"})
_WANTED = {"fill": FIELDS, "type": FIELDS, "check": CHECKS, "uncheck": CHECKS, "select": CHOOSERS, "upload": frozenset({"button"})}

REACTS = 3
"""What an element loses that reacts to the pointer although its role does not say so."""
INERT = 12
"""What an element loses that does not look as if the verb did anything to it."""


def penalty(verb: str, element: Element) -> int:
    """0 for an element the verb is for, more for one it can only try, in the points that plain words are scored with."""
    if verb in _WANTED and element.role in _WANTED[verb]:
        return 0
    if verb in _POINTING and element.role in INTERACTIVE:
        return 0
    if verb in _WANTED or verb in _POINTING:
        return REACTS if element.clickable else INERT
    return 0


def suitable(verb: str, element: Element) -> bool:
    """Whether plain words may mean this element for this verb at all: nobody fills a heading."""
    return verb not in _WANTED or element.clickable or element.role in _WANTED[verb] or _almost(verb, element.role)


def _almost(verb: str, role: str) -> bool:
    # Hand-made widgets: a button that opens a list, an option that carries the tick, a file input without a role.
    return role in {"check": ("option", "button"), "uncheck": ("option", "button"), "select": ("button", "group")}.get(verb, ())
