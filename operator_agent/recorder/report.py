"""The report: one HTML file that opens offline and grows while the run goes.

It is only ever appended to, so a run that is killed leaves a page that ends where the run did. What is known last is shown first,
by style sheet: the result above the steps, a step's verdict in its first line. Until it is known, the page says that the run was
cut off, and in which step. Nothing is fetched; what a page says is text here and nothing else. The one script is ours, is the same
in every report and is named by its digest in the page's own policy: no other runs. Without it all is there, too, less handy.
"""

from __future__ import annotations

import os
from base64 import b64encode
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from operator_agent.errors import UsageError
from operator_agent.flow.grant import FREE
from operator_agent.flow.observation import Box, Picture
from operator_agent.flow.record import (
    Acted,
    Asked,
    Called,
    Chosen,
    Decided,
    Ended,
    Healed,
    Judged,
    Noted,
    Observed,
    Planned,
    Record,
    Result,
    Started,
    StepStarted,
)
from operator_agent.recorder import wording
from operator_agent.recorder.report_calls import Calls, Sent
from operator_agent.recorder.report_shots import Shots
from operator_agent.recorder.report_tree import Tree, Trees
from operator_agent.surfaces.redaction import Redaction

if TYPE_CHECKING:
    from jinja2 import Environment

    from operator_agent.recorder.report_network import Group

_TEMPLATES = Path(__file__).parent / "templates"
_BLANK = "about:blank"
_TAPE_MOST = 300_000_000
"""Bytes of bodies on a tape that is still read for the report."""


class Card:
    """What must be remembered of a step until its card on the page is closed."""

    def __init__(self, started: StepStarted, name: str) -> None:
        self.started, self.name = started, name
        self.verdict = ""
        self.shot = ""
        """The picture of the latest look before the act, by its class on the page."""
        self.looks = 0
        self.times: list[str] = []
        self.seen: Observed | None = None
        """The latest look before the act, until there is one after it."""
        self.allowed = ""
        """What the policy said, when it is nothing to stop at."""


