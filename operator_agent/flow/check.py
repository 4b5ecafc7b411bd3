"""Expectations about the world, as data. The verifier evaluates them; `script.py` reads and writes their YAML form.

    heading "Menu"                                an element is there
    button "Pay" [disabled]                       … in that state
    status "Basket": 2 items                      … with that text or value
    gone: dialog "Cookies"                        … is not there
    count: {listitem in list "Orders": 3}         … so many times
    text: 2 × large latte                         text anywhere on the page
    url: /orders/*      title: Orders             of the active tab
    row: {Drink: latte, Quantity: 2}              a table row by its columns' headers
    dialog: Sure?       tab: Payment              an open JavaScript dialog; an open tab by title or address
    download: invoice.pdf     file: out/report.csv
    response: POST /api/orders 201, exactly once  a network exchange the step caused
    value: {total: € 4.50}                        a value read earlier
    all: […]  any: […]  not: …  within: {3 s: …}  became: …  holds: …

The default is `became`: it must hold afterwards and must *not* have held before, else it proves nothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from operator_agent.flow.base import Frozen
from operator_agent.flow.target import Target


class ElementCheck(Frozen):
    """`target` is there; with `text`, it shows that; with `count`, exactly so many; 0 of them needs a complete tree."""

    kind: Literal["element"] = "element"
    target: Target
    text: str | None = None
    count: int | None = None


class TextCheck(Frozen):
    """The active page shows this text, at word boundaries, up to white space, case and Unicode form; or `/regex/`."""

    kind: Literal["text"] = "text"
    text: str


class UrlCheck(Frozen):
    """The active tab's address. A pattern that starts with `/` is compared with the path, else the whole; `*` matches any run."""

    kind: Literal["url"] = "url"
    pattern: str


class TitleCheck(Frozen):
    kind: Literal["title"] = "title"
    text: str


class RowCheck(Frozen):
    """Some table row has these texts under these column headers. `count` is how many such rows; None means one or more."""

    kind: Literal["row"] = "row"
    cells: dict[str, str]
    count: int | None = None


class DialogCheck(Frozen):
    kind: Literal["dialog"] = "dialog"
    text: str


class TabCheck(Frozen):
    kind: Literal["tab"] = "tab"
    text: str


class DownloadCheck(Frozen):
    """A download of this name finished (`*` matches any run) and its file is there, not empty."""

    kind: Literal["download"] = "download"
    name: str


class FileCheck(Frozen):
    """A file exists on this machine; with `text`, it contains that."""

    kind: Literal["file"] = "file"
    path: str
    text: str | None = None


class ResponseCheck(Frozen):
    """A network exchange that started after the step's action did. `times` None means one or more."""

    kind: Literal["response"] = "response"
    method: str
    path: str
    """Path of the address, `*` matches any run; or a whole address."""
    status: str
    """`201`, or a class as `2xx`."""
    times: int | None = None


class ValueCheck(Frozen):
    """A value read earlier in the run equals `equals`, compared as number, money or date where both are."""

    kind: Literal["value"] = "value"
    name: str
    equals: str


class AllCheck(Frozen):
    kind: Literal["all"] = "all"
    checks: tuple[Check, ...]


class AnyCheck(Frozen):
    kind: Literal["any"] = "any"
    checks: tuple[Check, ...]


class NotCheck(Frozen):
    kind: Literal["not"] = "not"
    check: Check


class WithinCheck(Frozen):
    """The check must come to hold within so many seconds, whatever the step's own limit."""

    kind: Literal["within"] = "within"
    seconds: float
    check: Check


class BecameCheck(Frozen):
    kind: Literal["became"] = "became"
    check: Check


class HoldsCheck(Frozen):
    """The check must hold afterwards; that it already held before is fine."""

    kind: Literal["holds"] = "holds"
    check: Check


Check = Annotated[
    ElementCheck | TextCheck | UrlCheck | TitleCheck | RowCheck | DialogCheck | TabCheck | DownloadCheck | FileCheck
    | ResponseCheck | ValueCheck | AllCheck | AnyCheck | NotCheck | WithinCheck | BecameCheck | HoldsCheck,
    Field(discriminator="kind"),
]  # fmt: skip


def shown(check: Check) -> str:
    """The check in a few words, for a person: `heading "Menu"`, `text: latte`, `not button "Pay"`."""
    match check:
        case ElementCheck(target=target, text=text, count=count):
            words = f"{target}: {text}" if text is not None else str(target)
            return words if count is None else f"{count} × {words}"
        case RowCheck(cells=cells):
            return "row: " + ", ".join(f"{column} {cell}" for column, cell in cells.items())
        case ResponseCheck(method=method, path=path, status=status):
            return f"response: {method} {path} {status}"
        case ValueCheck(name=name, equals=equals):
            return f"{name}: {equals}"
        case AllCheck(checks=checks) | AnyCheck(checks=checks):
            return (" and " if check.kind == "all" else " or ").join(map(shown, checks))
        case NotCheck(check=inner):
            return f"not {shown(inner)}"
        case WithinCheck(check=inner) | BecameCheck(check=inner) | HoldsCheck(check=inner):
            return shown(inner)
    said = next(value for name, value in check if name != "kind")
    return f"{check.kind}: {said}"
