"""When two names of controls say the same, and when they only look alike."""

from __future__ import annotations

import pytest

from operator_agent.healing.meaning import differ, same

SAME = [
    ("Save", "save"), ("Save", "Save changes"), ("Save", "Speichern"), ("Save", "保存"), ("Save", "💾"), ("Sign in", "Log in"),
    ("Delete", "Remove"), ("Search", "🔍"), ("Find", "Rechercher"), ("Next", "Weiter →"), ("Log out", "Sign out now"),
    ("City", "Ort"), ("E-mail", "Email address"), ("Annual report", "The annual report"), ("×", "Close"),
]  # fmt: skip
OTHER = [
    ("Save", "Save as template"), ("Save", "Don't save"), ("Save", "Save all"), ("Delete", "Delete all"), ("Save", "Cancel"),
    ("Delete", "Delete messages"), ("Accept", "Accept all"), ("Reject", "Reject some"), ("Create", "Create and publish"),
    ("Save", "Save draft"), ("Send", "Send later"), ("Save", ""), ("", ""), ("Order", "Order history"), ("the", "a"),
    ("Search", "Search settings"), ("Save", "Sage"), ("Report of 1999", "Report of 2000"), ("Subscribe", "Unsubscribe"),
    ("Add", "Add to favourites"),
    ("Continue", "Place order"), ("Buy", "Sell"), ("Submit", "Save"), ("Name", "First name"), ("Add", "New note"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_say_the_same(one: str, other: str) -> None:
    assert same(one, other) and same(other, one)
    assert not differ(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_these_do_not(one: str, other: str) -> None:
    assert not same(one, other) and not same(other, one)


def test_a_word_more_is_excused_by_what_the_element_stands_in() -> None:
    assert same("Save", "Save profile", ("Your profile",))
    assert not same("Save", "Save profile", ("Newsletter",))
    assert not same("Save", "Save all", ("All profiles",))  # what turns the meaning is never excused
    assert not same("Save", "Save or cancel", ("Save or cancel",))


def test_known_to_differ_is_more_than_not_known_to_be_the_same() -> None:
    assert differ("Save", "Discard")
    assert not differ("Save", "Commit to the ledger")


def test_no_expression_has_two_meanings() -> None:
    import tomllib
    from collections import Counter
    from pathlib import Path

    import operator_agent.healing

    data = tomllib.loads((Path(operator_agent.healing.__file__).parent / "words.toml").read_text(encoding="utf-8"))
    counted = Counter(text for line in (*data["same"], *data["things"]) for text in line)
    assert [text for text, count in counted.items() if count > 1] == []
