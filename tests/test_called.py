"""What is found by its words is what comparing with every label would have found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.target import Target
from operator_agent.grounding.called import Names
from operator_agent.grounding.score import Wanted
from operator_agent.matching import folded, label, matches

WORDS = (
    "save saev sav and new check out checkout chekcout encounter encuonter x × close 保 存 3 33 e-mail email e mail Größe grosse"
).split()
SAID = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join).map(folded) | st.text(max_size=12).map(folded)


@given(st.lists(SAID, max_size=12), SAID)
def test_all_that_answer_are_found(labels: list[str], said: str) -> None:
    alone = {one: points for one in labels if one and (points := Wanted(said).score(one)) > 0}
    assert Names(labels).answering(Wanted(said)) == alone


@given(
    st.lists(
        st.tuples(st.sampled_from(["button", "link", "generic", "textbox", "row"]), st.sampled_from(["", "Save", "save ", "New"])),
        max_size=9,
    )
)
def test_targets_are_looked_up_as_if_every_element_were_read(drawn: list[tuple[str, str]]) -> None:
    elements = tuple(Element(role=role, name=name, ref=f"e{i}", depth=0, parent=-1) for i, (role, name) in enumerate(drawn))
    seen = Observation(at=0.0, elements=elements)
    for role in ("button", "link", "textbox"):
        named = [i for i, one in enumerate(elements) if one.role == role and folded(label(i, seen)) == "save"]
        assert matches(Target(role=role, name="SAVE"), seen) == named
