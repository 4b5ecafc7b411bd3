"""One browser from start to end: the filtering proxy, the process, interception as a second layer, the surface on top."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from operator_agent.errors import UsageError
from operator_agent.flow.grant import Limits, SecretHandle
from operator_agent.flow.origin import Origin, OriginPattern, allowed
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.egress import EgressProxy
from operator_agent.surfaces.browser.vocabulary import VOCABULARY
from operator_agent.surfaces.opening import OpeningSurface

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Route

    from operator_agent.surfaces.browser.surface import BrowserSurface


class BrowserSession:
    """`surface` can be used at once; its first use waits for the browser. Errors of starting it are raised there.

    With `page`, nothing is started, and nothing of the user's is closed.
    """

    def __init__(
        self, settings: Settings, limits: Limits, secrets: tuple[SecretHandle, ...] = (), *,
        page: Page | None = None, headed: bool = False,
    ) -> None:  # fmt: skip
        self.secret_values = _values(settings, secrets)
        self.notes: tuple[str, ...] = ()
        self._settings, self._limits, self._page, self._headed = settings, limits, page, headed
        self._patterns: tuple[OriginPattern, ...] = ()
        self._context: BrowserContext | None = None
        self._intercepted: re.Pattern[str] | None = None
        self._refused: list[str] = []
        self._stack = AsyncExitStack()
        self.surface = OpeningSurface(self._open(), VOCABULARY)

    async def admit(self, origins: Iterable[str]) -> None:
        """From now on exactly these origin patterns may be reached."""
        self._patterns = tuple(OriginPattern.parse(origin) for origin in origins)
        if self._context:
            await self._intercept(self._context)

    async def close(self) -> None:
        await self.surface.close()
        await self._stack.aclose()

    def allows(self, origin: Origin) -> bool:
        return any(pattern.matches(origin) for pattern in self._patterns)

    def _bars(self, url: str) -> bool:
        return not allowed(url, self._patterns, subresource=True)

    async def _open(self) -> BrowserSurface:
        from operator_agent.surfaces.browser.surface import BrowserSurface

        if self._page:
            page, self.notes = self._page, ("an existing page: origins are held by request interception alone",)
            proxy = None
        else:
            from operator_agent.surfaces.browser.launch import launch

            own = self._settings
            proxy = EgressProxy(self.allows, upstream=own.upstream_proxy, bypass=own.proxy_bypass)
            await self._stack.enter_async_context(proxy)
            launched = await launch(self._settings, proxy=proxy.url, headed=self._headed)
            self._stack.push_async_callback(launched.close)
            page, self.notes = launched.page, launched.notes
        self._context = page.context
        await self._intercept(self._context)
        return BrowserSurface(page, limits=self._limits, secrets=self.secret_values, refused=proxy, barred=self._bars)

    async def _intercept(self, context: BrowserContext) -> None:
        """Stops requests to other origins inside the browser. A pattern, not a function: it is matched without asking us."""
        wanted = _everything_but(self._patterns)
        if self._intercepted:
            await context.unroute(self._intercepted)
        self._intercepted = wanted
        await context.route(wanted, self._refuse)

    async def _refuse(self, route: Route) -> None:
        await route.abort("blockedbyclient")


def _everything_but(patterns: Iterable[OriginPattern]) -> re.Pattern[str]:
    """Matches every http(s) and ws(s) address outside the patterns, in the syntax Python and JavaScript share."""
    known = [_as_regex(pattern) for pattern in patterns]
    return re.compile(rf"^(?!(?:{'|'.join(known) or '(?!)'})(?:[/?#]|$))(?:https?|wss?):", re.IGNORECASE)


def _as_regex(pattern: OriginPattern) -> str:
    if pattern.origin is None:
        return "(?:https?|wss?)://[^/?#]*"
    scheme, host, port = pattern.origin
    schemes = "(?:https|wss)" if scheme == "https" else "(?:http|ws)"
    labels = r"(?:[^/?#@:.]+\.)+" if pattern.subdomains else ""
    default = port == (443 if scheme == "https" else 80)
    return rf"{schemes}://{labels}{re.escape(host)}" + (rf"(?::{port})?" if default else rf":{port}")


def _values(settings: Settings, secrets: tuple[SecretHandle, ...]) -> dict[str, str]:
    """The values of the granted secrets. Raises `UsageError` for one that has none."""
    for secret in secrets:
        if secret.name not in settings.secrets:
            raise UsageError(f"secret {secret.name!r} has no value; set OPERATOR_SECRET_{secret.name.upper()}")
    return {secret.name: settings.secrets[secret.name] for secret in secrets}
