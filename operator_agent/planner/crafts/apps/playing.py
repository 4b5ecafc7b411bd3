"""Small reasoning over a page: marking each number as what it is, and noughts and crosses played without losing."""

from __future__ import annotations

import re
from functools import cache

from operator_agent.flow.action import Action, Click, Tick
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.fit import CHECKS
from operator_agent.grounding.page import Page
from operator_agent.matching import FIELDS, folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.conditions import is_so, predicate_of
from operator_agent.planner.crafts.apps.quantities import numbers
from operator_agent.planner.crafts.apps.units import controls_in, groups, handle, text_of
from operator_agent.planner.crafts.apps.wording import wordings

_SURE = 96.0
_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
_MARK = re.compile(r"(?<![a-z])([xo✕×○⭕])(?![a-z])")
_BEST_FIRST = (4, 0, 2, 6, 8, 1, 3, 5, 7)


class Mark:
    """Presses, for each thing that shows a number, the one of two choices that is true of it."""

    name = "mark each"

    def hears(self, words: str) -> bool:
        return any(predicate_of(one.get("a")) and predicate_of(one.get("b")) for one in wordings("mark_each", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        page = asked.page
        one = next(one for one in wordings("mark_each", asked.words) if predicate_of(one.get("a")) and predicate_of(one.get("b")))
        kinds = {folded(one.get(slot)): predicate_of(one.get(slot)) for slot in ("a", "b")}
        best: list[Step] = []
        for group in groups(page):
            steps = [step for unit in group if (step := _choice(unit, kinds, page))]
            best = steps if len(steps) > len(best) else best
        return Proposal(_SURE, tuple(best), one.end) if best else None


def _choice(unit: int, kinds: dict[str, str], page: Page) -> Step | None:
    named = {page.labels[i].strip(" .:!"): i for i in controls_in(unit, page)}
    inside = {i for name in kinds if name in named for i in (named[name], *page.below(named[name]))}
    shown = [e.value or e.name for i in (unit, *page.below(unit)) if i not in inside and (e := page.elements[i]).role not in FIELDS]
    values = {found[0] for text in shown if len(found := numbers(text)) == 1}
    right = [name for name, kind in kinds.items() if len(values) == 1 and is_so(kind, next(iter(values)))]
    if set(kinds) - set(named) or len(right) != 1:
        return None
    target = handle(named[right[0]], page)
    tick = page.elements[named[right[0]]].role in CHECKS
    action: Action | None = (Tick(target=target) if tick else Click(target=target)) if target else None
    return Step(action=action, intent=f"{next(iter(values)):g}: {right[0]}") if action else None


class Noughts:
    """Plays a board of three by three to its end; it never loses, and wins whenever the other side lets it."""

    name = "noughts and crosses"

    def hears(self, words: str) -> bool:
        return bool(wordings("noughts", words))

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        one, page, memory = wordings("noughts", asked.words)[0], asked.page, asked.memory
        cells = _board(page)
        if not cells:
            return Proposal(_SURE, (), one.end) if memory.get("played") else None
        mine = "o" if folded(one.get("side")).strip("\"'") in ("o", "0", "nought", "noughts") else "x"
        board = "".join(_mark(cell, page) for cell in cells)
        if board == memory.get("board"):
            memory["same"] = memory.get("same", 0) + 1
        if _winner(board) or " " not in board or memory.get("same", 0) > 2:
            return Proposal(_SURE, (), one.end)
        place = _move(board, mine)
        target = handle(cells[place], page)
        if target is None:
            return Refusal(reason="The board's fields cannot be pressed.")
        memory.update(played=True, board=board)
        return Proposal(_SURE, (Step(action=Click(target=target), intent=f"{mine} into field {place + 1}"),), one.end, again=True)


def _board(page: Page) -> list[int]:
    """Nine elements of one size in three rows of three, in reading order; none when there is no such board."""
    placed = [(i, e.box) for i, e in enumerate(page.elements) if e.box and e.ref and e.box.width > 8 and e.box.height > 8]
    by_size: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
    for i, box in placed:
        if box:
            by_size.setdefault((round(box.width / 6), round(box.height / 6)), []).append((round(box.y / 6), round(box.x / 6), i))
    for same in by_size.values():
        spots = {(y, x): i for y, x, i in sorted(same, key=lambda spot: (spot[:2], -spot[2]))}
        if len(spots) == 9 and len({y for y, _ in spots}) == 3 and len({x for _, x in spots}) == 3:
            return [spots[spot] for spot in sorted(spots)]
    return []


def _mark(cell: int, page: Page) -> str:
    found = _MARK.search(folded(text_of(cell, page)))
    return " " if not found else "o" if found[1] in "o○⭕" else "x"


def _winner(board: str) -> str:
    return next((board[a] for a, b, c in _LINES if board[a] == board[b] == board[c] != " "), "")


def _move(board: str, mine: str) -> int:
    free = [place for place in _BEST_FIRST if board[place] == " "]
    return max(free, key=lambda place: _worth(board[:place] + mine + board[place + 1 :], "xo"[mine == "x"], mine))


@cache
def _worth(board: str, turn: str, mine: str) -> int:
    """How the game ends for `mine` when both play well: sooner is better."""
    won = _winner(board)
    free = [place for place in range(9) if board[place] == " "]
    if won or not free:
        return 0 if not won else (1 if won == mine else -1) * (1 + len(free))
    worths = [_worth(board[:place] + turn + board[place + 1 :], "xo"[turn == "x"], mine) for place in free]
    return max(worths) if turn == mine else min(worths)
