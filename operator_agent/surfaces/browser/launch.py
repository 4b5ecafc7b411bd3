"""Find a Chromium, start it with a profile of ours, and end it without leaving anything behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from operator_agent.errors import SetupError
from operator_agent.surfaces.browser import engine
from operator_agent.surfaces.browser.janitor import Registration, sweep, terminate

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Playwright

    from operator_agent.settings import Settings

VIEWPORT = (1280, 720)
"""CSS pixels of a page, unless asked otherwise."""
_LAUNCH_SECONDS = 30.0
_CLOSE_SECONDS = 5.0

_ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
_PLACES = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
    ),
}
_HOW_TO_GET_ONE = (
    "get one with `playwright install chromium`, or your system's package (`apt-get install chromium`, "
    "`brew install --cask chromium`), or name one in OPERATOR_BROWSER"
)

ARGUMENTS = (
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-crash-restore-bubble",
    "--disable-save-password-bubble",
    "--deny-permission-prompts",
    # WebRTC sends UDP past any proxy. The headless shell reads the first switch, every other Chromium the second.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)
# With the proxy every name is looked up there, after it was judged; the browser itself must look up none.
_NO_LOOKUPS = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"

_PREFERENCES = {
    "credentials_enable_service": False,
    "profile": {"password_manager_enabled": False, "password_manager_leak_detection": False},
    "autofill": {"profile_enabled": False, "credit_card_enabled": False},
    "safebrowsing": {"enabled": False},
    "search": {"suggest_enabled": False},
    "net": {"network_prediction_options": 2},
    "webrtc": {"ip_handling_policy": "disable_non_proxied_udp"},
}

_SMALL_SHM = 512 << 20
# Chromium puts a Unix socket below its temporary folder; such a path may have 107 characters.
_LONGEST_TMPDIR = 60

_FIXES = (
    (
        re.compile(r"(error while loading shared libraries: \S+?):.*"),
        "install what it needs with `playwright install-deps chromium`, or take your system's own Chromium package",
    ),
    (
        re.compile(r"(No usable sandbox)!.*"),
        "allow unprivileged user namespaces (Ubuntu: `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`), "
        "or install the browser as a system package",
    ),
    (
        re.compile(r"(Missing X server or \$DISPLAY|cannot open display.*|Failed to connect to Wayland display.*)"),
        "run it headless, or under `xvfb-run`",
    ),
    (re.compile(r"(No space left on device|ENOSPC).*"), "free some disk space, or set OPERATOR_STATE to another disk"),
    (re.compile(r"(EACCES|Permission denied|ENOEXEC|Exec format error)"), "name another browser in OPERATOR_BROWSER"),
)


@dataclass(slots=True)
class Launched:
    """A running browser of ours."""

    playwright: Playwright
    context: BrowserContext
    page: Page
    """The first tab."""
    executable: Path
    version: str
    notes: tuple[str, ...]
    """What a person should know about how it was started, one sentence each."""
    registration: Registration
    _closing: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def downloads(self) -> Path:
        """Where the browser stores downloads until it is closed."""
        return self.registration.folder / "downloads"

    async def close(self) -> None:
        """End the browser and remove everything it wrote; within seconds, whatever state it is in.

        May be called again. Goes to the end when it is cancelled, then raises the cancellation.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(_close(self.playwright, self.context, self.registration))
        await _to_the_end(self._closing)


class Way(NamedTuple):
    """How a browser reaches the net: the URL of a proxy, and the public key of the authority whose certificates it takes there."""

    proxy: str
    pin: str = ""


