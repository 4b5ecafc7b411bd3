"""A saved login: cookies and local storage, as Playwright's `storage_state` writes them, put into a browser of ours at first."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operator_agent.errors import SetupError, UsageError

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

_SHORTEST = 8
"""Characters: a shorter value opens nothing, and to hide it everywhere would hide half the page."""


@dataclass(frozen=True, slots=True)
class Login:
    """Whoever has the file is logged in, so it is read only when nobody else can. Its values show in no `repr` and no record."""

    path: Path
    state: Mapping[str, Any] = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    """What opens a session, by a name for messages: hidden wherever secrets are."""

    @classmethod
    def read(cls, path: Path) -> Login:
        """Raises UsageError for a file that others may read, or that is no storage state; the message holds no value of it."""
        try:
            mode, state = path.stat().st_mode, json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"the saved login {path} cannot be read: {error.strerror}") from error
        except ValueError:
            raise UsageError(f"the saved login {path} is no JSON; save it with Playwright's `storage_state`") from None
        if os.name == "posix" and mode & 0o177:
            raise UsageError(f"the saved login {path} is open to others (mode {mode & 0o777:04o}); close it with: chmod 600 {path}")
        if not isinstance(state, dict) or not all(isinstance(state.get(key, []), list) for key in ("cookies", "origins")):
            raise UsageError(f"the saved login {path} is no storage state: it has no lists `cookies` and `origins`")
        told = {"cookies": state.get("cookies", []), "origins": state.get("origins", [])}
        return cls(path, told, {f"login-{n}": value for n, value in enumerate(dict.fromkeys(_values(told)), start=1)})

    async def put_into(self, context: BrowserContext) -> None:
        """Raises SetupError when the browser does not take it."""
        from playwright.async_api import Error

        try:
            await context.set_storage_state(self.state)  # type: ignore[arg-type]  # as `storage_state` gave it
        except (Error, KeyError, TypeError):
            raise SetupError(f"the browser does not take the saved login {self.path}; save it anew") from None


def _values(state: Mapping[str, Any]) -> Iterator[str]:
    kept = [*state["cookies"], *(item for origin in state["origins"] for item in origin.get("localStorage", []))]
    yield from (value for item in kept if isinstance(value := item.get("value"), str) and len(value) >= _SHORTEST)
