"""The scripts we run in pages. All of them only read, apart from moving the focus, a scroll position or a caret."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def script(name: str) -> str:
    """The function expression in `name.js`; it may use what `naming.js` defines."""
    text = _read(name)
    return f"(...given) => {{\n{_read('naming')}\nreturn ({text})(...given);\n}}" if "nameIt(" in text else text


def _read(name: str) -> str:
    return Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8").strip().removesuffix(";")