async def launch(
    settings: Settings,
    *,
    proxy: str | None = None,
    headed: bool | None = None,
    viewport: tuple[int, int] = VIEWPORT,
    locale: str | None = None,
    pin: str = "",
    way: Callable[[], Awaitable[Way]] | None = None,
) -> Launched:
    """Start a browser on a fresh profile below `settings.state_dir`, sweeping what dead runs left there.

    `proxy` is the URL all its traffic goes through; `headed` defaults to the settings; `pin` is the public key
    of the authority whose certificates it takes from that proxy; `way` gives both, and is asked once the driver is starting, which
    takes longer. Raises `SetupError`, and what `way` raises.
    """
    headed = settings.headed if headed is None else headed
    if headed and sys.platform == "linux" and not settings.display:
        raise SetupError("there is no display to show the browser on (DISPLAY is not set); run it headless, or under `xvfb-run`")
    registration = Registration.make(settings.state_dir)

    async def known() -> Way | None:
        return Way(proxy, pin) if proxy else None

    opening = asyncio.create_task(_open(settings, registration, way or known, headed, viewport, locale))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await _to_the_end(asyncio.create_task(_abandon(opening, registration)))
        raise


async def _open(
    settings: Settings,
    registration: Registration,
    asked: Callable[[], Awaitable[Way | None]],
    headed: bool,
    viewport: tuple[int, int],
    locale: str | None,
) -> Launched:
    playwright, context = None, None
    try:
        driver = asyncio.create_task(_start_driver())
        await asyncio.sleep(0)  # it begins first
        sweeping = asyncio.create_task(asyncio.to_thread(sweep, settings.state_dir))
        try:
            way = await asked()
        finally:
            playwright = await driver
        executable = find_browser(settings, headed=headed, bundled=Path(playwright.chromium.executable_path))
        context, notes = await _start_browser(
            playwright, settings, registration, executable, way, headed, viewport, locale
        )
        page = context.pages[0] if context.pages else await context.new_page()
        swept = await sweeping
        if swept:
            notes += (f"Ended {len(swept)} browser(s) that earlier runs had left behind.",)
        version = context.browser.version if context.browser else ""
        return Launched(playwright, context, page, executable, version, notes, registration)
    except BaseException:
        await _to_the_end(asyncio.create_task(_close(playwright, context, registration)))
        raise


async def _abandon(opening: asyncio.Task[Launched], registration: Registration) -> None:
    """What is half started cannot be taken back: let it fail fast, or close it."""
    await asyncio.to_thread(terminate, registration.profile, grace=0)
    with suppress(SetupError):
        await (await opening).close()


def _switches(way: Way | None) -> list[str]:
    pinned = [f"--ignore-certificate-errors-spki-list={way.pin}"] if way and way.pin else []
    return [*ARGUMENTS, *([_NO_LOOKUPS] if way else []), *pinned]


async def _start_driver() -> Playwright:
    from playwright.async_api import Error, async_playwright

    try:
        playwright = await async_playwright().start()
    except (Error, OSError) as error:
        raise SetupError(f"the Playwright driver did not start: {error}; reinstall it with `pip install playwright`") from error
    await engine.register(playwright)
    return playwright


async def _start_browser(
    playwright: Playwright,
    settings: Settings,
    registration: Registration,
    executable: Path,
    way: Way | None,
    headed: bool,
    viewport: tuple[int, int],
    locale: str | None,
) -> tuple[BrowserContext, tuple[str, ...]]:
    from playwright.async_api import Error

    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    notes = ("The browser runs without its sandbox, because this process is root.",) if as_root else ()
    width, height = viewport
    try:
        context = await playwright.chromium.launch_persistent_context(
            _prepared(registration.profile),
            executable_path=executable,
            headless=not headed,
            chromium_sandbox=not as_root,
            args=_switches(way),
            ignore_default_args=["--disable-dev-shm-usage"] if _shm_is_large() else None,
            proxy={"server": way.proxy} if way else None,
            env=_environment(settings, registration),
            viewport={"width": width, "height": height},
            locale=locale,
            accept_downloads=True,
            downloads_path=registration.folder / "downloads",
            artifacts_dir=registration.folder / "artifacts",
            # The caller ends the browser, in order; a signal must not race it.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=_LAUNCH_SECONDS * 1000,
        )
    except (Error, OSError) as error:
        raise SetupError(_why(executable, str(error))) from error
    return context, notes


