"""JavaScript dialogs, held open until somebody decides: the page stands still meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from operator_agent.flow.observation import Dialog

if TYPE_CHECKING:
    from playwright.async_api import Dialog as PageDialog
    from playwright.async_api import Page

    from operator_agent.surfaces.browser.pulse import Pulse

T = TypeVar("T")


class DialogOpened(Exception):
    """A dialog opened while something else was being awaited. A signal inside this package, never seen outside.

    `work` is what could not finish; it goes on once the dialog is answered.
    """

    def __init__(self, work: asyncio.Task[Any]) -> None:
        super().__init__("a dialog is open")
        self.work = work


class Dialogs:
    """The open dialogs of our pages, oldest first. Chromium shows one at a time per tab, several tabs may have one."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._open: list[PageDialog] = []
        self._opened = asyncio.Event()

    def opened(self, dialog: PageDialog) -> None:
        self._open.append(dialog)
        self._opened.set()
        self._pulse.beat()

    def forget(self, page: Page) -> None:
        """A closed or crashed page takes its dialog with it."""
        self._open = [dialog for dialog in self._open if dialog.page is not page]
        if not self._open:
            self._opened.clear()
        self._pulse.beat()

    @property
    def current(self) -> PageDialog | None:
        return self._open[0] if self._open else None

    def shown(self) -> Dialog | None:
        """The dialog to be decided, as a noun of the flow."""
        dialog = self.current
        if dialog is None:
            return None
        kinds = {"alert": "alert", "confirm": "confirm", "prompt": "prompt", "beforeunload": "beforeunload"}
        text = dialog.message or ("Leave this page? Changes may not be saved." if dialog.type == "beforeunload" else "")
        return Dialog.model_validate({"kind": kinds[dialog.type], "text": text, "default": dialog.default_value})

    async def answer(self, accept: bool, text: str) -> None:
        """Close the oldest dialog. Raises IndexError when none is open."""
        dialog = self._open.pop(0)
        if not self._open:
            self._opened.clear()
        if not accept:
            await dialog.dismiss()
        elif dialog.type == "prompt":
            await dialog.accept(text)
        else:
            await dialog.accept()

    async def unless_open(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives. Raises DialogOpened, with the unfinished work, as soon as a dialog stands open."""
        task = asyncio.ensure_future(work)
        opened = asyncio.ensure_future(self._opened.wait())
        try:
            await asyncio.wait({task, opened}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            opened.cancel()
        if not task.done():
            raise DialogOpened(task)
        return task.result()
