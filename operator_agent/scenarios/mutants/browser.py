"""A browser whose pages and way out are tampered with. The operator that works in it is the ordinary one, and is not told."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import h11

from operator_agent.flow.origin import Origin
from operator_agent.run import Operator
from operator_agent.scenarios.mutants.mutant import Answer, Write
from operator_agent.scenarios.mutants.tampering import Tampering
from operator_agent.surfaces.browser.egress.heads import RawHeaders, end_to_end, is_socket
from operator_agent.surfaces.browser.egress.proxy import EgressProxy
from operator_agent.surfaces.browser.egress.session import Session
from operator_agent.surfaces.browser.egress.tap import Taking
from operator_agent.surfaces.browser.egress.wire import Gone
from operator_agent.surfaces.browser.session import BrowserSession

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

    from operator_agent.surfaces.browser.egress.tls import Authority

_WRITES = frozenset((b"POST", b"PUT", b"PATCH", b"DELETE"))
_OF_THE_BODY = frozenset((b"content-length", b"transfer-encoding", b"accept-encoding", b"expect"))
_BODILESS = frozenset((204, 205, 304))


class TamperedOperator(Operator):
    """Keeps no network: what is broken is known already."""

    def __init__(self, tampering: Tampering, *given: Any, **options: Any) -> None:
        super().__init__(*given, **{**options, "network": False})
        self._tampering = tampering

    def _browser(self) -> Callable[..., BrowserSession]:
        return partial(TamperedBrowser, self._tampering)

    async def __aexit__(self, *raised: object) -> None:
        if isinstance(self._session, TamperedBrowser) and self._session.context:
            await self._tampering.look(self._session.context)
        if self.downloads:
            self._tampering.traffic.files = await asyncio.to_thread(_files, Path(self.downloads))
        await super().__aexit__(*raised)


class TamperedBrowser(BrowserSession):
    def __init__(self, tampering: Tampering, *given: Any, **options: Any) -> None:
        self._tampering = tampering
        self.context: BrowserContext | None = None
        super().__init__(*given, **options)

    def _egress(self, authority: Authority | None) -> EgressProxy:
        own = self._settings
        return TamperedProxy(self._tampering, self.allows, upstream=own.upstream_proxy, bypass=own.proxy_bypass)

    async def _furnish(self, context: BrowserContext) -> None:
        tampering, teller = self._tampering, f"noticed{token_hex(8)}"

        def noticed(_source: object, fact: dict[str, Any]) -> None:
            tampering.noticed(fact)

        await context.expose_binding(teller, noticed)
        mutant = tampering.mutant.model_dump(mode="json") if tampering.mutant else None
        given = {"tell": teller, "mutant": mutant, "answer": tampering.given()}
        text = Path(__file__).with_name("page.js").read_text(encoding="utf-8").strip()
        await context.add_init_script(f"({text})({json.dumps(given)});")
        await super()._furnish(context)
        self.context = context


class TamperedProxy(EgressProxy):
    def __init__(self, tampering: Tampering, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.tampering = tampering


class TamperedConnection(Session):
    """Takes requests that change something whole, and those that read where the mutant is about what is read."""

    async def _forward(self, origin: Origin, request: h11.Request, head: h11.Request, taking: Taking) -> None:
        assert isinstance(self.proxy, TamperedProxy)
        tampering, reads = self.proxy.tampering, request.method == b"GET" and not _is_stream(request)
        path = urlsplit(head.target.decode("latin-1")).path
        tampering.asked_for(str(origin), f"{origin}{head.target.decode('latin-1')}", reads=reads)
        if is_socket(request) or not (request.method in _WRITES or (reads and tampering.keeps_reads)):
            await super()._forward(origin, request, head, taking)
            return
        body = await self._whole_body(taking)

        async def ask(sent: bytes) -> Answer:
            return await self._asked(origin, head, sent)

        try:
            if request.method in _WRITES:
                kind = _header(request, b"content-type")
                write = Write(request.method.decode(), path, str(origin), kind, body)
                navigates = _header(request, b"sec-fetch-mode") == "navigate"
                answer = await tampering.write(write, ask, navigates=navigates)
            else:
                answer = await tampering.read(f"{origin}{head.target.decode('latin-1')}", ask)
        except (OSError, Gone) as error:
            if isinstance(error, Gone) and error.wire is self.client:
                raise
            await self.unreachable(origin, error, taking)
            return
        await self._give(answer, taking)

    async def _whole_body(self, taking: Taking) -> bytes:
        body = bytearray()
        while not isinstance(event := await self.client.receive(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise Gone(self.client, "the browser left before its request was whole")
            taking.asked(event.data)
            body += event.data
        return bytes(body)

    async def _asked(self, origin: Origin, head: h11.Request, body: bytes) -> Answer:
        """On a connection of its own, each time."""
        headers: RawHeaders = [(name, value) for name, value in head.headers.raw_items() if name.lower() not in _OF_THE_BODY]
        headers.append((b"Accept-Encoding", b"identity"))
        if body or head.method in _WRITES:
            headers.append((b"Content-Length", str(len(body)).encode()))
        await self._connect(origin, self.proxy.route(origin))
        server = self.server
        assert server
        sent = h11.Request(method=head.method, target=head.target, headers=headers)
        await server.send(sent, *([h11.Data(data=body)] if body else []), h11.EndOfMessage())
        status, reason, given, parts = 0, b"", [], bytearray()
        while not isinstance(event := await server.receive(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                status, reason, given = event.status_code, bytes(event.reason), end_to_end(event)
            elif isinstance(event, h11.Data):
                parts += event.data
            elif not isinstance(event, h11.InformationalResponse):
                raise Gone(server, "the server closed the connection before it answered")
        self._drop_server()
        kept = tuple((name, value) for name, value in given if name.lower() not in _OF_THE_BODY)
        return Answer(status, reason, kept, bytes(parts))

    async def _give(self, answer: Answer, taking: Taking) -> None:
        headers = list(answer.headers)
        if answer.status not in _BODILESS:
            headers.append((b"Content-Length", str(len(answer.body)).encode()))
        head = h11.Response(status_code=answer.status, headers=headers, reason=answer.reason)
        data = [h11.Data(data=answer.body)] if answer.body and answer.status not in _BODILESS else []
        await self.client.send(head, *data, h11.EndOfMessage())
        taking.end("whole")


def _files(folder: Path) -> tuple[tuple[str, str], ...]:
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    return tuple((file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in found)


TamperedProxy.session = TamperedConnection


def _header(request: h11.Request, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in request.headers if key == name), "")


def _is_stream(request: h11.Request) -> bool:
    return "text/event-stream" in _header(request, b"accept")
