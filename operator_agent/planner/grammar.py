"""An instruction → its clauses, and every way each can be read. Knows words, not pages: `words.py` settles the rest on the page.

A clause begins where, behind a comma, an "and" or a line end, words stand that begin something to do; until then it goes on, so
that "press Save and Continue" and "type Doe, John into Name" stay whole.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from operator_agent.grounding.lexicon import Words, split
from operator_agent.grounding.pattern import begins, first_words, match, open_slots
from operator_agent.grounding.tokens import Token, said, tokens

LONGEST = 4000
"""Characters of an instruction that is still read; a longer one is not an instruction."""
_LONGEST_CLAUSE = 250  # tokens
_HARD = frozenset("\n;!?")
_FILES = frozenset(
    """7z avi bmp cfg conf csv css doc docx epub gif gz htm html ini ipynb jpeg jpg js json log md mp3 mp4 odp ods odt pdf png
    ppt pptx rst rtf sql svg tar tex tgz toml ts tsv txt wav webp xls xlsx xml yaml yml""".split()
)
"""Endings of files; what ends so and has no path is a file's name, not a host's."""


class Said(NamedTuple):
    """What filled a slot: the words as written, and whether all of it stood in quotes."""

    text: str
    quoted: bool
    span: tuple[Token, ...]


class Reading(NamedTuple):
    """One thing a clause may ask for: the key in the lexicon, and what fills its slots."""

    verb: str
    slots: dict[str, Said]

    def text(self, slot: str) -> str:
        return self.slots[slot].text if slot in self.slots else ""


class Clause(NamedTuple):
    """`readings` that are equally good, the preferred first; none when it was not understood. `parts` are the same clause as a
    list of several ("tick A and B"), when it can be one. `start` and `end` are its place in the instruction."""

    words: str
    readings: tuple[Reading, ...]
    parts: tuple[Clause, ...]
    start: int
    end: int
    loose: bool = False
    """Joined to the clause before by a mere "and", so that both may be one name."""


class Verbs(NamedTuple):
    politeness: frozenset[Words]
    afterthoughts: frozenset[Words]
    thanks: frozenset[Words]
    joints: frozenset[Words]
    denials: frozenset[Words]
    abbreviations: frozenset[str]
    says: tuple[tuple[str, str], ...]
    starts: tuple[str, ...]
    """What begins something to do that only crafts know."""
    forms: tuple[tuple[str, str], ...]
    keys: dict[Words, str]
    closing: dict[str, tuple[Words, ...]]
    """`rejects`, `later`, `closes`: what closes a notice, least committing first; `commits`: what must not be pressed for that."""
    known: dict[str, tuple[str, ...]]
    """What things are called when only the verb is said: `search`, `submit`, `file`, `accept`, `dismiss`, `on`, `off`."""
    directions: dict[str, str]


@lru_cache(maxsize=1)
def verbs() -> Verbs:
    """The verbs of all languages, from `words/*.toml`."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((Path(__file__).parent / "words").glob("*.toml"))]
    return Verbs(
        politeness=frozenset(split(text) for file in files for text in file["politeness"]),
        afterthoughts=frozenset(split(text) for file in files for text in file["afterthoughts"]),
        thanks=frozenset(split(text) for file in files for text in file["thanks"]),
        joints=frozenset(split(text) for file in files for text in file["joints"]),
        denials=frozenset(split(text) for file in files for text in file["denials"]),
        abbreviations=frozenset(text for file in files for text in file["abbreviations"]),
        says=tuple((verb, pattern) for file in files for verb, patterns in file["says"].items() for pattern in patterns),
        starts=tuple(pattern for file in files for pattern in file.get("starts", ())),
        forms=tuple((verb, form) for file in files for verb, form in file["forms"].items()),
        keys={split(text): key for file in files for key, texts in file["keys"].items() for text in (key.lower(), *texts)},
        closing={kind: tuple(split(text) for file in files for text in file["closing"][kind]) for kind in files[0]["closing"]},
        known={what: tuple(text for file in files for text in file["known"][what]) for what in files[0]["known"]},
        directions={text: way for file in files for way, texts in file["directions"].items() for text in texts},
    )


def clauses(text: str) -> list[Clause]:
    """The clauses of an instruction in order; empty when nothing is said, or more than `LONGEST` characters."""
    if len(text) > LONGEST:
        return []
    words = tokens(text)
    return [_clause(text, words[start:end], loose) for start, end, loose in _bounds(words)]


def behind(text: str, at: int) -> str:
    """What is said from character `at` on, without the marks and joining words there; "" when that is nothing."""
    words = [token for token in tokens(text) if token.start >= at]
    words = words[_joint(words, 0) :]
    return text[words[0].start :].strip() if words else ""


