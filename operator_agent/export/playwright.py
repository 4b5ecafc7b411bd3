"""`export RUN --to playwright`: a pytest-playwright test as a person would write it, which needs nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from operator_agent.export.acts import Acts
from operator_agent.export.code import ENVIRONMENT, Texts, quoted
from operator_agent.export.data import data_of, slug
from operator_agent.export.expects import Expects
from operator_agent.export.locators import Locators
from operator_agent.export.pages import Pages
from operator_agent.export.retold import Retelling
from operator_agent.flow.action import describe

_WIDTH = 120
_ROW = '''
def row(page: Page, cells: dict[str, str | re.Pattern[str]]) -> Locator:
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
_ANSWERS = '''
def answers(page: Page, method: str, path: str) -> list[int]:
    """The statuses of the answers to all such requests from now on, as they come in."""
    statuses: list[int] = []

    def note(response: Response) -> None:
        if {condition}:
            statuses.append(response.status)

    page.context.on("response", note)
    return statuses
'''


def playwright_test(run: Retelling, name: str) -> str:
    """The test's source. `name` is the recording's, for the head."""
    data = [(one, one.name.upper()) for one in data_of(run)]
    texts = Texts(data, run.answers)
    locators, pages = Locators(texts), Pages(run.start)
    expects = Expects(texts, locators, pages, run.result.values)
    acts = Acts(texts, locators, pages, expects)
    body = _body(run, acts, expects)
    counted = [f'{variable} = answers(page, "{method}", {quoted(path)})' for variable, (method, path) in expects.answers.items()]
    if counted:
        body = [*counted, "", *body]
    constants = [f"{constant} = {quoted(one.value)}" for one, constant in data if constant in texts.used]
    constants += [
        f"{variable} = {quoted(run.answers[asked])}" for asked, variable in texts.variables.items() if asked in run.answers
    ]
    parts = [_head(run, name, texts, "\n".join(body)), _imports(texts, expects, bool(run.start), body)]
    base = [f'BASE_URL = {ENVIRONMENT}.get("BASE_URL", {quoted(pages.origin)})'] if pages.origin else []
    parts.append("\n" + "\n".join([*base, *constants]) + "\n" if base or constants else "")
    parts += [f"\n{_ROW}"] * expects.rows
    parts += [f"\n{_answers(expects)}"] * bool(expects.answers)
    parts.append(f"\n\ndef test_{_test_name(run)}(page: Page) -> None:\n" + "".join(f"    {line}".rstrip() + "\n" for line in body))
    return "".join(parts)


def _body(run: Retelling, acts: Acts, expects: Expects) -> list[str]:
    lines: list[str] = []
    done = list(run.acts)
    for number, act in enumerate(done):
        written = acts.lines(act, done[number + 1] if number + 1 < len(done) else None)
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
    lines = [line for line in lines if line not in early]
    closing = list(dict.fromkeys([*shown, *early, *counted]))
    return [line for chunk in map(_folded, [*lines, *([""] if closing else []), *closing]) for line in chunk]


def _folded(line: str) -> list[str]:
    """A long call with one argument a line, as formatters break it."""
    indent = len(line) - len(line.lstrip())
    if len(line) + 4 <= _WIDTH or line.lstrip().startswith("#"):
        return [line]
    if found := re.fullmatch(r"(\s*)(with page\.\S+?\()((?:\S+, )?lambda answer: .*)\):", line):
        pad = found[1]
        return [f"{pad}{found[2]}", f"{pad}    {found[3]}", f"{pad}):"]
    if found := re.fullmatch(r"(\s*)expect\((.*)\)\.(\w+\(.*\))", line):
        pad = found[1]
        inner = found[2]
        row = re.fullmatch(r"(row\(\w+, )\{(.*)\}\)(\.first)?", inner)
        if row:
            cells = f"{pad}    {row[1]}{{{row[2]}}}){row[3] or ''}"
            return [f"{pad}expect(", cells, f"{pad}).{found[3]}"]
        return [f"{pad}expect(", f"{pad}    {inner}", f"{pad}).{found[3]}"]
    return [" " * indent + line.lstrip()]


def _head(run: Retelling, name: str, texts: Texts, body: str) -> str:
    command = " ".join(run.started.command.text.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    secrets = sorted(set(re.findall(r'os\.environ\["(OPERATOR_SECRET_\w+)"\]', body)))
    told = [
        f'"""{command or run.plan.goal}',
        "",
        f"From operator-agent's recording {name}. It needs pytest-playwright and nothing else.",
    ]
    told.append("BASE_URL in the environment names another place to run it against.")
    told += [f"{', '.join(secrets)} must be set: the recording holds no secret."] if secrets else []
    told.append("For a Chromium that is not Playwright's own, give `browser_type_launch_args` an `executable_path` in conftest.py.")
    return "\n".join([*told, '"""', ""])


def _imports(texts: Texts, expects: Expects, based: bool, body: Sequence[str]) -> str:
    code = "\n".join(body)
    plain = [
        module for module in ("os", "re") if f"{module}." in code or (module == "os" and based) or (module == "re" and expects.rows)
    ]
    standard = [f"import {module}" for module in plain]
    globbed = any("*" in path for _, path in expects.answers.values())
    split = any(path.startswith("/") for _, path in expects.answers.values())
    standard += ["from fnmatch import fnmatch"] if "fnmatch(" in code or globbed else []
    standard += ["from pathlib import Path"] if "Path(" in code else []
    standard += ["from urllib.parse import urlsplit"] if "urlsplit(" in code or split else []
    names = [*(["Locator"] if expects.rows else []), "Page", *(["Response"] if expects.answers else [])]
    names += ["expect"] if "expect(" in code.replace("_expect(", "") or expects.rows else []
    return "\n" + "\n".join([*standard, *([""] if standard else []), f"from playwright.sync_api import {', '.join(names)}", ""])


def _answers(expects: Expects) -> str:
    """The listener, no more general than this test needs it."""
    paths = list(expects.answers.values())
    part = "urlsplit(response.url).path" if all(path.startswith("/") and "?" not in path for _, path in paths) else "response.url"
    fits = f"fnmatch({part}, path)" if any("*" in path for _, path in paths) else f"{part} == path"
    method = 'method in ("*", response.request.method)' if any(m == "*" for m, _ in paths) else "response.request.method == method"
    return _ANSWERS.replace("{condition}", f"{method} and {fits}")


def _test_name(run: Retelling) -> str:
    name = slug(run.plan.skill or run.started.command.text or run.plan.goal)
    name = re.sub(r"[^a-z0-9_]", "", name).strip("_")
    return name or "recording"
