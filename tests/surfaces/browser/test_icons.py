"""What a control that is only a picture is called."""

from __future__ import annotations

import pytest

from operator_agent.surfaces.browser.icons import icon_name


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ("fa fa-reply", "reply"), ("trash btn btn-icon", "trash"), ("bi bi-star icon-lg", "star"), ("deleteRow", "delete"),
        ("markUnread", "mark unread"),
        ("css-1q2w3e control small", ""), ("", ""), ("icon-btn primary rounded", ""), ("like like-active", "like"),
    ],
)  # fmt: skip
def test_words_of_purpose_are_kept_and_words_of_looks_are_not(markup: str, name: str) -> None:
    assert icon_name(markup) == name
