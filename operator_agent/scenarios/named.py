"""Which files are scenarios, told without reading them as YAML: pytest asks for every file it passes."""

from __future__ import annotations

import re
from pathlib import Path

_NAMED = re.compile(rb"^(['\"]?)scenario\1[ \t]*:[ \t]+[^\s#]", re.MULTILINE)


def is_scenario(path: Path) -> bool:
    """Whether a file names a scenario; a mapping under the key is somebody else's format. False for what cannot be read."""
    try:
        return _NAMED.search(path.read_bytes()) is not None
    except OSError:
        return False
