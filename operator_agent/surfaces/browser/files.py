"""The verbs that move files: upload and download."""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operator_agent.flow.action import Upload
from operator_agent.flow.observation import Element
from operator_agent.surfaces.browser.located import find, locate
from operator_agent.surfaces.browser.pointer import press_pointer
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.turn import Hindered, Turn

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, FileChooser

_CHOOSER_SECONDS = 2.0
_THE_INPUT = """element => {
  const is = node => node?.localName === 'input' && node.type === 'file';
  return [element, element.control, element.closest('label')?.control, element.querySelector('input[type=file]')].find(is);
}"""


async def upload(turn: Turn) -> None:
    """Into the file input at hand, else onto a drop zone, else through the chooser that a click opens."""
    assert isinstance(turn.action, Upload)
    element = turn.element()
    files = [_existing(name) for name in turn.action.files]
    node = await find(turn, element)
    seen: dict[str, Any] = await node.evaluate(script("file_input"))
    if seen:
        if seen["disabled"]:
            raise Hindered("disabled", f"{element} is disabled")
        _accepted(element, files, seen["accept"], seen["multiple"])
        handle = (await node.evaluate_handle(_THE_INPUT)).as_element()
        assert handle is not None
        await _give(turn, handle, files)
    elif await turn.parts.listens(element, "drop"):
        await _drop(turn, element, files)
    else:
        await _through_chooser(turn, element, files)


def _existing(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise Hindered("rejected", f"{name} is not a file on this machine")
    return path


def _accepted(element: Element, files: list[Path], accept: str, multiple: bool) -> None:
    """Raises Hindered for a file the input would not offer to choose: the browser itself does not refuse it."""
    if len(files) > 1 and not multiple:
        raise Hindered("rejected", f"{element} takes one file, not {len(files)}")
    kinds = [kind.strip().lower() for kind in accept.split(",") if kind.strip()]
    for file in files:
        if kinds and not any(_is_kind(file, kind) for kind in kinds):
            raise Hindered("rejected", f"{element} takes {', '.join(kinds)}, not {file.name}")


def _is_kind(file: Path, kind: str) -> bool:
    if kind.startswith("."):
        return file.name.lower().endswith(kind)
    guessed = mimetypes.guess_type(file.name)[0] or ""
    return kind in ("*/*", "*") or guessed == kind or (kind.endswith("/*") and guessed.startswith(kind[:-1]))


async def _give(turn: Turn, target: ElementHandle, files: list[Path]) -> None:
    turn.sending()
    await target.set_input_files(files, timeout=max(turn.left, 0.1) * 1000)
    turn.sent()


async def _drop(turn: Turn, element: Element, files: list[Path]) -> None:
    from playwright.async_api import Error

    turn.sending()
    try:
        await locate(turn, element).drop({"files": files}, timeout=max(turn.left, 0.1) * 1000)
    except Error as error:
        turn.unsent()
        raise Hindered("rejected", f"{element} did not take the drop") from error
    turn.sent()


async def _through_chooser(turn: Turn, element: Element, files: list[Path]) -> None:
    page = turn.parts.page
    choosers: list[FileChooser] = []

    def opened(chooser: FileChooser) -> None:
        choosers.append(chooser)
        turn.parts.pulse.beat()

    page.on("filechooser", opened)
    try:
        await press_pointer(turn, element)
        until = time.monotonic() + min(_CHOOSER_SECONDS, turn.left)
        while not choosers and time.monotonic() < until:
            await turn.parts.pulse.next(until - time.monotonic())
    finally:
        page.remove_listener("filechooser", opened)
    if not choosers:
        raise Hindered("rejected", f"{element} opened no file chooser")
    chooser = choosers[0]
    accept: str = await chooser.element.evaluate("input => input.accept || ''")
    _accepted(element, files, accept, chooser.is_multiple())
    await chooser.set_files(files, timeout=max(turn.left, 0.1) * 1000)
    turn.sent()


async def download(turn: Turn) -> None:
    """Clicks and waits for the file. `turn.value` is its path, `turn.facts` has its size."""
    downloads = turn.parts.downloads
    before, failed = len(downloads.finished), len(downloads.failures)
    element = turn.element()
    await press_pointer(turn, element)
    deadline = time.monotonic() + turn.parts.limits.load
    while len(downloads.finished) == before:
        if len(downloads.failures) > failed:
            raise Hindered("rejected", downloads.failures[-1])
        left = (deadline if downloads.running else turn.deadline) - time.monotonic()
        if left <= 0:
            begun = "the download did not end in time" if downloads.running else "no download began"
            raise Hindered("timeout", f"{begun} after clicking {element}")
        await turn.parts.pulse.next(left)
    file = downloads.finished[before]
    turn.value = turn.source = file.path
    turn.facts.append(f"downloaded {file.name}, {file.bytes} bytes")
    turn.settles = False
