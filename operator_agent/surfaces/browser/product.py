"""Which browser a run is in, told before it has started: what the same choice came to last time, while that file is unchanged."""

from __future__ import annotations

import json
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from operator_agent.settings import Settings

_FILE = "browsers.json"
_MOST = 50


def remembered(settings: Settings, *, headed: bool) -> str:
    """`chromium 140.0.7339.16`; "" when this choice was not started before, or its program was exchanged since."""
    found = _read(settings.state_dir / _FILE).get(_choice(settings, headed))
    if not (isinstance(found, list) and len(found) == 3 and all(isinstance(one, str) for one in found)):
        return ""
    executable, stamp, product = found
    return product if _stamp(Path(executable)) == stamp else ""


def remember(settings: Settings, executable: Path, number: str, *, headed: bool) -> str:
    """Keeps what the choice came to, when it can; the name and version."""
    product = f"{executable.name} {number}"
    if remembered(settings, headed=headed) == product:
        return product
    file, choice = settings.state_dir / _FILE, _choice(settings, headed)
    others = {one: found for one, found in _read(file).items() if one != choice}
    known = {**dict(list(others.items())[-_MOST:]), choice: [str(executable), _stamp(executable), product]}
    with suppress(OSError):  # then it is asked again next time
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(known, indent=1), encoding="utf-8")
        fresh.replace(file)
    return product


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _choice(settings: Settings, headed: bool) -> str:
    """Everything that decides which browser is found."""
    return json.dumps([version("playwright"), str(settings.browser_path or ""), settings.search_path, headed])


def _stamp(executable: Path) -> str:
    try:
        told = executable.stat()
    except OSError:
        return ""
    return f"{told.st_size} {told.st_mtime_ns}"
