"""The page as elements: Playwright's AI-mode ARIA snapshot, read in one call, frames and open shadow roots included.

Known of that snapshot: refs hold until the next one of the page; plain boxes without text or listener are left out;
options of a closed select have no ref; names over 900 characters are dropped; password values are in it (not in ours).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from operator_agent.flow.observation import Box, Element
from operator_agent.surfaces.browser.frames import frame_in, holders, origin_of
from operator_agent.surfaces.browser.scripts import script
from operator_agent.surfaces.browser.snapshot import MASK, amend, parse

if TYPE_CHECKING:
    from playwright.async_api import Frame, Page

_IS_PASSWORD = "field => field.type === 'password'"


Secrets = Sequence[tuple[str, bool]]
"""The values of the password fields of a document, each with whether the field shows."""
Passwords = Callable[[], Awaitable[Secrets | None]]


class Tree(NamedTuple):
    """`complete` is False when a frame did not answer in time or a line was not understood."""

    elements: tuple[Element, ...]
    complete: bool


async def read_tree(
    page: Page, *, passwords: Passwords | None = None, typed: bool = False, boxes: bool = False, timeout: float
) -> Tree:
    """What the page shows to assistive technology, within about `timeout` seconds.

    A page that does not answer at all gives no elements and `complete` False; one whose frame does not, the rest.
    `passwords` asks the main document for its secrets quicker than can be done here; at once, when something was `typed` there at
    the last look.
    With `boxes`, elements with a ref carry where they are in the view. Raises Playwright's Error when the page is gone.
    """
    with moving(page) as moved:
        asked = passwords() if typed and passwords else _nothing()
        (elements, fields, complete), secrets = await asyncio.gather(unmasked(page, boxes=boxes, timeout=timeout), asked)
        if fields and passwords and secrets is None:
            secrets = await passwords()
    known = {-1: secrets} if secrets is not None and page.main_frame not in moved else {}
    await mask_passwords(page, elements, fields, known, timeout)
    placed = await _place(page, elements, boxes, timeout)
    return Tree(tuple(elements), complete and placed)


async def _nothing() -> None:
    return None


async def unmasked(page: Page, *, boxes: bool, timeout: float) -> tuple[list[Element], list[int], bool]:
    """The elements as the page gives them, boxes in the view of each one's own frame; which of them may hold something typed;
    and whether that is all."""
    from playwright.async_api import TimeoutError as TimedOut

    deadline = time.monotonic() + timeout
    try:
        text = await _snapshot(page, boxes, deadline)
    except TimedOut:
        return [], [], False
    elements, typed, unread = parse(text)
    late = time.monotonic() >= deadline and _has_empty_frame(elements)
    return elements, typed, not unread and not late


async def _snapshot(page: Page, boxes: bool, deadline: float) -> str:
    """Playwright asks anew only a second after the document has gone from under its question; this asks the new one at once."""
    while True:
        asked = asyncio.ensure_future(page.aria_snapshot(mode="ai", boxes=boxes, timeout=_milliseconds(deadline)))
        gone = asyncio.ensure_future(_main_moved(page))
        try:
            await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
        finally:
            asked.cancel()
            gone.cancel()
        await page.wait_for_load_state("domcontentloaded", timeout=_milliseconds(deadline))


async def _main_moved(page: Page) -> None:
    """Returns when the page's main frame goes elsewhere."""
    gone = asyncio.Event()
    with moving(page, lambda frame: gone.set() if frame is page.main_frame else None):
        await gone.wait()


def _milliseconds(deadline: float) -> float:
    """Until then; to Playwright, zero would be for ever."""
    return max(1.0, (deadline - time.monotonic()) * 1000)


def _has_empty_frame(elements: Sequence[Element]) -> bool:
    filled = {element.parent for element in elements}
    return any(element.role == "iframe" and index not in filled for index, element in enumerate(elements))


async def mask_passwords(
    page: Page, elements: list[Element], typed: list[int], known: Mapping[int, Secrets], timeout: float
) -> None:
    """Asks the page which fields are passwords, only when one holds something; what cannot be asked counts as a password.

    `known` are the secrets that need no asking, by the `iframe` they are in (-1: the page itself).
    """
    if not typed:
        return
    around = holders(elements)
    by_frame: dict[int, list[int]] = {}
    for index in typed:
        by_frame.setdefault(around[index], []).append(index)
    found = await asyncio.gather(*(_passwords(page, elements, *group, known, timeout) for group in by_frame.items()))
    for index in (index for group in found for index in group):
        amend(elements[index], value=MASK)


