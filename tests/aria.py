"""Observations written down as ARIA snapshots, for tests that need a page but no browser.

    page = observe('''
        - main:
          - textbox "Name" [disabled]: Ada
          - generic [clickable]: Open
          - combobox "City":
            - option "Oslo" [selected]
    ''')

The notation is Playwright's (`/url:`, `/placeholder:`, `[cursor=pointer]`, `[ref=…]`), plus `[clickable]`, `[box=x,y,w,h]`
and `[frame=origin]`. Refs are given in order (`e1`, `e2` …) to all but text and the options of a combobox, as a browser does.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

from operator_agent.flow.observation import Box, Element, Observation

_ITEM = re.compile(
    r'(?P<indent> *)- (?P<role>[a-z][a-z-]*)(?: (?P<name>"(?:[^"\\]|\\.)*"))?(?P<states>(?: \[[^\]]+\])*)'
    r"(?P<colon>:)?(?: (?P<value>.*))?$"
)
_PROPERTY = re.compile(r" *- /(?P<key>\w+): (?P<value>.*)$")


def observe(text: str, **fields: Any) -> Observation:
    """The observation of the page written in `text`; `fields` are the observation's others (`url`, `dialog`, `deep` …)."""
    nodes: list[dict[str, Any]] = []
    path: list[tuple[int, int]] = []  # (indent, index) of the open ancestors
    for line in textwrap.dedent(text).strip("\n").splitlines():
        if not line.strip():
            continue
        if found := _PROPERTY.match(line):
            nodes[path[-1][1]][found["key"]] = _unquoted(found["value"])
            continue
        item = _ITEM.match(line)
        if not item:
            raise ValueError(f"not a line of an ARIA snapshot: {line!r}")
        indent = len(item["indent"])
        while path and path[-1][0] >= indent:
            path.pop()
        node = _node(item, parent=path[-1][1] if path else -1, depth=len(path))
        if not node.setdefault("ref", "") and not _refless(node, nodes):
            node["ref"] = f"e{len(nodes) + 1}"
        path.append((indent, len(nodes)))
        nodes.append(node)
    return Observation(at=0.0, elements=tuple(Element(**node) for node in nodes), **fields)


def _node(item: re.Match[str], parent: int, depth: int) -> dict[str, Any]:
    node: dict[str, Any] = {
        "role": item["role"],
        "name": _unquoted(item["name"] or ""),
        "value": _unquoted(item["value"] or ""),
        "parent": parent,
        "depth": depth,
    }
    states = []
    for state in re.findall(r"\[([^\]]+)\]", item["states"]):
        key, _, value = state.partition("=")
        if state in ("clickable", "cursor=pointer"):
            node["clickable"] = True
        elif key == "box":
            node["box"] = Box(*map(float, value.split(",")))
        elif key in ("ref", "frame"):
            node[key] = value
        else:
            states.append(state)
    return node | {"states": tuple(states)}


def _refless(node: dict[str, Any], nodes: list[dict[str, Any]]) -> bool:
    in_combobox = node["parent"] >= 0 and nodes[node["parent"]]["role"] == "combobox"
    return node["role"] == "text" or (node["role"] == "option" and in_combobox)


def _unquoted(text: str) -> str:
    return str(json.loads(text)) if len(text) > 1 and text[0] == text[-1] == '"' else text
