"""Asking about an element in Playwright's own isolated world: the page neither sees the question nor can bend the answer.

A selector engine is the way Playwright offers into that world, and it finds the element by its ref in the same call. Handles would
make it put its whole injected script into the page's world as well, once per document, which takes longer than most acts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from operator_agent.surfaces.browser.scripts import script

if TYPE_CHECKING:
    from playwright.async_api import Playwright

_NAME = "operator"
_SCRIPTS = ("aim", "arrived", "checked", "choice", "field", "passwords", "place", "read")


async def register(playwright: Playwright) -> None:
    """Makes `question` work in all pages this Playwright opens from now on."""
    await playwright.selectors.register(_NAME, _source(), content_script=True)


def question(name: str, given: dict[str, object] | None = None) -> str:
    """A selector, relative to the element it is about, of a node that is in no page and holds the script's answer as JSON text."""
    return f"{_NAME}={quote(json.dumps([name, given or {}]))}"


def _source() -> str:
    scripts = ",\n".join(f"{name}: {script(name)}" for name in _SCRIPTS)
    return f"""(() => {{
  const keep = {{}}, scripts = {{{scripts}}};
  const answer = (element, asked) => {{
    const [name, given] = JSON.parse(decodeURIComponent(asked));
    const told = document.createElement('data');
    told.textContent = JSON.stringify(scripts[name](element, {{...given, keep}}) ?? null);
    return told;
  }};
  return {{query: answer, queryAll: (element, asked) => [answer(element, asked)]}};
}})()"""
