from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, sync_playwright

from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser
from operator_agent.surfaces.browser.snapshot import parse

JS_SPACE = re.compile("[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")


@pytest.fixture(scope="module")
def plain_page() -> Iterator[Page]:
    path = find_browser(Settings.from_env(), headed=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def as_shown(text: str) -> str:
    """The text as ARIA snapshots write it: white space collapsed, soft hyphens and zero-width spaces dropped."""
    return JS_SPACE.sub(" ", JS_SPACE.sub(" ", re.sub("[\u200b\u00ad]", "", text)).strip(" "))


TEXTS = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="ab \n\t:#\"'\\-[]{}&*!|>%@`,?=\u2028\x85é你🙂", max_size=12),
    st.sampled_from(
        ["yes", "null", "~", "1e3", "-", "- x", "a: b", "it's", "''", '"', "[ref=e1]", 'x" [ref=e1]', "text: a", "\ufeff", ".inf"]
    ),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=40))
def test_whatever_a_page_says_is_read_as_it_is(plain_page: Page, texts: list[str]) -> None:
    plain_page.evaluate(
        """texts => {
          const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
          const made = texts.flatMap((text, n) => {
            const button = make('button', {ariaLabel: text, textContent: '.'});
            const field = make('textarea', {ariaLabel: 'field ' + n, value: text, placeholder: 'p' + text});
            return [button, field, make('p', {textContent: text}), make('hr')];
          });
          document.body.replaceChildren(...made);
        }""",
        texts,
    )
    parsed = parse(plain_page.aria_snapshot(mode="ai", boxes=True))
    assert parsed.unread == 0
    buttons = [element.name for element in parsed.elements if element.role == "button"]
    fields = [(element.value, element.placeholder) for element in parsed.elements if element.role == "textbox"]
    words = [element.value for element in parsed.elements if element.role == "paragraph"]
    assert buttons == [as_shown(text) or "." for text in texts]
    assert fields == [(as_shown(text.replace("\r\n", "\n")), "p" + text) for text in texts]
    assert words == [as_shown(text) for text in texts]


def test_a_lone_surrogate_becomes_something_a_file_can_hold(plain_page: Page) -> None:
    plain_page.set_content("<button></button><p></p>")
    plain_page.evaluate(
        "() => { document.querySelector('button').ariaLabel = 'a\\ud83d!'; document.querySelector('p').textContent = '\\udc00b' }"
    )
    button, words = (e for e in parse(plain_page.aria_snapshot(mode="ai")).elements if e.role in ("button", "paragraph"))
    assert (button.name, words.value) == ("a\ufffd!", "\ufffdb")


def test_lines_become_elements_with_their_states_and_places() -> None:
    parsed = parse(
        "- main [active] [ref=f2e1] [box=0,-5,100,50]:\n"
        "  - checkbox \"Oat\" [checked=mixed] [disabled] [ref=f2e2] [cursor=pointer]\n"
        "  - 'link \"It''s: here\" [ref=f2e3] [cursor=pointer]':\n"
        '    - /url: "#x"\n'
        "  - listitem [ref=f2e4] [cursor=pointer]: Row\n"
        "  - text: \"yes\"\n"
        "??"
    )  # fmt: skip
    main, box, link, item, text = parsed.elements
    assert (main.states, main.box, main.parent, main.ref) == (("active",), (0, -5, 100, 50), -1, "f2e1")
    assert (box.states, box.clickable, box.parent, box.depth) == (("checked=mixed", "disabled"), False, 0, 1)
    assert (link.name, link.url, link.parent) == ("It's: here", "#x", 0)
    assert (item.value, item.clickable, text.role, text.value, text.ref) == ("Row", True, "text", "yes", "")
    assert parsed.unread == 1


def test_values_names_and_choices_are_where_a_check_looks_for_them() -> None:
    parsed = parse(
        '- textbox "Name" [ref=e1]:\n  - /placeholder: who\n  - text: Ada\n'
        '- button [ref=e2]:\n  - generic [ref=e3]: Add\n  - generic [ref=e4]: latte\n'
        '- combobox "Size" [ref=e5]:\n  - group "Cups":\n    - option "small"\n    - option "large" [selected]\n'
        '- listbox "Extras" [ref=e6]:\n  - option "ice" [selected] [ref=e7]\n  - option "salt" [selected] [ref=e8]\n'
        '- combobox "City" [ref=e9]:\n  - text: Par\n  - option "Paris" [selected]\n'
        '- iframe [ref=e10]:\n  - text: only words'
    )  # fmt: skip
    shown = {element.role + element.ref: element for element in parsed.elements}
    assert (shown["textboxe1"].value, shown["textboxe1"].placeholder) == ("Ada", "who")
    assert shown["buttone2"].name == "Add latte"
    assert (shown["comboboxe5"].value, shown["listboxe6"].value, shown["comboboxe9"].value) == ("large", "ice, salt", "Par")
    assert parsed.elements[-1].value == "only words"
    assert [parsed.elements[index].name for index in parsed.typed] == ["Name", "City"]
    assert all(element.parent < index for index, element in enumerate(parsed.elements))


@pytest.mark.speed
def test_five_thousand_elements_are_parsed_at_once() -> None:
    text = "- generic [ref=e1]:\n" + "\n".join(f'  - button "Button {n}" [ref=e{n}] [box=8,{n},66,21]' for n in range(5000))
    spent = []
    for _ in range(5):
        began = time.process_time()
        assert len(parse(text).elements) == 5001
        spent.append(time.process_time() - began)
    assert min(spent) < 0.15, "60 ms on the machine this was written on, when nothing else runs"
