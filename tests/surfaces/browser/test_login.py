"""A saved login is read from its owner's own file only, and neither its values nor parts of them are told by an error.
That it opens a session, and that no record holds it, is tried in tests/scenarios/test_trial.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operator_agent.errors import UsageError
from operator_agent.surfaces.browser.login import Login

STATE: dict[str, Any] = {
    "cookies": [{"name": "session", "value": "open-sesame-4711", "domain": "a.example"}, {"name": "lang", "value": "en"}],
    "origins": [{"origin": "https://a.example", "localStorage": [{"name": "token", "value": "storage-0815-xy"}]}],
}


def saved(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    file = tmp_path / "ada.json"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_what_opens_a_session_is_known_and_not_shown(mode: int, tmp_path: Path) -> None:
    login = Login.read(saved(tmp_path, json.dumps(STATE), mode))
    assert set(login.values.values()) == {"open-sesame-4711", "storage-0815-xy"}, "to hide `en` everywhere would hide half the page"
    assert "sesame" not in repr(login) and "0815" not in repr(login)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o660, 0o700])
def test_a_file_that_is_open_to_others_is_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"open to others \(mode {mode:04o}\); close it with: chmod 600"):
        Login.read(saved(tmp_path, json.dumps(STATE), mode))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("open-sesame", "is no JSON"),
        ('["open-sesame"]', "is no storage state"),
        ('{"cookies": {"a": "open-sesame"}}', "is no storage state"),
    ],
)
def test_what_is_no_saved_login_is_refused_without_telling_it(text: str, cause: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=cause) as caught:
        Login.read(saved(tmp_path, text))
    assert "sesame" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        Login.read(tmp_path / "none.json")
