"""Questions about a thing: "who teaches Italian cooking?", "what is its priority?", "in which year was Emma published?".

The answer is read from the cell under the header, or the field with the label, that the question names; one that stands nowhere, or
twice with different contents, is a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator

from operator_agent.flow.action import Read
from operator_agent.flow.plan import Refusal, Step
from operator_agent.grounding.page import Page
from operator_agent.grounding.tokens import letters
from operator_agent.matching import folded
from operator_agent.planner.crafts import Asked, Proposal
from operator_agent.planner.crafts.apps.lookup import cell_text, rows_of
from operator_agent.planner.crafts.apps.units import handle
from operator_agent.planner.crafts.heard import Heard, heard, hears
from operator_agent.planner.crafts.records.forms import alike, label_of, words
from operator_agent.planner.crafts.records.reach import names

_SURE = 100.0
_LIKE = 80.0
_VALUES = frozenset({"textbox", "combobox", "spinbutton", "searchbox", "listbox"})


class Question:
    name = "question"

    def hears(self, words: str) -> bool:
        return hears(words, "records", "ask")

    def propose(self, asked: Asked) -> Proposal | Refusal | None:
        for one in sorted(
            heard(asked.words, "records", "ask"), key=lambda one: (-one.end, sum(len(s.span) for s in one.slots.values()))
        ):
            found = {text: at for at, text in _answers(one, asked)}
            if len(found) > 1:
                return Refusal(reason=f"The page shows several: {', '.join(found)}.")
            for text, at in found.items():
                if text and (target := handle(at, asked.page)):
                    step = Step(action=Read(target=target, into="answer"), intent=asked.words[: one.end])
                    return Proposal(_SURE, (step,), one.end)
        return None


def _answers(one: Heard, asked: Asked) -> Iterator[tuple[int, str]]:
    page = asked.page
    label = folded(one.text("field") or one.text("verb")).removeprefix("the ")
    if "which" in one.slots:
        yield from _of_column(label, one.text("which"), page)
        return
    if "name" not in one.slots or one.text("name").casefold() in ("it", "this", "he", "she", "they"):
        yield from _of_page(label, page)
        return
    for name in _names(one.text("name")):
        if found := list(_of_row(label, folded(name), page)):
            yield from found
            return
    if _is_open(one.text("name"), asked):
        yield from _of_page(label, page)
    elif sentence := _sentence(asked.words[: one.end], page):
        yield sentence


def _names(said: str) -> Iterator[str]:
    """The name without what follows it: "Emma published", "the course have"."""
    for name in names(said):
        yield name
        parts = name.split()
        yield from (" ".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))


def _of_row(label: str, name: str, page: Page) -> Iterator[tuple[int, str]]:
    heads: list[int] = []
    for cells in rows_of(page):
        if len(cells) > 1 and all(page.elements[i].role == "columnheader" for i in cells):
            heads = cells
        elif len(cells) >= len(heads) > 0 and any(folded(cell_text(i, page)) == name for i in cells):
            cells = cells[len(cells) - len(heads) :]
            scores = [alike(label, label_of(i, page) or folded(cell_text(i, page))) for i in heads]
            if scores and max(scores) >= _LIKE and scores.count(max(scores)) == 1:
                at = cells[scores.index(max(scores))]
                yield at, " ".join(cell_text(at, page).split())


def _of_page(label: str, page: Page) -> Iterator[tuple[int, str]]:
    """What the entry that is open has under this label: a field, or the text behind the label."""
    scored = [
        (alike(label, label_of(i, page)), i) for i, e in enumerate(page.elements) if e.role in _VALUES and (e.value or e.name)
    ]
    top = max((score for score, _ in scored), default=0.0)
    if top >= _LIKE:
        yield from ((i, page.elements[i].value) for score, i in scored if score == top)
        return
    for cells in rows_of(page):
        if len(cells) == 2 and alike(label, folded(cell_text(cells[0], page)).strip(" :")) >= _LIKE:
            yield cells[1], cell_text(cells[1], page)


def _of_column(label: str, which: str, page: Page) -> Iterator[tuple[int, str]]:
    """The only cell below a header; of several the first or last, when the rows stand in the order of time."""
    cells: list[int] = []
    heads: list[int] = []
    for row in rows_of(page):
        if row and all(page.elements[i].role == "columnheader" for i in row):
            heads = row
        elif len(row) >= len(heads) > 0:
            row = row[len(row) - len(heads) :]
            scores = [alike(label, label_of(i, page) or folded(cell_text(i, page))) for i in heads]
            if scores and max(scores) >= _LIKE:
                cells.append(row[scores.index(max(scores))])
    if len(cells) == 1:
        yield cells[0], cell_text(cells[0], page)


def _is_open(name: str, asked: Asked) -> bool:
    """Whether it is the thing that was opened last: "the one about the plants"."""
    opened, said = folded(str(asked.kept.get("opened") or "")), folded(name)
    return bool(opened) and (opened in said or said in opened)


def _sentence(question: str, page: Page) -> tuple[int, str] | None:
    """The one text on the page that has all the words of the question in it."""
    asked = {word for word in letters(folded(question)) if word not in (*words("small"), *words("articles"))}
    found = [i for i, e in enumerate(page.elements) if e.value and e.role not in _VALUES and asked <= set(letters(folded(e.value)))]
    texts = {" ".join(page.elements[i].value.split()) for i in found}
    return (found[0], texts.pop()) if len(texts) == 1 and len(asked) > 1 else None