def find_browser(settings: Settings, *, headed: bool, bundled: Path | None = None) -> Path:
    """The Chromium to start: the one that is set, Playwright's own, or an installed one. Raises `SetupError`.

    `bundled` is where Playwright would have its Chromium; the file need not exist.
    """
    if settings.browser_path is not None:
        return _chosen(settings.browser_path, settings.search_path)
    if bundled and (own := _bundled(bundled, headed=headed)):
        return own
    names = _ON_PATH if headed else ("chromium-headless-shell", *_ON_PATH)
    for place in (*(shutil.which(name, path=settings.search_path) for name in names), *_PLACES.get(sys.platform, ())):
        if place and _runs(Path(place)):
            return Path(place)
    raise SetupError(f"no Chromium was found; {_HOW_TO_GET_ONE}")


def _chosen(path: Path, search_path: str) -> Path:
    if len(path.parts) == 1 and (found := shutil.which(path.name, path=search_path)):
        return Path(found)
    if not path.exists():
        raise SetupError(f"the browser {path} does not exist; correct OPERATOR_BROWSER or unset it")
    if not _runs(path):
        raise SetupError(f"the browser {path} is not an executable file; correct OPERATOR_BROWSER or unset it")
    return path


def _bundled(chromium: Path, *, headed: bool) -> Path | None:
    """Playwright's Chromium, or, headless, the smaller shell it installs beside it."""
    folder = next((parent for parent in chromium.parents if parent.name.startswith("chromium-")), None)
    if folder and not headed:
        shells = folder.with_name(folder.name.replace("chromium-", "chromium_headless_shell-", 1))
        for shell in sorted((*shells.glob("*/*headless[-_]shell"), *shells.glob("*/*headless[-_]shell.exe"))):
            if _runs(shell):
                return shell
    return chromium if _runs(chromium) else None


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _prepared(profile: Path) -> Path:
    """The profile folder, with what would otherwise pop up over pages switched off."""
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(_PREFERENCES), encoding="utf-8")
    return profile


def _environment(settings: Settings, registration: Registration) -> dict[str, str | float | bool]:
    temporary = registration.folder / "tmp"
    temporary.mkdir()
    env: dict[str, str | float | bool] = dict(settings.browser_env)
    if len(str(temporary)) <= _LONGEST_TMPDIR:
        env["TMPDIR"] = str(temporary)
    return env


def _shm_is_large() -> bool:
    """Containers often give 64 MB, with which large pages crash; Playwright then rightly uses files instead."""
    try:
        return shutil.disk_usage("/dev/shm").total >= _SMALL_SHM
    except OSError:
        return False


def _why(executable: Path, log: str) -> str:
    """One line from what Playwright and the browser wrote: the cause, and what to do about it."""
    for pattern, fix in _FIXES:
        if found := pattern.search(log):
            return f"{executable} did not start: {found[1]}; {fix}"
    said = [line.partition("[err]")[2].strip() for line in log.splitlines() if "[err]" in line]
    cause = next((line for line in reversed(said) if line), log.splitlines()[0].strip() if log else "no reason given")
    return f"{executable} did not start: {cause.rstrip('.')}; name another browser in OPERATOR_BROWSER, or {_HOW_TO_GET_ONE}"


async def _close(playwright: Playwright | None, context: BrowserContext | None, registration: Registration) -> None:
    from playwright.async_api import Error

    try:
        for end in [*([context.close] if context else []), *([playwright.stop] if playwright else [])]:
            # Both fail on a browser or driver that is already gone, which is what is wanted.
            with suppress(Error):
                await _within(_CLOSE_SECONDS, end, registration)
    finally:
        await _to_the_end(asyncio.create_task(asyncio.to_thread(_clear, registration)))


async def _within(seconds: float, end: Callable[[], Awaitable[None]], registration: Registration) -> None:
    try:
        async with asyncio.timeout(seconds):
            await end()
    except TimeoutError:
        await asyncio.to_thread(terminate, registration.profile, grace=0)


def _clear(registration: Registration) -> None:
    terminate(registration.profile, grace=0)
    registration.release()


async def _to_the_end(task: asyncio.Task[None]) -> None:
    """Wait for `task` even when cancelled; the cancellation is raised afterwards, else what the task raised."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    task.result()
