"""Checks as what a pytest-playwright test says after an act: `expect(…)`, and `assert` for what is no element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operator_agent.compare import same, shows
from operator_agent.export.code import Texts, quoted, raw
from operator_agent.export.data import slug
from operator_agent.export.locators import BY_CONTENT, Locators
from operator_agent.export.pages import Pages
from operator_agent.flow.check import (
    AllCheck,
    AnyCheck,
    BecameCheck,
    Check,
    DialogCheck,
    DownloadCheck,
    ElementCheck,
    FileCheck,
    HoldsCheck,
    NotCheck,
    ResponseCheck,
    RowCheck,
    TabCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
    ValueCheck,
    WithinCheck,
)
from operator_agent.flow.observation import Observation
from operator_agent.flow.target import Target, is_regex
from operator_agent.grounding.page import Page
from operator_agent.matching import FIELDS, matches
from operator_agent.script.fill import fill_checks
from operator_agent.script.placeholder import literal, names
from operator_agent.verifier.reading import rows, shown
from operator_agent.written import normal

_STATED = {"disabled": "to_be_disabled()", "enabled": "to_be_enabled()", "checked": "to_be_checked()", "active": "to_be_focused()",
           "unchecked": "not_to_be_checked()", "checked=false": "not_to_be_checked()"}  # fmt: skip


class Expects:
    """Writes checks. `values` are what the run knew in the end, `answers` collects the requests that are counted."""

    def __init__(self, texts: Texts, locators: Locators, pages: Pages, values: Mapping[str, Any]) -> None:
        self.texts, self.locators, self.pages, self.values = texts, locators, pages, values
        self.answers: dict[str, tuple[str, str]] = {}
        """Variable → method and path of the requests whose answers it lists."""
        self.rows = False
        """Whether `row` is needed."""
        self.dialogs = ""
        """The variable that holds what the dialogs of the act said."""
        self.download = ""

    def lines(self, checks: Sequence[Check], seen: Observation) -> list[str]:
        return list(dict.fromkeys(line for check in checks for line in self._lines(check, seen, "", True)))

    def _lines(self, check: Check, seen: Observation, limit: str, wanted: bool) -> Iterator[str]:
        match check:
            case AllCheck() if wanted:
                for part in check.checks:
                    yield from self._lines(part, seen, limit, wanted)
            case AnyCheck() if wanted:
                yield from self._lines(self._held(check, seen), seen, limit, wanted)
            case AllCheck() | AnyCheck():
                for part in check.checks if isinstance(check, AnyCheck) else check.checks[:1]:
                    yield from self._lines(part, seen, limit, wanted)
            case NotCheck():
                yield from self._lines(check.check, seen, limit, not wanted)
            case WithinCheck():
                yield from self._lines(check.check, seen, f"timeout={round(check.seconds * 1000):_}", wanted)
            case BecameCheck() | HoldsCheck():
                yield from self._lines(check.check, seen, limit, wanted)
            case _:
                yield self._line(check, seen, limit, wanted)

    def _line(self, check: Check, seen: Observation, limit: str, wanted: bool) -> str:
        match check:
            case ElementCheck():
                return self._element(check, seen, limit, wanted)
            case TextCheck():
                return self._text(check, seen, limit, wanted)
            case UrlCheck():
                return self._expect(self.locators.tab, "to_have_url", self._url(check.pattern, seen.url), limit, wanted)
            case TitleCheck():
                title = self.texts.compared(check.text) if is_regex(check.text) else self._within(check.text, seen.title)
                return self._expect(self.locators.tab, "to_have_title", title, limit, wanted)
            case RowCheck():
                return self._row(check, seen, limit, wanted)
            case ResponseCheck():
                return self._response(check)
            case _:
                return self._assertion(check, wanted)

    def _element(self, check: ElementCheck, seen: Observation, limit: str, wanted: bool) -> str:
        filled = self._filled(check)
        target = check.target
        stated = (
            next((state for state in target.states if state in _STATED), "") if check.text is None and check.count is None else ""
        )
        if stated:
            target = target.model_copy(update={"states": tuple(state for state in target.states if state != stated)})
        like = filled.target.model_copy(update={"states": target.states})
        code, number = self.locators.of_check(target, like, seen)
        if check.count is not None:
            count = self.texts.text(str(check.count))
            return self._expect(
                code, "to_have_count", str(check.count) if count.startswith('"') else f"int({count})", limit, wanted
            )
        if check.text is None:
            if not wanted:
                return self._expect(code, "to_have_count", "0", limit, True)
            code = code + ".first" if number > 1 else code
            return (
                f"expect({code}).{_timed(_STATED[stated], limit)}"
                if stated
                else self._expect(code, "to_be_visible", "", limit, True)
            )
        return self._shows(check, filled, code, seen, limit, wanted)

    def _shows(self, check: ElementCheck, filled: ElementCheck, code: str, seen: Observation, limit: str, wanted: bool) -> str:
        """An element with a text: the whole of what it shows where it is that, else a part."""
        found = matches(filled.target, seen)
        code = code + ".first" if len(found) > 1 else code
        about = slug(check.target.name)
        assert check.text is not None and filled.text is not None
        if found and seen.elements[found[0]].role == "combobox" and _has_options(found[0], seen):
            return self._expect(
                f'{code}.locator("option:checked")', "to_have_text", self.texts.compared(check.text, about), limit, wanted
            )
        if found and seen.elements[found[0]].role in FIELDS:
            return self._expect(code, "to_have_value", self.texts.compared(check.text, about), limit, wanted)
        whole = shown(found[0], seen) if found else ""
        if is_regex(check.text):
            return self._expect(code, "to_have_text", self.texts.compared(check.text), limit, wanted)
        if found and normal(whole) == normal(filled.text):
            return self._expect(code, "to_have_text", self._as_seen(check.text, whole, about), limit, wanted)
        return self._expect(code, "to_contain_text", self._within(check.text, whole, about), limit, wanted)

    def _text(self, check: TextCheck, seen: Observation, limit: str, wanted: bool) -> str:
        filled = self._filled(check)
        page = Page(seen)
        holders = [i for i, e in enumerate(seen.elements) if shows(filled.text, " ".join(filter(None, (e.name, e.value))))]
        base = self.locators.frame_of(holders[0], page) if holders else self.locators.tab
        told = [i for i in holders if seen.elements[i].role not in FIELDS and self._is_told(i, filled.text, seen)]
        if wanted and holders and not told and not is_regex(check.text):
            return self._not_told(check.text, holders, seen, limit)
        text = self.texts.compared(check.text) if is_regex(check.text) else self._within(check.text, seen.text)
        visible = f"use_inner_text=True, {limit}" if limit else "use_inner_text=True"
        return self._expect(f'{base}.locator("body")', "to_contain_text", text, visible, wanted)

    def _is_told(self, index: int, text: str, seen: Observation) -> bool:
        """Whether it stands on the page as text; what a label or a field says does not."""
        element = seen.elements[index]
        return shows(text, element.value) or element.role in BY_CONTENT or element.role in ("text", "generic", "paragraph")

    def _not_told(self, text: str, holders: Sequence[int], seen: Observation, limit: str) -> str:
        """A text that only a field holds, or an element is labelled with."""
        fields = [i for i in holders if seen.elements[i].role in FIELDS]
        index = (fields or holders)[0]
        element = seen.elements[index]
        code = self.locators.of_act(None, Target(role=element.role, name=element.name), "", seen)
        if not fields or not shows(self._put(text), element.value):
            return self._expect(code, "to_be_visible", "", limit, True)
        return self._expect(code, "to_have_value", self._within(text, element.value), limit, True)

    def _row(self, check: RowCheck, seen: Observation, limit: str, wanted: bool) -> str:
        self.rows = True
        filled = self._filled(check)
        there = next((row for row in rows(seen) if _is_row(filled, row)), {})
        by_header = {normal(header): text for header, text in there.items()}
        cells = []
        for header, text in check.cells.items():
            shown_as = by_header.get(normal(header), "")
            written = self.texts.compared(text) if is_regex(text) else self._as_seen(text, shown_as, slug(header))
            cells.append(f"{quoted(self._header(header, there))}: {written}")
        code = f"row({self.locators.tab}, {{{', '.join(cells)}}})"
        if check.count is not None:
            return self._expect(code, "to_have_count", str(check.count), limit, wanted)
        if not wanted:
            return self._expect(code, "to_have_count", "0", limit, True)
        several = sum(_is_row(filled, row) for row in rows(seen)) > 1
        return self._expect(code + (".first" if several else ""), "to_be_visible", "", limit, True)

    def _header(self, header: str, there: Mapping[str, str]) -> str:
        return next((known for known in there if normal(known) == normal(header)), header)

    def _response(self, check: ResponseCheck) -> str:
        """All such requests since the test began and their answers: one too many is a failure as well, answered or not."""
        name = self.counted(check)
        if check.times is None:
            if check.status.isdigit():
                return f"assert {check.status} in {name}.values()"
            return f"assert any(status // 100 == {check.status[0]} for status in {name}.values())"
        if check.status.isdigit():
            return f"assert list({name}.values()) == [{', '.join([check.status] * check.times)}]"
        return f"assert [status // 100 for status in {name}.values()] == [{', '.join([check.status[0]] * check.times)}]"

    def counted(self, check: ResponseCheck) -> str:
        """The variable with these requests and the statuses of their answers."""
        path = re.sub(r"\W+", "_", check.path.removeprefix("/")).strip("_").lower()
        name = f"{check.method.lower()}_{path}".replace("*", "any").strip("_") or "answers"
        self.answers[name] = (check.method, check.path)
        return name

    def _assertion(self, check: Check, wanted: bool) -> str:
        no = "" if wanted else "not "
        match check:
            case DialogCheck():
                said = f"{self.dialogs}[-1]" if self.dialogs else '""'
                return f"assert {no}{self._in(check.text, said)}"
            case TabCheck():
                known = self.pages.named(self._put(check.text))
                if known and wanted:
                    has = "title" if self.pages.in_title(self._put(check.text)) else "url"
                    return f"expect({known}).to_have_{has}({self.texts.exactly(check.text)})"
                shown = 'f"{tab.title()} {tab.url}"'
                return f"assert {no}any({self.texts.text(check.text)} in {shown} for tab in page.context.pages)"
            case DownloadCheck():
                name = f"{self.download}.suggested_filename" if self.download else '""'
                if "*" not in check.name:
                    return f"assert {name} {'==' if wanted else '!='} {self.texts.text(check.name)}"
                return f"assert {no}fnmatch({name}, {self.texts.text(check.name)})"
            case FileCheck():
                path = f"Path({self.texts.text(check.path)})"
                return (
                    f"assert {no}{path}.exists()"
                    if check.text is None
                    else f"assert {no}{self._in(check.text, f'{path}.read_text()')}"
                )
            case ValueCheck():
                name = self.texts.variables.get(check.name, check.name)
                read, wanted_text = self.values.get(check.name), self._put(check.equals)
                if isinstance(read, str) and " ".join(read.split()) == wanted_text:
                    name = f'" ".join({name}.split())' if " " in read else name
                    return f"assert {name} {'==' if wanted else '!='} {self.texts.text(check.equals)}"
                return f"assert {no}{self._in(check.equals, name)}"
        raise TypeError(f"no way to write the check {check.kind}")

    def _in(self, text: str, holder: str) -> str:
        if is_regex(text):
            return f"{self.texts.compared(text)}.search({holder})"
        return f"{self.texts.text(text)} in {holder}" if text else holder

    def _held(self, check: AnyCheck, seen: Observation) -> Check:
        """The alternative that was true in the recording, for a test of what was recorded."""
        for part in check.checks:
            if self._is_so(part, seen):
                return part
        untold = [part for part in check.checks if part.kind not in ("element", "text", "title", "row", "url")]
        return (*untold, *check.checks)[0]

    def _is_so(self, check: Check, seen: Observation) -> bool:
        filled = self._filled(check)
        match filled:
            case ElementCheck():
                found = matches(filled.target, seen)
                return bool(found) and (filled.text is None or any(shows(filled.text, shown(i, seen)) for i in found))
            case TextCheck():
                return shows(filled.text, seen.text)
            case TitleCheck():
                return shows(filled.text, seen.title)
            case RowCheck():
                return any(_is_row(filled, row) for row in rows(seen))
            case TabCheck():
                return bool(self.pages.named(filled.text))
            case UrlCheck():
                return re.search(_glob(filled.pattern), seen.url) is not None
            case BecameCheck() | HoldsCheck() | WithinCheck():
                return self._is_so(filled.check, seen)
            case AllCheck():
                return all(self._is_so(part, seen) for part in filled.checks)
            case AnyCheck():
                return any(self._is_so(part, seen) for part in filled.checks)
        return False

    def _url(self, pattern: str, seen: str) -> str:
        """A whole address, or the pattern of one: a path may have what follows it."""
        if "*" not in pattern and (not pattern.startswith("/") or seen == self.pages.origin + self._put(pattern)):
            return self.pages.address(pattern, self.texts)
        behind = "" if pattern.endswith("*") else "$" if "#" in pattern else r"(#.*)?$" if "?" in pattern else r"([?#].*)?$"
        ahead = "^" if "://" in pattern else ""
        parts = [self._path(part) for part in pattern.removesuffix("*").split("*")]
        body = ahead + ".*".join(parts) + behind
        return f"re.compile(f{raw(body)})" if any("{re.escape" in part for part in parts) else f"re.compile({raw(body)})"

    def _path(self, part: str) -> str:
        return self.texts.exactly(part).removeprefix("re.compile(").removeprefix("f").removeprefix('r"').removesuffix('")')

    def _as_seen(self, text: str, whole: str, about: str = "") -> str:
        """The text as the page spells it: a test compares letters, where the run compared what they mean."""
        if list(names(text)) or not whole or (normal(text) != normal(whole) and not shows(text, whole)):
            return self.texts.text(text, about)
        return self.texts.text(literal(" ".join(whole.split())) if text != whole else text, about)

    def _within(self, text: str, whole: str, about: str = "") -> str:
        """A part of a longer text, in the page's spelling; never the end of a longer number."""
        plain = self._put(text)
        found = re.search(re.sub(r"(\\ )+", r"\\s+", re.escape(" ".join(plain.split()))), whole, re.IGNORECASE)
        if not found:
            line = next((line for line in whole.split("\n") if shows(plain, line)), "")
            if not line:
                return self.texts.text(text, about)
            return self.texts.text(literal(line.strip()), about)
        template = text if list(names(text)) or found[0] == plain else literal(" ".join(found[0].split()))
        before = r"(?<![\d.,])" if plain[:1].isdigit() else ""
        after = r"(?![.,]?\d)" if plain[-1:].isdigit() else ""
        return self.texts.exactly(template, before, after) if before or after else self.texts.text(template, about)

    def _expect(self, code: str, what: str, given: str, limit: str, wanted: bool) -> str:
        arguments = ", ".join(filter(None, (given, limit)))
        return f"expect({code}).{'' if wanted else 'not_'}{what}({arguments})"

    def _filled(self, check: Any) -> Any:
        return fill_checks([check], self.values)[0]

    def _put(self, text: str) -> str:
        return re.sub(r"\{(\w[\w-]*)\}", lambda found: str(self.values.get(found[1], found[0])), text)


def implies(check: Check, other: Check) -> bool:
    """Whether `check` says all that `other` says, and more."""
    match check, other:
        case RowCheck(), RowCheck():
            less = other.cells.items() < check.cells.items()
            return less and check.count is None and other.count is None
        case ElementCheck(), ElementCheck():
            return check.target == other.target and check.text is not None and (other.text, other.count) == (None, None)
    return False


def _has_options(index: int, seen: Observation) -> bool:
    return any(seen.elements[i].role == "option" for i in seen.subtree(index))


def _is_row(check: RowCheck, row: Mapping[str, str]) -> bool:
    by_header = {normal(header): text for header, text in row.items()}
    return all(normal(header) in by_header and same(text, by_header[normal(header)]) for header, text in check.cells.items())


def _timed(call: str, limit: str) -> str:
    return call.replace("()", f"({limit})") if limit else call


def _glob(pattern: str) -> str:
    body = ".*".join(map(re.escape, pattern.split("*")))
    return rf"^https?://[^/]+{body}([?#].*)?$" if pattern.startswith("/") else f"^{body}$"
