"""A surface in memory, for unit tests of plans, skills and roles: no browser, no pixels, the same contract.

Pages are written as ARIA snapshots; what acts set in motion is a table. Fields keep what is filled in, boxes stay ticked,
elements of a page that was left are stale, a disabled button refuses: the fake never says that something worked which did not.

    shop = FakeSurface(
        {
            "/": Scene('''
                - heading "Menu" [level=1]
                - textbox "Name"
                - button "Order"
            ''', title="Shop"),
            "/thanks": Scene('- heading "Thank you"'),
        },
        {'click button "Order"': Move(to="/thanks", exchanges=("POST /api/orders 201",))},
    )
"""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from operator_agent.errors import SurfaceLost, UsageError
from operator_agent.flow.action import Action, AnswerDialog, Fill, GoTo, Press, Read, Select, Type, describe
from operator_agent.flow.looks import Looks
from operator_agent.flow.observation import Dialog, Element, Exchange, Observation, Performed, Picture, Tab, Trouble
from operator_agent.surfaces.browser.snapshot import FIELDS, INTERACTIVE, parse
from operator_agent.surfaces.numbers import number_in
from operator_agent.surfaces.redaction import Redaction

ORIGIN = "http://fake.example"
_BY_ITSELF = frozenset({"fill", "type", "select", "check", "uncheck", "hover", "mark", "read", "scroll", "wait for"})
"""Verbs that need no move."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One page: its elements as an ARIA snapshot (indented by two spaces a level; the outer indent does not matter)."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What an act sets in motion."""

    to: str = ""
    """Path of the scene to show next; "" stays. A scene that is shown anew begins as written."""
    exchanges: tuple[str, ...] = ()
    """Requests it makes: `POST /api/orders 201`."""
    dialog: Dialog | None = None
    """Opens first; the rest happens once it is accepted, and never when it is dismissed."""
    after: float = 0.0
    """Seconds until `to` is shown; the act itself returns at once, as it does on a page that works in the background."""


