"""How many scenarios a minute with one worker and with two, what the parent's memory does meanwhile, and what is left behind.

    python benchmarks/throughput.py --runs 200

Each scenario once, one after the other; then all of them again and again, two at once, until there are so many runs. Limits: two
workers do at least 1.7 × as many in a second as one; the parent's resident memory at the end is at most 1.2 × of what it was after
20 runs; no browser is left; each run's verdict is that of the scenario alone. A missed limit is exit code 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FASTER, FATTER, SETTLED = 1.7, 1.2, 20


class Round(NamedTuple):
    seconds: float
    verdicts: dict[str, str]
    """How each run came out, by scenario and repetition."""
    memory: tuple[int, int]
    """KiB resident in the parent after `SETTLED` runs and at the end."""


def done(runs: Path) -> int:
    return sum(1 for _ in runs.rglob("report.html"))


def resident(process: subprocess.Popen[str]) -> int:
    """KiB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


def browsers() -> set[int]:
    """Process ids of all Chromiums on this machine."""
    found = subprocess.run(["ps", "-eo", "pid=,comm="], capture_output=True, text=True, check=True).stdout
    return {int(pid) for pid, name in (line.split(None, 1) for line in found.splitlines()) if "chrom" in name or "headless" in name}


def measure(path: Path, repeat: int, jobs: int) -> Round:
    """One round of the scenarios of a folder. Exits when it did not come to an end."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "out.json").open("w+", encoding="utf-8") as out:
        command = [str(Path(sys.executable).with_name("operator-agent")), "scenarios", "run", str(path), "--json"]
        command += ["--repeat", str(repeat), "-n", str(jobs), "--runs", folder]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, text=True, cwd=ROOT)
        early = last = 0
        while process.poll() is None:
            if now := resident(process):
                last = now
            if not early and done(Path(folder)) >= SETTLED:
                early = last
            time.sleep(0.5)  # between samples of memory
        seconds = time.perf_counter() - began
        out.seek(0)
        told: dict[str, Any] = json.loads(out.read())
    return Round(seconds, {one["id"]: one["verdict"] for one in told["scenarios"]}, (early, last))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--scenarios", type=Path, default=ROOT / "scenarios" / "widgets")
    chosen = parser.parse_args()
    repeat = -(-chosen.runs // sum(1 for _ in chosen.scenarios.rglob("*.yaml")))
    before = browsers()
    one, two = measure(chosen.scenarios, 1, 1), measure(chosen.scenarios, repeat, 2)
    left = browsers() - before
    faster = (len(two.verdicts) / two.seconds) / (len(one.verdicts) / one.seconds)
    fatter = two.memory[1] / max(two.memory[0], 1)
    other = [name for name, verdict in two.verdicts.items() if one.verdicts[name.partition(" (")[0]] != verdict]
    failed = sum(verdict != "passed" for verdict in two.verdicts.values())
    print(f"{len(one.verdicts)} runs alone in {one.seconds:.0f} s, {len(two.verdicts)} by two in {two.seconds:.0f} s", end=": ")
    print(f"{faster:.2f} × as many in a second (limit {FASTER})")
    print(f"memory of the parent, end to {SETTLED} runs: {fatter:.2f} × (limit {FATTER}); KiB: {two.memory}")
    print(f"browsers left: {len(left)}; other verdicts: {other or 'none'}; not passed: {failed}")
    return int(faster < FASTER or fatter > FATTER or bool(left) or bool(other))


if __name__ == "__main__":
    sys.exit(main())
