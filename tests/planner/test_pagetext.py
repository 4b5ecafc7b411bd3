"""What a model is shown of a page: within the budget whatever the page, and what matters first."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_agent.executor import Executor
from operator_agent.flow.action import Click
from operator_agent.flow.observation import Element, Observation
from operator_agent.flow.target import Target
from operator_agent.grounding.fit import INTERACTIVE
from operator_agent.grounding.page import Page
from operator_agent.planner.fence import legible
from operator_agent.planner.pagetext import estimate, fenced, new_mark, page_text
from operator_agent.planner.targets import Targets
from operator_agent.roles import Grounded
from tests.aria import observe
from tests.planner import pages

NAME = r'(?:"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)+/)'
HEAD = re.compile(rf"([a-z]+(?: {NAME})?(?: \[[^\]]+\])*(?: \(\d+\))?(?: in [a-z]+(?: {NAME})?)*)(: |  # |$)")
"""A target, as a model is told to copy it: up to the value or the note."""


def written(text: str) -> list[str]:
    """The targets of all lines of what reacts, in order; of options and nameless boxes there are none."""
    found = []
    for line in text.splitlines():
        head = HEAD.match(line.strip())
        assert head or line.strip().startswith("…"), line
        role = head[1].split(" ")[0] if head else ""
        if head and (role in INTERACTIVE - {"option"} or "clickable" in line.partition("  # ")[2]) and head[1] != "generic":
            found.append(head[1])
    return found


def acting(seen: Observation) -> list[int]:
    """The elements that such lines should be about."""
    return [
        i
        for i, e in enumerate(seen.elements)
        if e.ref and e.role != "option" and (e.role in INTERACTIVE or e.clickable)
        if e.role != "generic" or e.name or e.value
    ]


def meant(target: str, seen: Observation) -> int:
    found = Executor().ground(Click(target=Target.parse(target)), seen)
    assert isinstance(found, Grounded), f"{target}: {found}"
    return next(i for i, element in enumerate(seen.elements) if element is found.elements["target"])


def page(nodes: Iterable[tuple[int, Element]]) -> Observation:
    """The page of these elements, each with its depth."""
    elements: list[Element] = []
    open_: list[int] = []
    for wanted, element in nodes:
        depth = min(wanted, len(open_))
        del open_[depth:]
        elements.append(replace(element, ref=element.ref or f"e{len(elements)}", depth=depth, parent=open_[-1] if open_ else -1))
        open_.append(len(elements) - 1)
    return Observation(at=0.0, elements=tuple(elements))


def flat(count: int, make: Callable[[int], Element]) -> Observation:
    return page((0, make(n)) for n in range(count))


def table(rows: int) -> Observation:
    def nodes() -> Iterable[tuple[int, Element]]:
        yield 0, Element("", "heading", "Menu", states=("level=1",))
        yield 0, Element("", "table", "Results")
        for n in range(rows):
            yield 1, Element("", "row")
            yield 2, Element("", "cell", f"Drink {n}")
            yield 2, Element("", "cell", f"€ {n % 90}.00")
            yield 2, Element("", "button", "Add")
        yield 0, Element("", "button", "Withdraw")

    return page(nodes())


ODD = ["", "Add", "add", "Latte", "/x/", 'say "hi"', "back\\slash", "a]b", "奶咖", "☕👩‍👩‍👧", "x" * 150, "\u202eolleh", "1 in 2"]
TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(ODD))
ROLES = st.sampled_from(
    """generic text button link textbox checkbox row cell list listitem table heading dialog alert status img paragraph combobox
    option group region navigation main article radio""".split()
)
STATES = st.lists(st.sampled_from(["disabled", "checked", "level=2", "invalid", "active", "expanded", "odd one"]), max_size=2)
ELEMENTS = st.builds(
    lambda role, name, value, states, clickable: Element("", role, name, value, tuple(states), clickable=clickable),
    ROLES,
    TEXTS,
    TEXTS,
    STATES,
    st.booleans(),
)
TREES = st.lists(st.tuples(st.integers(0, 6), ELEMENTS), max_size=40).map(page)


@settings(max_examples=100, deadline=None)
@given(TREES, st.integers(0, 400), TEXTS, st.lists(TEXTS, max_size=2))
def test_no_page_exceeds_its_budget(seen: Observation, budget: int, words: str, find: list[str]) -> None:
    text = page_text(seen, words, budget=budget, find=find, expand=["page", "list from 3", words])
    assert estimate(text.text) == text.tokens <= budget
    assert len(text.cut) <= 20
    assert all(estimate(told) < 200 for told in text.cut)
    assert legible(text.text.replace("\n", "")) == text.text.replace("\n", "")


NAMES = ["", "Add", "add", "Latte", "/x/", 'say "hi"', "back\\slash", "(2)", "x" * 150, "x" * 120 + "y", "\u200bAdd", "\x07"]
ACTING = st.builds(
    lambda role, name, value: Element("", role, name, value),
    st.sampled_from("button link textbox checkbox row listitem list cell heading text group generic".split()),
    st.sampled_from(NAMES),
    st.sampled_from(["", "", "Latte", "Add"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), ACTING), max_size=14).map(page))
def test_a_target_means_that_very_element(seen: Observation) -> None:
    targets = Targets(Page(seen))
    for index in acting(seen):
        if (target := targets.of(index)) is not None:
            assert Target.parse(str(target)) == target
            assert meant(str(target), seen) == index, str(target)
        else:
            # Of two that are one thing, one inside the other, only one has a target; and nothing counts nameless boxes.
            assert seen.elements[index].role == "generic" or any(seen.subtree(index)) or seen.elements[index].parent >= 0


SHAPES: dict[str, Callable[[], Observation]] = {
    "20,000 elements": lambda: table(5_000),
    "5,000 buttons of one name": lambda: flat(5_000, lambda n: Element("", "button", "Add")),
    "nested 2,000 deep": lambda: page((n, Element("", "list" if n % 2 else "listitem", clickable=n % 3 == 0)) for n in range(2_000)),
    "nested 2,000 buttons": lambda: page((n, Element("", "button", "Add")) for n in range(2_000)),
    "one text of a megabyte": lambda: flat(1, lambda n: Element("", "paragraph", value="lorem ipsum latte " * 60_000)),
    "a button with a name of a megabyte": lambda: flat(3, lambda n: Element("", "button", "lorem ipsum latte " * 60_000)),
    "a megabyte without a space": lambda: flat(1, lambda n: Element("", "text", value="x" * 1_000_000)),
    "Chinese": lambda: flat(3_000, lambda n: Element("", "paragraph", value=f"第{n}号订单：大杯燕麦拿铁，少冰，请在八点半以前送到。" * 3)),
    "emoji": lambda: flat(3_000, lambda n: Element("", "button", "☕👩‍👩‍👧🇩🇪" * (n % 7 + 1))),
    "all kinds of things": lambda: flat(9_000, lambda n: Element("", sorted(INTERACTIVE)[n * n % 17], f"Thing {n}", f"{n}" * (n % 9))),
    "long links": lambda: flat(2_000, lambda n: Element("", "link", f"{'A card with a long text ' * 9}{n}", url=f"/{'a/' * 60}{n}")),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_budget_holds_for(shape: str) -> None:
    seen = SHAPES[shape]()
    for budget in (8_000, 300, 20, 0):
        text = page_text(seen, "put 2 lattes and thing 3210 into the basket", budget=budget, find=["latte"], expand=["page from 3"])
        assert estimate(text.text) == text.tokens <= budget
        assert text.text or budget < 300
        assert text.cut or budget == 8_000


@pytest.mark.speed
@pytest.mark.parametrize("shape", ["20,000 elements", "5,000 buttons of one name", "one text of a megabyte", "all kinds of things"])
def test_it_is_quick(shape: str) -> None:
    spent = []
    for _ in range(3):
        seen = SHAPES[shape]()
        began = time.process_time()
        page_text(seen, 'add 2 "Drink 4711" and a lattte, press Withdraw')
        spent.append(time.process_time() - began)
    assert min(spent) <= 0.4
