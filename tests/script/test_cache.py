from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from operator_agent.errors import ScriptError
from operator_agent.script import load_script
from operator_agent.script.cache import load_cached
from operator_agent.skills import builtin_folder, find_skills

EVERYTHING = Path(__file__).parents[1] / "scripts/good/everything.yaml"


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    for path in (EVERYTHING, *builtin_folder().glob("*.yaml")):
        assert load_cached(path, tmp_path) == load_cached(path, tmp_path) == load_script(path)
    assert load_cached(EVERYTHING, tmp_path).lines == load_script(EVERYTHING).lines


def test_a_changed_file_is_read_again_and_one_entry_is_kept(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.yaml", tmp_path / "kept"
    for name in ("one", "two"):
        path.write_text(f"skill: {name}\nsteps: [back]\n", encoding="utf-8")
        assert load_cached(path, folder).name == name
    assert len(list(folder.iterdir())) == 1
    path.write_text("skill: three\nsteps: back\n", encoding="utf-8")
    with pytest.raises(ScriptError, match="expected a list"):
        load_cached(path, folder)
    path.unlink()
    with pytest.raises(ScriptError, match="No such file"):
        load_cached(path, folder)


def test_a_broken_entry_is_no_harm(tmp_path: Path) -> None:
    before = load_cached(EVERYTHING, tmp_path)
    (kept,) = tmp_path.iterdir()
    for content in (b"", b"{", b'{"key": "", "skill": {"name": "other"}}', b"\xff"):
        kept.write_bytes(content)
        assert load_cached(EVERYTHING, tmp_path) == before


def test_a_folder_that_cannot_be_made_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert load_cached(EVERYTHING, tmp_path / "file" / "kept").name == "everything"


MEASURED = """
import sys, time
from pathlib import Path
from operator_agent.flow.skill import Skill
from operator_agent.skills import find_skills
Skill(name="the first model pays for all")
began = time.process_time()
found = find_skills(cache=Path(sys.argv[1]))
print((time.process_time() - began) / len(found))
assert "ruamel.yaml" not in sys.modules
"""


def test_a_kept_skill_costs_little_and_loads_no_yaml_library(tmp_path: Path) -> None:
    find_skills(cache=tmp_path)
    command = [sys.executable, "-c", MEASURED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 0.03


@pytest.mark.speed
def test_memory_is_quicker_still(tmp_path: Path) -> None:
    find_skills(cache=tmp_path)
    began = time.process_time()
    find_skills(cache=tmp_path)
    assert time.process_time() - began < 0.01
