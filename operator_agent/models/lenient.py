"""Reads the JSON objects in a model's text, in the forms that models give it.

Only spelling is forgiven, and only where one reading is possible: fences and prose around, other quotes, commas before a closing
bracket, Python's literals, comments, bare keys, line breaks in strings. What is cut off, abridged or closed wrongly is refused as
a whole, and so is a reply in which such a thing stands beside a good object. Every function is linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

LONGEST = 1_000_000
"""Characters of a reply; a longer one is not read at all."""

_DEPTH = 64
_MOST = 50
"""Objects beside each other."""

_MARKS = 2_000
"""Tags and beginnings of objects outside of objects."""


class Broken(ValueError):
    """There is no complete object; the text says where and why, for the model that wrote it."""


@dataclass(slots=True)
class Found:
    """What a text holds at its top level, outside thinking."""

    objects: list[Any] = field(default_factory=list)
    """Objects and lists, in order."""
    asides: list[str] = field(default_factory=list)
    """First words of what stands in braces without being an object: `{secret:card}`."""
    notes: dict[str, None] = field(default_factory=dict)
    """What was forgiven, each once."""


def same(one: object, other: object) -> bool:
    """Equal as JSON, where true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


_THINKING = {
    r"<think>": r"</think>",
    r"<thinking>": r"</thinking>",
    r"<thought>": r"</thought>",
    r"<reasoning>": r"</reasoning>",
    r"<seed:think>": r"</seed:think>",
    r"<\|begin_of_thought\|>": r"<\|end_of_thought\|>",
    r"◁think▷": r"◁/think▷",
}
_CLOSERS = [re.compile(closing, re.IGNORECASE) for closing in _THINKING.values()]
_OPENERS = {re.compile(opening, re.IGNORECASE): closer for opening, closer in zip(_THINKING, _CLOSERS, strict=True)}
_CLOSING = re.compile("|".join(_THINKING.values()), re.IGNORECASE)
_MARK = re.compile("|".join([*_THINKING, *_THINKING.values(), r"\{", r"\[(?=\s*[{\"“])"]), re.IGNORECASE)
_ASIDE = re.compile(r"\{([\w.…-]{1,60})(?::[\w.-]{1,60})?\}")
_LEFT_OPEN = re.compile(r"""["'”’\]}\d]\s*[,:，：]\s*$|["'“‘\[{]\s*$""")
"""Before an object: it is a value of something whose beginning is missing."""
_GOES_ON = re.compile(r"""[\s\]}]*[,:，："'”’]""")
"""After an object: its brackets were closed too early."""
_STRAY = re.compile(r"\s*[\]}]")


def read(text: str) -> Found:
    """The objects in a text. Raises Broken when one is cut off or ill-formed, or the text is too long."""
    if len(text) > LONGEST:
        raise Broken(f"the reply is too long ({len(text)} characters)")
    text, found = _undressed(text)
    position = marks = 0
    while mark := _MARK.search(text, position):
        marks += 1
        if marks > _MARKS:
            raise Broken("too many brackets and tags outside one object")
        if mark.group()[0] in "{[":
            position = _take(text, mark.start(), found)
        elif _CLOSING.fullmatch(mark.group()):
            found = _only_thought(found)
            position = mark.end()
        else:
            closer = next(closer for opener, closer in _OPENERS.items() if opener.fullmatch(mark.group()))
            closed = closer.search(text, mark.end())
            found.notes["thinking in the reply"] = None
            if closed is None:
                found.notes["thinking was not closed"] = None
                break
            position = closed.end()
    return found


def _undressed(text: str) -> tuple[str, Found]:
    """A text that is one JSON string, or stands in single quotes as a whole, without that dress."""
    found = Found()
    for _ in range(2):
        bare = text.strip().removeprefix("\ufeff")
        if bare[:1] == '"':
            reader = Reader(bare, 0, found.notes)
            try:
                inner = reader.string()
            except Broken:
                break
            if bare[reader.position :].strip():
                break
            text = inner
            found.notes["encoded twice"] = None
        elif len(bare) > 2 and bare[0] == bare[-1] == "'" and bare[1] == "{":
            text = bare[1:-1]
            found.notes["quotes around the object"] = None
    return text, found


