"""Skills as they were read, kept on disk: reading YAML costs some 50 ms of CPU for each file, this one or two."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from operator_agent import flow
from operator_agent.flow.base import Frozen
from operator_agent.flow.skill import Skill
from operator_agent.script.file import load_script


class _Entry(Frozen):
    key: str
    skill: Skill


def load_cached(path: Path, folder: Path) -> Skill:
    """`load_script(path)`, taken from `folder` when neither the file nor the reader has changed since.

    A folder that cannot be read or written only costs time. Raises ScriptError as `load_script` does.
    """
    try:
        key = hashlib.sha256(_reader() + path.read_bytes()).hexdigest()
    except OSError:
        return load_script(path)
    kept = folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:32]}.json"
    with suppress(OSError, ValidationError):
        entry = _Entry.model_validate_json(kept.read_bytes())
        if entry.key == key:
            return entry.skill
    skill = load_script(path)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        new.write_text(_Entry(key=key, skill=skill).model_dump_json(), encoding="utf-8")
        new.replace(kept)
    return skill


@cache
def _reader() -> bytes:
    """What changes when the code that reads skills does."""
    files = sorted([*Path(__file__).parent.glob("*.py"), *Path(flow.__file__).parent.glob("*.py")])
    states = [(file.name, (state := file.stat()).st_mtime_ns, state.st_size) for file in files]
    return repr(states).encode()
