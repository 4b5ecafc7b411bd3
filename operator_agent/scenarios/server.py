"""The page server: a folder over HTTP on loopback, with a generic store as the second witness and late answers on demand.

    POST /store/orders      keeps the form or JSON that was sent; answers 303 to the form's `then`, else 201
    GET  /store/orders      {"count": 1, "entries": [{"drink": "latte"}]}
    /slow/2/any/path        the same as /any/path, two seconds later
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from operator_agent.demo.serve import listening, running

_LONGEST_WAIT = 60.0
_LARGEST_BODY = 10_000_000
_LARGEST_TEXT = 10_000
"""Bytes of an uploaded text that are kept in the entry."""
_LATE = re.compile(r"/slow/(\d{1,2}(?:\.\d+)?)(/.*)")


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[str]:
    """The address, with a slash at its end, at which `folder` is served until the block is left."""
    closing = asyncio.Event()
    listener = listening(0)
    with listener:
        async with running((_Late(_site(folder), closing), listener)):
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
            finally:
                closing.set()


def _site(folder: Path) -> Starlette:
    store = _Store()
    routes = [
        Route("/store/{name}", store.read, methods=["GET"]),
        Route("/store/{name}", store.keep, methods=["POST"]),
        Mount("/", StaticFiles(directory=folder, html=True)),
    ]
    return Starlette(routes=routes)


class _Late:
    """Holds answers to `/slow/SECONDS/…` back, until the server is closed at the latest."""

    def __init__(self, app: ASGIApp, closing: asyncio.Event) -> None:
        self._app, self._closing = app, closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (found := _LATE.fullmatch(scope["path"])):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), min(float(found[1]), _LONGEST_WAIT))
            scope = {**scope, "path": found[2], "raw_path": found[2].encode()}
        await self._app(scope, receive, send)


class _Store:
    """What pages have sent, by name, in the order it came."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Any]] = {}

    async def read(self, request: Request) -> Response:
        entries = self._entries.get(request.path_params["name"], [])
        return JSONResponse({"count": len(entries), "entries": entries})

    async def keep(self, request: Request) -> Response:
        entry = sent(request.headers.get("content-type", ""), await _body(request))
        then = entry.pop("then", "") if isinstance(entry, dict) and not _is_json(request) else ""
        if then and (not isinstance(then, str) or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|\\", then)):
            raise HTTPException(400, "`then` is a page of this site")
        self._entries.setdefault(request.path_params["name"], []).append(entry)
        page = urlsplit(request.headers.get("referer", "")).path or "/"  # what `then` is relative to, as every other address there
        return RedirectResponse(urljoin(page, then), 303) if then else JSONResponse(entry, 201)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise HTTPException(413, f"a body has at most {_LARGEST_BODY:,} bytes here")
    return body


def _is_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "")


def sent(kind: str, body: bytes) -> Any:
    """A form or JSON as data; other text under `text`. A field that was sent twice is a list. Raises HTTPException (400)."""
    if "json" in kind:
        try:
            return json.loads(body)
        except ValueError as error:
            raise HTTPException(400, f"this is no JSON: {error}") from None
    if kind.startswith("multipart/form-data"):
        return _joined(_parts(kind, body))
    if kind.startswith("application/x-www-form-urlencoded"):
        return _joined(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return {"text": body.decode("utf-8", "replace")}


def _joined(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for name, value in fields:
        if name not in joined:
            joined[name] = value
        elif isinstance(joined[name], list):
            joined[name].append(value)
        else:
            joined[name] = [joined[name], value]
    return joined


def _parts(kind: str, body: bytes) -> list[tuple[str, Any]]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise HTTPException(400, "this is no multipart form")
    found: list[tuple[str, Any]] = []
    for part in message.iter_parts():
        content, file = part.get_payload(decode=True), part.get_filename()
        if not isinstance(content, bytes):
            raise HTTPException(400, "a form in a form is nothing a browser sends")
        name = str(part.get_param("name", "", "content-disposition"))
        found.append((name, content.decode("utf-8", "replace") if file is None else _file(file, content)))
    return found


def _file(name: str, content: bytes) -> dict[str, Any]:
    """An uploaded file: its name, size in bytes and digest, and its text when it is one and short."""
    told: dict[str, Any] = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    if len(content) <= _LARGEST_TEXT and b"\0" not in content:
        with suppress(UnicodeDecodeError):
            told["text"] = content.decode()
    return told
