"""Exported tests run by pytest in an interpreter that cannot import this package, all in one browser."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser

CONFTEST = """
import json
from pathlib import Path
import pytest
from playwright.sync_api import expect, sync_playwright

told = {{}}

@pytest.fixture(scope="session")
def browser():
    expect.set_options(timeout={patience})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path={browser!r}, args=["--no-sandbox"])
        yield browser
        browser.close()

@pytest.fixture
def page(browser):
    context = browser.new_context()
    context.set_default_timeout({patience})
    yield context.new_page()
    context.close()

def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        told[Path(report.fspath).stem.removeprefix("test_")] = report.longreprtext if report.failed else ""

def pytest_sessionfinish():
    Path(__file__).with_name("told.json").write_text(json.dumps(told))
"""
"""What pytest-playwright gives, in few lines: the plugin itself would change this whole suite."""


async def run_alone(
    folder: Path, tests: Mapping[str, str], *, patience: int = 8000, env: Mapping[str, str] | None = None
) -> dict[str, str]:  # fmt: skip
    """What became of each test, by its name: "" when it passed, else what pytest tells of it. `patience` in milliseconds."""
    _write(folder, tests, patience)
    block = f"import sys; sys.modules['operator_agent'] = None; import pytest; sys.exit(pytest.main(['-q', {str(folder)!r}]))"
    plain = {"PYTEST_ADDOPTS": "-p no:cacheprovider -c /dev/null", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    given = {**os.environ, **plain, **(env or {})}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", block, cwd=folder, env=given, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    told: dict[str, str] = json.loads((folder / "told.json").read_text()) if (folder / "told.json").exists() else {}
    assert set(told) == set(tests), out.decode()
    return told


def _write(folder: Path, tests: Mapping[str, str], patience: int) -> None:
    folder.mkdir()
    browser = str(find_browser(Settings.from_env(), headed=False))
    (folder / "conftest.py").write_text(CONFTEST.format(browser=browser, patience=patience), encoding="utf-8")
    for name, text in tests.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
