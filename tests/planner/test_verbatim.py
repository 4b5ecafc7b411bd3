"""Which commands ask for what was learned, and which only look like it."""

from __future__ import annotations

import pytest

from operator_agent.planner.verbatim import heard, hearings, is_bounded

PHRASE = "file a bug about {title} for version {version}"


@pytest.mark.parametrize(
    ("phrase", "command", "inputs"),
    [
        (PHRASE, "file a bug about Export for version 4.2", {"title": "Export", "version": "4.2"}),
        (PHRASE, "Please file a bug about the big export for version 4.2, thanks!", {"title": "the big export", "version": "4.2"}),
        (PHRASE, 'file a bug about "Stops, then hangs" for version 5', {"title": "Stops, then hangs", "version": "5"}),
        (PHRASE, 'file a bug about "A for version B" for version 5', {"title": "A for version B", "version": "5"}),
        (PHRASE, 'file a bug about "Export (CSV)" for version 5 [beta]', {"title": "Export (CSV)", "version": "5 [beta]"}),
        ("sign in as {user} with secret:ada", "sign in as ada with {secret:ada}", {"user": "ada"}),
        ("tidy up the inbox", "Tidy up the inbox.", {}),
        ("给 {name} 发 {count} 份", "给 小明 发 3 份", {"name": "小明", "count": "3"}),
    ],
)
def test_the_same_wish_with_other_data(phrase: str, command: str, inputs: dict[str, str]) -> None:
    assert heard(phrase, command) == inputs


@pytest.mark.parametrize(
    "command",
    [
        "delete a bug about Export for version 4.2",
        "do not file a bug about Export for version 4.2",
        "file a bug about Export",
        "file a bug about Export for version 4.2 and close it",
        "file a bug about Export for version 4.2 unless there is one",
        "file a bug about Export, Import for version 4.2",
        "file a bug about Export and Import for version 4.2",
        "file a bug about Export for version 4.2 now",
        "file a bug about " + "very " * 20 + "long for version 4.2",
        "file a bug for version 4.2",
        "",
    ],
)
def test_any_other_wish_is_not_heard(command: str) -> None:
    found = heard(PHRASE, command)
    assert found is None or found == {"title": "Export", "version": "4.2 now"}, "its type may refuse it"


def test_what_the_first_value_held_another_may_hold() -> None:
    assert heard("note {text}", "note bread and butter") is None
    assert heard("note {text}", "note bread and butter", {"text": "milk and honey"}) == {"text": "bread and butter"}


def test_a_phrase_with_choices_in_it_is_not_heard_word_for_word() -> None:
    assert list(hearings("tidy [up] the (inbox|outbox)", "tidy the inbox")) == []


def test_every_way_to_hear_it_is_told() -> None:
    assert [one["who"] for one in hearings("ask {who} for {what}", "ask Ada for tea for two")] == ["Ada", "Ada for tea"]


@pytest.mark.parametrize(
    ("phrase", "bounded"), [(PHRASE, False), ("lend {book} to Ada", True), ("{a} {b} now", False), ("tidy up", True)]
)
def test_a_value_is_bounded_by_words_of_the_phrase(phrase: str, bounded: bool) -> None:
    assert is_bounded(phrase) is bounded
