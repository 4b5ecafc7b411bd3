"""Takes secrets out of everything that leaves a surface, in every spelling a page or an address may give them."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import escape
from urllib.parse import quote, quote_plus

_HANDLE = re.compile(r"\{secret:([^{}]+)\}")
_SHORTEST = 3
"""A secret of one or two characters would take half the page with it."""


class Redaction:
    """Secret values by name, and the two ways between `{secret:name}` and the value."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = dict(secrets)
        spellings = {
            spelling: name
            for name, value in secrets.items()
            if len(value) >= _SHORTEST
            for spelling in _spellings(value)
            if len(spelling) >= _SHORTEST
        }
        # The longest first: one secret may be part of another.
        ordered = sorted(spellings, key=len, reverse=True)
        self._names = spellings
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._coded: dict[bytes, str] = {}
        """The same as bytes, in every encoding a body may be written in; made when the first body comes."""

    def __bool__(self) -> bool:
        return self._pattern is not None

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value in self._secrets.values() if len(value) >= _SHORTEST)

    def hide(self, text: str) -> str:
        """`text` with every secret replaced by its handle."""
        if self._pattern is None or not text:
            return text
        return self._pattern.sub(lambda found: "{secret:" + self._names[found.group()] + "}", text)

    def hide_bytes(self, data: bytes) -> bytes:
        """`data` with every secret replaced by its handle."""
        return self.hide_body(data)[0]

    def hide_body(self, data: bytes, places: Sequence[int] = ()) -> tuple[bytes, tuple[int, ...]]:
        """The same, and where `places` of `data` are in it; a place inside a secret moves behind its handle."""
        self._coded = self._coded or {code: name for spelling, name in self._names.items() for code in _codes(spelling)}
        # Looking for each alone is many times faster than the pattern, and most bodies hold none.
        present = sorted((code for code in self._coded if code in data), key=len, reverse=True)
        if not present:
            return data, tuple(places)
        pattern = re.compile(b"|".join(map(re.escape, present)))
        shown, last, moved = bytearray(), 0, list(places)
        for one in pattern.finditer(data):
            handle = ("{secret:" + self._coded[one.group()] + "}").encode()
            shown += data[last : one.start()] + handle
            last = one.end()
            moved = [len(shown) + max(was - last, 0) if was > one.start() else now for was, now in zip(places, moved, strict=True)]
        return bytes(shown + data[last:]), tuple(moved)

    def reveal(self, text: str) -> str:
        """`text` with its handles replaced by the values. Raises KeyError with the name of a secret that is not set."""
        return _HANDLE.sub(lambda found: self._secrets[found[1]], text)

    def handles(self, text: str) -> tuple[str, ...]:
        """The names of the secrets `text` asks for."""
        return tuple(_HANDLE.findall(text))


def _spellings(value: str) -> set[str]:
    """The value as it stands, URL-encoded, HTML- and JSON-escaped, and in base64 at each of its three offsets."""
    data = value.encode()
    found = {value, quote(value, safe=""), quote(value), quote_plus(value), escape(value), escape(value, quote=False)}
    found |= {quote(value, safe="").lower(), quote(value, safe="!'()*~-._"), quote(value, safe="!'()*~-._;,/?:@&=+$#")}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    found |= escaped | {one.replace("/", "\\/") for one in escaped}  # many servers escape the slash, too
    for encode in (b64encode, urlsafe_b64encode):
        whole = encode(data).decode()
        found |= {whole, whole.rstrip("="), quote(whole, safe="")}
        if len(data) >= 6:
            # Inside a longer text the bytes may start at any of three places; the characters at the edges then differ.
            found |= {encode(b"\0" * shift + data).decode()[4 if shift else 0 : -4] for shift in range(3)}
    return {spelling for spelling in found if spelling}


def _codes(spelling: str) -> set[bytes]:
    """A spelling in the encodings pages and files are written in."""
    found = {spelling.encode(), spelling.encode("utf-16-le"), spelling.encode("utf-16-be")}
    with suppress(UnicodeEncodeError):
        found.add(spelling.encode("latin-1"))
    return found
