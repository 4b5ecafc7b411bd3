"""No spelling of a secret gets through."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_agent.surfaces.redaction import Redaction

SECRET = 'pä$s "wörd"/+&<42>'


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote(SECRET),
        quote_plus(SECRET),
        escape(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        b64encode(SECRET.encode()).decode(),
        urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_spellings_are_hidden(spelling: str) -> None:
    assert Redaction({"pin": SECRET}).hide(f"before {spelling} after") == "before {secret:pin} after"


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_base64_inside_more_is_hidden(before: bytes, after: bytes) -> None:
    """`user:password` in an Authorization header, for one."""
    secret = "correct horse battery"
    hidden = Redaction({"pin": secret}).hide(b64encode(before + secret.encode() + after).decode())
    assert "{secret:pin}" in hidden


def test_longer_secret_goes_first() -> None:
    redaction = Redaction({"short": "abc", "long": "abcdef"})
    assert redaction.hide("abcdef abc") == "{secret:long} {secret:short}"


def test_reveal_and_what_is_missing() -> None:
    redaction = Redaction({"pin": "1234"})
    assert redaction.reveal("PIN {secret:pin}!") == "PIN 1234!"
    assert redaction.handles("{secret:pin} {secret:other}") == ("pin", "other")
    with pytest.raises(KeyError, match="other"):
        redaction.reveal("{secret:other}")


def test_nothing_to_hide() -> None:
    assert not Redaction({})
    assert Redaction({"tiny": "a"}).hide("a banana") == "a banana"
