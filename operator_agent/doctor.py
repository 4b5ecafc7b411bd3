"""Looks over the machine: each thing one line, with cause and fix for what is missing."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal, NamedTuple

from operator_agent.errors import OperatorError, SetupError, UsageError
from operator_agent.settings import Settings


class Finding(NamedTuple):
    """`missing` makes doctor end with exit code 2; `absent` is something only some features need."""

    thing: str
    state: Literal["ok", "absent", "missing"]
    detail: str

    def __str__(self) -> str:
        return f"{self.state:8}{self.thing:9} {self.detail}"


async def examine(only: list[str], runs: Path | None) -> list[Finding]:
    """One finding for each thing asked for, all when none is named. Raises `UsageError` for an unknown thing."""
    checks: dict[str, Callable[[Settings], Coroutine[Any, Any, Finding]]] = {
        "browser": _browser, "display": _display, "fonts": _fonts, "folders": _folders, "model": _model
    }  # fmt: skip
    if unknown := [thing for thing in only if thing not in checks]:
        raise UsageError(f"--only {unknown[0]}: it is one of {', '.join(checks)}")
    settings = Settings.from_env()
    if runs:
        import dataclasses

        settings = dataclasses.replace(settings, runs_dir=runs)
    return [await checks[thing](settings) for thing in only or checks]


async def _browser(settings: Settings) -> Finding:
    """Not only found but started: a browser that lacks a library is there and useless."""
    from operator_agent.surfaces.browser.launch import launch

    try:
        launched = await launch(settings, proxy=None)
    except OperatorError as error:
        return Finding("browser", "missing", str(error))
    await launched.close()
    notes = f" ({'; '.join(launched.notes)})" if launched.notes else ""
    return Finding("browser", "ok", f"{launched.executable} {launched.version}{notes}")


async def _display(settings: Settings) -> Finding:
    if sys.platform in ("win32", "darwin"):
        return Finding("display", "ok", "the system's own")
    if settings.display:
        return Finding("display", "ok", settings.display)
    return Finding("display", "absent", "no DISPLAY or WAYLAND_DISPLAY: everything runs but --headed; use Xvfb or a session with a screen")


async def _fonts(settings: Settings) -> Finding:
    if sys.platform in ("win32", "darwin"):
        return Finding("fonts", "ok", "the system's own")
    if not (fc_list := shutil.which("fc-list", path=settings.search_path)):
        return Finding("fonts", "absent", "fontconfig is not installed: pages may show boxes for letters; apt-get install fontconfig fonts-dejavu-core")
    listing = await asyncio.create_subprocess_exec(fc_list, ":lang=zh", "family", stdout=asyncio.subprocess.PIPE)
    chinese, _ = await listing.communicate()
    if not chinese.strip():
        return Finding("fonts", "absent", "no font has Chinese: such pages show boxes in pictures; apt-get install fonts-noto-cjk")
    return Finding("fonts", "ok", "Latin and Chinese")


async def _folders(settings: Settings) -> Finding:
    for folder, option in ((settings.runs_dir, "--runs or OPERATOR_RUNS"), (settings.state_dir, "OPERATOR_STATE")):
        nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK):
            return Finding("folders", "missing", f"{folder} cannot be written; choose another with {option}")
        free = shutil.disk_usage(nearest).free
        if free < 100 << 20:
            return Finding("folders", "missing", f"{nearest} has {free >> 20} MB left; runs need room for pictures")
    return Finding("folders", "ok", f"runs in {settings.runs_dir}")


async def _model(settings: Settings) -> Finding:
    """Whether the endpoint answers and knows the model. Not set is fine: skills and plain words need none."""
    if not settings.model_url:
        return Finding("model", "absent", "none set (OPERATOR_MODEL_URL); skills and plain words need none")
    try:
        names = await asyncio.wait_for(_models(settings), 10)
    except TimeoutError:
        return Finding("model", "missing", f"{settings.model_url} did not answer within 10 s; is the server up?")
    except SetupError as error:
        return Finding("model", "missing", str(error))
    if settings.model and settings.model not in names:
        return Finding("model", "missing", f"{settings.model_url} has no {settings.model!r}; it has {', '.join(sorted(names)[:5]) or 'none'}")
    return Finding("model", "ok", f"{settings.model or 'no name set (OPERATOR_MODEL)'} at {settings.model_url}")


async def _models(settings: Settings) -> set[str]:
    import openai

    client = openai.AsyncOpenAI(base_url=settings.model_url, api_key=settings.model_key or "none", max_retries=0)
    try:
        return {model.id async for model in client.models.list()}
    except openai.AuthenticationError:
        raise SetupError(f"{settings.model_url} refused the key; set OPERATOR_MODEL_KEY") from None
    except openai.APIError as error:
        raise SetupError(f"{settings.model_url}: {error.message}; is the address right, with its /v1?") from None
    finally:
        await client.close()
