"""YAML text → plain data with the line of everything, and the readers that turn one value into what is wanted.

The format is YAML without anchors, aliases, tags and several documents: what a reviewer reads is what is there.
A plain scalar becomes a number or a flag only when it reads back the same (`2`, `true`); `1.50`, `007` and `12:30` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operator_agent.errors import ScriptError

if TYPE_CHECKING:
    from ruamel.yaml.events import Event

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})\Z")
_FLOAT = re.compile(r"-?\d{1,15}\.\d{1,15}\Z")
_HINTS = (
    ("mapping values are not allowed", "; put the whole text in single quotes when it holds a colon and a space"),
    (r"character '\t'", "; indent with spaces, not with a tab"),
    ("cannot start any token", "; put the text in quotes"),
    ("unexpected end of stream", "; a quote that is opened here is never closed"),
    ("expected <block end>", "; check the indentation"),
    ("but got '{'", "; quote a text that holds braces"),
    ("but got '['", "; quote a text that holds brackets"),
    ("sequence entries are not allowed", "; begin the list on the next line"),
    ("<stream end>", "; a bracket that is opened here is never closed"),
    ("could not find expected ':'", "; a key needs a colon and a space"),
)


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file: the file's name, and the path of keys to the value (`steps.3.expect.0`, lists from 0)."""

    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    path: str = ""

    def at(self, key: object) -> Where:
        return Where(self.file, self.lines, f"{self.path}.{key}" if self.path else str(key))

    @property
    def line(self) -> int:
        """The 1-based line of this place or of the nearest one around it; 0 when not known."""
        path = self.path
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 0)

    @property
    def key(self) -> str:
        """The nearest key by name: for an item of a list, the list's."""
        parts = [part for part in self.path.split(".") if not part.isdigit()]
        return parts[-1] if parts else ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def error(self, message: str, key: str = "") -> ScriptError:
        return ScriptError(message, where=str(self), key=key or self.key)


def place(where: Where | str) -> Where:
    """`where` itself, or a place that is only called so in messages."""
    return where if isinstance(where, Where) else Where(where)