def joined(text: str, first: Clause, last: Clause) -> Clause:
    """The clauses from `first` to `last` read as one."""
    return _clause(text, [token for token in tokens(text) if first.start <= token.start < last.end], first.loose)


def forms_like(words: str, count: int = 3) -> tuple[str, ...]:
    """The forms that would be understood and are most like these words."""
    from rapidfuzz import fuzz  # only a refusal needs it

    head = " ".join(words.casefold().split()[:3])
    ranked = sorted(verbs().forms, key=lambda form: -fuzz.partial_ratio(head, form[1].casefold()))
    return tuple(form for _, form in ranked[:count])


def _bounds(words: list[Token]) -> Iterator[tuple[int, int, bool]]:
    """From, to and looseness of each clause, without the joints between them."""
    start, at, loose = 0, 0, False
    while at < len(words):
        size = _joint(words, at)
        if size and at > start and _divides(words, start, at, at + size):
            if _polite(words[:at], start) < at - start:
                yield start, at, loose
            loose = all(token.kind == "word" for token in words[at : at + size]) and size == 1
            start = at + size
        at += size or 1
    if start < len(words) and any(token.kind != "mark" for token in words[start:]):
        yield start, len(words), loose


def _joint(words: list[Token], at: int) -> int:
    """How many tokens from `at` join two clauses: marks and joining words in any order."""
    end = at
    while end < len(words):
        token = words[end]
        if token.kind == "mark" and token.text != ":":
            end += 1
        elif size := _longest(words, end, verbs().joints):
            end += size
        else:
            break
    return end - at


def _divides(words: list[Token], start: int, at: int, behind: int) -> bool:
    """Whether a new clause begins `behind` the joint at `at`."""
    if behind >= len(words):
        return True
    joint = words[at:behind]
    if any(token.text in _HARD for token in joint if token.kind == "mark"):
        return True
    stop = any(token.kind == "mark" and token.text == "." for token in joint)
    if stop and words[at - 1].text not in verbs().abbreviations:
        return True
    return _starts(words, behind)


def _starts(words: list[Token], at: int) -> bool:
    """Whether something to do begins at `at`: a verb's own words, or a whole clause up to the next joint."""
    at += _polite(words, at)
    if at >= len(words):
        return False
    says = _says(words[at])
    if any(begins(pattern, words, at) for _, pattern in says) or any(begins(pattern, words, at) for pattern in verbs().starts):
        return True
    end = next((i for i in range(at, len(words)) if _joint(words, i)), len(words))
    return any(match(pattern, words[at:end], 1) for _, pattern in says)


def _says(first: Token) -> tuple[tuple[str, str], ...]:
    """The verbs and patterns that can start with this token, in the order of the lexicon."""
    return _starting_with("" if first.kind == "quoted" else first.text)


