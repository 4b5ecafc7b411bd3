"""Takes secrets out of everything that leaves a surface, in every spelling a page or an address may give them."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
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
    found |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    for encode in (b64encode, urlsafe_b64encode):
        whole = encode(data).decode()
        found |= {whole, whole.rstrip("="), quote(whole, safe="")}
        if len(data) >= 6:
            # Inside a longer text the bytes may start at any of three places; the characters at the edges then differ.
            found |= {encode(b"\0" * shift + data).decode()[4 if shift else 0 : -4] for shift in range(3)}
    return {spelling for spelling in found if spelling}
