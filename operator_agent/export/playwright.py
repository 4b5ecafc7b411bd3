"""`export RUN --to playwright`: a pytest-playwright test as a person would write it, which needs nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap

from operator_agent.export.acts import Acts
from operator_agent.export.awaited import Awaited
from operator_agent.export.code import ENVIRONMENT, Texts, quoted
from operator_agent.export.data import Datum, data_of, phrase_of, slug, title_of
from operator_agent.export.expects import Expects
from operator_agent.export.layout import laid_out, looped
from operator_agent.export.locators import Locators
from operator_agent.export.pages import Pages
from operator_agent.export.retold import Retelling
from operator_agent.flow.action import describe

_WIDTH = 88
_ROW = '''def row(page: Page, cells: dict[str, str | re.Pattern[str]]) -> Locator:
    """The table rows that show these texts under these column headers."""
    table = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name=next(iter(cells)), exact=True))
    expect(table).to_be_visible()
    headers = [" ".join(header.split()) for header in table.get_by_role("columnheader").all_inner_texts()]
    rows = table.get_by_role("row")
    for header, text in cells.items():
        whole = text if isinstance(text, re.Pattern) else re.compile(rf"^\\s*{re.escape(text)}\\s*$")
        rows = rows.filter(has=page.locator("td, th").nth(headers.index(header)).filter(has_text=whole))
    return rows
'''
_ANSWERS = '''def answers(page: Page, method: str{path}) -> dict[Request, int]:
    """All such requests from now on, with the status of the answer; 0 while there is none."""
    statuses: dict[Request, int] = {}

    def note(request: Request, status: int = 0) -> None:
        if {condition}:
            statuses[request] = status

    page.context.on("request", note)
    page.context.on("response", lambda response: note(response.request, response.status))
    return statuses
'''


def playwright_test(run: Retelling, name: str) -> str:
    """The test's source. `name` is the recording's, for the head."""
    data = [(one, one.name.upper()) for one in data_of(run)]
    texts = Texts(data, run.answers)
    locators, pages = Locators(texts), Pages(run.start)
    expects = Expects(texts, locators, pages, run.result.values)
    acts = Acts(texts, locators, pages, expects, Awaited(texts, locators, run.read))
    body = _body(run, acts, expects)
    counted = [_counted(variable, *which) for variable, which in expects.answers.items()]
    if counted:
        body = [*counted, "", *body]
    constants = [f"{constant} = {quoted(one.value)}" for one, constant in data if constant in texts.used]
    constants += [
        f"{variable} = {quoted(run.answers[asked])}" for asked, variable in texts.variables.items() if asked in run.answers
    ]
    base = [f'BASE_URL = {ENVIRONMENT}.get("BASE_URL", {quoted(pages.origin)})'] if pages.origin else []
    parts = ["\n".join([*base, *constants])]
    parts += [_ROW] * expects.rows
    parts += [_answers(expects)] * bool(expects.answers)
    called = test_name(run, [one for one, _ in data])
    parts.append(f"def test_{called}(page: Page) -> None:\n" + "".join(f"    {line}".rstrip() + "\n" for line in body))
    code = "\n\n".join(parts)
    return laid_out(f"{_head(run, name, code)}\n{_imports(code)}\n{code}")


def _body(run: Retelling, acts: Acts, expects: Expects) -> list[str]:
    lines: list[str] = []
    done = list(run.acts)
    for number, act in enumerate(done):
        then = done[number + 1] if number + 1 < len(done) else None
        written = acts.lines(act, then, besides=() if then else run.plan.done)
        if act.intent and act.action and act.intent != describe(act.action):
            written = [f"# {' '.join(act.intent.split())}", *written]
        gap = lines and ((written[:1] and written[0].startswith("#")) or lines[-1].lstrip().startswith(("expect(", "assert ")))
        lines += [*([""] if gap and written else []), *written]
    acts.locators.tab = acts.pages.current
    last = expects.lines(run.plan.done, run.last)
    counted = [line for line in last if line.startswith("assert ")]
    shown = [line for line in last if line not in counted and line not in lines]
    # What is counted is counted at the end: an answer too many may come late.
    early = [line for line in lines if re.match(r"assert \w+ == \[", line.strip())]
    lines = looped([line for line in lines if line not in early])
    closing = list(dict.fromkeys([*shown, *early, *counted]))
    return [*lines, *([""] if closing else []), *closing]


def _head(run: Retelling, name: str, code: str) -> str:
    command = " ".join((run.started.command.text or run.plan.goal).split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    secrets = sorted(set(re.findall(r'os\.environ\["(OPERATOR_SECRET_\w+)"\]', code)))
    told = [
        *wrap(f'"""{command}', _WIDTH),
        "",
        f"From operator-agent's recording {name}.",
        "It needs pytest-playwright and nothing else.",
        "BASE_URL in the environment names another place to run it against.",
    ]
    told += [f"{', '.join(secrets)} must be set: the recording holds no secret."] if secrets else []
    return "\n".join([*told, '"""', ""])


def _imports(code: str) -> str:
    """What the code uses."""
    standard = [f"import {module}" for module in ("os", "re") if re.search(rf"\b{module}\.", code)]
    standard += [
        line
        for used, line in (
            ("fnmatch(", "from fnmatch import fnmatch"),
            ("Path(", "from pathlib import Path"),
            ("urlsplit(", "from urllib.parse import urlsplit"),
        )
        if used in code
    ]
    names = [name for name in ("Locator", "Page", "Request", "expect") if re.search(rf"(?<![\w.]){name}\b", code)]
    return "\n".join([*standard, *([""] if standard else []), f"from playwright.sync_api import {', '.join(names)}", ""])


def _counted(variable: str, method: str, path: str) -> str:
    where = "" if path == "*" else f", {quoted(path)}"
    return f'{variable} = answers(page, "{method}"{where})'


def _answers(expects: Expects) -> str:
    """The listener, no more general than this test needs it."""
    wanted = list(expects.answers.values())
    paths = [path for _, path in wanted if path != "*"]
    part = "urlsplit(request.url).path" if all(path.startswith("/") and "?" not in path for path in paths) else "request.url"
    fits = f"fnmatch({part}, path)" if any("*" in path for path in paths) or len(paths) < len(wanted) else f"{part} == path"
    any_method = any(method == "*" for method, _ in wanted)
    method = 'method in ("*", request.method)' if any_method else "request.method == method"
    default = "" if len(paths) == len(wanted) else ' = "*"'
    text = _ANSWERS.replace("{condition}", f"{method} and {fits}" if paths else method)
    return text.replace("{path}", f", path: str{default}" if paths else "")


def test_name(run: Retelling, data: Sequence[Datum]) -> str:
    """What the test is called: the skill, or what was asked for."""
    phrase = run.plan.skill or phrase_of(run.started.command.text or run.plan.goal, data)
    words = slug(title_of(phrase, {one.name: one.value for one in data})).split("_")
    return "_".join(word for word in words if word and word.isascii()) or "recording"
