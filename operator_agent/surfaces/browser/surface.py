"""A browser as a surface: one active tab of a Playwright context, seen as elements and acted on by verbs."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from operator_agent.errors import SurfaceLost
from operator_agent.flow.action import Action, describe
from operator_agent.flow.grant import Limits
from operator_agent.flow.looks import Looks
from operator_agent.flow.observation import Element, Observation, Performed, Picture, Tab, Trouble
from operator_agent.surfaces.browser.acts import ACTS
from operator_agent.surfaces.browser.complement import read_deep
from operator_agent.surfaces.browser.dialogs import DialogOpened, Dialogs
from operator_agent.surfaces.browser.downloads import Downloads
from operator_agent.surfaces.browser.frames import document_of
from operator_agent.surfaces.browser.network import NetworkLog
from operator_agent.surfaces.browser.nodes import is_node_ref
from operator_agent.surfaces.browser.parts import Parts
from operator_agent.surfaces.browser.picture import Camera
from operator_agent.surfaces.browser.pulse import Pulse
from operator_agent.surfaces.browser.settle import Activity
from operator_agent.surfaces.browser.shapes import read_looks
from operator_agent.surfaces.browser.snapshot import FIELDS
from operator_agent.surfaces.browser.tabs import FollowedTab, Tabs
from operator_agent.surfaces.browser.tree import Tree, read_tree
from operator_agent.surfaces.browser.turn import Hindered, Turn
from operator_agent.surfaces.browser.vocabulary import VOCABULARY
from operator_agent.surfaces.browser.watch import Watch
from operator_agent.surfaces.redaction import Redaction

if TYPE_CHECKING:
    from playwright.async_api import Error, Page

    from operator_agent.surfaces.browser.egress.proxy import EgressProxy

T = TypeVar("T")

_PICTURE_SECONDS = 3.0
_CLOSE_SECONDS = 2.0
_LOADING_VERBS = frozenset({"go to", "back", "download"})
_GRACE = 1.15
"""A turn may pass its limit by this factor before it is cut off: the verb's own message is better than ours."""
_NO_TREE = Tree((), False)


