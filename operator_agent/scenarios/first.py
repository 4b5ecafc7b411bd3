"""The first scenario of a file: begun from a page, by one link of it, or from a run that passed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from operator_agent.errors import SetupError, StepFailed, UsageError
from operator_agent.flow.observation import Observation
from operator_agent.flow.plan import Plan
from operator_agent.grounding.naming import pointer
from operator_agent.grounding.page import Page
from operator_agent.run import Operator
from operator_agent.script.file import dumped
from operator_agent.script.placeholder import literal

_LINKS = 5
"""So many links of a page are tried; some lead nowhere."""
_HINT = """
# What the screen shows may be a lie. Ask a second witness, after the browser is closed:
# proof:
#   - http: GET {start}
#     contains: …
"""


async def from_page(url: str) -> tuple[str, str]:
    """A name for the file, and its text: a link of the page is followed, and where it leads is the proof. Raises SetupError for a
    page that cannot be opened, UsageError for one without a link to another page of its own."""
    async with Operator(url, record=False, pictures=False, learning=False) as operator:
        opened = await operator.run_plan(Plan(goal=f"open {url}", steps=(), start=url))
        if opened.outcome == "error":
            raise SetupError(opened.reason)
        seen = await operator.observe()
        for link in _links(seen):
            try:
                await operator.do({"click": link})
            except StepFailed:
                continue
            there = await operator.observe()
            if _elsewhere(seen.url, there.url):
                return _followed(url, link, there)
            if there.url != seen.url:
                break
    raise UsageError(f"{url} shows no link to another page of its own; write the scenario by hand, docs/scenarios.md shows one")


def from_run(folder: Path) -> tuple[str, str]:
    """A name for the file, and its text: what was asked, what was done, and what proved it. Raises UsageError for a run that did
    not pass."""
    from operator_agent.cli.export import exported

    text = exported(folder, "scenario")
    text = re.sub(r"^plan:", "scenario:", re.sub(r"^steps:", "solution:", text, flags=re.MULTILINE), flags=re.MULTILINE)
    named = re.search(r"^scenario:\s*(.+)$", text, re.MULTILINE)
    return _slug(named[1] if named else folder.name), text.rstrip("\n") + "\n" + _HINT


def _links(seen: Observation) -> Iterator[str]:
    page = Page(seen)
    targets = (pointer(index, page) for index, element in enumerate(page.elements) if element.role == "link" and element.name)
    exact = [str(target) for target in targets if target]
    yield from exact[:_LINKS]


def _elsewhere(before: str, after: str) -> bool:
    """Another page of the same site."""
    one, other = urlsplit(before), urlsplit(after)
    return one[:2] == other[:2] and one[2:4] != other[2:4]


def _followed(url: str, link: str, there: Observation) -> tuple[str, str]:
    page = Page(there)
    headings = (index for index, one in enumerate(page.elements) if one.role == "heading" and one.name)
    heading = next(filter(None, (pointer(index, page) for index in headings)), None)
    proof: dict[str, Any] = {"url": literal(urlsplit(there.url).path or "/")}
    name = re.sub(r'^\w+ "(.*)"$', r"\1", link)
    scenario = {
        "scenario": f"{name} can be opened", "command": f"open {name}", "start": url,
        "solution": [{"click": link, "expect": proof}],
        "done": [proof, str(heading)] if heading else [proof],
    }  # fmt: skip
    return _slug(name), dumped(scenario) + _HINT


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-")[:40] or "first"
