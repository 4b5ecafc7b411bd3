"""Bodies of requests as fields that can be changed, each at its place: JSON, forms, and forms with files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

_OPAQUE = re.compile(r"csrf|xsrf|token|nonce|viewstate|^then$|^_", re.IGNORECASE)
"""Names of fields that are the application's own business: another value there is refused, which is no lie."""
_FORM = "application/x-www-form-urlencoded"
_PART = re.compile(rb'name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a body. `place` tells it from the others of the same name: `items.0.size`, or `size` and its number."""

    place: str
    value: Any

    @property
    def opaque(self) -> bool:
        return any(_OPAQUE.search(part) for part in self.place.split("."))

    @property
    def is_password(self) -> bool:
        return bool(re.search(r"pass|pin$|secret|otp", self.place, re.IGNORECASE))


def fields(kind: str, body: bytes) -> list[Field]:
    """The texts, numbers and switches in a body of the content type `kind`, files left out; none of what cannot be read."""
    try:
        if "json" in kind:
            return [Field(".".join(map(str, place)), value) for place, value in _leaves(json.loads(body))]
        if kind.startswith(_FORM):
            return [Field(place, value) for place, (_name, value) in _numbered(parse_qsl(body.decode(), keep_blank_values=True))]
        if kind.startswith("multipart/form-data"):
            texts = [(name, data.decode()) for name, data, is_file in _parts(kind, body) if not is_file]
            return [Field(place, value) for place, (_name, value) in _numbered(texts)]
    except ValueError:
        return []
    return []


def changed(kind: str, body: bytes, changes: Mapping[str, Any]) -> bytes:
    """The same body with other values at some places; as it was when none of them is there."""
    if not {field.place for field in fields(kind, body)} & set(changes):
        return body
    if "json" in kind:
        return json.dumps(_replaced(json.loads(body), (), changes), ensure_ascii=False).encode()
    if kind.startswith(_FORM):
        pairs = _numbered(parse_qsl(body.decode(), keep_blank_values=True))
        return urlencode([(name, changes.get(place, value)) for place, (name, value) in pairs]).encode()
    places = iter(_numbered([(name, "") for name, _data, is_file in _parts(kind, body) if not is_file]))
    boundary = _boundary(kind)
    pieces = body.split(boundary)
    for number, piece in enumerate(pieces):
        head, middle, _data = piece.partition(b"\r\n\r\n")
        if not middle or b"filename=" in head:
            continue
        place, _ = next(places)
        if place in changes:
            pieces[number] = head + middle + str(changes[place]).encode() + b"\r\n"
    return boundary.join(pieces)


def gist(kind: str, body: bytes) -> tuple[tuple[str, str], ...]:
    """What a body says, to be compared with that of another run: without what differs from run to run anyway."""
    files = [
        (name, hashlib.sha256(data).hexdigest())
        for name, data, is_file in (_parts(kind, body) if kind.startswith("multipart/form-data") else ())
        if is_file
    ]
    found = [(field.place, str(field.value)) for field in fields(kind, body) if not field.opaque]
    return (*found, *files) or (("", hashlib.sha256(body).hexdigest()),)


def _leaves(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        inside = node.items()
    elif isinstance(node, list):
        inside = enumerate(node)
    elif node is not None:
        yield place, node
    for key, value in inside:
        yield from _leaves(value, (*place, key))


def _replaced(node: Any, place: tuple[Any, ...], changes: Mapping[str, Any]) -> Any:
    if isinstance(node, dict):
        return {key: _replaced(value, (*place, key), changes) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, (*place, number), changes) for number, value in enumerate(node)]
    return changes.get(".".join(map(str, place)), node)


def _numbered(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    """Each pair with its place: the name, and from the second of a name on also its number."""
    seen: dict[str, int] = {}
    placed = []
    for name, value in pairs:
        seen[name] = seen.get(name, 0) + 1
        placed.append((name if seen[name] == 1 else f"{name} {seen[name]}", (name, value)))
    return placed


def _boundary(kind: str) -> bytes:
    return b"--" + kind.partition("boundary=")[2].partition(";")[0].strip('" ').encode()


def _parts(kind: str, body: bytes) -> list[tuple[str, bytes, bool]]:
    """Name, content and whether it is a file."""
    found = []
    for piece in body.split(_boundary(kind)):
        head, middle, data = piece.partition(b"\r\n\r\n")
        if middle and (name := _PART.search(head)):
            found.append((name[1].decode("utf-8", "replace"), data.removesuffix(b"\r\n"), b"filename=" in head))
    return found