class BrowserSurface:
    """Implements `roles.Surface` on an existing page. Nothing of the user's is closed; with `owns`, the context is all ours; with
    `asks`, `engine.register` was called on its Playwright.

    `secrets` are values by name: `{secret:name}` in a fill or type becomes the value, and every value that the page shows
    becomes `{secret:name}` again before it leaves. `refused` is the proxy that judges this browser's requests, if any; `barred`
    tells which addresses our policy keeps it from.
    `downloads` is the folder files are saved in; a temporary one when not given.
    """

    vocabulary = VOCABULARY

    def __init__(
        self,
        page: Page,
        *,
        limits: Limits | None = None,
        secrets: Mapping[str, str] | None = None,
        refused: EgressProxy | None = None,
        barred: Callable[[str], bool] = lambda url: False,
        downloads: Path | None = None,
        owns: bool = False,
        asks: bool = False,
    ) -> None:
        pulse, redaction = Pulse(), Redaction(secrets or {})
        self._owns = owns
        self._refused = refused
        self._held: asyncio.Task[Any] | None = None
        self._closed = False
        self._dialogs = Dialogs(pulse)
        self._downloads = Downloads(downloads, pulse, redaction)
        self._network = NetworkLog(page.context, self._is_ours, barred, redaction, pulse)
        self._tabs = Tabs(page, pulse, self._follow, self._dialogs.forget)
        self._activity = Activity(self._tabs, self._network, pulse, barred if owns else None)
        self._watch = Watch(pulse)
        self._parts = Parts(
            self._tabs,
            self._dialogs,
            self._network,
            self._activity,
            self._downloads,
            self._watch,
            pulse,
            redaction,
            limits or Limits(),
            asks=asks,
        )
        self._camera = Camera(self._parts)
        self._looks = 0

    async def observe(self, *, deep: bool = False) -> Observation:
        async with self._translated():
            return await self._of_active(lambda: self._observe(deep))

    async def perform(self, action: Action, elements: Mapping[str, Element]) -> Performed:
        limits = self._parts.limits
        limit = limits.load if action.verb in _LOADING_VERBS else limits.step
        turn = Turn(self._parts, action, elements, time.monotonic() + limit)
        dialog = self._dialogs.shown()
        if action.verb not in self.vocabulary:
            return turn.performed(Trouble(kind="unsupported", detail=f"a browser cannot {action.verb}"))
        if dialog is not None and action.verb != "answer dialog":
            said = f'the {dialog.kind} "{dialog.text}" is open and must be answered first'
            return turn.performed(Trouble(kind="dialog", detail=said))
        if dialog is None and action.verb == "answer dialog":
            return turn.performed(Trouble(kind="absent", detail="no dialog is open"))
        self._watch.disarm()
        self._camera.acting()
        async with self._translated():
            trouble = await self._troubles(turn, limit)
            turn.facts += await self._tab_facts()
        self._looks = 0
        self._camera.begin()
        return turn.performed(trouble)

    async def changed(self, timeout: float) -> bool:
        async with self._translated():
            try:
                return await self._of_active(lambda: self._parts.changed(timeout))
            except TimeoutError:
                return False

    async def picture(self, of: Element | None = None, *, fresh: bool = True) -> Picture | None:
        if self._dialogs.current is not None:
            return None
        async with self._translated():
            try:
                async with asyncio.timeout(_PICTURE_SECONDS):
                    return await self._of_active(lambda: self._dialogs.unless_open(self._camera.take(of, fresh)))
            except DialogOpened as opened:
                opened.work.cancel()
                return None
            except TimeoutError:
                return None

    async def looks(self) -> Looks | None:
        if self._dialogs.current is not None:
            return None
        async with self._translated():
            return await self._of_active(lambda: read_looks(self._parts.page))

    async def close(self) -> None:
        """Stops following the pages; a second call does nothing. The pages stay as they are."""
        if self._closed:
            return
        self._closed = True
        self._camera.drop()
        self._watch.disarm()
        self._network.close()
        await self._downloads.close()
        if self._held is not None:
            self._held.cancel()
            await asyncio.wait({self._held}, timeout=_CLOSE_SECONDS)

    async def _of_active(self, look: Callable[[], Awaitable[T]]) -> T:
        """What a look at the active tab gives. A tab that closes itself meanwhile gives way to the one that is active then."""
        from playwright.async_api import Error

        while True:
            page = self._parts.page
            try:
                return await look()
            except Error:
                if self._tabs.active.page is page:
                    raise

    async def _observe(self, deep: bool) -> Observation:
        self._looks += 1
        if self._looks > 1:
            self._camera.drop()  # somebody looks again, so what the act did was not all there at the first look
        self._watch.looked()
        if self._dialogs.current is None:
            with suppress(TimeoutError):
                await self._parts.session()
                if self._watch.armed:
                    self._watch.arm(self._tabs.active)
        at = time.monotonic()
        tree = _NO_TREE
        if self._dialogs.current is None:
            try:
                tree = await self._dialogs.unless_open(self._read(deep))
            except DialogOpened as opened:
                opened.work.cancel()
        hide = self._parts.redaction.hide
        active = self._tabs.active
        notices = self._notices()
        if not tree.complete and self._dialogs.current is None and not tree.elements:
            notices = (*notices, f"the page {active.page.url} did not answer")
        return Observation(
            at=at,
            url=hide(active.page.url),
            title=hide(active.title),
            elements=self._hidden(tree.elements),
            complete=tree.complete,
            deep=deep,
            tabs=tuple(Tab(title=hide(tab.title), url=hide(tab.page.url), active=tab is active) for tab in self._tabs),
            dialog=self._dialog(),
            downloads=tuple(self._downloads.finished),
            exchanges=self._network.exchanges(),
            notices=tuple(map(hide, notices)),
        )

    async def _tab_facts(self) -> list[str]:
        if self._dialogs.current is None:
            await asyncio.gather(*(tab.read_title() for tab in self._tabs.opened))
        opened = [f'opened tab "{tab.shown}"' for tab in self._tabs.opened]
        return opened + [f'tab "{title}" closed' for title in self._tabs.closed]

    async def _read(self, deep: bool) -> Tree:
        titles = asyncio.gather(*(tab.read_title() for tab in self._tabs))
        page, timeout = self._parts.page, self._parts.limits.step
        tab = self._tabs.active
        looking = partial(read_tree, page, passwords=tab.passwords, typed=tab.typed, boxes=self._camera.wanted)
        reading = read_deep(page, timeout=timeout) if deep else looking(timeout=timeout)
        tree, _ = await asyncio.gather(reading, titles)
        tab.typed = any(one.value and one.role in FIELDS for one in tree.elements)
        tab.documents = next((document_of(one.ref) for one in tree.elements if one.ref and not is_node_ref(one.ref)), tab.documents)
        return tree

    def _hidden(self, elements: tuple[Element, ...]) -> tuple[Element, ...]:
        redaction = self._parts.redaction
        if not redaction:
            return elements
        return tuple(_without(element, redaction) for element in elements)

    def _dialog(self) -> Any:
        shown = self._dialogs.shown()
        hide = self._parts.redaction.hide
        return shown and shown.model_copy(update={"text": hide(shown.text), "default": hide(shown.default)})

    def _notices(self) -> tuple[str, ...]:
        if self._refused is None or not self._refused.refused:
            return ()
        counts = Counter(str(refused.origin) for refused in self._refused.refused)
        return tuple(
            f"{_times(count, 'request')} to {origin} {'were' if count > 1 else 'was'} refused" for origin, count in counts.items()
        )

    async def _troubles(self, turn: Turn, limit: float) -> Trouble | None:
        """Does the act and what follows from it; None when nothing went wrong."""
        from playwright.async_api import Error

        self._activity.begin()
        try:
            async with asyncio.timeout(limit * _GRACE):
                await self._parts.session()
                await self._dialogs.unless_open(self._act(turn))
        except DialogOpened as opened:
            return self._interrupted(turn, opened.work)
        except Hindered as hindered:
            return hindered.trouble
        except TimeoutError:
            act = describe(turn.action)
            return Trouble(kind="timeout", detail=f"{act} did not end within {limit:g} s: the page does not answer")
        except Error as error:
            return self._failed(turn, error)
        finally:
            self._activity.end()
        return None

    async def _act(self, turn: Turn) -> None:
        if turn.action.verb == "answer dialog":
            await ACTS["answer dialog"](turn)
            await self._finish_held(turn)
        else:
            await ACTS[turn.action.verb](turn)
        if turn.settles and not await self._activity.settle(turn.left, answered=turn.answered):
            limit = self._parts.limits.load if turn.action.verb in _LOADING_VERBS else self._parts.limits.step
            late = f"the page that {describe(turn.action)} started did not answer within {limit:g} s"
            if turn.action.verb in _LOADING_VERBS:
                raise Hindered("timeout", late)
            # The input was delivered; what became of it is for the next look to tell.
            turn.facts.append(late)

    async def _finish_held(self, turn: Turn) -> None:
        """Lets the act go on that the dialog had stopped."""
        held, self._held = self._held, None
        if held is not None:
            done, _ = await asyncio.wait({held}, timeout=turn.left)
            if not done:
                self._held = held

    def _interrupted(self, turn: Turn, work: asyncio.Task[Any]) -> Trouble | None:
        """A dialog opened. An act whose input had left goes on behind it; one that was still waiting is called off."""
        dialog = self._dialogs.shown()
        said = f'{dialog.kind} "{dialog.text}" opened' if dialog else "a dialog opened"
        turn.facts.append(said)
        if turn.action.verb == "answer dialog":
            return None
        if turn.delivery == "none":
            work.cancel()
            return Trouble(kind="dialog", detail=f"the {said} before {describe(turn.action)} could be done")
        turn.sent()
        self._held = work
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        return None

    def _failed(self, turn: Turn, error: Error) -> Trouble | None:
        """A page that goes away with the act is the act's effect; anything else Playwright refused is named."""
        from playwright.async_api import TimeoutError as TimedOut

        self._tabs.active  # noqa: B018 - raises SurfaceLost when nothing is left
        if self._context_lost():
            raise error
        if self._tabs.closed and turn.delivery != "none":
            turn.sent()
            return None
        first = str(error).splitlines()[0]
        kind: Any = "timeout" if isinstance(error, TimedOut) else "rejected"
        return Trouble(kind=kind, detail=f"{describe(turn.action)} failed: {first}")

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Playwright's errors become SurfaceLost, once, here. Nothing else passes as such."""
        from playwright.async_api import Error

        if self._closed:
            raise SurfaceLost("this surface was closed")
        try:
            yield
        except Error as error:
            raise SurfaceLost(f"the browser went away: {str(error).splitlines()[0]}") from error

    def _context_lost(self) -> bool:
        browser = self._tabs.active.page.context.browser
        return (browser is not None and not browser.is_connected()) or self._tabs.active.page.is_closed()

    def _is_ours(self, page: Page | None) -> bool:
        return self._owns or page is None or page in self._tabs

    def _follow(self, tab: FollowedTab) -> None:
        tab.page.on("dialog", self._dialogs.opened)
        tab.page.on("download", self._downloads.take)
        tab.page.on("websocket", self._network.follow)


def _without(element: Element, redaction: Redaction) -> Element:
    name, value = redaction.hide(element.name), redaction.hide(element.value)
    url, placeholder = redaction.hide(element.url), redaction.hide(element.placeholder)
    if (name, value, url, placeholder) == (element.name, element.value, element.url, element.placeholder):
        return element
    return replace(element, name=name, value=value, url=url, placeholder=placeholder)


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("s" if count > 1 else "")
