"""Elements as a person points at them, written as Playwright's ARIA snapshots write them.

    button "Add latte"                      role and accessible name
    heading /order \\d+/ [level=1]           a regular expression for the name, a state in brackets
    button "Add" in row "Latte"             inside a container
    link "Open" (2)    link "Open" (last)   a place among equals, only when said
    "Save"                                  any role of that name
    the green Save button                   anything else is plain words, for the grounder
"""

from __future__ import annotations

import re

from operator_agent.flow.base import Frozen

ROLES = frozenset(
    """alert alertdialog application article banner blockquote button caption cell checkbox code columnheader combobox
    complementary contentinfo definition deletion dialog directory document emphasis feed figure form generic graphics-document
    graphics-object graphics-symbol grid gridcell group heading iframe img insertion link list listbox listitem log main mark
    marquee math menu menubar menuitem menuitemcheckbox menuitemradio meter navigation none note option paragraph presentation
    progressbar radio radiogroup region row rowgroup rowheader scrollbar search searchbox separator slider spinbutton status
    strong subscript superscript switch tab table tablist tabpanel term text textbox time timer toolbar tooltip tree treegrid
    treeitem window canvas""".split()
)
"""WAI-ARIA 1.2 roles as browsers report them, plus `text` (a run of text), `iframe`, `window` and `canvas`."""

_NAME = r'"(?P<name>(?:[^"\\]|\\.)*)"|/(?P<regex>(?:[^/\\]|\\.)+)/'
_HEAD = re.compile(rf"(?:(?P<role>[a-z][a-z-]*)(?=$|[\s\[(]))?(?:\s*(?:{_NAME}))?")
_STATE = re.compile(r"\s*\[([a-z]+(?:=[^\]]+)?)\]")
_NTH = re.compile(r"\s*\((\d+|last)\)")
_IN = re.compile(r"\s+in\s+")


class Target(Frozen):
    """An element, or how to find it. Without `nth` it must be the only match: two equal ones are ambiguous."""

    role: str = ""
    name: str = ""
    """The accessible name, equal up to letter case, white space and Unicode form; or `/regex/`, searched."""
    states: tuple[str, ...] = ()
    nth: int = 0
    """1-based place among equal matches in document order, -1 for the last, 0 for "there is only one"."""
    within: Target | None = None
    words: str = ""
    """The person's own words, when the notation was not used; then all other fields are empty."""

    @classmethod
    def parse(cls, text: str) -> Target:
        """The target written in `text`: in the notation when it fits, else as plain words. Never fails."""
        found, rest = _read(text.strip())
        return found if found is not None and not rest.strip() else cls(words=text.strip())

    def __str__(self) -> str:
        if self.words:
            return self.words
        parts = [self.role] if self.role else []
        if self.name:
            parts.append(self.name if is_regex(self.name) else quoted(self.name))
        parts += [f"[{state}]" for state in self.states]
        if self.nth:
            parts.append("(last)" if self.nth == -1 else f"({self.nth})")
        if self.within:
            parts.append(f"in {self.within}")
        return " ".join(parts)


def is_regex(name: str) -> bool:
    """True when a name or text is written as `/regex/`."""
    return len(name) > 2 and name[0] == name[-1] == "/"


def quoted(name: str) -> str:
    """The name in double quotes, with quotes and backslashes escaped as ARIA snapshots do."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _read(text: str) -> tuple[Target | None, str]:
    """The target at the head of `text`, and what follows it; None when there is none."""
    head = _HEAD.match(text)
    role = (head["role"] or "") if head else ""
    if not head or not head.group().strip() or (role and role not in ROLES):
        return None, text
    name = f"/{head['regex']}/" if head["regex"] else re.sub(r"\\(.)", r"\1", head["name"] or "")
    at = head.end()
    states: list[str] = []
    while found := _STATE.match(text, at):
        states.append(found[1])
        at = found.end()
    nth = 0
    if found := _NTH.match(text, at):
        nth = -1 if found[1] == "last" else int(found[1])
        at = found.end()
    within = None
    if found := _IN.match(text, at):
        within, rest = _read(text[found.end() :])
        at = len(text) - len(rest) if within else at
    return Target(role=role, name=name, states=tuple(states), nth=nth, within=within), text[at:]
