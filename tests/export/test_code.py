"""Texts as Python, and elements as locators: small trees, and every odd text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_agent.export.code import Texts, quoted
from operator_agent.export.data import Datum
from operator_agent.export.locators import Locators
from operator_agent.export.tree import observed
from operator_agent.flow.target import Target
from operator_agent.script.placeholder import literal

DATA = [(Datum("drink", "latte"), "DRINK"), (Datum("quantity", "2"), "QUANTITY"), (Datum("size", "2"), "SIZE")]
NAMES = {"DRINK": "latte", "QUANTITY": "2", "SIZE": "2", "total": "€ 4.50", "re": re}
PAGE = """\
- banner
  - link "Save"
- main
  - heading "Orders" [level=1]
  - list
    - listitem
      - heading "Latte" [level=2]
      - button "Add"
    - listitem
      - heading "Tea" [level=2]
      - button "Add"
  - table
    - rowgroup
      - row "Ada Edit"
        - cell "Ada"
        - cell "Edit"
          - button "Edit"
      - row "Bob Edit"
        - cell "Bob"
        - cell "Edit"
          - button "Edit"
  - dialog "Sure?"
    - button "Save"
    - button "Save all"
  - generic "Menu" [clickable]
  - textbox: one
  - textbox [active]: two
  - iframe "Pay"
    - button "Save"
"""


@given(st.text())
def test_a_text_is_itself(text: str) -> None:
    assert eval(quoted(text)) == text
    assert eval(Texts([]).text(literal(text))) == text


@given(st.text(alphabet="a{}\\\"'é\n .2"))
def test_a_text_with_data_is_itself(text: str) -> None:
    whole = f"{text} latte {text}"
    assert eval(Texts(DATA).text(literal(whole)), dict(NAMES)) == whole
    found = eval(Texts(DATA).exactly(literal(whole)), dict(NAMES))
    assert found.fullmatch(whole)


@pytest.mark.parametrize(
    ("template", "about", "code"),
    [
        ("latte", "", "DRINK"),
        ("Add latte", "", 'f"Add {DRINK}"'),
        ("chai lattes", "", '"chai lattes"'),
        ("2", "size", "SIZE"),
        ("2", "", '"2"'),
        ("2 items", "", '"2 items"'),
        ("Pay {total} now", "", 'f"Pay {total} now"'),
        ("{{total}} {x}", "", '"{total} {x}"'),
        ("{secret:card}", "", 'os.environ["OPERATOR_SECRET_CARD"]'),
    ],
)
def test_data_is_lifted_where_it_is_sure(template: str, about: str, code: str) -> None:
    texts = Texts(DATA)
    texts.variables["total"] = "total"
    assert texts.text(template, about) == code


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ('heading "Latte"', 'get_by_role("heading", name="Latte")'),
        ('button "Add" in listitem "Tea"', 'get_by_role("listitem").filter(has=page.get_by_role("heading", name="Tea", exact=True)).get_by_role("button", name="Add")'),  # noqa: E501
        ('button "Edit" in row "Bob"', 'get_by_role("row", name="Bob").get_by_role("button", name="Edit")'),
        ('button "Save" in dialog "Sure?"', 'get_by_role("button", name="Save", exact=True)'),
        ('button "Save" in iframe "Pay"', 'get_by_title("Pay", exact=True).content_frame.get_by_role("button", name="Save")'),
        ('button "Save all"', 'get_by_role("button", name="Save all")'),
        ('heading /^Ord/', 'get_by_role("heading", name=re.compile(r"^Ord"))'),
        ('generic "Menu"', 'get_by_text("Menu", exact=True)'),
        ("textbox [active]", 'get_by_role("textbox").and_(page.locator(":focus"))'),
        ('button "Edit" in cell "Edit" in row "Bob"', 'get_by_role("row", name="Bob Edit").get_by_role("button", name="Edit")'),
        ("textbox (2)", 'get_by_role("textbox").nth(1)'),
        ("textbox (last)", 'get_by_role("textbox").last'),
    ],
)  # fmt: skip
def test_a_locator_is_as_short_as_it_is_sure(target: str, code: str) -> None:
    wanted = Target.parse(target)
    assert not wanted.words
    assert Locators(Texts([])).of_act(wanted, wanted, "", observed(PAGE.rstrip())) == f"page.{code}"


def test_several_lines_in_a_value_are_one_element() -> None:
    tree = '- textbox "Note": one\ntwo\n- button "Say \\"hi\\" [now]" [disabled]'
    seen = observed(tree)
    assert [(one.role, one.name, one.value, one.states) for one in seen.elements] == [
        ("textbox", "Note", "one\ntwo", ()),
        ("button", 'Say "hi" [now]', "", ("disabled",)),
    ]
    assert seen.tree == tree
