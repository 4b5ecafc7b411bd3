"""No browser of ours outlives us: each is registered before it starts, and the next start sweeps what was left.

    <state>/browsers/<token>.lock     held locked by its owner for as long as the owner lives
    <state>/browsers/<token>/         everything the browser writes: profile, downloads, temporary files

The kernel drops the lock however the owner ends, and no pid that was given out again can hold it. Whoever gets the
lock is also the only one to sweep that browser. Processes are ours only if they, or the process they descend from, were
started on the profile path of that token.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from operator_agent.errors import SetupError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_GRACE_SECONDS = 2.0
_DRIVER = ("playwright", "run-driver")


@dataclass(slots=True)
class Registration:
    """Our claim on one browser. `folder` exists from `make` to `release`."""

    folder: Path
    lock: int
    """File descriptor; -1 once released."""

    @classmethod
    def make(cls, state_dir: Path) -> Self:
        """Claim a new folder below `state_dir`. Raises `SetupError` when it cannot be written or locked."""
        home = state_dir / "browsers"
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            while True:
                folder = home / secrets.token_hex(8)
                # A sweep may look between creating and locking; then the file is gone and another name is taken.
                lock = _lock(_lock_file(folder), create=True)
                if lock is not None:
                    break
            claim = cls(folder, lock)
            try:
                # For the person who looks; what counts is the lock.
                os.write(lock, json.dumps({"owner": os.getpid(), "since": time.time()}).encode())
                folder.mkdir(mode=0o700)
            except OSError:
                claim.release()
                raise
        except OSError as error:
            raise SetupError(
                f"cannot keep the browser's profile in {home}: {error.strerror or error}; "
                "set OPERATOR_STATE to a local folder you may write to"
            ) from error
        return claim

    @property
    def profile(self) -> Path:
        return self.folder / "profile"

    def release(self) -> None:
        """Remove the folder, then the claim. What cannot be removed now stays claimed for the next sweep."""
        if self.lock < 0:
            return
        lock, self.lock = self.lock, -1
        try:
            _remove(self.folder)
        finally:
            os.close(lock)


def sweep(state_dir: Path) -> list[str]:
    """End the browsers and remove the folders whose owner is gone; their tokens. Safe to run in many processes."""
    home = state_dir / "browsers"
    try:
        files = [file for file in home.iterdir() if file.suffix == ".lock"]
    except FileNotFoundError:
        return []
    swept = []
    for file in files:
        folder = file.with_suffix("")
        lock = _lock(file)
        if lock is None:
            continue
        try:
            terminate(folder / "profile")
            _remove(folder)
            swept.append(folder.name)
        finally:
            os.close(lock)
    return swept


def terminate(profile: Path, *, grace: float = _GRACE_SECONDS) -> int:
    """End every process started on `profile`, its descendants and its Playwright driver; how many there were.

    First asked, then killed after `grace` seconds; returns when they are gone.
    """
    seen = set()
    for grace_left in (grace, 0.0, 0.0):
        victims = _started_on(profile)
        if not victims:
            break
        seen.update(victims)
        _end(victims, grace_left)
    return len(seen)


@dataclass(frozen=True, slots=True)
class _Process:
    """`started` tells a pid that was given out again from the process it was."""

    pid: int
    parent: int
    started: str
    command: str


def _started_on(profile: Path) -> list[_Process]:
    processes = {process.pid: process for process in _processes()}
    argument = re.compile(re.escape(f"--user-data-dir={profile}") + r"(?=[\0 ]|\Z)")
    found = {pid for pid, process in processes.items() if argument.search(process.command)}
    drivers = {processes[pid].parent for pid in found} - found
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    queue = list(found)
    while queue:
        below = [pid for pid in children.get(queue.pop(), ()) if pid not in found]
        found.update(below)
        queue += below
    found.update(pid for pid in drivers if pid in processes and all(part in processes[pid].command for part in _DRIVER))
    return [processes[pid] for pid in found if pid != os.getpid()]


def _processes() -> Iterator[_Process]:
    if sys.platform == "linux":
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (process := _from_proc(int(entry.name))):
                yield process
    elif sys.platform != "win32":
        listing = subprocess.run(
            ["ps", "-axww", "-o", "pid=,ppid=,lstart=,command="], capture_output=True, text=True, check=False
        ).stdout
        for line in listing.splitlines():
            pid, parent, *rest = line.split(None, 7)
            yield _Process(int(pid), int(parent), " ".join(rest[:5]), "".join(rest[5:]))
    else:
        # The driver ends with its owner's pipe, and the browser with the driver.
        yield from ()


def _from_proc(pid: int) -> _Process | None:
    """None when it is gone, or a zombie that only waits for its parent."""
    try:
        # The name in brackets may hold spaces and brackets itself.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    return None if fields[0] == "Z" else _Process(pid, int(fields[1]), fields[19], command)


if sys.platform == "linux":

    def _end(processes: Iterable[_Process], grace: float) -> None:
        """A pidfd stays with its process: a pid given out again in between is never signalled."""
        waiting = dict(_descriptors(processes))
        gone = select.poll()
        for descriptor in waiting:
            gone.register(descriptor, select.POLLIN)
        try:
            for number, seconds in _escalation(grace):
                for descriptor in waiting:
                    with suppress(OSError):
                        signal.pidfd_send_signal(descriptor, number)
                deadline = time.monotonic() + seconds
                while waiting and (left := deadline - time.monotonic()) > 0:
                    for descriptor, _ in gone.poll(left * 1000):
                        gone.unregister(descriptor)
                        os.close(descriptor)
                        del waiting[descriptor]
        finally:
            for descriptor in waiting:
                os.close(descriptor)

    def _descriptors(processes: Iterable[_Process]) -> Iterator[tuple[int, int]]:
        for process in processes:
            with suppress(OSError):
                descriptor = os.pidfd_open(process.pid)
                now = _from_proc(process.pid)
                if now and now.started == process.started:
                    yield descriptor, process.pid
                else:
                    os.close(descriptor)

elif sys.platform != "win32":

    def _end(processes: Iterable[_Process], grace: float) -> None:
        left = {process.pid for process in processes}
        for number, seconds in _escalation(grace):
            for pid in left:
                with suppress(OSError):
                    os.kill(pid, number)
            deadline = time.monotonic() + seconds
            while left and time.monotonic() < deadline:
                # Portable Unix has no event for the end of a process that is not a child.
                time.sleep(0.02)
                left &= {process.pid for process in _processes()}

else:

    def _end(processes: Iterable[_Process], grace: float) -> None:
        """Never called with any: see `_processes`."""


if sys.platform != "win32":

    def _escalation(grace: float) -> list[tuple[signal.Signals, float]]:
        asked = [(signal.SIGTERM, grace)] if grace else []
        return [*asked, (signal.SIGKILL, _GRACE_SECONDS)]


def _remove(folder: Path) -> None:
    """The folder first: while the lock file is there, the next sweep tries again."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        _lock_file(folder).unlink(missing_ok=True)


def _lock_file(folder: Path) -> Path:
    return folder.with_name(folder.name + ".lock")


def _lock(file: Path, *, create: bool = False) -> int | None:
    """A descriptor that holds the lock; None when another one does, or the file is gone."""
    flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if create else 0)
    try:
        descriptor = os.open(file, flags, 0o600)
    except (FileNotFoundError, PermissionError):
        # Removed since it was listed, or another user's.
        if create:
            raise
        return None
    try:
        if _try_lock(descriptor) and file.exists():
            return descriptor
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
