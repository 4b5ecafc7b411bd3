"""Which browser it is, told before it has started."""

from __future__ import annotations

from pathlib import Path

from operator_agent.settings import Settings
from operator_agent.surfaces.browser.product import remember, remembered


def test_what_was_started_is_known_until_it_is_another_one(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_bytes(b"one")
    settings = Settings(state_dir=tmp_path)
    assert remembered(settings, headed=False) == ""
    assert remember(settings, program, "140.0.1", headed=False) == "chromium 140.0.1"
    assert remembered(settings, headed=False) == "chromium 140.0.1"
    assert remembered(settings, headed=True) == "", "with a window it may be another program"
    assert remembered(Settings(state_dir=tmp_path, search_path="/elsewhere"), headed=False) == ""
    program.write_bytes(b"another")
    assert remembered(settings, headed=False) == ""
    assert remember(settings, program, "141.0.2", headed=False) == "chromium 141.0.2"
    assert remembered(settings, headed=False) == "chromium 141.0.2"
    program.unlink()
    assert remembered(settings, headed=False) == ""


def test_what_cannot_be_read_or_written_is_not_known(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    for text in ("{", "[]", '{"x": 1}'):
        (tmp_path / "browsers.json").write_text(text, encoding="utf-8")
        assert remembered(settings, headed=False) == ""
    nowhere = Settings(state_dir=tmp_path / "browsers.json" / "below")
    assert remember(nowhere, tmp_path / "chrome", "1", headed=False) == "chrome 1"
    assert remembered(nowhere, headed=False) == ""
