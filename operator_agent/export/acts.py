"""Acts as lines of a pytest-playwright test."""

from __future__ import annotations

import re
from collections.abc import Sequence

from operator_agent.export.awaited import Awaited, is_meant, leaves
from operator_agent.export.code import Texts, quoted
from operator_agent.export.data import slug
from operator_agent.export.expects import Expects, implies
from operator_agent.export.locators import Locators
from operator_agent.export.pages import Pages
from operator_agent.flow.action import (
    Action,
    AnswerDialog,
    Ask,
    ClickAt,
    CloseTab,
    Download,
    DragFrom,
    GoTo,
    HoverAt,
    Read,
    Scroll,
    Select,
    SwitchTab,
    Upload,
    WaitFor,
)
from operator_agent.flow.check import Check, DialogCheck, ResponseCheck
from operator_agent.flow.tape import Taped
from operator_agent.recorder.kept import Act
from operator_agent.script.placeholder import literal, map_text

_PLAIN = {
    "click": "click()", "double click": "dblclick()", "right click": 'click(button="right")', "hover": "hover()",
    "check": "check()", "uncheck": "uncheck()",
}  # fmt: skip
_MARK = (
    "(e, t) => { const w = document.createTreeWalker(e, 4); for (let n = w.nextNode(); n; n = w.nextNode()) { const at = "
    "n.data.indexOf(t); if (at >= 0) return getSelection().setBaseAndExtent(n, at, n, at + t.length); } }"
)
"""Selects the first of a text in an element."""
_READS = {"text": "inner_text()", "number": "inner_text()", "value": "input_value()", "link": 'get_attribute("href") or ""'}


