"""A few of the mutations in a real browser; all of them are in `benchmarks/mutations`. The witness is the page's server: a click
tells it by which control it was taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from benchmarks.mutations.recordings import RECORDINGS
from benchmarks.mutations.run import Stage, staged
from benchmarks.mutations.shop import record, replay
from operator_agent.flow.command import Question


class Ends(NamedTuple):
    recording: str
    mutation: str
    outcome: str
    healed: bool
    reason: str
    """A piece of it."""


ENDS = [
    Ends("profile", "mild", "passed", True, "verified"),
    Ends("profile", "removed, decoy elsewhere", "needs_human", False, "not where it was"),
    Ends("profile", "synonym, rival beside", "needs_human", False, 'step 4 (click button "Save")'),
    Ends("counted", "list reordered", "passed", True, "verified"),
    Ends("counted", "removed", "needs_human", False, 'button "Add" (2) is another one now'),
    Ends("consent", "not needed", "passed", False, "verified"),
    Ends("members", "synonym", "needs_human", False, "not approved"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with staged() as opened:
        yield opened


class Says:
    """A person with one answer; `asked` is what they were asked."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> str:
        self.asked.append(question)
        return self.answer


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("ends", ENDS, ids=lambda ends: f"{ends.recording}, {ends.mutation}")
async def test_what_a_replay_makes_of_a_changed_page(stage: Stage, ends: Ends) -> None:
    ending = await stage.replay(RECORDINGS[ends.recording], ends.mutation)
    assert ending.wrong == []
    assert (ending.outcome, bool(ending.healed)) == (ends.outcome, ends.healed), ending.reason
    assert ends.reason in ending.reason


@pytest.mark.asyncio(loop_scope="module")
async def test_a_person_says_whether_the_renamed_risky_button_is_the_one(stage: Stage) -> None:
    """`delete` is approved beforehand here; that is for the button of its own name."""
    yes, no = Says("yes"), Says("no")
    ending = await stage.replay(RECORDINGS["members"], "synonym", person=yes)
    assert (ending.outcome, ending.healed, ending.wrong) == ("passed", 1, [])
    assert 'button "Delete" in row "Bob" is now button "Remove"' in yes.asked[0].text
    assert len(yes.asked) == 1
    ending = await stage.replay(RECORDINGS["members"], "synonym", person=no)
    assert (ending.outcome, stage.site.told) == ("needs_human", [])
    ending = await stage.replay(RECORDINGS["profile"], "odd name", person=yes)
    assert (ending.outcome, ending.wrong) == ("passed", [])


async def test_a_replay_on_a_lying_shop_orders_nothing(tmp_path: Path) -> None:
    """All the faults are in `benchmarks/mutations/shop.py`."""
    recording = await record(tmp_path, step=4.0)
    for fault, outcome, reason in (("renamed-button", "failed", "Complete purchase"), ("decoy", "needs_human", "Place order")):
        ending = await replay(recording, fault, tmp_path)
        assert (ending.outcome, ending.orders, ending.healed) == (outcome, 0, 0), ending
        assert reason in ending.reason