class Report:
    """A listener that writes `path`, a file of its own in the run's folder. Raises OSError when it cannot."""

    def __init__(self, path: Path, redact: Redaction) -> None:
        self._page = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        self._folder = path.parent
        self._redact = redact
        self._open: list[Card] = []
        """The step that is under way, and in it the one that clears its way."""
        self._begun: list[tuple[float, str]] = []
        """When each card began, and its name."""
        self._proofs = 0
        self._proving = False
        """The card of the last proof is still open: its picture comes."""
        self._shown = self._promised = False
        """Whether there is a plan's card, and whether all there is so far is a plan without steps."""
        self._calls: list[Called] = []
        self._new_calls: list[tuple[Called, Sent | None]] = []
        """Those since the last step began."""
        self._traffic = Calls(self._folder)
        self._shots, self._trees = Shots(), Trees()
        self._last_shot = ""

    def __call__(self, record: Record) -> None:
        if self._proving and not isinstance(record, Observed):
            self._proved()
        match record:
            case Started():
                self._begin_page(record)
            case Planned():
                self._planned(record)
            case Called():
                self._calls.append(record)
                self._new_calls.append((record, self._traffic.next(record)))
            case StepStarted():
                self._begin(record)
            case Judged() if record.step == 0:
                self._close_all(record.at)
                self._prove(record)
            case Observed() if self._proving:
                self._proved(record)
            case Ended():
                self._close_all(record.at, record.result)
                self._end(record.result)
            case _ if self._open:
                self._add(self._open[-1], record)
            case Asked() | Noted():
                self._write("aside.html", record=record, alone=True)

    def torn(self, notes: tuple[str, ...]) -> None:
        """Says above everything else what of the recording could not be read."""
        self._write("torn.html", notes=notes)

    def close(self) -> None:
        """The page stays as it is. A second call does nothing."""
        if self._page >= 0:
            os.close(self._page)
            self._page = -1

    def _begin_page(self, started: Started) -> None:
        # Secrets are hidden before the frame is put around: the script must stay as it is, a changed one would not run.
        self._append(page_head(self._redact.hide(started.command.text)))
        self._write("begin.html", started=started)

    def _end(self, result: Result) -> None:
        ledger = wording.ledger(self._calls, result)
        late = [(call, entry) for call, entry in self._new_calls if entry]
        network, unread = self._network()
        told = {"ledger": ledger, "late": late, "network": network, "unread": unread, "smaller": self._shots.smaller}
        self._write("tail.html", result=result, proofs=self._proofs, **told)
        self.close()

    def _network(self) -> tuple[list[Group], str]:
        """The exchanges of each step, and why they cannot be shown."""
        from operator_agent.recorder.tape import BODIES, TAPE, read_tape

        if not (self._folder / TAPE).is_file():
            return [], ""
        from operator_agent.recorder.report_network import groups

        size = sum(path.stat().st_size for path in (self._folder / BODIES).glob("*"))
        if size > _TAPE_MOST:
            return [], f"{size // 1_000_000:,} MB were taped, too much for a page: look into {TAPE} in the run's folder"
        try:
            return groups(read_tape(self._folder), self._begun), ""
        except UsageError as error:
            return [], str(error)

    def _planned(self, record: Planned) -> None:
        """A plan's card. One without steps is only a promise; what a later one follows is closed, and says why it was left."""
        self._close_all(record.at, left=record.because)
        if record.plan.open and not record.plan.steps:
            self._promised = True
            return
        because = record.because if self._shown or not self._promised else ""
        self._write("plan.html", plan=record.plan, because=because, anew=self._shown)
        self._shown = True

    def _begin(self, record: StepStarted) -> None:
        if not record.recovery:
            self._close_all(record.at)
        name = f"step-{record.step}" + (f"-{len(self._begun) + 1}" if self._open else "")
        self._begun.append((record.at, name))
        self._open.append(Card(record, name))
        calls, self._new_calls = self._new_calls, []
        self._write("begun.html", step=record, card=name, calls=calls, asked=sum(call.seconds for call, _ in calls))

    def _add(self, card: Card, record: Record) -> None:
        match record:
            case Observed():
                self._see(card, record)
            case Chosen():
                view = self._shots.view
                mark = _percent(record.box, view) if record.box and view and card.shot else None
                self._write("chosen.html", chosen=record, card=card, mark=mark, allowed=card.allowed)
            case Acted():
                card.times.append(f"acted {record.seconds:.2f} s")
                self._write("acted.html", performed=record.performed, card=card, point=self._point(card, record))
            case Judged():
                card.verdict = record.verdict.status
                card.times.append(f"proved {record.seconds:.2f} s")
                self._write("judged.html", verdict=record.verdict)
            case Decided() if record.decision == "allow" and record.risk in FREE and not record.effect:
                card.allowed = f"{record.risk} is allowed"
            case Noted():
                card.verdict = card.verdict or "skipped"
                self._write("aside.html", record=record)
            case Decided() | Asked() | Healed():
                self._write("aside.html", record=record)

    def _see(self, card: Card, record: Observed) -> None:
        shot, lost = self._shot(record)
        tree = self._tree(record)
        if record.phase == "before":
            card.looks += 1
            card.shot, card.seen = shot, record
            self._write("before.html", card=card, shot=shot, lost=lost, ratio=self._shots.ratio, seen=record, tree=tree)
            return
        self._after(card, record, shot, lost, tree)
        card.seen = None
        self._close(self._open.pop(), record.at)

    def _after(self, card: Card | None, seen: Observed, shot: str, lost: str, tree: Tree | None) -> None:
        same = bool(card and shot and shot == card.shot)
        self._write("after.html", card=card, shot=shot, lost=lost, same=same, seen=seen, tree=tree, ratio=self._shots.ratio)

    def _prove(self, record: Judged) -> None:
        self._proofs += 1
        self._proving = True
        at = record.at - record.seconds
        name = "step-0" + (f"-{self._proofs}" if self._proofs > 1 else "")
        self._begun.append((at, name))
        self._write("done.html", verdict=record.verdict, card=name, at=at, seconds=record.seconds)

    def _proved(self, seen: Observed | None = None) -> None:
        """Closes the card of a proof; shows what was looked at when that is not what the step before left."""
        self._proving = False
        if seen:
            last = self._last_shot
            shot, lost = self._shot(seen)
            tree = self._tree(seen)
            if shot != last or lost or tree:
                self._after(None, seen, shot if shot != last else "", lost, tree)
        self._append("</section>\n")

    def _tree(self, record: Observed) -> Tree | None:
        """None for a look before an act that saw what the one before it saw."""
        if record.url == _BLANK or not (record.tree or record.phase == "after"):
            return None
        return self._trees.add(record.tree)

    def _shot(self, record: Observed) -> tuple[str, str]:
        """The class that shows the picture of a look, and why there is none although one was taken."""
        if record.url == _BLANK:
            return "", ""
        if not record.picture:
            return "", f"{record.screen} is missing from the run's folder, or cannot be read" if record.screen else ""
        shot, sheet = self._shots.show(record.picture)
        self._append(sheet)
        self._last_shot = shot
        return shot, "" if shot else f"{record.screen}: this page is full, the picture is in the run's folder"

    def _point(self, card: Card, record: Acted) -> dict[str, float] | None:
        """Where the input went, in percent of the picture."""
        at, view = record.performed.point, self._shots.view
        return _percent(Box(at[0], at[1], 1, 1), view) if at and view and card.shot else None

    def _close_all(self, at: float, result: Result | None = None, left: str = "") -> None:
        """Closes what is open: by the next step, by another plan, or by the end of the run; the latter two say why."""
        while self._open:
            self._close(self._open.pop(), at, result, left)

    def _close(self, card: Card, at: float, result: Result | None = None, left: str = "") -> None:
        stopped = bool(result) and not card.verdict
        if result and stopped:
            number = card.started.step
            ran = result.steps[number - 1].verdict if 0 < number <= len(result.steps) else "unknown"
            card.verdict = ran
        reason = result.reason if result and stopped else "" if card.verdict else left
        card.verdict = card.verdict or (left and "given up")
        if card.seen and (tree := self._trees.add("")):
            self._write("tree.html", tree=tree, seen=card.seen, when="then")
        self._write("closed.html", card=card, seconds=at - card.started.at, reason=reason, stopped=stopped)

    def _write(self, template: str, **values: object) -> None:
        self._append(self._redact.hide(templates().get_template(template).render(**values)))

    def _append(self, html: str) -> None:
        data = memoryview(html.encode())
        while data:
            data = data[os.write(self._page, data) :]


