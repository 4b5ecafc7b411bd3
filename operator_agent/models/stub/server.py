"""A server on loopback that speaks the OpenAI protocol and answers what it is told to, or fails as it is told to.

HTTP is h11 over asyncio streams, so that a reply can be cut, dripped or withheld at any byte.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import h11

from operator_agent.models.stub import chat
from operator_agent.models.stub.answers import (
    Answer,
    Answers,
    Asked,
    Close,
    Drip,
    Html,
    Say,
    Silence,
    SlowStart,
    Status,
    WrongType,
)
from operator_agent.models.stub.quirks import Quirks

_JSON = "application/json"
_NO_QUIRKS = Quirks()
_KINDS = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error", 429: "rate_limit_error"}
_PORTAL = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire: the pieces of `body` are sent one after the other, the events of a stream each on its own."""

    code: int
    kind: str
    """The content type."""
    body: tuple[bytes, ...]
    headers: Mapping[str, str]


def as_json(code: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(code, _JSON, (json.dumps(body, ensure_ascii=False).encode(),), headers or {})


class StubServer:
    """Open while the block is entered, on the running loop. `url` ends in `/v1`; `asked` is every request that was understood.

    `answer` gives an answer to each request, or is a list of answers used up in order (then 500, saying so). An error raised by
    `answer` closes the connection and is raised again when the block is left. With `key`, other keys are refused with 401.
    """

    def __init__(self, answer: Answers, *, quirks: Quirks = _NO_QUIRKS, key: str = "", models: Sequence[str] = ("stub",)) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self._answer = answer if callable(answer) else iter(answer)
        self._quirks = quirks
        self._key = key
        self._models = models
        self._talks: set[asyncio.Task[None]] = set()
        self._errors: list[BaseException] = []

    async def __aenter__(self) -> StubServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        if self._errors and kind is None:
            raise self._errors[0]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.get_running_loop().create_task(self._talk(_Line(reader, writer)))
        self._talks.add(talk)
        talk.add_done_callback(self._ended)

    def _ended(self, talk: asyncio.Task[None]) -> None:
        self._talks.discard(talk)
        if not talk.cancelled() and (error := talk.exception()):
            self._errors.append(error)

    async def _talk(self, line: _Line) -> None:
        try:
            async for request, body in line.requests():
                await self._serve(line, request, body)
        except (ConnectionError, h11.RemoteProtocolError):
            pass  # the client hung up, which is its right
        finally:
            line.hang_up()

    async def _serve(self, line: _Line, request: h11.Request, raw: bytes) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        path = request.target.decode().partition("?")[0]
        if self._key and headers.get("authorization") != f"Bearer {self._key}":
            await line.send(_error(401, "Incorrect API key provided.", name="invalid_api_key"))
        elif (request.method, path) == (b"GET", "/v1/models"):
            await line.send(as_json(200, {"object": "list", "data": [_model(name) for name in self._models]}))
        elif (request.method, path) == (b"POST", "/v1/chat/completions"):
            asked = Asked(path, headers, json.loads(raw), asyncio.get_running_loop().time())
            self.asked.append(asked)
            await self._give(line, asked, await self._next(asked))
        else:
            await line.send(_error(404, f"Invalid URL ({request.method.decode()} {path})"))

    async def _next(self, asked: Asked) -> Answer:
        if isinstance(self._answer, Iterator):
            return next(self._answer, Status(500, {"error": {"message": "The stub's list of answers is used up.", "type": "stub"}}))
        given = self._answer(asked)
        return await given if inspect.isawaitable(given) else given

    async def _give(self, line: _Line, asked: Asked, answer: Answer) -> None:
        match answer:
            case Say():
                await asyncio.sleep(answer.delay)
                await line.send(self._written(asked, answer))
            case Status(code, body, headers):
                await line.send(as_json(code, body, headers) if body else _error(code, f"status {code}", headers=headers))
            case Silence():
                await line.wait_for_the_end()
            case Drip(seconds, say):
                await line.send(self._written(asked, say), pace=seconds)
            case Close(after, say):
                await line.send(self._written(asked, say), cut=after)
            case Html():
                await line.send(Reply(200, "text/html; charset=utf-8", (_PORTAL,), {}))
            case WrongType(say):
                written = self._written(asked, say)
                await line.send(Reply(written.code, "text/plain; charset=utf-8", written.body, written.headers))
            case SlowStart(seconds, say):
                await asyncio.sleep(seconds)
                await line.send(self._written(asked, say))

    def _written(self, asked: Asked, say: Say) -> Reply:
        return as_json(200, chat.completion(asked, say, self._quirks))


def _error(
    code: int, message: str, *, param: str | None = None, name: str | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    kind = _KINDS.get(code, "server_error" if code >= 500 else "invalid_request_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": name}}
    return as_json(code, body, headers)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "stub"}


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def requests(self) -> AsyncIterator[tuple[h11.Request, bytes]]:
        """Each request with its body, until either side has closed."""
        while not self._writer.is_closing():
            request, body = None, b""
            while not isinstance(event := await self._event(), h11.EndOfMessage):
                if isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                else:
                    return
            assert request is not None
            yield request, body
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(65536))
        return event  # type: ignore[return-value]

    async def send(self, reply: Reply, *, pace: float = 0.0, cut: int | None = None) -> None:
        """`pace`: seconds between single bytes. `cut`: break off after this many bytes of the body; 0: before the head."""
        whole = b"".join(reply.body)
        if cut == 0:
            return
        headers = [("Content-Type", reply.kind), *reply.headers.items()]
        if len(reply.body) == 1:
            headers.append(("Content-Length", str(len(whole))))
        await self._write(h11.Response(status_code=reply.code, headers=headers))
        pieces = reply.body if not pace else [whole[at : at + 1] for at in range(len(whole))]
        for piece in [whole[:cut]] if cut else pieces:
            await self._write(h11.Data(data=piece))
            await asyncio.sleep(pace)
        if not cut:
            await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    async def wait_for_the_end(self) -> None:
        """Until the client has hung up."""
        while await self._reader.read(65536):
            pass

    def hang_up(self) -> None:
        self._writer.close()
