"""Which requests of a recording a test waits for, and how it says so."""

from __future__ import annotations

import pytest

from operator_agent.export.awaited import Awaited, is_meant
from operator_agent.export.code import Texts
from operator_agent.export.data import Datum
from operator_agent.export.locators import Locators
from operator_agent.export.writes import paths_read, told_to
from operator_agent.flow.action import Action, Click, Fill, Press
from operator_agent.flow.check import ResponseCheck
from operator_agent.flow.observation import Observation
from operator_agent.flow.tape import Taped
from operator_agent.flow.target import Target
from operator_agent.recorder.kept import Act

HERE = "https://wiki.example"
FETCH = (("Sec-Fetch-Mode", "cors"),)
FORM = (("Sec-Fetch-Mode", "navigate"),)
BEACON = (("Sec-Fetch-Mode", "no-cors"),)


def act(number: int, action: Action) -> Act:
    """It begins at its number of seconds and takes half of one."""
    seen = Observation(at=0.0, url=f"{HERE}/edit")
    return Act("", number, action=action, before=seen, began=float(number), ended=number + 0.5, status="verified")


def fill(text: str) -> Fill:
    return Fill(target=Target(role="textbox", name="Text"), text=text)


SAVE = Click(target=Target(role="button", name="Save"))
ENTER = Press(keys="Enter")


def sent(at: float, method: str, path: str, body: str = "", **more: object) -> Taped:
    told = {"status": 204, "request_headers": FETCH, **more}
    url = path if "://" in path else HERE + path
    return Taped.model_validate(
        {"number": int(at * 100), "at": at, "method": method, "url": url, "request_body": body.encode(), **told}
    )


DRAFT = sent(1.1, "PUT", "/draft", '{"title": "Bread"}')
CASES = {
    "what carries the text is the answer to filling it in": ([fill("Bread")], [DRAFT], [["PUT /draft"]]),
    "a form's fields, escaped": ([fill("Ada & Bob"), SAVE], [sent(2.1, "POST", "/p", "who=Ada+%26+Bob")], [[], ["POST /p"]]),
    "JSON, escaped": ([fill('say "hi"')], [sent(1.2, "PUT", "/p", '{"a": ["say \\"hi\\""]}')], [["PUT /p"]]),
    "the address": ([fill("Rye bread"), ENTER], [sent(2.2, "PATCH", "/pages/Rye%20bread")], [[], ["PATCH /pages/Rye%20bread"]]),
    "late": ([fill("Bread"), SAVE], [sent(4.0, "PUT", "/pages", '"Bread"')], [[], ["PUT /pages"]]),
    "only the last to carry it": ([fill("Bread"), SAVE], [DRAFT, sent(2.1, "PUT", "/pages", '"Bread"')], [[], ["PUT /pages"]]),
    "a click by itself": ([SAVE], [sent(1.1, "POST", "/approve")], [["POST /approve"]]),
    "not what came long after it": ([SAVE], [sent(1.8, "POST", "/approve")], [[]]),
    "not what is written again and again": ([SAVE, SAVE], [sent(1.1, "PUT", "/state"), sent(2.1, "PUT", "/state")], [[], []]),
    "a short value only as a whole field": (
        [fill("2"), SAVE], [sent(2.1, "POST", "/n", "n=2&id=129"), sent(2.2, "POST", "/log", "n=27")], [[], ["POST /n"]],
    ),
    "not to another site, unless it carries something": ([SAVE], [sent(1.1, "POST", "https://stats.example/hit")], [[]]),
    "to another site with what was entered": (
        [fill("Bread")], [sent(1.1, "POST", "https://api.example/p", '"Bread"')], [["POST /p"]],
    ),
    "no beacon": ([SAVE], [sent(1.1, "POST", "/hit", request_headers=BEACON)], [[]]),
    "no reading": ([fill("Bread")], [sent(1.1, "REPORT", "/search", "Bread"), sent(1.2, "GET", "/?q=Bread")], [[]]),
    "nothing that failed": ([SAVE], [sent(1.1, "POST", "/p", status=500), sent(1.2, "POST", "/q", status=None)], [[]]),
    "no submitted form: the page that comes is its answer": ([SAVE], [sent(1.1, "POST", "/p", request_headers=FORM)], [[]]),
    "a secret by its handle": (
        [fill("{secret:ada}"), SAVE], [sent(2.1, "POST", "/in", '{"password": "{secret:ada}"}')], [[], ["POST /in"]],
    ),
    "nothing before the first act": ([fill("Bread")], [sent(0.5, "PUT", "/p", "Bread")], [[]]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_test_waits_for_what_an_act_wrote(case: str) -> None:
    actions, tape, wanted = CASES[case]
    acts = [act(number, action) for number, action in enumerate(actions, 1)]
    found = told_to(acts, tape)
    assert [[f"{one.method} /{one.url.split('/', 3)[3]}" for one in writes] for writes in found] == wanted


def test_a_form_is_waited_for_where_nothing_is_expected_of_its_page() -> None:
    form = sent(1.1, "POST", "/p", request_headers=FORM, status=303)
    assert told_to([act(1, SAVE)], [form], unproved=True) == [(form,)]


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (sent(1.1, "POST", "/api/orders"), 'page.expect_response("**/api/orders")'),
        (sent(1.1, "PUT", "/tiddlers/Bread"), 'page.expect_response(f"**/tiddlers/{TITLE}")'),
        (sent(1.1, "PUT", "/tiddlers/Bread%20roll"), 'page.expect_response("**/tiddlers/*")'),
        (sent(1.1, "PUT", "/orders/17/lines/9f8a7b6c5d"), 'page.expect_response("**/orders/*/lines/*")'),
        (sent(1.1, "PUT", "/a/5f0c2a9e-0001-4000-8000-00000000abcd"), 'page.expect_response("**/a/*")'),
        (sent(1.1, "POST", "/v2/contents?1795392336677"), 'page.expect_response("**/v2/contents?*")'),
        (
            sent(1.1, "POST", "/both"),
            'page.expect_response(lambda response: response.request.method == "POST" and urlsplit(response.url).path == "/both")',
        ),
    ],
)
def test_an_answer_is_known_by_its_address(write: Taped, code: str) -> None:
    read = paths_read([sent(0.1, "GET", "/both?x=1"), write])
    texts = Texts([(Datum("title", "Bread"), "TITLE")])
    assert Awaited(texts, Locators(texts), read).written(write) == code


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [("POST", "/orders/*", True), ("*", "/orders/7", True), ("PUT", "/orders/*", False), ("POST", f"{HERE}/orders/*", True)],
)
def test_a_check_that_names_an_answer_stands_for_it(method: str, path: str, meant: bool) -> None:
    assert is_meant(ResponseCheck(method=method, path=path, status="2xx"), sent(1.1, "POST", "/orders/7?x=1")) is meant
