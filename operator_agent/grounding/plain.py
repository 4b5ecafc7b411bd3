"""Plain words → the element they mean."""

from __future__ import annotations

from operator_agent.grounding.page import Page


def find(words: str, verb: str, page: Page) -> tuple[list[int], str]:
    """The elements the words mean equally well (one when it is clear, none when nothing does), and why."""
    return [], ""