class Acts:
    """Writes one act after the other."""

    def __init__(self, texts: Texts, locators: Locators, pages: Pages, expects: Expects, awaited: Awaited) -> None:
        self.texts, self.locators, self.pages, self.expects, self.awaited = texts, locators, pages, expects, awaited

    def lines(self, act: Act, then: Act | None, besides: Sequence[Check] = ()) -> list[str]:
        """The act with what must be listened for around it, then what is expected. `then` is the act after it, `besides` what is
        expected after its own: what that says as well is left out."""
        assert act.action
        self.locators.tab = self.pages.current
        answer = then.action if then and isinstance(then.action, AnswerDialog) else None
        caused, writes = act.expect, act.writes
        if then and answer:
            caused, writes = (*caused, *then.expect), (*writes, *then.writes)
        if isinstance(act.action, AnswerDialog):
            caused, writes = (), ()
        head = self._dialog(act, answer)
        body = self._done(act.action, act)
        opened = [fact for fact in act.facts if fact.startswith("opened tab ")]
        body, after = self._around(act, body, opened, caused, writes)
        self._follow(act, opened)
        self.locators.tab = self.pages.current
        own = [check for check in act.expect if not any(implies(other, check) for other in besides)]
        expected = self.expects.lines(own, act.after) if own else []
        return [*head, *body, *after, *expected]

    def _dialog(self, act: Act, answer: AnswerDialog | None) -> list[str]:
        """A dialog is answered where it opens: Playwright dismisses those nobody listens to."""
        asks = [check for check in leaves(act.expect) if isinstance(check, DialogCheck)]
        accepted = len(act.performed) > 1 and not isinstance(act.action, AnswerDialog)
        self.expects.dialogs = ""
        if not (asks or accepted or answer):
            return []
        how = f"{answer.answer}({self.texts.text(literal(answer.text)) if answer.text else ''})" if answer else "accept()"
        if not asks:
            return [f'{self.locators.tab}.once("dialog", lambda dialog: dialog.{how})']
        self.expects.dialogs = "said"
        return [
            "said: list[str] = []",
            f'{self.locators.tab}.once("dialog", lambda dialog: (said.append(dialog.message), dialog.{how}))',
        ]

    def _around(
        self, act: Act, body: list[str], opened: Sequence[str], caused: Sequence[Check], writes: Sequence[Taped]
    ) -> tuple[list[str], list[str]]:  # fmt: skip
        """The act inside what waits for its tab, its file, its answers; and what takes them afterwards.

        `caused` and `writes` are its own, and those of the answer to a dialog it opens: that is given while it is being done."""
        waits: list[str] = []
        after: list[str] = []
        checks = [check for check in leaves(caused) if isinstance(check, ResponseCheck) and check.times != 0]
        for check in checks:
            waits.append(self.awaited.expected(check))
            self.expects.counted(check)
        for write in writes:
            if not any(is_meant(check, write) for check in checks):
                name = "answer" if not after else f"answer_{len(after) + 1}"
                waits.append(f"{self.awaited.written(write)} as {name}")
                after.append(f"assert {name}.value.{'ok' if (write.status or 0) < 300 else 'status < 400'}")
        if opened:
            name = self.pages.opened(re.sub(r'^opened tab "|"$', "", opened[0]))
            waits.append(f"{self.locators.tab}.expect_popup() as opening")
            after.append(f"{name} = opening.value")
        if isinstance(act.action, Download):
            name = slug(act.action.into) or "download"
            waits.append(f"{self.locators.tab}.expect_download() as downloading")
            after.append(f"{name} = downloading.value")
            self.expects.download, self.texts.variables[act.action.into] = name, f"str({name}.path())"
        if waits:
            body = [f"with {', '.join(dict.fromkeys(waits))}:", *(f"    {line}" for line in body)]
        return body, after

    def _follow(self, act: Act, opened: Sequence[str]) -> None:
        """Which tab is active now."""
        if isinstance(act.action, CloseTab) or (not opened and any(re.match(r'tab ".*" closed$', fact) for fact in act.facts)):
            self.pages.closed(act.after)
        elif act.after.url:
            self.pages.seen(act.after)

    def _done(self, action: Action, act: Act) -> list[str]:
        tab = self.locators.tab
        match action:
            case GoTo():
                return [f"{tab}.goto({self.pages.address(self._written(act, 'url', action.url), self.texts, act.before.url)})"]
            case SwitchTab():
                name = self.pages.switched(action.tab)
                self.locators.tab = name or tab
                return (
                    [f"{name}.bring_to_front()"] if name else [f"# the tab {quoted(action.tab)} was opened by nothing in this test"]
                )
            case CloseTab():
                return [f"{tab}.close()"]
            case AnswerDialog() | Ask():
                return []
            case WaitFor():
                planned = act.planned.action if act.planned and isinstance(act.planned.action, WaitFor) else action
                return self.expects.lines((planned.check,), act.after)
        if action.verb == "back":
            return [f"{tab}.go_back()"]
        return self._on_element(action, act)

    def _on_element(self, action: Action, act: Act) -> list[str]:
        tab = self.locators.tab
        target = getattr(action, "target", None)
        there = self._located(act, "target") if target is not None else ""
        if plain := _PLAIN.get(action.verb):
            return [f"{there}.{plain}"]
        match action:
            case Select():
                about, written = slug(action.target.name), self._options(act, action)
                chosen = [self.texts.text(option, about) for option in written]
                return [f"{there}.select_option({chosen[0] if len(chosen) == 1 else '[' + ', '.join(chosen) + ']'})"]
            case Upload():
                files = [self.texts.text(file) for file in action.files]
                return [f"{there}.set_input_files({files[0] if len(files) == 1 else '[' + ', '.join(files) + ']'})"]
            case Read():
                return [self._read(action, there)]
            case Download():
                return [f"{there}.click()"]
            case ClickAt() | HoverAt():
                verb = action.verb.removesuffix(" at")
                where = f'position={{"x": {action.point.x:g}, "y": {action.point.y:g}}}'
                return [f"{there}.{verb}({where})" if there else f'{tab}.locator("html").{verb}({where})']
            case DragFrom():
                return self._drag_from(action, there)
            case Scroll():
                return [f"{self._located(act, 'to')}.scroll_into_view_if_needed()"] if action.to else [f"{tab}.mouse.wheel(0, 600)"]
        match action.verb:
            case "fill":
                text = self._text(act, target.name if target else "")
                if not _is_editor(act):
                    return [f"{there}.fill({text})"]
                # An editor of the page's own hears the keyboard, and misses what is put into its document.
                return [f'{there}.press("ControlOrMeta+A")', f"{tab}.keyboard.insert_text({text})"]
            case "type":
                text = self._text(act, target.name if target else "")
                return [f"{there}.press_sequentially({text})" if there else f"{tab}.keyboard.type({text})"]
            case "press":
                keys, press = getattr(action, "keys", ""), f"{there}.press" if there else f"{tab}.keyboard.press"
                if len(keys.split()) > 1:
                    return [f"for key in {quoted(keys)}.split():", f"    {press}(key)"]
                return [f"{press}({quoted(keys)})"]
            case "mark":
                marked = self._text(act, "") if getattr(action, "text", "") else ""
                return [f"{there}.evaluate({quoted(_MARK)}, {marked})" if marked else f"{there}.select_text()"]
            case "drag":
                return [f"{there}.drag_to({self._located(act, 'to')})"]
        raise TypeError(f"no way to write the verb {action.verb}")

    def _drag_from(self, action: DragFrom, there: str) -> list[str]:
        mouse = f"{self.locators.tab}.mouse"
        corner = "" if not there else f"corner = {there}.bounding_box() or {{}}"
        x, y = ('corner["x"] + ', 'corner["y"] + ') if there else ("", "")
        spots = (action.start, *action.via, action.end)
        first, *others = [f"{mouse}.move({x}{spot.x:g}, {y}{spot.y:g}" for spot in spots]
        moves = [f"{move}, steps=8)" for move in others]
        return [*([corner] if corner else []), f"{first})", f"{mouse}.down()", *moves, f"{mouse}.up()"]

    def _read(self, action: Read, there: str) -> str:
        name = slug(action.into) or "value"
        name = f"{name}_" if name in ("page", "row", "answers") else name
        self.texts.variables[action.into] = name
        if action.what == "table":
            return f'{name} = {there}.get_by_role("row").all_inner_texts()'
        if action.what == "list":
            return f'{name} = {there}.get_by_role("listitem").all_inner_texts()'
        attribute = action.what.removeprefix("attribute ")
        how = _READS.get(action.what) or f'get_attribute({quoted(attribute)}) or ""'
        return f"{name} = {there}.{how}"

    def _located(self, act: Act, field: str) -> str:
        planned = getattr(act.planned.action, field, None) if act.planned and act.planned.action.verb != "do" else None
        done = getattr(act.action, field)
        element, placeholder = (act.element, act.known.placeholder if act.known else "") if field == "target" else ("", "")
        return self.locators.of_act(planned, done, element, act.before, placeholder)

    def _text(self, act: Act, about: str) -> str:
        element = slug(re.sub(r'^\w+ "|"$', "", act.element))
        return self.texts.text(self._written(act, "text", getattr(act.action, "text", "")), element or slug(about))

    def _written(self, act: Act, field: str, done: str) -> str:
        """A text as the plan writes it, with its placeholders; as done, where there was no plan for it."""
        if act.planned and act.planned.action.verb == (act.action.verb if act.action else ""):
            return str(getattr(act.planned.action, field))
        return done if "{secret:" in done else literal(done)

    def _options(self, act: Act, action: Select) -> tuple[str, ...]:
        if act.planned and isinstance(act.planned.action, Select):
            return act.planned.action.options
        return map_text(action, lambda text, _: literal(text)).options


def _is_editor(act: Act) -> bool:
    """Whether what was filled is a document of elements, and no plain field."""
    page = act.after
    filled = [i for i, one in enumerate(page.elements) if one.role == "textbox" and "active" in one.states]
    return any(page.children.get(i) for i in filled)

