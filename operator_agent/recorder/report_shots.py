"""The pictures of a report: each stands in it once, and together they stay within a size that opens quickly."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from operator_agent.flow.observation import Picture

FULL = 4_000_000
"""Bytes of JPEG that are shown as they were taken. After that they are shown at half their size."""
MOST = 18_000_000
"""Bytes after which no more are shown: the page stays below 40 MB, and the run's folder has them all."""


class Shots:
    """Pictures by the name of the class that shows them."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}
        self._bytes = 0
        self.smaller = False
        """Some are not shown as they were taken."""
        self.view: Picture | None = None
        """The latest one."""

    def show(self, picture: Picture) -> tuple[str, str]:
        """The class and the style sheet that defines it, "" when the page has it already; both "" when there is no more room."""
        self.view = picture
        if name := self._known.get(picture.jpeg):
            return name, ""
        jpeg = picture.jpeg
        if self._bytes + len(jpeg) > FULL:
            self.smaller, jpeg = True, _half(jpeg)
        if self._bytes + len(jpeg) > MOST:
            return "", ""
        self._bytes += len(jpeg)
        name = self._known[picture.jpeg] = f"shot{len(self._known) + 1}"
        return name, f"<style>.{name}{{background-image:url(data:image/jpeg;base64,{b64encode(jpeg).decode()})}}</style>\n"

    @property
    def ratio(self) -> str:
        return f"{self.view.width} / {self.view.height}" if self.view else "16 / 9"


def _half(jpeg: bytes) -> bytes:
    from PIL import Image

    try:
        with Image.open(BytesIO(jpeg)) as image:
            size = (image.width // 2, image.height // 2)
            image.draft("RGB", size)  # a JPEG is read at half its size in half the time
            small = image.convert("RGB").resize(size)
    except OSError:
        return jpeg  # damaged in the middle: a browser shows what there is of it
    data = BytesIO()
    small.save(data, "JPEG", quality=50)
    return data.getvalue()