def _only_thought(found: Found) -> Found:
    """All before a closing tag that nothing opened was thinking."""
    return Found(notes={"thinking in the reply": None})


def _take(text: str, start: int, found: Found) -> int:
    """Adds the object that begins at `start`; gives where to go on."""
    reader = Reader(text, start, dict(found.notes))
    try:
        value = reader.value()
        if _LEFT_OPEN.search(text[max(0, start - 40) : start]) or _GOES_ON.match(text[reader.position : reader.position + 200]):
            reader.fail("the object is part of something that is not complete", start)
    except Broken:
        if aside := _ASIDE.match(text, start):
            found.asides.append(aside.group(1))
            _limit(found)
            return aside.end()
        if (last := _last_closing(text, start)) is not None:
            return last
        raise
    if _STRAY.match(text, reader.position):
        reader.notes["a bracket too many"] = None
    found.notes = reader.notes
    found.objects.append(value)
    _limit(found)
    return reader.position


def _limit(found: Found) -> None:
    if len(found.objects) + len(found.asides) > _MOST:
        raise Broken(f"more than {_MOST} objects; give exactly one")


def _last_closing(text: str, start: int) -> int | None:
    """Where the last closing tag begins, when nothing opened it: then what cannot be read was thinking."""
    ends = [closing.start() for closing in _CLOSING.finditer(text, start)]
    return ends[-1] if ends and not any(opener.search(text, start, ends[-1]) for opener in _OPENERS) else None


_CLOSES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_CHUNK = {closing: re.compile(rf"[^{closing}\\\x00-\x1f]+") for closing in _CLOSES.values()}
_SPACE = re.compile(r"[\s\ufeff]*")
_LINE = re.compile(r"[^\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?(?![\w.+-])")
_BARE = re.compile(r"[A-Za-z_$][\w$-]*")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ABRIDGED = re.compile(r"\.\.\.|…|[{}]|\"\s*:|\b(?:etc|omitted|remaining|rest|same|similar|so on|more|continue)\b", re.IGNORECASE)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_WORDS = {"true": True, "false": False, "null": None, "none": None}


