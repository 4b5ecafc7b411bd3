"""Pictures show the view, and nothing of what is secret."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Error

from operator_agent.flow.observation import Picture
from operator_agent.surfaces.browser.picture import frame, jpeg_size
from tests.surfaces.browser.stage import Stage, chromium, serving, staged

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    with serving() as site:
        async with chromium() as browser, staged(browser, site, secrets={"token": "s3cr3t-token"}) as stage:
            yield stage


def reds(picture: Picture, top: int) -> int:
    """How many red or yellow pixels lie in the band of the picture from `top` on, 40 pixels high."""
    with Image.open(io.BytesIO(picture.jpeg)) as image:
        band = image.convert("RGB").crop((0, top, 700, top + 40))
        colors: list[tuple[int, tuple[int, int, int]]] = band.getcolors(1 << 20)
        return sum(count for count, (red, _, blue) in colors if red > 120 and blue < 100)


async def test_picture_is_of_the_view(stage: Stage) -> None:
    await stage.open("child.html")
    picture = await stage.surface.picture()
    assert picture and (picture.width, picture.height, picture.scale) == (1000, 700, 1.0)
    assert jpeg_size(picture.jpeg) == (1000, 700)


async def test_secrets_are_painted_over(stage: Stage) -> None:
    await stage.open("secret.html")
    picture = await stage.surface.picture()
    assert picture
    assert reds(picture, 50) == reds(picture, 150) == reds(picture, 250) == 0
    assert reds(picture, 350) > 1000


async def test_secret_that_appears_meanwhile_is_measured_again(stage: Stage) -> None:
    """The field is moved back and forth: wherever it was before or after the shot, it is painted over."""
    await stage.open("secret.html")
    await stage.page.evaluate("text.remove(); password.remove(); plain.remove(); token.style.top = '400px'")
    picture = await stage.surface.picture()
    assert picture and sum(reds(picture, top) for top in range(0, 680, 40)) == 0


async def test_no_picture_of_something_that_is_no_jpeg() -> None:
    with pytest.raises(ValueError, match="not a JPEG"):
        jpeg_size(b"nothing of the kind")


class Frameless:
    """A CDP session of a Chromium that has no frame to give, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    async def send(self, method: str, parameters: dict[str, object]) -> dict[str, str]:
        self.times -= 1
        if self.times >= 0:
            raise Error("CDPSession.send: Protocol error (Page.captureScreenshot): Unable to capture screenshot")
        return {"data": "/9g="}


async def test_a_frame_chromium_does_not_have_is_asked_for_again() -> None:
    assert await frame(Frameless(2)) == b"\xff\xd8"  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        await frame(Frameless(3))  # type: ignore[arg-type]
