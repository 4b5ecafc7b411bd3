"""One browser from start to end: the filtering proxy, the process, interception as a second layer, the surface on top."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin, OriginPattern, allowed
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.vocabulary import VOCABULARY
from operator_agent.surfaces.opening import OpeningSurface

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Route

    from operator_agent.flow.grant import Limits
    from operator_agent.flow.tape import Taped
    from operator_agent.surfaces.browser.clock import PageClock
    from operator_agent.surfaces.browser.egress.player import Player
    from operator_agent.surfaces.browser.egress.proxy import EgressProxy
    from operator_agent.surfaces.browser.egress.tls import Authority
    from operator_agent.surfaces.browser.launch import Way
    from operator_agent.surfaces.browser.login import Login
    from operator_agent.surfaces.browser.surface import BrowserSurface


_HELD_BY_INTERCEPTION = "an existing page: origins are held by request interception alone"
_HELD_NOT_AT_ALL = "an existing page, every origin is allowed: no request is intercepted"


class BrowserSession:
    """`surface` can be used at once; its first use waits for the browser. Errors of starting it are raised there.

    A browser of ours reaches the net only through the filtering proxy; documents are judged a second time inside the browser, by
    interception. With `page`, nothing is started and nothing of the user's is closed, and interception is the only hold; it is put
    in place by the first `admit`, and not at all while every origin (`*`) is admitted, when it could refuse nothing.
    `clock` is put into every page of ours; `trace` is where Playwright's own trace is written at the end, secrets and all.
    `tape` gets every exchange of a browser of ours when it ends, what is open at the end last, its times on the monotonic clock;
    `player` answers such a browser instead of the network. `login` is the file of a saved login (`login.py`) such a browser begins
    with; `downloads` is where files are kept, a temporary folder when None.
    """

    def __init__(
        self, settings: Settings, limits: Limits | None, secrets: tuple[str, ...] = (), *,
        page: Page | None = None, headed: bool = False, clock: PageClock | None = None, trace: Path | None = None,
        tape: Callable[[Taped], None] | None = None, player: Player | None = None,
        login: str | Path | None = None, downloads: str | Path | None = None,
    ) -> None:  # fmt: skip
        self._login = _read(login) if login else None
        self.secret_values = {**(self._login.values if self._login else {}), **_values(settings, secrets)}
        self._downloads = Path(downloads) if downloads else None
        self.notes: tuple[str, ...] = ()
        self._settings, self._limits, self._page, self._headed = settings, limits, page, headed
        self._clock, self._trace = clock, trace
        self._tape, self._player = tape, player
        self._patterns: tuple[OriginPattern, ...] | None = None
        self._opened: BrowserSurface | None = None
        self._intercepted: re.Pattern[str] | None = None
        self._stack = AsyncExitStack()
        self._proxy: EgressProxy | None = None
        self._begun = asyncio.Event()
        self._product = ""
        self.surface = OpeningSurface(self._open(), VOCABULARY)

    async def admit(self, origins: Iterable[str]) -> None:
        """From now on exactly these origin patterns may be reached."""
        patterns = tuple(OriginPattern.parse(origin) for origin in origins)
        if patterns != self._patterns:
            self._patterns = patterns
            await self._hold()

    async def begun(self) -> None:
        """Returns when the longest wait has begun: from then on other work costs no time."""
        await self._begun.wait()

    async def product(self) -> str:
        """Name and version of the browser, as `chromium 140.0.7339.16`; "" when that cannot be told, for it could not be started.
        Waits for its start only when it has not been started before."""
        if self._page:
            browser = self._page.context.browser
            return f"{browser.browser_type.name} {browser.version}" if browser else ""
        from operator_agent.surfaces.browser.product import remembered

        known = self._product or remembered(self._settings, headed=self._headed)
        return known or (self._product if await self.surface.opened() else "")

    async def close(self) -> None:
        await self.surface.close()
        await self._let_go()
        await self._stack.aclose()

    def allows(self, origin: Origin) -> bool:
        return any(pattern.matches(origin) for pattern in self._patterns or ())

    def _bars(self, url: str) -> bool:
        return not allowed(url, self._patterns or (), subresource=True)

    async def _open(self) -> BrowserSurface:
        try:
            return await self._opened_on(self._page)
        finally:
            self._begun.set()

    async def _opened_on(self, page: Page | None) -> BrowserSurface:
        if page is None:
            from operator_agent.surfaces.browser.launch import launch
            from operator_agent.surfaces.browser.product import remember

            launched = await launch(self._settings, headed=self._headed, way=self._way)
            self._stack.push_async_callback(launched.close)
            page, self.notes = launched.page, launched.notes
            self._product = remember(self._settings, launched.executable, launched.version, headed=self._headed)
            await self._furnish(launched.context)
        else:
            self._begun.set()
            self.notes = (_HELD_NOT_AT_ALL if self._anywhere else _HELD_BY_INTERCEPTION,)
        from operator_agent.surfaces.browser.surface import BrowserSurface  # while the browser starts, this is long there

        self._opened = BrowserSurface(
            page,
            limits=self._limits,
            secrets=self.secret_values,
            refused=self._proxy,
            barred=self._bars,
            downloads=self._downloads,
            owns=self._proxy is not None,
            asks=self._proxy is not None,
        )
        await self._hold()
        return self._opened

    async def _way(self) -> Way:
        """The filtering proxy, made while the driver starts."""
        self._begun.set()
        await asyncio.to_thread(import_module, "operator_agent.surfaces.browser.egress.proxy")
        from operator_agent.surfaces.browser.launch import Way

        authority = await self._authority()
        self._proxy = self._egress(authority)
        await self._stack.enter_async_context(self._proxy)
        return Way(self._proxy.url, authority.pin if authority else "")

    def _egress(self, authority: Authority | None) -> EgressProxy:
        from operator_agent.surfaces.browser.egress.proxy import EgressProxy

        own = self._settings
        return EgressProxy(
            self.allows, upstream=own.upstream_proxy, bypass=own.proxy_bypass, tape=self._tape, player=self._player,
            authority=authority,
        )  # fmt: skip

    async def _authority(self) -> Authority | None:
        """What looks into encrypted connections; nobody when nothing is taped or played."""
        if not (self._tape or self._player):
            return None
        from operator_agent.surfaces.browser.egress.tls import Authority

        return await asyncio.to_thread(Authority, self._settings.state_dir)

    async def _furnish(self, context: BrowserContext) -> None:
        if self._login:
            await self._login.put_into(context)
        if self._clock:
            await self._clock.install(context)
        if self._trace:
            await context.tracing.start(screenshots=True, snapshots=True)
            self._stack.push_async_callback(context.tracing.stop, path=self._trace)

    async def _hold(self) -> None:
        if self._page is None or self._opened is None or self._patterns is None:
            return
        if self._intercepted:
            await self._page.context.unroute(self._intercepted)
            self._intercepted = None
        if not self._anywhere:
            # A pattern, not a function: it is matched without asking us about each request.
            self._intercepted = _everything_but(self._patterns)
            await self._page.context.route(self._intercepted, _refuse)

    @property
    def _anywhere(self) -> bool:
        return any(pattern.origin is None for pattern in self._patterns or ())

    async def _let_go(self) -> None:
        """The user's page reaches again whatever it reached before us."""
        from playwright.async_api import Error

        if self._page and self._intercepted:
            with suppress(Error):  # it was closed meanwhile
                await self._page.context.unroute(self._intercepted)


def _read(login: str | Path) -> Login:
    from operator_agent.surfaces.browser.login import Login

    return Login.read(Path(login))


async def _refuse(route: Route) -> None:
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


def _values(settings: Settings, secrets: tuple[str, ...]) -> dict[str, str]:
    """The values of the granted secrets. Raises `UsageError` for one that has none."""
    for name in secrets:
        if name not in settings.secrets:
            raise UsageError(f"secret {name!r} has no value; set OPERATOR_SECRET_{name.upper()}")
    return {name: settings.secrets[name] for name in secrets}