async def _passwords(
    page: Page, elements: list[Element], holder: int, fields: list[int], known: Mapping[int, Secrets], timeout: float
) -> list[int]:
    """Which of the fields of one document are passwords.

    Told by their values, in one question; where that is not certain (a password was changed since, or the page), one by one.
    """
    values = {elements[index].value for index in fields}
    secrets = known.get(holder)
    if secrets is None:
        secrets = await _secrets(page, elements[holder].ref if holder >= 0 else "", timeout)
    if secrets is not None and all(secret in values for secret, shows in secrets if shows):
        hidden = {secret for secret, _ in secrets}
        return [index for index in fields if elements[index].value in hidden]
    answers = await asyncio.gather(*(_is_password(page, elements[index].ref, timeout) for index in fields))
    return [index for index, answer in zip(fields, answers, strict=True) if answer]


async def _secrets(page: Page, iframe: str, timeout: float) -> Secrets | None:
    """The secrets of a frame; None when its document may be another one now."""
    from playwright.async_api import Error

    with moving(page) as moved:
        try:
            frame = await frame_in(page, iframe, timeout) if iframe else page.main_frame
            async with asyncio.timeout(timeout):
                found: Secrets | None = await frame.evaluate(script("passwords")) if frame else None
        except (Error, TimeoutError):
            return None
    return found if not moved else None


@contextmanager
def moving(page: Page, tell: Callable[[Frame], object] = lambda frame: None) -> Iterator[list[Frame]]:
    """Collects the frames that get another document meanwhile, and tells of each at once."""
    moved: list[Frame] = []

    def note(frame: Frame) -> None:
        moved.append(frame)
        tell(frame)

    page.on("framenavigated", note)
    try:
        yield moved
    finally:
        page.remove_listener("framenavigated", note)


async def _is_password(page: Page, ref: str, timeout: float) -> bool:
    from playwright.async_api import Error

    try:
        return not ref or bool(await page.get_by_ref(ref).evaluate(_IS_PASSWORD, timeout=timeout * 1000))
    except Error:
        return True


async def _place(page: Page, elements: list[Element], boxes: bool, timeout: float) -> bool:
    """Puts boxes into the page's view and names foreign origins; False when a frame could not be asked."""
    around = holders(elements)
    known = await name_origins(page, elements, around, timeout)
    if not boxes:
        return known
    first = {around[index]: index for index in reversed(range(len(elements))) if elements[index].ref and elements[index].box}
    measured = [index for index in sorted(set(around) - {-1}) if index in first]
    offsets = await asyncio.gather(*(_offset(page, elements[first[index]], timeout) for index in measured))
    bring_in_view(elements, around, {-1: (0.0, 0.0), **dict(zip(measured, offsets, strict=True))})
    return known and None not in offsets


def bring_in_view(elements: list[Element], around: list[int], shifts: Mapping[int, tuple[float, float] | None]) -> None:
    """Makes boxes relative to the page's view, given where the view of each `iframe` begins in it; drops those not known."""
    for element, holder in zip(elements, around, strict=True):
        box = element.box
        if box is None or (holder < 0 and element.ref):
            continue
        shift = shifts.get(holder) if element.ref else None
        amend(element, box=Box(box.x + shift[0], box.y + shift[1], box.width, box.height) if shift else None)


async def name_origins(page: Page, elements: list[Element], around: list[int], timeout: float) -> bool:
    """Sets `frame` of the elements of another origin; False when one could not be told."""
    own = origin_of(page.main_frame)
    if all(origin_of(frame) == own for frame in page.frames):
        return True
    framed = sorted(set(around) - {-1})
    asked = await asyncio.gather(*(_origin(page, elements[index].ref, own, timeout) for index in framed))
    origins = dict(zip(framed, asked, strict=True))
    for element, holder in zip(elements, around, strict=True):
        if origin := origins.get(holder):
            amend(element, frame=origin)
    return None not in asked


async def _origin(page: Page, ref: str, own: str, timeout: float) -> str | None:
    """The origin of what an iframe holds, "" when it is the page's own, None when it cannot be told any more."""
    from playwright.async_api import Error

    try:
        frame = await frame_in(page, ref, timeout)
    except Error:
        return None
    origin = origin_of(frame) if frame is not None else None
    return "" if origin == own else origin


async def _offset(page: Page, inside: Element, timeout: float) -> tuple[float, float] | None:
    """How far a frame's view is from the page's: where Playwright sees one of its elements, less where the frame does."""
    from playwright.async_api import Error

    try:
        seen = await page.get_by_ref(inside.ref).bounding_box(timeout=timeout * 1000)
    except Error:
        return None
    if seen is None or inside.box is None:
        return None
    return round(seen["x"]) - inside.box.x, round(seen["y"]) - inside.box.y
