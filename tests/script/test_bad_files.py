"""Every wrong file under tests/scripts/bad is refused with one clear line: file, line, key and cause.

The first line of each says what: `# line 4 | key clik | there is no verb | schema`; with `schema`, editors see it too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from jsonschema import Draft202012Validator

from operator_agent.errors import ScriptError
from operator_agent.script import load_script
from operator_agent.script.source import read_yaml

ROOT = Path(__file__).parents[2]
BAD = sorted((ROOT / "tests/scripts/bad").glob("*.yaml"))


class Expected(NamedTuple):
    line: str
    key: str
    cause: str
    schema: bool


def _expected(path: Path) -> Expected:
    parts = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" | ")
    key = next((part.removeprefix("key ") for part in parts if part.startswith("key ")), "")
    cause = next(part for part in parts[1:] if not part.startswith("key "))
    return Expected(parts[0].removeprefix("line "), key, cause, parts[-1] == "schema")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_its_place_and_cause(path: Path) -> None:
    expected = _expected(path)
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{expected.line}: ")
    assert expected.cause in message
    assert "\n" not in message
    assert not expected.key or caught.value.key == expected.key
    assert caught.value.where == f"{path}:{expected.line}"


@pytest.mark.parametrize("path", [path for path in BAD if _expected(path).schema], ids=lambda path: path.stem)
def test_the_schema_refuses_it_too(path: Path) -> None:
    schema = json.loads((ROOT / "docs/script.schema.json").read_text(encoding="utf-8"))
    data, _ = read_yaml(path.read_text(encoding="utf-8"))
    assert not Draft202012Validator(schema).is_valid(data)


@pytest.mark.parametrize(
    ("content", "line", "cause"),
    [
        (b"", 1, "the file is empty"),
        (b"# only a remark\n", 1, "the file is empty"),
        (b"---\n", 1, "the file is empty"),
        (b"plan: buy\nsteps:\n  - click: caf\xe9\n", 3, "is not UTF-8 (byte 0xe9)"),
        (b"plan: buy\nsteps:\n  - click: a\x00b\n", 3, "a control character"),
        (b"plan: buy\nsteps: " + b"[" * 5000, 2, "nested more than 40 deep"),
        (b"plan: buy\nsteps: " + b"{a: " * 5000, 2, "nested more than 40 deep"),
        (b"plan: buy\nsteps:\n" + b"".join(b" " * n + b"-\n" for n in range(2, 900)), 43, "nested more than 40 deep"),
        (b"just words\n", 1, "not 'just words'"),
        (b"? [a, b]\n: c\n", 1, "a key must be text"),
    ],
)
def test_what_no_editor_would_write(content: bytes, line: int, cause: str, tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_bytes(content)
    with pytest.raises(ScriptError, match=re.escape(cause)) as caught:
        load_script(path)
    assert caught.value.where == f"{path}:{line}"
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="No such file"):
        load_script(tmp_path / "none.yaml")
    with pytest.raises(ScriptError, match="cannot be read"):
        load_script(tmp_path)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ScriptError, match="1,000,001 bytes"):
        load_script(large)


def test_several_errors_are_told_together() -> None:
    with pytest.raises(ScriptError) as caught:
        load_script("plan: buy\nsteps:\n  - clik: a\n  - fill: textbox\n  - click: button\ndone: [nothing exact]\ncolour: red\n")
    told = str(caught.value).split("\n")
    assert [line.partition(" ")[0] for line in told] == ["<text>:7:", "<text>:3:", "<text>:4:", "<text>:6:"]
    assert caught.value.where == "<text>:7"
    assert caught.value.key == "colour"


def test_a_path_given_as_text_is_recognised() -> None:
    with pytest.raises(ScriptError, match="give a Path"):
        load_script("skills/order.yaml")
