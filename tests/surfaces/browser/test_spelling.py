"""Dates, times and numbers as people write them, in the form the browser's own fields take."""

from __future__ import annotations

import pytest

from operator_agent.surfaces.browser.spelling import spelt


@pytest.mark.parametrize(
    ("text", "form", "language", "expected"),
    [
        ("December 4, 2010", "date", "en-US", "2010-12-04"),
        ("12/04/2010", "date", "en-US", "2010-12-04"),
        ("12/04/2010", "date", "en-GB", "2010-04-12"),
        ("21/12/2010", "date", "en-US", "2010-12-21"),
        ("4.12.2010", "date", "en-US", "2010-12-04"),
        ("4 December", "date", "en-US", None),
        ("soon", "date", "en-US", None),
        ("5:16 PM", "time", "en-US", "17:16"),
        ("12/04/2010", "time", "en-US", None),
        ("4 Dec 2010 at 9:30", "datetime-local", "en-US", "2010-12-04T09:30"),
        ("4 Dec 2010", "month", "en-US", "2010-12"),
        ("1,234", "number", "en-US", "1234"),
        ("a few", "number", "en-US", None),
    ],
)
def test_it_is_spelt_as_the_field_takes_it(text: str, form: str, language: str, expected: str | None) -> None:
    assert spelt(text, form, language) == expected