def read_text(path: Path) -> str:
    """The file's text. Raises ScriptError when it cannot be read, is not UTF-8, or is larger than `MAX_BYTES`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ScriptError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise ScriptError(f"is {len(data):,} bytes long; a script has at most {MAX_BYTES:,}", where=str(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        raise ScriptError(message, where=f"{path}:{line}") from None


def read_yaml(text: str, file: str = "") -> tuple[Any, Where]:
    """Plain data (dict, list, str, int, float, bool, None) and its place; None for an empty text. Raises ScriptError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    name = file or "<text>"
    reader = _Reader(name)
    try:
        data = reader.document(iter(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        problem = str(error.problem or error.context or "cannot be read")
        # What is never closed is only noticed at the end; its beginning is what the author looks for.
        unclosed = "end of stream" in problem or "<stream end>" in problem
        mark = error.context_mark if unclosed and error.context_mark else error.problem_mark or error.context_mark
        hint = next((hint for sign, hint in _HINTS if sign in problem), "")
        raise ScriptError(f"not valid YAML: {problem}{hint}", where=f"{name}:{mark.line + 1}" if mark else name) from None
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", None) or 0) + 1
        problem = "a control character; remove it" if hasattr(error, "character") else " ".join(str(error).split())
        raise ScriptError(f"not valid YAML: {problem}", where=f"{name}:{line}") from None
    return data, Where(name, reader.lines)


class _Reader:
    """Builds the data from YAML events, which needs no recursion in the YAML library and knows every line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}

    def document(self, events: Iterator[Event]) -> Any:
        from ruamel.yaml.events import DocumentStartEvent, StreamEndEvent

        data = None
        documents = 0
        for event in events:
            if isinstance(event, StreamEndEvent):
                break
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error("a second document begins; a script is one document", event)
                data = self._value(next(events), events, Where(self.file))
        return data

    def _value(self, event: Event, events: Iterator[Event], at: Where, depth: int = 0) -> Any:
        from ruamel.yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise self._error("anchors and aliases (& and *) have no place in a script; write it out, or quote it", event)
        if getattr(event, "ctag", None) is not None:
            raise self._error("tags (!) have no place in a script; quote the text", event)
        if depth > MAX_DEPTH:
            raise self._error(f"nested more than {MAX_DEPTH} deep", event)
        self.lines.setdefault(at.path, event.start_mark.line + 1)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, at, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, at, depth)
        assert isinstance(event, ScalarEvent)
        return _scalar(event.value) if event.implicit[0] and not event.style else event.value

    def _mapping(self, events: Iterator[Event], at: Where, depth: int) -> dict[str, Any]:
        from ruamel.yaml.events import MappingEndEvent, ScalarEvent

        found: dict[str, Any] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._error("a key must be text; quote it when it begins with a bracket or brace", event)
            key, below = event.value, at.at(event.value)
            if key in found:
                raise self._error(f"the key {key!r} is there twice, first on line {self.lines[below.path]}", event, key)
            self.lines[below.path] = event.start_mark.line + 1
            found[key] = self._value(next(events), events, below, depth + 1)
        return found

    def _sequence(self, events: Iterator[Event], at: Where, depth: int) -> list[Any]:
        from ruamel.yaml.events import SequenceEndEvent

        found: list[Any] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            found.append(self._value(event, events, at.at(len(found)), depth + 1))
        return found

    def _error(self, message: str, event: Event, key: str = "") -> ScriptError:
        return ScriptError(message, where=f"{self.file}:{event.start_mark.line + 1}", key=key)


def _scalar(text: str) -> Any:
    if text in _NULLS:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    if _INTEGER.match(text) and text != "-0":
        return int(text)
    return float(text) if _FLOAT.match(text) and repr(float(text)) == text else text


def as_text(node: Any, at: Where) -> str:
    """Text, or the text of a number or flag. Raises ScriptError for anything else, saying what to write."""
    if isinstance(node, bool):
        return "true" if node else "false"
    if isinstance(node, (str, int, float)):
        return str(node)
    if isinstance(node, dict) and len(node) == 1 and list(node.values()) == [None]:
        name = next(iter(node))
        raise at.error(f"expected text; write \"{{{name}}}\" in quotes, or YAML reads the braces as a mapping")
    raise at.error(f'expected text, not {kind(node)}' + ('; write "" for empty text' if node is None else ""))


def as_texts(node: Any, at: Where) -> tuple[str, ...]:
    """One text or a list of texts."""
    if isinstance(node, (list, tuple)):
        return tuple(as_text(item, at.at(place)) for place, item in enumerate(node))
    return (as_text(node, at),)


def as_flag(node: Any, at: Where) -> bool:
    if isinstance(node, bool):
        return node
    if isinstance(node, str) and node.lower() in _FLAGS:
        return _FLAGS[node.lower()]
    raise at.error(f"expected true or false, not {shown(node)}")


def as_number(node: Any, at: Where) -> float:
    if isinstance(node, str) and re.fullmatch(r"-?\d+(\.\d+)?", node):
        return float(node) if "." in node else int(node)
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        return node
    raise at.error(f"expected a number, not {shown(node)}")


def as_list(node: Any, at: Where) -> list[Any]:
    if isinstance(node, (list, tuple)):
        return list(node)
    raise at.error(f"expected a list, not {shown(node)}; begin each item with `- `")


def as_mapping(node: Any, at: Where) -> dict[str, Any]:
    if isinstance(node, Mapping):
        return {str(key): value for key, value in node.items()}
    raise at.error(f"expected keys with values, not {shown(node)}")


def only_keys(node: Iterable[str], allowed: Iterable[str], at: Where, what: str) -> None:
    """Raises ScriptError for the first key that is not `allowed`, with the nearest that is."""
    known = list(allowed)
    for key in node:
        if key not in known:
            raise at.at(key).error(f"{what} has no key {key!r}{nearest(key, known)}; it has {', '.join(known)}", key)


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'click'?)`, or "" when nothing comes near."""
    from rapidfuzz import fuzz, process

    found = process.extract(word, list(known), scorer=fuzz.ratio, limit=2, score_cutoff=60)
    near = [repr(match[0]) for match in found if match[1] > found[0][1] - 5]
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def shown(node: Any) -> str:
    """The value in one short piece, or what kind of thing it is."""
    text = repr(node) if isinstance(node, (str, int, float)) and not isinstance(node, bool) else kind(node)
    return text if len(text) <= 60 else text[:57] + "…"


def kind(node: Any) -> str:
    """What YAML thing this is, in words."""
    if node is None:
        return "nothing"
    if isinstance(node, bool):
        return "true" if node else "false"
    names: dict[type, str] = {dict: "a mapping", list: "a list", tuple: "a list", int: "a number", float: "a number"}
    return names.get(type(node), "text" if isinstance(node, str) else type(node).__name__)