class Reader:
    """One value at a time, from `position`, which is then behind it. `notes` gathers what was forgiven."""

    def __init__(self, text: str, position: int, notes: dict[str, None]) -> None:
        self.text = text
        self.position = position
        self.notes = notes
        self.depth = 0

    def fail(self, what: str, at: int | None = None) -> NoReturn:
        at = self.position if at is None else at
        near = self.text[at : at + 30].split("\n")[0].strip()
        raise Broken(f"{what}, at {near!r} in line {self.text.count(chr(10), 0, at) + 1}")

    def value(self) -> Any:
        """Raises Broken."""
        head = self._head()
        if head == "{":
            return self._nested(self._object)
        if head == "[":
            return self._nested(self._list)
        if head in _CLOSES:
            return self.string()
        if number := _NUMBER.match(self.text, self.position):
            self.position = number.end()
            digits = number.group()
            return int(digits) if digits.lstrip("-").isdigit() else float(digits)
        word = _BARE.match(self.text, self.position)
        if word is None or word.group().lower() not in _WORDS:
            self.fail("no JSON value")
        self.position = word.end()
        if word.group() not in ("true", "false", "null"):
            self.notes["literals of another language"] = None
        return _WORDS[word.group().lower()]

    def _nested(self, part: Any) -> Any:
        self.depth += 1
        if self.depth > _DEPTH:
            self.fail("nested too deeply")
        self.position += 1
        value = part()
        self.depth -= 1
        return value

    def _head(self) -> str:
        """The next character that is neither space nor comment."""
        while True:
            self.position = _SPACE.match(self.text, self.position).end()  # type: ignore[union-attr]
            if self.position >= len(self.text):
                raise Broken("the object is cut off before its end")
            if self.text[self.position] != "#" and not self.text.startswith(("//", "/*"), self.position):
                return self.text[self.position]
            self._comment()

    def _comment(self) -> None:
        if self.text.startswith("/*", self.position):
            end = self.text.find("*/", self.position + 2) + 2
            if end < 2:
                raise Broken("the object is cut off before its end, in a comment")
        else:
            end = _LINE.match(self.text, self.position).end()  # type: ignore[union-attr]
        if _ABRIDGED.search(self.text[self.position : end]):
            self.fail("a comment stands for a part of the object; write all of it, without comments")
        self.notes["comments"] = None
        self.position = end

    def _list(self) -> list[Any]:
        values: list[Any] = []
        while self._head() != "]":
            values.append(self.value())
            if not self._comma("]"):
                break
        self.position += 1
        return values

    def _object(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while self._head() != "}":
            key = self._key()
            if self._head() not in ":：":
                self.fail("expected a colon")
            self.position += 1
            value = self.value()
            if key in values and not same(values[key], value):
                self.fail(f"the key {key[:40]!r} is given twice with different values")
            values[key] = value
            if not self._comma("}"):
                break
        self.position += 1
        return values

    def _comma(self, closing: str) -> bool:
        """Whether something follows; else the closing bracket is next."""
        head = self._head()
        if head == closing:
            return False
        if head not in ",，":
            self.fail(f"expected a comma or {closing}")
        self.position += 1
        if self._head() == closing:
            self.notes["trailing commas"] = None
        return True

    def _key(self) -> str:
        if self.text[self.position] in _CLOSES:
            return self.string()
        bare = _BARE.match(self.text, self.position)
        if bare is None:
            self.fail("expected a key in quotes")
        self.notes["keys without quotes"] = None
        self.position = bare.end()
        return bare.group()

    def string(self) -> str:
        """The string that begins here. Raises Broken."""
        opening = self.text[self.position]
        closing = _CLOSES[opening]
        if opening != '"':
            self.notes["other quotes"] = None
        self.position += 1
        parts: list[str] = []
        while True:
            if chunk := _CHUNK[closing].match(self.text, self.position):
                parts.append(chunk.group())
                self.position = chunk.end()
            head = self.text[self.position : self.position + 1]
            self.position += 1
            if head == closing:
                return "".join(parts)
            if not head:
                raise Broken("the object is cut off before its end, in a string")
            parts.append(self._escaped() if head == "\\" else self._control(head))

    def _control(self, head: str) -> str:
        if head not in "\n\r\t":
            self.fail("a control character in a string", self.position - 1)
        self.notes["line breaks in strings"] = None
        return head

    def _escaped(self) -> str:
        head = self.text[self.position : self.position + 1]
        self.position += 1
        if head in ("'", "’", "”"):
            self.notes["other quotes"] = None
            return head
        if head == "u":
            return self._unicode()
        if head not in _ESCAPES:
            self.fail("no such escape in JSON; a backslash is written twice", self.position - 2)
        return _ESCAPES[head]

    def _unicode(self) -> str:
        first = self._hex()
        if 0xD800 <= first < 0xDC00 and self.text.startswith("\\u", self.position):
            self.position += 2
            second = self._hex()
            if 0xDC00 <= second < 0xE000:
                return chr(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            self.fail("half a character", self.position - 6)
        if 0xD800 <= first < 0xE000:
            self.fail("half a character", self.position - 6)
        return chr(first)

    def _hex(self) -> int:
        digits = _HEX.match(self.text, self.position)
        if digits is None:
            self.fail("four hexadecimal digits expected")
        self.position = digits.end()
        return int(digits.group(), 16)
