"""Web origins as parsed tuples, and the patterns a grant is written in.

Every spelling a browser would send to the same server gives the same `Origin`: names in lower-case ASCII, IPv4 in
dotted decimal, IPv6 compressed in brackets, the default port filled in, ws and wss as http and https. A spelling two
parsers could read differently is refused, never guessed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from operator_agent.errors import UsageError

_WEB_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Their bytes are in the page already: loading one as a subresource opens no connection.
_LOCAL_SCHEMES = frozenset({"data", "blob"})

_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://([^/?#]*)(.*)\Z", re.DOTALL)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_BLANK = re.compile(r"about:blank(?:[?#].*)?\Z", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")


class Origin(NamedTuple):
    """Scheme (`http` or `https`), canonical host and port. Equal origins are equal tuples."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Origin:
        """The origin `url` leads to; path, query and credentials are dropped.

        Raises `UsageError` naming the cause when it is not an http(s) or ws(s) URL with one unambiguous host.
        """
        scheme, authority, _ = _split(url)
        return cls(scheme, *_host_and_port(authority.rpartition("@")[2], scheme, url))

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def is_loopback(self) -> bool:
        """True when the host can only be this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        address = _address(self.host)
        return address is not None and address.is_loopback


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """What a grant names: one origin, the subdomains of one (`https://*.example.com`), or any web origin (`*`)."""

    origin: Origin | None
    """None for `*`."""
    subdomains: bool = False
    """True: every host one or more labels below `origin.host`, never that host itself."""

    @classmethod
    def parse(cls, text: str) -> OriginPattern:
        """Raises `UsageError` when `text` is none of the three forms, or names more than an origin."""
        text = text.strip()
        if text == "*":
            return cls(None)
        scheme, authority, rest = _split(text)
        if "@" in authority:
            raise UsageError(f"{text!r} holds credentials; a grant names only scheme, host and port")
        if rest not in ("", "/"):
            raise UsageError(f"{text!r} names a path; a grant covers a whole origin: {scheme}://{authority}")
        subdomains = authority.startswith("*.")
        host, port = _host_and_port(authority.removeprefix("*."), scheme, text)
        if subdomains and (_address(host) or ("." not in host and host != "localhost")):
            raise UsageError(f"{text!r} is too wide or an address; `*.` needs a domain below it, as in *.example.com")
        return cls(Origin(scheme, host, port), subdomains)

    def matches(self, origin: Origin) -> bool:
        if self.origin is None:
            return True
        if not self.subdomains:
            return origin == self.origin
        same_door = (origin.scheme, origin.port) == (self.origin.scheme, self.origin.port)
        return same_door and origin.host.endswith("." + self.origin.host)

    def __str__(self) -> str:
        if self.origin is None:
            return "*"
        host = f"*.{self.origin.host}" if self.subdomains else self.origin.host
        return str(self.origin._replace(host=host))


def allowed(url: str, patterns: Iterable[OriginPattern], *, subresource: bool = False) -> bool:
    """True when `patterns` cover `url`. `about:blank` is always covered; an unreadable URL never is.

    With `subresource` (an image, a font, a fetch: not a document) data: and blob: are covered too.
    """
    if _BLANK.match(url):
        return True
    scheme = _SCHEME.match(url)
    if subresource and scheme and scheme[1].lower() in _LOCAL_SCHEMES:
        return True
    try:
        origin = Origin.parse(url)
    except UsageError:
        return False
    return any(pattern.matches(origin) for pattern in patterns)


def _split(url: str) -> tuple[str, str, str]:
    """(http or https, authority, everything after it)."""
    url = url.strip()
    match = _URL.match(url)
    if not match:
        raise UsageError(f"{url!r} is not a web address; write it in full, as in https://example.com")
    scheme = _WEB_SCHEMES.get(match[1].lower())
    if scheme is None:
        raise UsageError(f"{url!r} has the scheme {match[1]!r}; only http and https are web origins")
    if _UNSAFE.search(match[2]):
        raise UsageError(f"{url!r} has a backslash, space or control character before its path; remove it")
    return scheme, match[2], match[3]


def _host_and_port(text: str, scheme: str, url: str) -> tuple[str, int]:
    if text.startswith("["):
        host, bracket, after = text.partition("]")
        host, colon, port = host + bracket, after[:1], after[1:]
        if colon not in ("", ":"):
            raise UsageError(f"{url!r} has text after the address in brackets; write [address]:port")
    else:
        host, _, port = text.partition(":")
    return _host(host, url), _port(port, scheme, url)


def _port(text: str, scheme: str, url: str) -> int:
    if not text:
        return _DEFAULT_PORTS[scheme]
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and len(digits) <= 5 and 0 < int(digits or 0) < 65536):
        raise UsageError(f"{url!r} has the port {text!r}; a port is a number from 1 to 65535")
    return int(digits)


def _host(text: str, url: str) -> str:
    if text.startswith("["):
        return _ipv6(text, url)
    name = _ascii(_unquoted(text, url), url).removesuffix(".")
    if not _NAME.match(name):
        raise UsageError(f"{url!r} has no valid host name ({name!r}); check the part before the path")
    # A name whose last label is a number is an IPv4 address to every browser, or nothing at all.
    if _NUMBER.match(name.rpartition(".")[2]):
        return _ipv4(name, url)
    return name


def _unquoted(text: str, url: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8") if "%" in text else text
    except UnicodeDecodeError:
        raise UsageError(f"{url!r} has a percent-encoded host that is not UTF-8; write the name itself") from None


def _ascii(name: str, url: str) -> str:
    """The name as DNS knows it: UTS #46 mapping (which folds full-width digits and dots), then punycode."""
    if name.isascii():
        return name.lower()
    import idna

    try:
        mapped = idna.uts46_remap(name, std3_rules=False).lower()
    except idna.IDNAError as error:
        raise UsageError(f"{url!r} has a host name that is not valid: {error}; write its xn-- form") from None
    labels = (label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in mapped.split("."))
    return ".".join(labels)


def _ipv4(name: str, url: str) -> str:
    """Dotted decimal of what inet_aton and browsers accept: 1 to 4 parts, each decimal, octal (0…) or hex (0x…)."""
    parts = name.split(".")
    values = [_ipv4_part(part) for part in parts]
    if len(parts) > 4 or None in values:
        raise UsageError(f"{url!r} ends in a number but is not an IPv4 address; write it as 127.0.0.1")
    *head, last = [value for value in values if value is not None]
    if any(value > 255 for value in head) or last >= 256 ** (5 - len(parts)):
        raise UsageError(f"{url!r} has an IPv4 address out of range; each part is at most 255")
    number = last + sum(value << 8 * (3 - place) for place, value in enumerate(head))
    return str(ipaddress.IPv4Address(number))


def _ipv4_part(text: str) -> int | None:
    if not _NUMBER.match(text) or len(text) > 20:
        return None
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    try:
        return int(text, 8 if text.startswith("0") else 10)
    except ValueError:
        return None


def _ipv6(text: str, url: str) -> str:
    if "%" in text:
        raise UsageError(f"{url!r} has an IPv6 zone or an encoded address; write the plain address")
    try:
        address = ipaddress.IPv6Address(text[1:-1] if text.endswith("]") else text)
    except ValueError as error:
        raise UsageError(f"{url!r} has no valid IPv6 address: {error}") from None
    # The socket reaches the IPv4 host, so it is the same server under another spelling.
    return str(address.ipv4_mapped) if address.ipv4_mapped else f"[{address.compressed}]"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
