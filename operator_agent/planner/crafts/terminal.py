"""A terminal on a page: what the words ask for is typed as a command, what it prints is read, and a file is named only when it is
there."""

from __future__ import annotations

import re

from operator_agent.flow.action import Press
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.fields import pointed, text_of, typed_in
from operator_agent.planner.crafts.heard import Heard, heard, hears, known

_SURE = 96.0
_COMMANDS = {"delete": "rm", "show": "cat", "folder": "mkdir", "file": "touch", "enter": "cd", "list": "ls", "run": ""}
_FILE = re.compile(r"(?<![\w./-])\.?[\w-]+(?:\.[\w-]+)*(?![\w/-])")
_BEHIND = 50  # characters at the end that may say where
_SAFE = re.compile(r"[\w.\-/ ]+")


class Terminal:
    name = "terminal"
    spans = True

    def hears(self, words: str) -> bool:
        placed = hears(words, "terminal", "place") or bool(_placed(words.rstrip(" .!")))
        return placed and _task(words) is not None

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        task = _task(asked.words)
        fields = typed_in(asked.page)
        if task is None or not fields:
            return None
        kind, said, end = task
        if said and not _SAFE.fullmatch(said):
            return Refusal(reason=f'"{said}" is no plain name for a command.')
        memory, page = asked.memory, asked.page
        if memory.get("done"):
            told = _told(memory["before"], page)
            failed = next((line for line in told if any(sign in folded(line) for sign in known("terminal", "failed"))), "")
            return Refusal(reason=f'The terminal says: "{failed[:100]}".') if failed else Proposal(_SURE, (), end)
        field = next((i for i in fields if "active" in page.elements[i].states), fields[-1])
        if kind in ("delete", "show") and (which := _which(said)):
            if "before" not in memory:
                memory["before"] = page.observation.text
                return Proposal(_SURE, _typed("ls", field, page), 0, again=True)
            names = _listed(memory["before"], which, page)
            if not names:
                return Refusal(reason=f"The terminal lists no such file: {said}.")
            said = names[0]
        memory["done"], memory["before"] = True, page.observation.text
        command = f"{_COMMANDS[kind]} {said}".strip()
        return Proposal(_SURE, _typed(command, field, page), 0, again=True)


def _task(words: str) -> tuple[str, str, int] | None:
    """Which command, what it is for as said, and where the request ends."""
    begin = next((one.slots["task"].span[0].start for one in heard(words, "terminal", "place")), 0)
    for one in heard(words[begin:], "terminal", *_COMMANDS):
        said = text_of(next(iter(one.slots.values()))) if one.slots else ""
        for place in _placed(said):
            said = said.removesuffix(place).strip()
        plain = _which(said)
        said = plain[1] if plain and one.kind in ("folder", "file") else said
        return one.kind, said, begin + one.end
    return None


def _placed(said: str) -> list[str]:
    """Where, at the end of what was said: "notes.txt using the terminal"."""
    ends = (said[at:] for at in range(max(1, len(said) - _BEHIND), len(said)) if said[at - 1] == " ")
    return [end for end in ends if any(one.end == len(end.rstrip()) for one in _behind(end))]


def _behind(text: str) -> list[Heard]:
    return heard(text, "terminal", "behind")


def _which(said: str) -> tuple[str, str] | None:
    """How a file's name ends or begins, when that is all that is said of it."""
    plain = folded(said)
    for kind in ("ending", "starting", "named"):
        for phrase in sorted(known("terminal", kind), key=len, reverse=True):
            if plain.startswith(phrase + " "):
                return kind, said[len(phrase) :].strip().strip("\"'“”")
    return None


def _listed(before: str, which: tuple[str, str], page: Page) -> list[str]:
    kind, part = which
    words = [name for line in _told(before, page) for name in _FILE.findall(line)]
    plain = part.casefold()
    if kind == "named":
        return [name for name in words if name.casefold() == plain]
    fits = str.endswith if kind == "ending" else str.startswith
    return [name for name in words if fits(name.casefold(), plain) and name.casefold() != plain]


def _told(before: str, page: Page) -> list[str]:
    """The lines that are new."""
    old = before.splitlines()
    return [line for line in page.observation.text.splitlines() if line not in old]


def _typed(command: str, field: int, page: Page) -> tuple[Step, ...]:
    """Key by key: what a terminal's field holds meanwhile is its own affair, what it prints tells."""
    keys = " ".join("Space" if key == " " else key for key in command)
    return (Step(action=Press(keys=f"{keys} Enter", target=pointed(field, page)), intent=f"type {command}"),)