@lru_cache(maxsize=4096)
def _starting_with(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((verb, pattern) for verb, pattern in verbs().says if first_words(pattern) & {"", text})


def _clause(source: str, words: list[Token], loose: bool) -> Clause:
    words = _bare(words)
    if not words or len(words) > _LONGEST_CLAUSE:
        start = words[0].start if words else 0
        return Clause(said(source, words), (), (), start, words[-1].end if words else 0, loose)
    readings = () if _denies(source, words) else _readings(source, words)
    parts = tuple(_parts(source, words)) if readings else ()
    return Clause(source[words[0].start : words[-1].end], readings, parts, words[0].start, words[-1].end, loose)


def _readings(source: str, words: list[Token]) -> tuple[Reading, ...]:
    """Those that leave the fewest words to their slots, each once."""
    found: list[tuple[int, Reading]] = []
    for verb, pattern in _says(words[0]) if words else ():
        for slots in match(pattern, words):
            filled = {name: said_in(source, words[start:end]) for name, (start, end) in slots.items()}
            reading = Reading(verb, filled)
            left = sum(end - start for name, (start, end) in slots.items() if name in open_slots(pattern))
            if all(_usable(name, slot) for name, slot in filled.items()) and (left, reading) not in found:
                found.append((left, reading))
    fewest = min((left for left, _ in found), default=0)
    return tuple(reading for left, reading in found if left == fewest)


def _usable(name: str, slot: Said) -> bool:
    if name == "text" and slot.span[-1].kind != "quoted" and slot.span[0].kind == "quoted":
        return False  # words behind a quoted text say what to make of it
    if name == "quoted":
        return slot.quoted
    if name == "url":
        return len(slot.span) == 1 and is_address(slot.text)
    if name == "time":
        return slot.text.replace(".", "", 1).isdigit() or slot.text in "一二两三四五六七八九十"
    if name == "keys":
        return key_name(slot) is not None
    return any(token.kind != "mark" for token in slot.span)


def said_in(source: str, span: Sequence[Token]) -> Said:
    """What these tokens of the source say."""
    return Said(said(source, span), len(span) == 1 and span[0].kind == "quoted", tuple(span))


def _cuts(words: list[Token]) -> list[tuple[int, int]]:
    """From and to of the joints within a clause."""
    return [(at, at + size) for at in range(1, len(words) - 1) if (size := _joint(words, at)) and not _joint(words, at - 1)]


def _denies(source: str, words: list[Token]) -> bool:
    """`type Ada into A and not into B`: "not" is no text to type, and what it denies may not be dropped silently either."""
    denied = [at for at, behind in _cuts(words) if _longest(words, behind, verbs().denials)]
    return bool(denied) and any(len(reading.slots) > 1 for reading in _readings(source, words[: denied[0]]))


def _parts(source: str, words: list[Token]) -> Iterator[Clause]:
    """The clause as a list: what follows each joint is read with the verb of the first. Nothing unless all of it can be."""
    cuts = _cuts(words)
    if not cuts or len(cuts) > 20:
        return
    spans = [words[start:end] for start, end in zip([0, *(b for _, b in cuts)], [*(a for a, _ in cuts), len(words)], strict=True)]
    first = _readings(source, spans[0])
    heads = {words[size - 1].end for _, pattern in _says(words[0]) if (size := begins(pattern, words, 0))}
    if not first or not heads:
        return
    head = [token for token in words if token.end <= max(heads)]
    found = [Clause(said(source, spans[0]), first, (), spans[0][0].start, spans[0][-1].end)]
    for span in spans[1:]:
        like_first = (reading for reading in _readings(source, head + span) if reading.verb == first[0].verb)
        readings = tuple(reading for reading in like_first if reading.slots.keys() == first[0].slots.keys())
        if not readings:
            return
        spoken = f"{said(source, head)} {source[span[0].start : span[-1].end]}"
        found.append(Clause(spoken, readings, (), span[0].start, span[-1].end))
    yield from found


def _bare(words: list[Token]) -> list[Token]:
    """Without marks and politeness at either end."""
    while words and words[0].kind == "mark":
        words = words[1:]
    words = words[_polite(words, 0) :]
    while size := _closing(words):
        words = words[:-size]
    return words


def _closing(words: list[Token]) -> int:
    """How many tokens at the end are a mark, a please, or thanks behind a mark: a button may be called "Thank you"."""
    if words and words[-1].kind == "mark":
        return 1
    for size in range(min(3, len(words) - 1), 0, -1):
        behind_mark = words[-size - 1].kind == "mark"
        if _texts(words[-size:]) in verbs().afterthoughts or (behind_mark and _texts(words[-size:]) in verbs().thanks):
            return size
    return 0


def _polite(words: list[Token], at: int) -> int:
    start = at
    while size := _longest(words, at, verbs().politeness):
        at += size
        if at < len(words) and words[at].text == ",":
            at += 1
    return at - start


def polite(words: list[Token]) -> int:
    """How many tokens at the beginning only ask nicely."""
    return _polite(words, 0)


def _longest(words: list[Token], at: int, expressions: frozenset[Words]) -> int:
    for size in range(min(6, len(words) - at), 0, -1):
        if _texts(words[at : at + size]) in expressions:
            return size
    return 0


def _texts(words: list[Token]) -> Words:
    return tuple("" if token.kind == "quoted" else token.text for token in words)


def is_address(text: str) -> bool:
    """`https://…`, `about:blank`, `shop.example/menu`, `localhost:8080`, `/orders`; not `Menu`, not `invoice.pdf`."""
    if any(c.isspace() for c in text) or not text:
        return False
    if text.startswith(("http://", "https://", "about:", "/")):
        return True
    host, _, port = text.partition("/")[0].partition(":")
    labels = host.split(".")
    if host == text and len(labels) == 2 and labels[1].casefold() in _FILES:
        return False
    named = len(labels) > 1 and all(labels) and (labels[-1].isalpha() or [label.isdigit() for label in labels] == [True] * 4)
    return (named and host.isascii()) or (host == "localhost" and (port.isdigit() or not port))


def key_name(slot: Said) -> str | None:
    """The key or chord in Playwright's names, `Control+A`; None when it is none."""
    parts = [part for part in slot.text.replace(" + ", "+").split("+") if part] if slot.text != "+" else ["+"]
    names = [verbs().keys.get(split(part)) or _other_key(part.strip()) for part in parts]
    if not names or not all(names):
        return None
    return "+".join(name for name in names if name)


def _other_key(text: str) -> str:
    if len(text) == 1:
        return text.upper() if text.isalpha() and text.isascii() else "" if text.isalpha() else text
    return text.upper() if text[:1] in "fF" and text[1:].isdigit() and 1 <= int(text[1:]) <= 12 else ""
