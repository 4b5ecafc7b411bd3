"""Source text as people and formatters lay it out."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from keyword import iskeyword

from operator_agent.errors import SetupError

_LEAST = 3
"""Lines that are worth a loop."""
_TAKEN = frozenset({"page", "row", "answers", "answer", "expect", "said"})


def laid_out(source: str) -> str:
    """The same Python, formatted by Ruff in its own default style. Raises SetupError when Ruff cannot be run."""
    line = [sys.executable, "-m", "ruff", "format", "--isolated", "--stdin-filename", "test_exported.py", "-"]
    done = subprocess.run(line, input=source, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SetupError(f"the test cannot be formatted ({done.stderr.strip()}); install ruff beside operator-agent")
    return done.stdout


def looped(lines: Sequence[str]) -> list[str]:
    """The same lines, those in a row that differ in one word of a text as a loop over that word."""
    found: list[str] = []
    at = 0
    while at < len(lines):
        place, end = _varied(lines[at : at + 2]), at + 1
        while place is not None and end < len(lines) and _varied(lines[end - 1 : end + 1]) == place:
            end += 1
        if place is not None and end - at >= _LEAST:
            found += _loop(lines[at:end], place)
        else:
            end = at + 1
            found.append(lines[at])
        at = end
    return found


def _varied(two: Sequence[str]) -> int | None:
    """Which word of two lines is another one, when only that is, and it stands in a plain text."""
    if len(two) < 2 or two[0].startswith((" ", "#", "with ")) or 'f"' in two[0] or re.match(r"\w+ = ", two[0]):
        return None
    one, other = map(_words, two)
    varied = [i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    alone = len(one) == len(other) and len(varied) == 1 and varied[0] % 2 == 1
    return varied[0] if alone and "".join(one[: varied[0]]).count('"') % 2 else None


def _loop(lines: Sequence[str], place: int) -> list[str]:
    words = _words(lines[0])
    before, after = "".join(words[:place]), "".join(words[place + 1 :])
    head, _, text = before.rpartition('"')
    last = re.findall(r"[a-z]+", text.lower())[-1:]
    name = last[0] if last and not iskeyword(last[0]) and last[0] not in _TAKEN else "value"
    values = ", ".join(f'"{_words(line)[place]}"' for line in lines)
    inner = name + after[1:] if not text and after.startswith('"') else f'f"{text}{{{name}}}{after}'
    return [f"for {name} in ({values}):", f"    {head}{inner}"]


def _words(line: str) -> list[str]:
    """What is between the words, and the words, by turns."""
    return re.split(r"([\w.-]+)", line)
