"""The benchmarks of the model planner still run: two tasks each, in a process of their own, and what they compute."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def told(script: str, *arguments: str) -> dict[str, Any]:
    """What a benchmark prints as JSON; it may miss a limit, for two tasks say little, but it must not fail."""
    call = [sys.executable, str(ROOT / "benchmarks" / script), "--json", *arguments]
    done = subprocess.run(call, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_model_is_asked_for_pages_not_for_acts() -> None:
    found = told("model_calls.py", "--only", "tracker_edit", "mail_new")
    for name, calls in (("tracker_edit", 2), ("mail_new", 2)):
        ours, baseline = found["tasks"][name]["ours"], found["tasks"][name]["baseline"]
        assert ours["success"] and baseline["success"], (ours["reason"], baseline["reason"])
        assert ours["calls"] == calls
        assert baseline["calls"] == len(baseline["steps"]) + 1
    assert found["total"]["calls"] <= 0.34


def test_thinking_is_compared_over_real_pages() -> None:
    found = told("effort.py", "--first", "2", "--seeds", "1", "--only", "tracker_edit", "mail_new")
    assert found["simulated"]
    assert found["total"]["easy_thinking"] == 0
    runs = {run["task"]: run for run in found["runs"]["ours"]}
    clean, escalated = runs["mail_new"], runs["tracker_edit"]
    assert clean["success"] and set(clean["levels"]) == {"off"}
    assert escalated["success"] and escalated["errors"]  # the seed's slip is caught and mended
    assert any("refuted" in trigger for trigger in escalated["triggers"])
    assert all(set(run["levels"]) == {"high"} for run in found["runs"]["high"])
