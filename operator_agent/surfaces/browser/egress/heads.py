"""Heads of messages as they pass the filtering proxy: what each side may see of them."""

from __future__ import annotations

import h11

from operator_agent.errors import UsageError
from operator_agent.flow.origin import Origin

MARKER = "x-operator-agent-egress"
"""Header on every answer the proxy wrote itself: `refused`, `unreachable`, `malformed` or `missing`. Servers cannot set it."""

RawHeaders = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te upgrade".split())
# A Connection header that lists these would take the message apart.
_NEVER_DROPPED = frozenset((b"host", b"content-length", b"transfer-encoding"))
_READABLE = (b"gzip", b"deflate", b"identity")


def forwarded(request: h11.Request, inside: Origin | None = None) -> tuple[Origin, str, h11.Request]:
    """The origin asked for, the whole URL, and the request as that server must see it. Raises `UsageError`.

    `inside` is the origin of the tunnel the request came through; without one the request names its own.
    """
    target = request.target.decode("latin-1")
    if inside and not target.startswith("/"):
        raise UsageError(f"{target!r} is not a path of {inside}")
    url = f"{inside}{target}" if inside else target
    origin = Origin.parse(url)
    if origin.scheme != "http" and not inside:
        raise UsageError(f"{origin} needs a CONNECT tunnel")
    headers = end_to_end(request, upgrade=True)
    hosts = [value.decode("latin-1") for name, value in request.headers if name == b"host"]
    if not hosts:
        headers.insert(0, (b"Host", str(origin).partition("://")[2].encode()))
    # One server must not be reached under the name of another.
    elif "@" in hosts[0] or Origin.parse(f"{origin.scheme}://{hosts[0]}") != origin:
        raise UsageError(f"the Host header {hosts[0]!r} does not belong to {origin}")
    rest = url.partition("://")[2]
    start = min((place for place in (rest.find("/"), rest.find("?")) if place >= 0), default=len(rest))
    path = rest[start:].partition("#")[0]
    path = path if path.startswith("/") else f"/{path}"
    return origin, url, h11.Request(method=request.method, target=path.encode("latin-1"), headers=headers)


def end_to_end(message: h11.Request | h11.InformationalResponse | h11.Response, *, upgrade: bool = False) -> RawHeaders:
    """The headers meant for the far end, in their own spelling, without a marker that is not ours."""
    headers = message.headers.raw_items()
    named = {token.strip() for name, value in message.headers if name == b"connection" for token in value.lower().split(b",")}
    dropped = (_HOP_BY_HOP | named | {MARKER.encode()}) - _NEVER_DROPPED
    kept = [(name, value) for name, value in headers if name.lower() not in dropped]
    if upgrade and b"upgrade" in named:
        kept += [(b"Connection", b"Upgrade"), *(pair for pair in headers if pair[0].lower() == b"upgrade")]
    return kept


def readable(head: h11.Request) -> h11.Request:
    """The same request, asking only for encodings a tape can undo: no compressed web socket, no Brotli."""
    headers = [
        (name, _narrowed(value) if name.lower() == b"accept-encoding" else value)
        for name, value in head.headers.raw_items()
        if name.lower() != b"sec-websocket-extensions"
    ]
    return h11.Request(method=head.method, target=head.target, headers=headers)


def _narrowed(accepted: bytes) -> bytes:
    kept = [one.strip() for one in accepted.split(b",") if one.strip().partition(b";")[0].lower() in _READABLE]
    return b", ".join(kept) or b"identity"


def is_socket(request: h11.Request) -> bool:
    """True when it asks for a web socket."""
    return any(name == b"upgrade" and value.lower() == b"websocket" for name, value in request.headers)