def _percent(box: Box, view: Picture) -> dict[str, float] | None:
    """The box in percent of the picture, cut to it; None when it lies outside."""
    width, height = view.width / view.scale, view.height / view.scale
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.width, width), min(box.y + box.height, height)
    if right <= left or bottom <= top:
        return None
    percent = {"left": left / width, "top": top / height, "width": (right - left) / width, "height": (bottom - top) / height}
    return {side: round(100 * share, 2) for side, share in percent.items()}


def page_head(title: str) -> str:
    """The beginning of a page of ours, up to the end of its head: the style, the script, and the policy that lets no other run."""
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    pin = f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"
    return templates().get_template("head.html").render(title=title, pin=pin) + f"<script>{script}</script>\n"


@cache
def templates() -> Environment:
    """Compiled once for all processes where that can be kept, beside them as Python keeps its own: to compile takes 0.2 s."""
    from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader
    from jinja2.bccache import Bucket

    class Compiled(FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: Bucket) -> None:
            with suppress(OSError):  # not to be kept here: then each process compiles
                super().dump_bytecode(bucket)

    kept = _TEMPLATES / "__pycache__"
    with suppress(OSError):
        kept.mkdir(exist_ok=True)
    loader, compiled = FileSystemLoader(_TEMPLATES), Compiled(str(kept))
    environment = Environment(loader=loader, bytecode_cache=compiled, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["wording"] = wording
    return environment
