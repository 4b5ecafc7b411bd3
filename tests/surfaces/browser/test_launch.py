from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from operator_agent.errors import SetupError
from operator_agent.settings import Settings
from operator_agent.surfaces.browser import launch as launching
from operator_agent.surfaces.browser.launch import Way, find_browser, launch

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings.from_env(), state_dir=tmp_path / "state", headed=False)


def program(path: Path, text: str = "exit 1") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def processes_below(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def nothing_left(settings: Settings) -> bool:
    return not processes_below(settings.state_dir) and not list((settings.state_dir / "browsers").iterdir())


def test_the_chosen_browser_is_taken_or_named_as_the_cause(settings: Settings, tmp_path: Path) -> None:
    chosen = program(tmp_path / "mine")
    assert find_browser(replace(settings, browser_path=chosen), headed=False, bundled=program(tmp_path / "other")) == chosen
    by_name = replace(settings, browser_path=Path("mine"), search_path=str(tmp_path))
    assert find_browser(by_name, headed=True) == chosen
    with pytest.raises(SetupError, match="does not exist; correct OPERATOR_BROWSER"):
        find_browser(replace(settings, browser_path=tmp_path / "gone"), headed=False)
    chosen.chmod(0o644)
    with pytest.raises(SetupError, match="not an executable file"):
        find_browser(replace(settings, browser_path=chosen), headed=False)
    with pytest.raises(SetupError, match="not an executable file"):
        find_browser(replace(settings, browser_path=tmp_path), headed=False)


def test_playwrights_own_browser_comes_before_installed_ones(settings: Settings, tmp_path: Path) -> None:
    settings = replace(settings, browser_path=None, search_path=str(tmp_path / "bin"))
    installed = program(tmp_path / "bin" / "chromium")
    bundled = tmp_path / "ms-playwright" / "chromium-1200" / "chrome-linux64" / "chrome"
    assert find_browser(settings, headed=False, bundled=bundled) == installed
    program(bundled)
    assert find_browser(settings, headed=False, bundled=bundled) == bundled
    shell = program(bundled.parents[2] / "chromium_headless_shell-1200" / "chrome-headless-shell-linux64" / "chrome-headless-shell")
    assert find_browser(settings, headed=False, bundled=bundled) == shell
    assert find_browser(settings, headed=True, bundled=bundled) == bundled
    bundled.unlink()
    assert find_browser(settings, headed=False, bundled=bundled) == shell
    assert find_browser(settings, headed=True, bundled=bundled) == installed


def test_installed_browsers_in_order(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_PLACES", {})
    settings = replace(settings, browser_path=None, search_path=str(tmp_path))
    with pytest.raises(SetupError, match=r"playwright install chromium.*apt-get install chromium.*OPERATOR_BROWSER"):
        find_browser(settings, headed=False)
    edge = program(tmp_path / "microsoft-edge")
    assert find_browser(settings, headed=False) == edge
    chromium = program(tmp_path / "chromium")
    assert find_browser(settings, headed=False) == chromium
    shell = program(tmp_path / "chromium-headless-shell")
    assert find_browser(settings, headed=False) == shell
    assert find_browser(settings, headed=True) == chromium


@pytest.mark.parametrize(
    ("text", "cause", "fix"),
    [
        (
            "echo 'x: error while loading shared libraries: libnss3.so: cannot open shared object file' >&2; exit 127",
            "error while loading shared libraries: libnss3.so;",
            "install-deps",
        ),
        ("echo '[1:1:FATAL:zygote.cc] No usable sandbox! Update your kernel' >&2; exit 1", "No usable sandbox", "userns"),
        ("echo 'Missing X server or $DISPLAY' >&2; exit 1", "Missing X server", "xvfb-run"),
        ("echo 'first' >&2; echo 'the odd reason' >&2; exit 1", "the odd reason", "OPERATOR_BROWSER"),
        ("exit 3", "did not start", "OPERATOR_BROWSER"),
    ],
)
@LINUX
async def test_a_browser_that_does_not_start_is_explained(
    settings: Settings, tmp_path: Path, text: str, cause: str, fix: str
) -> None:
    broken = program(tmp_path / "broken", text)
    with pytest.raises(SetupError) as raised:
        await launch(replace(settings, browser_path=broken), proxy=None)
    message = str(raised.value)
    assert cause in message
    assert fix in message
    assert str(broken) in message
    assert "\n" not in message
    assert nothing_left(settings)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
async def test_a_window_without_a_display_is_refused_before_anything_starts(settings: Settings) -> None:
    with pytest.raises(SetupError, match="xvfb-run"):
        await launch(replace(settings, display=None, headed=True), proxy=None)
    assert not settings.state_dir.exists()


async def test_a_state_folder_that_cannot_be_written_is_a_setup_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SetupError, match="OPERATOR_STATE"):
        await launch(replace(settings, state_dir=tmp_path / "file" / "state"), proxy=None)


@LINUX
async def test_a_launched_browser_works_and_leaves_nothing(settings: Settings) -> None:
    settings = replace(settings, browser_env={**settings.browser_env, "FROM_TEST": "1"})
    browser = await launch(settings, proxy=None, viewport=(800, 600), locale="de-DE")
    assert browser.version[0].isdigit()
    assert browser.page.viewport_size == {"width": 800, "height": 600}
    assert await browser.page.evaluate("[navigator.language, innerWidth]") == ["de-DE", 800]
    root = os.geteuid() == 0
    assert any("root" in note for note in browser.notes) is root
    (command, environment) = _of_browser(browser.registration.profile)
    assert ("--no-sandbox" in command) is root
    assert "FROM_TEST=1" in environment

    async with browser.page.expect_download() as started:
        await browser.page.evaluate("Object.assign(document.createElement('a'), {href: 'data:,hi', download: 'x.txt'}).click()")
    download = await started.value
    path = await download.path()
    assert browser.downloads in path.parents
    assert path.read_text(encoding="utf-8") == "hi"

    await browser.close()
    await browser.close()
    assert nothing_left(settings)


def _of_browser(profile: Path) -> tuple[str, list[str]]:
    pid = processes_below(profile)[-1]
    command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    return command, Path(f"/proc/{pid}/environ").read_text(encoding="utf-8").split("\0")


@LINUX
async def test_permissions_are_denied_without_a_prompt(settings: Settings) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hello, "127.0.0.1", 0)
    browser = await launch(settings, proxy=None)
    try:
        await browser.page.goto(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        code = await browser.page.evaluate(
            "new Promise(done => navigator.geolocation.getCurrentPosition(() => done('given'), error => done(error.code)))"
        )
        assert code == 1, "PERMISSION_DENIED"
        assert await browser.page.evaluate("Notification.requestPermission()") != "granted"
    finally:
        await browser.close()
        server.close()


@LINUX
async def test_closing_after_the_browser_was_killed(settings: Settings) -> None:
    browser = await launch(settings, proxy=None)
    for pid in processes_below(browser.registration.profile):
        os.kill(pid, signal.SIGKILL)
    await browser.close()
    assert nothing_left(settings)


@LINUX
async def test_closing_after_the_driver_was_killed(settings: Settings) -> None:
    browser = await launch(settings, proxy=None)
    os.kill(_driver_of(browser.registration.profile), signal.SIGKILL)
    await browser.close()
    assert nothing_left(settings)


@LINUX
async def test_closing_when_the_driver_no_longer_answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_CLOSE_SECONDS", 0.3)
    browser = await launch(settings, proxy=None)
    os.kill(_driver_of(browser.registration.profile), signal.SIGSTOP)
    await asyncio.wait_for(browser.close(), 5)
    assert nothing_left(settings)


def _driver_of(profile: Path) -> int:
    ours = processes_below(profile)
    parents = {int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]) for pid in ours}
    (driver,) = (pid for pid in parents - set(ours) if b"run-driver" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return driver


@LINUX
async def test_closing_a_browser_that_no_longer_answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_CLOSE_SECONDS", 0.3)
    browser = await launch(settings, proxy=None)
    for pid in processes_below(browser.registration.profile):
        os.kill(pid, signal.SIGSTOP)
    await asyncio.wait_for(browser.close(), 5)
    assert nothing_left(settings)


@LINUX
async def test_a_cancelled_close_still_ends_everything(settings: Settings) -> None:
    browser = await launch(settings, proxy=None)
    closing = asyncio.create_task(browser.close())
    for _ in range(3):
        await asyncio.sleep(0)
        closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert nothing_left(settings)


@LINUX
@pytest.mark.parametrize("sign", ["", "browsers", "browsers/*/profile/Default/Preferences"])
async def test_a_cancelled_launch_leaves_nothing(settings: Settings, sign: str) -> None:
    """Cancelled at once, while the driver starts, and while the browser does."""
    opening = asyncio.create_task(launch(settings, proxy=None))
    for _ in range(1_000_000):
        if not sign or list(settings.state_dir.glob(sign)):
            break
        await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not settings.state_dir.exists() or nothing_left(settings)


def drivers() -> list[str]:
    """Playwright's drivers among the children of this process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
    return [pid for pid in children if b"run-driver" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@LINUX
async def test_without_a_way_to_the_net_the_driver_ends_too(settings: Settings) -> None:
    async def way() -> Way:
        raise SetupError("no port is free")

    others = drivers()  # those of other tests may still be ending
    with pytest.raises(SetupError, match="no port"):
        await launch(settings, way=way)
    assert set(drivers()) <= set(others)
    assert nothing_left(settings)
