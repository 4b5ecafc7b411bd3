"""A server on loopback that speaks the OpenAI protocol and answers what it is told to, or fails as it is told to."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

import h11

from operator_agent.models.stub import chat, responses
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
from operator_agent.models.stub.given import given
from operator_agent.models.stub.quirks import Quirks
from operator_agent.models.stub.refusals import Refused
from operator_agent.models.stub.thinking import effort
from operator_agent.models.stub.wire import Line, Reply, as_json

_NO_QUIRKS = Quirks()
_CHAT = "/v1/chat/completions"
_RESPONSES = "/v1/responses"
_PORTAL = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in to the network</h1></body></html>"


class StubServer:
    """Open while the block is entered, on the running loop. `url` ends in `/v1`; `asked` is every request with the right key.

    `answer` gives an answer to each request, or is a list of answers used up in order (then 500, saying so). An error raised by
    `answer` closes the connection and is raised again when the block is left. With `key`, another key is refused (401); with
    `models`, another name (404). What the vendor would refuse is refused before `answer` is asked.
    """

    def __init__(self, answer: Answers, *, quirks: Quirks = _NO_QUIRKS, key: str = "", models: Sequence[str] = ()) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self._answer = answer if callable(answer) else iter(answer)
        self._quirks = quirks
        self._key = key
        self._models = tuple(models)
        self._memory = responses.Memory()
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
        if self._errors and error is None:
            raise self._errors[0]
        if self._errors and error is not None:
            error.add_note(f"Before that, the stub's answer raised {self._errors[0]!r}.")

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.get_running_loop().create_task(self._talk(Line(reader, writer)))
        self._talks.add(talk)
        talk.add_done_callback(self._ended)

    def _ended(self, talk: asyncio.Task[None]) -> None:
        self._talks.discard(talk)
        if not talk.cancelled() and (error := talk.exception()):
            self._errors.append(error)

    async def _talk(self, line: Line) -> None:
        try:
            async for request, body in line.requests():
                await self._serve(line, request, body)
        except (ConnectionError, h11.RemoteProtocolError):
            pass  # the client hung up, which is its right
        finally:
            line.hang_up()

    async def _serve(self, line: Line, request: h11.Request, raw: bytes) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        path = request.target.decode().partition("?")[0]
        try:
            self._check_key(headers)
            if (request.method, path) == (b"GET", "/v1/models"):
                await line.send(as_json(200, {"object": "list", "data": [_model(name) for name in self._models or ("stub",)]}))
                return
            if request.method != b"POST" or path not in self._paths():
                raise Refused(f"Invalid URL ({request.method.decode()} {path})", code=404)
            asked = self._ask(path, headers, raw)
        except Refused as refusal:
            await line.send(self._refusal(refusal))
            return
        await self._give(line, asked, await self._next(asked))

    def _check_key(self, headers: dict[str, str]) -> None:
        key = headers.get("authorization", "").removeprefix("Bearer ")
        if self._key and key != self._key:
            raise Refused(f"Incorrect API key provided: {key[:3]}***.", name="invalid_api_key", code=401)

    def _paths(self) -> tuple[str, ...]:
        return (_CHAT, _RESPONSES) if self._quirks.responses else (_CHAT,)

    def _ask(self, path: str, headers: dict[str, str], raw: bytes) -> Asked:
        """The request, once it is kept and found to be one this vendor takes."""
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused("We could not parse the JSON body of your request.")
        asked = Asked(path, headers, body, asyncio.get_running_loop().time())
        self.asked.append(asked)
        name = body.get("model")
        if not isinstance(name, str):
            raise Refused("you must provide a model parameter", param="model", name="missing_required_parameter")
        if self._models and name not in self._models:
            why = f"The model `{name}` does not exist or you do not have access to it."
            raise Refused(why, param="model", name="model_not_found", code=404)
        asked = replace(asked, effort=effort(body, self._quirks, responses=path == _RESPONSES))
        self.asked[-1] = asked
        if path == _CHAT:
            chat.check(asked, self._quirks)
        else:
            responses.check(asked, self._quirks, self._memory)
        return asked

    def _refusal(self, refusal: Refused) -> Reply:
        return as_json(refusal.code, refusal.body(self._quirks.errors))

    async def _next(self, asked: Asked) -> Answer:
        if isinstance(self._answer, Iterator):
            return next(self._answer, Status(500, {"error": {"message": "The stub's list of answers is used up.", "type": "stub"}}))
        given = self._answer(asked)
        return await given if inspect.isawaitable(given) else given

    async def _give(self, line: Line, asked: Asked, answer: Answer) -> None:
        match answer:
            case Say():
                await asyncio.sleep(answer.delay)
                await line.send(self._written(asked, answer))
            case Status(code, body, headers):
                refusal = Refused(f"The stub was told to answer {code}.", code=code)
                await line.send(as_json(code, body or refusal.body(self._quirks.errors), headers))
            case Silence():
                await line.wait_for_the_end()
            case Drip(seconds, say):
                await line.send(self._written(asked, say), pace=seconds)
            case Close(after, say):
                await line.send(self._written(asked, say), cut=after)
            case Html():
                await line.send(Reply(200, "text/html; charset=utf-8", (_PORTAL,)))
            case WrongType(say):
                await line.send(replace(self._written(asked, say), kind="text/plain; charset=utf-8"))
            case SlowStart(seconds, say):
                await asyncio.sleep(seconds)
                await line.send(self._written(asked, say))

    def _written(self, asked: Asked, say: Say) -> Reply:
        told = given(asked, say, self._quirks)
        streams = asked.body.get("stream") is True
        if asked.path == _CHAT:
            if streams:
                return _events(chat.stream(asked, told, self._quirks))
            return as_json(200, chat.completion(asked, told, self._quirks))
        whole = responses.response(asked, say, told, self._quirks)
        self._memory.keep(whole)
        return _events(responses.stream(whole)) if streams else as_json(200, whole)


def _events(events: Iterator[bytes]) -> Reply:
    return Reply(200, "text/event-stream; charset=utf-8", tuple(events))


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "stub"}
