"""What models are told, one Markdown file per role."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def instructions(role: str) -> str:
    """The text of `role.md`."""
    return Path(__file__).with_name(f"{role}.md").read_text(encoding="utf-8").strip()
