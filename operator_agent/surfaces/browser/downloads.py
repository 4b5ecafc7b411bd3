"""Files the pages give, kept under their suggested names, made safe."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.flow.observation import DownloadedFile

if TYPE_CHECKING:
    from playwright.async_api import Download

    from operator_agent.surfaces.browser.pulse import Pulse
    from operator_agent.surfaces.redaction import Redaction

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 150
"""Bytes; file systems end at 255 and the name may get a number."""


def safe_name(suggested: str) -> str:
    """A plain file name: no folder, no control or reserved characters, not hidden, of a length every file system takes."""
    name = _UNSAFE.sub("_", suggested.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 16:
        stem, dot, suffix = name, "", ""
    room = _LONGEST - len(f"{dot}{suffix}".encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    return f"{stem}{dot}{suffix}" or "download"


class Downloads:
    """Saves every download of our pages. `folder` is made when the first one comes; None means a temporary one."""

    def __init__(self, folder: Path | None, pulse: Pulse, redaction: Redaction) -> None:
        self._folder = folder
        self._pulse = pulse
        self._redaction = redaction
        self._saving: set[asyncio.Task[None]] = set()
        self.begun = 0
        self.finished: list[DownloadedFile] = []
        self.failures: list[str] = []
        """Why downloads of this session came to nothing, oldest first."""

    @property
    def running(self) -> int:
        return len(self._saving)

    def take(self, download: Download) -> None:
        """Listener for a page's `download`."""
        self.begun += 1
        task = asyncio.create_task(self._save(download))
        self._saving.add(task)
        task.add_done_callback(self._saved)
        self._pulse.beat()

    async def close(self) -> None:
        for task in tuple(self._saving):
            task.cancel()
        if self._saving:
            await asyncio.wait(self._saving)

    def _saved(self, task: asyncio.Task[None]) -> None:
        self._saving.discard(task)
        self._pulse.beat()

    async def _save(self, download: Download) -> None:
        from playwright.async_api import Error

        path = self._free(safe_name(download.suggested_filename))
        try:
            await download.save_as(path)
            size = path.stat().st_size
        except (Error, OSError) as error:
            path.unlink(missing_ok=True)
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self.failures.append(self._redaction.hide(f"{path.name} was not saved: {reason}"))
            return
        url = self._redaction.hide(download.url)
        self.finished.append(DownloadedFile(name=path.name, path=str(path), bytes=size, url=url, at=time.monotonic()))

    def _free(self, name: str) -> Path:
        """A path of that name where nothing is yet; claimed at once, as several downloads may run."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="operator-agent-downloads-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        stem, suffix = Path(name).stem, Path(name).suffix
        for number in range(1, 10_000):
            path = self._folder / (name if number == 1 else f"{stem} ({number}){suffix}")
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                continue
            return path
        raise OSError(f"{self._folder} holds 10,000 files named like {name}")
