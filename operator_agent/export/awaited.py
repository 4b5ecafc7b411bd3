"""Answers of the network that a test waits for, around the act that asks for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from operator_agent.compare import glob
from operator_agent.export.code import Texts, quoted
from operator_agent.export.locators import Locators
from operator_agent.flow.check import AllCheck, BecameCheck, Check, HoldsCheck, ResponseCheck, WithinCheck
from operator_agent.flow.tape import Taped
from operator_agent.script.placeholder import literal

_ID = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=.*\d)(?=.*[a-z])(?!v\d+$)[\w-]{6,}", re.IGNORECASE)
"""A part of a path that is another one the next time: a number, a UUID, letters mixed with digits."""


class Awaited:
    """Writes them. `read` are the paths that were also read in the recording: a write there is told apart by its method."""

    def __init__(self, texts: Texts, locators: Locators, read: frozenset[str]) -> None:
        self.texts, self.locators, self.read = texts, locators, read

    def expected(self, check: ResponseCheck) -> str:
        """The answer a check names."""
        # A tab that closes itself does not tell of its last answer; the context does.
        heard = "expect_response(" if self.locators.tab == "page" else 'context.expect_event("response", '
        return f"page.{heard}{self.fits(check, 'response')})"

    def written(self, write: Taped) -> str:
        """The answer to a write that nobody named, by its address."""
        parts = urlsplit(write.url)
        path = "/".join(map(self._part, parts.path.split("/")))
        tab = self.locators.tab
        if parts.path in self.read:
            check = ResponseCheck(method=write.method, path=path, status="2xx")
            return f"{tab}.expect_response({self.fits(check, 'response')})"
        return f"{tab}.expect_response({self.texts.text(f'**{path}' + ('?*' if parts.query else ''))})"

    def fits(self, check: ResponseCheck, name: str) -> str:
        """A function that says whether the response called `name` is meant."""
        return f"lambda {name}: {condition(check, self.texts.text(check.path), name)}"

    def _part(self, part: str) -> str:
        plain = unquote(part)
        known = any(datum.value in plain for datum, _ in self.texts.data)
        if _ID.fullmatch(part) or (known and plain != part) or set(part) & set("*?[]{}\\"):
            return "*"
        return literal(part)


def condition(check: ResponseCheck, path: str, name: str) -> str:
    """The condition on a response, `path` being the expression of the path that is meant."""
    terms = [] if check.method == "*" else [f"{name}.request.method == {quoted(check.method)}"]
    whole = not check.path.startswith("/") or "?" in check.path
    where = f"{name}.url" if whole else f"urlsplit({name}.url).path"
    if "*" in check.path and check.path != "*":
        terms.append(f"fnmatch({where}, {path})")
    elif check.path != "*":
        terms.append(f"{where} == {path}")
    return " and ".join(terms) or "True"


def is_meant(check: ResponseCheck, write: Taped) -> bool:
    """Whether a check names this exchange."""
    there = unquote(urlsplit(write.url).path) or "/" if check.path.startswith("/") else write.url
    return check.method in ("*", write.method) and glob(check.path.partition("?")[0], there.partition("?")[0])


def leaves(checks: Sequence[Check]) -> list[Check]:
    """The checks that must all hold."""
    found: list[Check] = []
    for check in checks:
        if isinstance(check, AllCheck):
            found += leaves(check.checks)
        elif isinstance(check, WithinCheck | BecameCheck | HoldsCheck):
            found += leaves((check.check,))
        else:
            found.append(check)
    return found
