"""Whatever way a run ends, no browser and no profile of ours stays; other people's browsers do."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from operator_agent.errors import SetupError
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.janitor import Registration, sweep, terminate
from operator_agent.surfaces.browser.launch import find_browser

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

OWNER = """
import asyncio, json, signal, sys
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import launch

async def main():
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    browser = await launch(Settings.from_env(), proxy=None, headed=False)
    try:
        await browser.page.set_content("<h1>working</h1>")
        print(json.dumps({"profile": str(browser.registration.profile)}), flush=True)
        if sys.argv[1] == "raise":
            raise RuntimeError("the run broke")
        if sys.argv[1] == "wait":
            await asyncio.Event().wait()
        if sys.argv[1] == "crash":
            await browser.context.wait_for_event("close", timeout=0)
    finally:
        await browser.close()

asyncio.run(main())
"""


@contextmanager
def owner(state_dir: Path, ending: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run in a process of its own that has a browser open; (process, the browser's profile)."""
    env = {**os.environ, "OPERATOR_STATE": str(state_dir)}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, ending], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, Path(json.loads(process.stdout.readline())["profile"])
        finally:
            process.kill()


def browsers(folder: Path) -> list[int]:
    """Pids of living processes that name `folder` on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def left(state_dir: Path) -> list[str]:
    return [str(pid) for pid in browsers(state_dir)] + [path.name for path in (state_dir / "browsers").iterdir()]


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


@contextmanager
def foreign_browser(profile: Path) -> Iterator[subprocess.Popen[bytes]]:
    executable = find_browser(Settings.from_env(), headed=False)
    arguments = ["--headless", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(
        [str(executable), *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            assert process.stderr is not None
            assert any(b"DevTools listening" in line for line in process.stderr)
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("ending", "number"),
    [("return", None), ("raise", None), ("wait", signal.SIGINT), ("wait", signal.SIGTERM)],
    ids=["success", "failure", "ctrl-c", "sigterm"],
)
def test_an_owner_that_can_still_act_cleans_up_itself(tmp_path: Path, ending: str, number: signal.Signals | None) -> None:
    with owner(tmp_path, ending) as (process, _):
        if number:
            process.send_signal(number)
        process.wait(15)
    assert left(tmp_path) == []


def test_a_killed_browser_is_cleaned_up_by_its_owner(tmp_path: Path) -> None:
    with owner(tmp_path, "crash") as (process, profile):
        for pid in browsers(profile):
            os.kill(pid, signal.SIGKILL)
        process.wait(15)
    assert left(tmp_path) == []


def test_after_sigkill_the_next_start_sweeps_even_what_hangs_and_nothing_else(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with foreign_browser(tmp_path / "foreign") as foreign, owner(state, "wait") as (living, living_profile):
        with owner(state, "wait") as (process, profile):
            # Stopped, the driver cannot notice that its owner is gone, and the browser cannot obey.
            drivers = {parent_of(pid) for pid in browsers(profile)} - set(browsers(profile))
            stopped = [*drivers, *browsers(profile)]
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            process.kill()
            process.wait(15)
        assert profile.exists()
        assert browsers(profile)

        assert sweep(state) == [profile.parent.name]
        assert not profile.parent.exists()
        assert not browsers(profile)
        assert not [driver for driver in drivers if Path(f"/proc/{driver}").exists() and "Z" not in _state(driver)]

        assert foreign.poll() is None
        assert living_profile.exists()
        assert browsers(living_profile)
        living.terminate()
        living.wait(15)
    assert left(state) == []


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


def test_a_start_sweeps_what_an_earlier_one_left(tmp_path: Path) -> None:
    dead = abandoned(tmp_path)
    with owner(tmp_path, "return") as (process, _):
        process.wait(15)
    assert not dead.folder.exists()
    assert left(tmp_path) == []


def abandoned(state_dir: Path) -> Registration:
    """A registration as a killed owner leaves it."""
    registration = Registration.make(state_dir)
    (registration.profile / "Default").mkdir(parents=True)
    os.close(registration.lock)
    return registration


def test_many_sweeps_at_once_take_each_browser_once(tmp_path: Path) -> None:
    dead = {abandoned(tmp_path).folder.name for _ in range(20)}
    mine = Registration.make(tmp_path)
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        swept = [token for tokens in pool.map(sweep, [tmp_path] * 8) for token in tokens]
    assert sorted(swept) == sorted(dead)
    assert mine.folder.exists()
    mine.release()
    mine.release()
    assert left(tmp_path) == []


def test_a_living_owner_in_the_same_process_is_left_alone(tmp_path: Path) -> None:
    registration = Registration.make(tmp_path)
    assert sweep(tmp_path) == []
    assert registration.folder.exists()
    registration.release()
    assert sweep(tmp_path) == []


def test_a_claim_whose_folder_is_missing_is_removed(tmp_path: Path) -> None:
    dead = abandoned(tmp_path)
    (dead.profile / "Default").rmdir()
    dead.profile.rmdir()
    dead.folder.rmdir()
    assert sweep(tmp_path) == [dead.folder.name]
    assert left(tmp_path) == []


def test_a_process_that_only_mentions_the_profile_is_not_ours(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    script = "import sys; print(flush=True); sys.stdin.read()"
    others = [str(profile), f"--user-data-dir={profile}-2", f"--disk-cache-dir={profile}"]
    with subprocess.Popen([sys.executable, "-c", script, *others], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bystander:
        assert bystander.stdout is not None
        bystander.stdout.readline()
        assert terminate(profile) == 0
        assert bystander.poll() is None
        bystander.kill()


def test_descendants_go_with_their_browser_and_the_deaf_are_killed(tmp_path: Path) -> None:
    profile = tmp_path / "my profile"
    child = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent, f"--user-data-dir={profile}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert terminate(profile, grace=0.1) == 2
        assert process.wait(5) == -signal.SIGTERM
        assert process.stdout.read() == b"", "the child held the pipe open until it was killed"


def test_a_state_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "browsers").write_text("", encoding="utf-8")
    with pytest.raises(SetupError, match="OPERATOR_STATE"):
        Registration.make(tmp_path)


@pytest.mark.speed
def test_nothing_to_sweep_costs_nothing(tmp_path: Path) -> None:
    mine = Registration.make(tmp_path)
    took = []
    for _ in range(20):
        start = time.perf_counter()
        assert sweep(tmp_path) == []
        took.append(time.perf_counter() - start)
    mine.release()
    assert min(took) < 0.002
    assert sweep(tmp_path / "never-used") == []