class FakeSurface:
    """Implements `roles.Surface`. `scenes` by path, `moves` by act as `describe` writes it: `click button "Order"`, `press Enter`.

    `secrets` work as in a browser: filled by handle, never seen again.
    """

    vocabulary = _BY_ITSELF | {"go to", "back", "click", "double click", "right click", "press", "answer dialog"}

    def __init__(
        self,
        scenes: Mapping[str, Scene],
        moves: Mapping[str, Move] | None = None,
        *,
        start: str = "/",
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self._scenes = dict(scenes)
        self._moves = dict(moves or {})
        self._redaction = Redaction(secrets or {})
        self._exchanges: list[Exchange] = []
        self._history: list[str] = []
        self._pending: Move | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._news = asyncio.Event()
        self._closed = False
        self._visits = 0
        self._path = ""
        self._elements: list[Element] = []
        self._focus = -1
        for scene in scenes.values():
            _written(scene)
        self._show(start)
        self.performed: list[Action] = []
        """Every act that was delivered, in order: the fake's own witness."""

    async def observe(self, *, deep: bool = False) -> Observation:
        self._open()
        self._news.clear()
        hide, dialog = self._redaction.hide, self._pending.dialog if self._pending else None
        title = self._scenes[self._path].title
        url = hide(ORIGIN + self._path)
        return Observation(
            at=time.monotonic(),
            url=url,
            title=title,
            elements=() if dialog else self._shown(),
            complete=dialog is None,
            deep=deep,
            tabs=(Tab(title=title, url=url, active=True),),
            dialog=dialog,
            exchanges=tuple(self._exchanges),
        )

    def _shown(self) -> tuple[Element, ...]:
        if not self._redaction:
            return tuple(self._elements)
        hide = self._redaction.hide
        return tuple(replace(element, name=hide(element.name), value=hide(element.value)) for element in self._elements)

    async def perform(self, action: Action, elements: Mapping[str, Element]) -> Performed:
        self._open()
        began = time.monotonic()
        trouble = self._obstacle(action, elements)
        if trouble is None:
            acts: dict[str, Callable[[Any, int], Performed | Trouble]] = {
                "go to": self._go_to,
                "back": self._back,
                "answer dialog": self._answer,
                "fill": self._fill,
                "type": self._fill,
                "select": self._select,
                "check": self._tick,
                "uncheck": self._tick,
                "read": self._read,
            }
            done = acts.get(action.verb, self._move)(action, self._index(elements.get("target")))
            if isinstance(done, Performed):
                self.performed.append(action)
                return done.model_copy(update={"started": began})
            trouble = done
        return Performed(delivery="none", started=began, trouble=trouble)

    async def changed(self, timeout: float) -> bool:
        self._open()
        try:
            await asyncio.wait_for(self._news.wait(), timeout)
        except TimeoutError:
            return False
        return True

    async def picture(self, of: Element | None = None, *, fresh: bool = True) -> Picture | None:
        """None: there is nothing to see."""
        self._open()
        return None

    async def looks(self) -> Looks | None:
        """None: a scene has no colours."""
        self._open()
        return None

    async def close(self) -> None:
        self._closed = True
        for timer in self._timers:
            timer.cancel()

    def _open(self) -> None:
        if self._closed:
            raise SurfaceLost("this surface was closed")

    def _show(self, path: str) -> None:
        if path not in self._scenes:
            raise UsageError(f"there is no scene {path!r}; there are {', '.join(self._scenes)}")
        self._path, self._focus = path, -1
        self._visits += 1
        self._elements = [
            element if element.role == "text" else replace(element, ref=f"v{self._visits}e{index}")
            for index, element in enumerate(_written(self._scenes[path]))
        ]
        self._news.set()

    def _index(self, element: Element | None) -> int:
        """Where the element is now; -1 when it is of a page that was left."""
        refs = [known.ref for known in self._elements]
        return refs.index(element.ref) if element is not None and element.ref in refs and element.ref else -1

    def _obstacle(self, action: Action, elements: Mapping[str, Element]) -> Trouble | None:
        dialog = self._pending.dialog if self._pending else None
        if action.verb not in self.vocabulary:
            return Trouble(kind="unsupported", detail=f"a fake cannot {action.verb}")
        if dialog and action.verb != "answer dialog":
            return Trouble(kind="dialog", detail=f'the {dialog.kind} "{dialog.text}" is open and must be answered first')
        if not dialog and action.verb == "answer dialog":
            return Trouble(kind="absent", detail="no dialog is open")
        for element in elements.values():
            index = self._index(element)
            if index < 0:
                return Trouble(kind="stale", detail=f"{element} is no longer there")
            if "disabled" in self._elements[index].states and action.verb not in ("hover", "read", "scroll"):
                return Trouble(kind="disabled", detail=f"{element} is disabled")
        return None

    def _move(self, action: Action, index: int) -> Performed:
        """What the table says about this act; without an entry nothing follows from it, and that is said."""
        target = str(self._elements[index]) if index >= 0 else ""
        keys = [f"{action.verb} {target}".strip(), describe(action)]
        if isinstance(action, Press):
            keys.insert(0, f"press {action.keys}")
        move = next((self._moves[key] for key in keys if key in self._moves), None)
        if move is None:
            silent = action.verb in _BY_ITSELF or (target and self._elements[index].role not in INTERACTIVE)
            facts = () if silent or not target else (f"nothing listens to clicks on {target}",)
            return Performed(delivery="sent", started=0.0, facts=facts)
        if move.dialog:
            self._pending = move
            self._news.set()
            return Performed(delivery="sent", started=0.0, facts=(f'{move.dialog.kind} "{move.dialog.text}" opened',))
        self._happen(move)
        return Performed(delivery="sent", started=0.0)

    def _happen(self, move: Move) -> None:
        now = time.monotonic()
        for line in move.exchanges:
            method, path, status = line.split(" ")
            url = self._redaction.hide(urljoin(ORIGIN + self._path, path))
            self._exchanges.append(Exchange(method=method, url=url, kind="fetch", started=now, ended=now, status=int(status)))
        self._news.set()
        if not move.to:
            return
        if not move.after:
            self._leave_for(move.to)
            return
        self._timers.add(asyncio.get_running_loop().call_later(move.after, self._leave_for, move.to))

    def _leave_for(self, path: str) -> None:
        self._history.append(self._path)
        self._show(path)

    def _go_to(self, action: GoTo, _: int) -> Performed | Trouble:
        parts = urlsplit(urljoin(ORIGIN + self._path, action.url))
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
            return Trouble(kind="rejected", detail=f"{parts.scheme}://{parts.netloc} is a name that cannot be resolved (DNS)")
        if parts.path not in self._scenes:
            return Trouble(kind="rejected", detail=f"{ORIGIN}{parts.path} answered with HTTP 404 Not Found")
        self._leave_for(parts.path)
        return Performed(delivery="sent", started=0.0)

    def _back(self, _action: Action, _: int) -> Performed | Trouble:
        if not self._history:
            return Trouble(kind="rejected", detail="there is no page to go back to")
        self._show(self._history.pop())
        return Performed(delivery="sent", started=0.0)

    def _answer(self, action: AnswerDialog, _: int) -> Performed:
        move, self._pending = self._pending, None
        self._news.set()
        if move and action.answer == "accept":
            self._happen(replace(move, dialog=None))
        return Performed(delivery="sent", started=0.0)

    def _fill(self, action: Fill | Type, index: int) -> Performed | Trouble:
        index = index if index >= 0 else self._focus
        if index < 0:
            return Performed(delivery="sent", started=0.0, facts=("nothing has the focus",))
        element = self._elements[index]
        if element.role not in FIELDS:
            return Trouble(kind="unsupported", detail=f"{element} cannot be filled with text; it is a {element.role}")
        try:
            text = self._redaction.reveal(action.text)
        except KeyError as missing:
            return Trouble(kind="rejected", detail=f"no secret is called {missing.args[0]!r}")
        self._change(index, value=text if isinstance(action, Fill) else element.value + text)
        self._focus = index
        return self._move(action, index)

    def _select(self, action: Select, index: int) -> Performed | Trouble:
        inside = [i for i in self._subtree(index) if self._elements[i].role in ("option", "radio")]
        names = [self._elements[i].name for i in inside]
        missing = [option for option in action.options if option not in names]
        if missing:
            return Trouble(kind="rejected", detail=f'{self._elements[index]} has no option "{missing[0]}"', candidates=tuple(names))
        for i in inside:
            state = "checked" if self._elements[i].role == "radio" else "selected"
            self._set(i, state, self._elements[i].name in action.options)
        if self._elements[index].role != "radiogroup":
            self._change(index, value=", ".join(action.options))
        return self._move(action, index)

    def _tick(self, action: Action, index: int) -> Performed | Trouble:
        element, wanted = self._elements[index], action.verb == "check"
        if ("checked" in element.states) == wanted:
            shown = "checked" if wanted else "not checked"
            return Performed(delivery="none", started=0.0, facts=(f"{element} was already {shown}",))
        if element.role == "radio":
            if not wanted:
                return Trouble(kind="rejected", detail=f"{element} is one of a group; choose another one instead of unchecking it")
            for other in range(len(self._elements)):
                if self._elements[other].role == "radio" and self._elements[other].parent == element.parent:
                    self._set(other, "checked", False)
        self._set(index, "checked", wanted)
        return self._move(action, index)

    def _read(self, action: Read, index: int) -> Performed | Trouble:
        element = self._elements[index]
        here = Observation(at=0.0, elements=tuple(self._elements))
        shown = element.value or here.text_of(index) or element.name
        values: dict[str, Callable[[], Any]] = {
            "text": lambda: shown,
            "value": lambda: element.value or shown,
            "number": lambda: number_in(element.value or shown),
            "link": lambda: urljoin(ORIGIN + self._path, element.url) if element.url else None,
            "list": lambda: [here.text_of(i) for i in self._subtree(index) if self._elements[i].role in ("listitem", "option")],
            "table": lambda: _rows(here, index),
        }
        if action.what not in values:
            return Trouble(kind="unsupported", detail=f'a fake cannot read "{action.what}"')
        value = values[action.what]()
        if not value:
            return Trouble(kind="rejected", detail=f"{element} has no {action.what}")
        hidden = self._redaction.hide(value) if isinstance(value, str) else value
        return Performed(delivery="none", started=0.0, value=hidden, source=self._redaction.hide(f"{ORIGIN}{self._path}: {shown}"))

    def _subtree(self, index: int) -> list[int]:
        return list(Observation(at=0.0, elements=tuple(self._elements)).subtree(index))[1:]

    def _set(self, index: int, state: str, on: bool) -> None:
        states = tuple(known for known in self._elements[index].states if known != state)
        self._change(index, states=(*states, state) if on else states)

    def _change(self, index: int, **fields: Any) -> None:
        self._elements[index] = replace(self._elements[index], **fields)
        self._news.set()


def _written(scene: Scene) -> list[Element]:
    """The elements of a scene. Raises UsageError for a line that is no ARIA snapshot."""
    text = textwrap.dedent(scene.text).strip("\n").rstrip()
    elements, _, unread = parse(text)
    if unread:
        raise UsageError(f"{unread} lines of this scene are not written as an ARIA snapshot:\n{text}")
    return elements


def _rows(page: Observation, index: int) -> list[dict[str, str]]:
    rows = [page.children.get(r, []) for r in page.subtree(index) if page.elements[r].role == "row"]
    if not rows:
        return []
    names = [page.text_of(cell) or page.elements[cell].name for cell in rows[0]]
    return [dict(zip(names, (page.text_of(c) or page.elements[c].name for c in row), strict=False)) for row in rows[1:]]
