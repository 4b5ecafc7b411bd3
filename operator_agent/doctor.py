"""Looks over the machine: each thing one line, with cause and fix for what is missing."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel

from operator_agent.errors import SetupError, UsageError
from operator_agent.flow.origin import Origin
from operator_agent.settings import Settings

_MODEL_SECONDS = 5.0
_ROOM = 100 << 20
"""Bytes that must be free where runs are recorded."""


class Finding(NamedTuple):
    """`missing` makes doctor end with exit code 2; `absent` is something only some features need."""

    thing: str
    state: Literal["ok", "absent", "missing"]
    detail: str

    def __str__(self) -> str:
        return f"{self.state:8}{self.thing:9} {self.detail}"


async def examine(settings: Settings, only: Sequence[str] = ()) -> list[Finding]:
    """One finding for each thing named, for all when none is. Raises `UsageError` for an unknown thing."""
    checks: dict[str, Callable[[Settings], Awaitable[Finding]]] = {
        "browser": _browser, "display": _display, "fonts": _fonts, "folders": _folders, "model": _model
    }  # fmt: skip
    if unknown := [thing for thing in only if thing not in checks]:
        raise UsageError(f"--only {unknown[0]}: it is one of {', '.join(checks)}")
    return await asyncio.gather(*(checks[thing](settings) for thing in only or checks))


async def _browser(settings: Settings) -> Finding:
    """Not only found but started: a browser that lacks a library is there and useless."""
    from operator_agent.surfaces.browser.launch import launch

    try:
        launched = await launch(settings, proxy=None, headed=settings.headed and bool(settings.display))
    except SetupError as error:
        return Finding("browser", "missing", str(error))
    await launched.close()
    notes = f" ({' '.join(launched.notes)})" if launched.notes else ""
    return Finding("browser", "ok", f"{launched.executable} {launched.version}{notes}")


async def _display(settings: Settings) -> Finding:
    if sys.platform in ("win32", "darwin"):
        return Finding("display", "ok", "the system's own")
    if settings.display:
        return Finding("display", "ok", settings.display)
    if settings.headed:
        return Finding("display", "missing", "OPERATOR_HEADED asks for a window, there is no DISPLAY; unset it or use `xvfb-run`")
    return Finding("display", "absent", "no DISPLAY or WAYLAND_DISPLAY: everything runs but --headed; for that use `xvfb-run`")


async def _fonts(settings: Settings) -> Finding:
    if sys.platform in ("win32", "darwin"):
        return Finding("fonts", "ok", "the system's own")
    if not (fc_list := shutil.which("fc-list", path=settings.search_path)):
        fix = "`apt-get install fontconfig fonts-dejavu-core`"
        return Finding("fonts", "absent", f"fontconfig is not installed, so pages may show boxes for letters; {fix}")
    if not await _output(settings.browser_env, fc_list, ":lang=en", "family"):
        return Finding("fonts", "absent", "no font is installed: pages show boxes for letters; `apt-get install fonts-dejavu-core`")
    if not await _output(settings.browser_env, fc_list, ":lang=zh", "family"):
        return Finding("fonts", "absent", "no font has Chinese: such pages show boxes; `apt-get install fonts-noto-cjk`")
    return Finding("fonts", "ok", "Latin and Chinese")


async def _output(env: Mapping[str, str], *command: str) -> bytes:
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=null, env=env)
    return (await process.communicate())[0].strip()


async def _folders(settings: Settings) -> Finding:
    for folder, option in ((settings.runs_dir, "--runs or OPERATOR_RUNS"), (settings.state_dir, "OPERATOR_STATE")):
        nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        try:
            # Tried, not asked for: what permission bits say is not what root, a full disk or a read-only mount do.
            with tempfile.TemporaryDirectory(prefix=".operator-agent-", dir=nearest):
                free = shutil.disk_usage(nearest).free
        except OSError as error:
            return Finding("folders", "missing", f"{folder} cannot be written ({error.strerror}); choose another with {option}")
        if free < _ROOM:
            fix = f"free some, or choose another disk with {option}"
            return Finding("folders", "missing", f"{nearest} has {free >> 20} MB left and runs need room for pictures; {fix}")
    return Finding("folders", "ok", f"runs in {settings.runs_dir}")


async def _model(settings: Settings) -> Finding:
    """Whether the endpoint answers and knows the model. Not set is fine: skills and plain words need none."""
    if not settings.model_url:
        return Finding("model", "absent", "none set (OPERATOR_MODEL_URL); skills and plain words need none")
    try:
        Origin.parse(settings.model_url)
        names = await _models(settings.model_url, settings.model_key)
    except UsageError as error:
        return Finding("model", "missing", f"{error}; correct OPERATOR_MODEL_URL")
    except SetupError as error:
        return Finding("model", "missing", str(error))
    if not settings.model:
        fix = f"set OPERATOR_MODEL to one of {_some(names)}"
        return Finding("model", "missing", f"{settings.model_url} answers, but no model is named; {fix}")
    if settings.model not in names:
        fix = f"set OPERATOR_MODEL to one of {_some(names)}"
        return Finding("model", "missing", f"{settings.model_url} has no model {settings.model!r}; {fix}")
    return Finding("model", "ok", f"{settings.model} at {settings.model_url}")


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:5]) or "what it serves (it lists none)"


async def _models(url: str, key: str | None) -> set[str]:
    """The names of the models an endpoint has. Raises `SetupError` when it does not say."""
    import openai
    from pydantic import ValidationError

    async with openai.AsyncOpenAI(base_url=url, api_key=key or "none", max_retries=0) as client:
        try:
            # Not the client's own limit, which starts anew with every byte.
            async with asyncio.timeout(_MODEL_SECONDS):
                answer = await client.models.with_raw_response.list()
            return {model.id for model in _Listing.model_validate_json(answer.content).data}
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise SetupError(f"{url} refused the key ({error.status_code}); set OPERATOR_MODEL_KEY") from None
        except openai.APIStatusError as error:
            told = f"{url} answered {error.status_code} when asked for its models"
            raise SetupError(f"{told}; is the address right, with its /v1?") from None
        except TimeoutError:
            raise SetupError(f"{url} did not answer within {_MODEL_SECONDS:g} s; is the server up?") from None
        except openai.APIConnectionError as error:
            raise SetupError(f"{url} cannot be reached ({error.__cause__ or error}); is the server up?") from None
        except ValidationError:
            raise SetupError(f"{url} answers, but not with a list of models; is the address right, with its /v1?") from None


class _Named(BaseModel):
    id: str


class _Listing(BaseModel):
    """What an OpenAI-compatible endpoint answers to GET /models."""

    data: list[_Named]
