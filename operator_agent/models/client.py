"""A model behind an OpenAI-compatible server, as the port `Model`. Importing this loads no `openai`; the first question does."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from operator_agent.errors import ModelLost, UsageError
from operator_agent.flow.record import Usage
from operator_agent.models.asking import Asking
from operator_agent.models.connection import Connection
from operator_agent.models.overlay import Overlay, load_overlay, save_overlay
from operator_agent.models.patience import Patience
from operator_agent.models.port import Prompt, Reply
from operator_agent.models.profiles import Profile, profile_for
from operator_agent.settings import Settings

T = TypeVar("T", bound=BaseModel)


class Prices(NamedTuple):
    """For a million tokens, in any currency; `cached` is input the server had seen before."""

    input: float
    cached: float
    output: float


class ServedModel:
    """A model at a base URL (`http://127.0.0.1:8000/v1`). What its server refuses is learned, kept in `state_dir/models/`, and told
    to `say`. `timeout` is for one whole question with its retries, `first_byte` for the beginning of each answer; seconds."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str = "",
        profile: Profile | None = None,
        state_dir: Path | None = None,
        timeout: float = 120.0,
        first_byte: float = 60.0,
        retries: int = 3,
        pause: float = 0.5,
        prices: Prices | None = None,
        say: Callable[[str], None] | None = None,
        proxy: str | None = None,
    ) -> None:
        self.connection = Connection(url, key, proxy=proxy)
        self.model = model
        self.name = f"{model} at {self.connection.shown}"
        self.timeout = timeout
        self.first_byte = first_byte
        self.patience = Patience(retries, pause)
        self._prices = Prices(*prices) if prices else None
        self._say = say
        self._state_dir = state_dir
        self._base = profile or profile_for(url)
        self.overlay = load_overlay(state_dir, self.connection.shown, model)
        self.profile = self.overlay.over(self._base)

    def __repr__(self) -> str:
        return f"ServedModel({self.name!r}, profile={self._base.name!r})"

    @property
    def sees(self) -> bool:
        """It takes pictures, or has not refused one yet."""
        return self.profile.vision != "no"

    async def ask(self, prompt: Prompt, reply: type[T]) -> Reply[T]:
        """As the port says. All of it, waiting included, ends after `timeout` seconds at the latest, then with ModelLost."""
        self.connection.load()
        try:
            async with asyncio.timeout(self.timeout):
                return await Asking(self, prompt, reply).answer()
        except TimeoutError:
            raise ModelLost(f"{self.name} gave no whole answer within {self.timeout:g} s") from None

    def asked_as(self, profile: Profile) -> ServedModel:
        """The same server over the same connection, asked in another way; what this one learns it forgets."""
        other = copy.copy(self)
        other._base = other.profile = profile
        other.overlay = Overlay(endpoint=self.connection.shown, model=self.model)
        other._state_dir = None
        return other

    async def close(self) -> None:
        await self.connection.close()

    def say(self, text: str) -> None:
        """A notice for a person."""
        if self._say:
            self._say(text)

    def learn(self, name: str, value: object, why: str) -> None:
        """One more fact about this server, used from now on and remembered; a folder that cannot be written is only told."""
        self.know(self.overlay.learned(name, value, why))

    def know(self, overlay: Overlay) -> None:
        """This and nothing else about this server."""
        self.overlay = overlay
        self.profile = self.overlay.over(self._base)
        try:
            save_overlay(self._state_dir, self.overlay)
        except OSError as error:
            self.say(f"what {self.name} refused cannot be remembered: {error}")

    def priced(self, usage: Usage) -> Usage:
        """With what it cost at our prices, else what the server says; None where it gives no figures."""
        if self._prices is None or not (usage.input or usage.output):
            return usage
        fresh = max(0, usage.input - usage.cached)
        cost = fresh * self._prices.input + usage.cached * self._prices.cached + usage.output * self._prices.output
        return usage.model_copy(update={"cost": cost / 1_000_000})


def open_model(settings: Settings, say: Callable[[str], None] | None = None) -> ServedModel:
    """The model the settings name. Raises UsageError naming the variable that is missing."""
    if not settings.model_url:
        raise UsageError("no model is configured: set OPERATOR_MODEL_URL to the base URL of an OpenAI-compatible API (…/v1)")
    if not settings.model:
        raise UsageError(f"OPERATOR_MODEL is not set: it names the model at {settings.model_url}; none is assumed")
    return ServedModel(
        settings.model_url,
        settings.model,
        key=settings.model_key or "",
        profile=profile_for(settings.model_url, settings.model_provider or ""),
        state_dir=settings.state_dir,
        prices=Prices(*settings.model_prices) if settings.model_prices else None,
        say=say,
        proxy=_proxy(settings),
    )


def _proxy(settings: Settings) -> str | None:
    from urllib.parse import urlsplit

    host = (urlsplit(settings.model_url or "").hostname or "").lower()
    passed = (bare.lstrip(".").lower() for bare in settings.proxy_bypass)
    return None if any(bare in ("*", host) or host.endswith("." + bare) for bare in passed) else settings.upstream_proxy
