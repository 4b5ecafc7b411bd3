"""The conventions of the tree, held by code: who may import whom, what is public, how big things get, what an import costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "operator_agent"
FILES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}

# What each part may import of ours besides itself. Everything may import the nouns, the errors and the version.
ANYONE = {"flow", "errors", "version"}
LAYERS: dict[str, set[str]] = {
    "flow": {"errors"},
    "errors": {"flow"},
    "version": set(),
    "settings": set(),
    "roles": set(),
    "outcome": {"roles"},
    "gate": {"roles", "outcome"},
    "stream": set(),
    "sight": {"roles"},
    "loop": {"roles", "outcome", "gate", "sight", "stream", "script"},
    "written": set(),
    "compare": {"written"},
    "matching": {"compare", "written"},
    "grounding": {"compare", "matching", "roles"},
    "executor": {"compare", "matching", "grounding", "roles"},
    "verifier": {"written", "compare", "matching", "roles", "script"},
    "policy": {"written", "compare", "matching", "roles", "planner"},
    "script": set(),
    "skills": {"script"},
    "models": {"settings"},
    "prompts": set(),
    "planner": {"roles", "script", "skills", "grounding", "matching", "compare", "written", "executor", "models", "prompts"},
    "person": set(),
    "surfaces": {"roles", "settings", "compare", "matching", "written"},
    "export": {"script", "matching", "compare", "grounding", "verifier", "written", "recorder"},
    "healing": {"roles", "grounding", "matching", "policy", "script", "verifier"},
    "learning": {"roles", "export", "script", "planner", "healing"},
    "recorder": {"surfaces", "script", "outcome"},
    "doctor": {"settings", "surfaces"},
}
ALL_OTHERS = {"run", "starting", "cli", "thinking", "research", "replay", "scenarios", "demo", ""}
"""Composition, the command line and the demo may import everything."""


def part(module: str) -> str:
    """`flow` of `operator_agent.flow.plan`; `version` for the package itself, whose only own name that is."""
    return module.split(".")[1] if "." in module else "version"


def imports(path: Path) -> set[str]:
    """The parts of our own package that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {part(name) for name in names if name.split(".")[0] == "operator_agent"}
    return found


def test_imports_go_one_way() -> None:
    upwards = {}
    for name, path in FILES.items():
        own = name.split("/")[0].removesuffix(".py")
        if own not in ALL_OTHERS and own not in ("__init__", "__main__"):
            assert own in LAYERS, f"{own} has no layer: say in this test what it may import"
            upwards[name] = imports(path) - {own} - ANYONE - LAYERS[own]
    assert {name: found for name, found in upwards.items() if found} == {}


def test_the_loop_knows_no_implementation_and_fits_two_screens() -> None:
    loop = PACKAGE / "loop.py"
    assert len(loop.read_text(encoding="utf-8").splitlines()) <= 200
    assert imports(loop).isdisjoint({"planner", "executor", "verifier", "policy.policy", "surfaces", "models", "recorder"})


def test_sizes() -> None:
    too_long = []
    for name, path in FILES.items():
        text = path.read_text(encoding="utf-8")
        too_long += [name] if len(text.splitlines()) > 500 else []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60:
                too_long.append(f"{name}: {node.name}")
    assert too_long == []


def test_only_settings_reads_the_environment() -> None:
    reads = re.compile(r"os\.environ|os\.getenv|getenv\(")
    others = {name: path.read_text(encoding="utf-8") for name, path in FILES.items() if path.name != "settings.py"}
    assert [name for name, text in others.items() if reads.search(text)] == []


def test_public_names() -> None:
    import operator_agent

    assert len([name for name in operator_agent.__all__ if not name.startswith("__")]) <= 12
    for name in operator_agent.__all__:
        assert getattr(operator_agent, name)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = operator_agent.Nonsense


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import sys, operator_agent; from operator_agent import Operator, Result, StepFailed; Operator;"
        "print([name for name in ('openai', 'pyautogui', 'playwright', 'PIL', 'jinja2', 'starlette') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.speed
def test_help_is_quick() -> None:
    """CPU of the whole process, the best of three: the machine may be busy."""
    script = (
        "import resource, subprocess, sys;"
        "call = [sys.executable, '-c', 'from operator_agent.cli.main import main; main()', '--help'];"
        "subprocess.run(call, stdout=subprocess.DEVNULL, check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    runs = [subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) <= 0.3


def test_readme_is_short_and_nothing_machine_bound_is_committed() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a git checkout")
    bound = re.compile("pypi" + r"\.org|python" + r"hosted|registry\.npm" + "js|deb" + r"\.debian\.org")
    for name in filter(None, listed.stdout.split("\0")):
        if Path(name).suffix in (".py", ".md", ".yaml", ".toml", ".json", ".html", ".js", ".css", ""):
            assert not bound.search((ROOT / name).read_text(encoding="utf-8")), name


def test_the_readmes_scenario_is_one(tmp_path: Path) -> None:
    from operator_agent.scenarios.diagnosis import diagnose

    written = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert written
    (tmp_path / "news.yaml").write_text(written[1], encoding="utf-8")
    (tmp_path / "pages").mkdir()
    assert not diagnose(tmp_path / "news.yaml")
