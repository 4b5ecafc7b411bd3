"""What a project lets its scenarios start, from its `pyproject.toml`.

    [tool.operator-agent]
    commands = ["sqlite3"]                                  # the programs that proofs may run
    [tool.operator-agent.apps]
    wiki = ["{python}", "-m", "wiki", "--port", "0"]        # prints {"url": …} as its first line
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operator_agent.errors import UsageError
from operator_agent.scenarios.fixtures import APPS, Apps

NAME = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    apps: Apps
    """The built-in ones and those of the project, as command lines by name."""
    commands: frozenset[str]


def read_project(root: Path) -> Project:
    """What the project in `root` allows. Raises UsageError, with the key, for what cannot be understood."""
    file = root / NAME
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        return Project(APPS, frozenset())
    try:
        table = tomllib.loads(text).get("tool", {}).get("operator-agent", {})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is no TOML: {error}") from error
    commands, apps = table.get("commands", []), table.get("apps", {})
    if not _texts(commands):
        raise UsageError(f'{file}: tool.operator-agent.commands is a list of programs, as ["sqlite3"]')
    if not isinstance(apps, Mapping) or not all(_texts(line) and line for line in apps.values()):
        raise UsageError(f'{file}: tool.operator-agent.apps are command lines by name, as wiki = ["{{python}}", "-m", "wiki"]')
    return Project({**APPS, **{name: tuple(line) for name, line in apps.items()}}, frozenset(commands))


def _texts(node: Any) -> bool:
    return isinstance(node, list) and all(isinstance(one, str) for one in node)
