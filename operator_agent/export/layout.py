"""Source text as formatters lay it out."""

from __future__ import annotations

import subprocess
import sys

from operator_agent.errors import SetupError


def laid_out(source: str) -> str:
    """The same Python, formatted by Ruff in its own default style. Raises SetupError when Ruff cannot be run."""
    line = [sys.executable, "-m", "ruff", "format", "--isolated", "--stdin-filename", "test_exported.py", "-"]
    done = subprocess.run(line, input=source, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SetupError(f"the test cannot be formatted ({done.stderr.strip()}); install ruff beside operator-agent")
    return done.stdout
