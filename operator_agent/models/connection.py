"""One request over the `openai` package, which is imported when the first one is made. Retries, limits and meaning are elsewhere.

The reply's bytes are read here, not by the package's types: servers add fields, leave out others, and send pages for people.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from operator_agent.errors import SetupError, UsageError
from operator_agent.models.exchange import Wire
from operator_agent.models.trouble import Problem, foreign, problem_in, problem_of, shown

if TYPE_CHECKING:
    import openai

_MOST = 16 * 1024 * 1024
_LAST = b"data: [DONE]"


class Connection:
    """A server's base URL and the key for it. Nothing is connected before the first request."""

    def __init__(self, url: str, key: str = "", *, proxy: str | None = None) -> None:
        if not _is_address(url):
            raise UsageError(f"{shown(url)!r} is no address of a model's API: those begin with http(s)://host, most end in /v1")
        self.url = url
        self.shown = shown(url)
        self._key = key.strip()
        if not (self._key.isascii() and self._key.isprintable()) or " " in self._key:
            raise UsageError("the model's key (OPERATOR_MODEL_KEY) has a character in it that no key has")
        self.proxy = proxy

    def __repr__(self) -> str:
        return f"Connection({self.shown!r})"

    @cached_property
    def client(self) -> openai.AsyncOpenAI:
        """The package's client, its retries off, and with no key, proxy or netrc but ours. Raises SetupError for a wrong proxy."""
        import httpx2
        import openai

        parts = urlsplit(self.url)
        host = (parts.hostname or "").lower()
        local = host in ("localhost", "::1") or host.startswith("127.")
        # Loading certificates takes longer than a small answer.
        verify = False if local and parts.scheme == "http" else httpx2.create_ssl_context()
        proxy = None if local else self.proxy
        try:
            # A redirect would carry the page's text to a place nobody named.
            client = openai.DefaultAsyncHttpxClient(follow_redirects=False, trust_env=False, proxy=proxy, verify=verify)
        except (ImportError, ValueError) as error:
            raise SetupError(f"the proxy cannot be used for {self.shown}: {error}") from None
        return openai.AsyncOpenAI(
            base_url=self.url, api_key=self._key or "none", max_retries=0, timeout=None, http_client=client
        )

    def load(self) -> None:
        """Import all that a request needs, so that no limit has to pay for it."""
        _ = self.client.chat.completions.with_streaming_response, self.client.responses.with_streaming_response

    async def close(self) -> None:
        if "client" in self.__dict__:
            await self.client.close()

    async def send(self, body: Mapping[str, Any], wire: Wire, first_byte: float | None) -> dict[str, Any]:
        """The reply to one request, a streamed one put together.

        Raises Problem for an error status or a lost connection, also when nothing came within `first_byte` seconds; ModelLost for
        a reply that is not from such an API. Whatever is raised, the key is not in it.
        """
        import httpx2
        import openai

        try:
            kind, raw = await self._exchanged(body, first_byte)
        except openai.APIStatusError as error:
            raise self._hidden(problem_of(error)) from None
        except openai.APIConnectionError as error:
            raise self._hidden(Problem(f"no connection: {error.__cause__ or error}")) from None
        except httpx2.HTTPError as error:
            raise self._hidden(Problem(f"the connection was lost: {error or type(error).__name__}")) from None
        return self._read(kind, raw, wire)

    async def models(self, within: float) -> list[str]:
        """The names of the models it serves; raises Problem, also when it has no such list or needs more than so many seconds."""
        import openai

        try:
            async with asyncio.timeout(within):
                listed = await self.client.models.with_raw_response.list(extra_headers=self._absent())
            return [str(model["id"]) for model in json.loads(listed.http_response.text)["data"]]
        except openai.APIStatusError as error:
            raise self._hidden(problem_of(error)) from None
        except openai.APIConnectionError as error:
            raise self._hidden(Problem(f"no connection: {error.__cause__ or error}")) from None
        except TimeoutError:
            raise Problem(f"no list within {within:g} s") from None
        except (ValueError, KeyError, TypeError):
            raise Problem("it lists no models", 404) from None

    async def _exchanged(self, body: Mapping[str, Any], first_byte: float | None) -> tuple[str, bytes]:
        raw, kind = bytearray(), ""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(first_byte):
                    response = await stack.enter_async_context(self._request(body))
                    pieces = response.iter_bytes()
                    raw += await anext(pieces, b"")
            except TimeoutError:
                raise Problem(f"no answer began within {first_byte:g} s") from None
            # Some hold the connection open after the last event.
            while _LAST not in raw[-2 * len(_LAST) :]:
                piece = await anext(pieces, b"")
                if not piece:
                    break
                raw += piece
                if len(raw) > _MOST:
                    raise Problem(f"the answer is longer than {_MOST // 2**20} MB", passing=False)
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind, bytes(raw)

    def _request(self, body: Mapping[str, Any]) -> Any:
        """The package's own call; what it has no argument for goes as `extra_body`."""
        rest = {key: value for key, value in body.items() if key not in ("model", "messages", "input")}
        if "input" in body:
            respond = self.client.responses.with_streaming_response.create
            return respond(model=body["model"], input=body["input"], extra_body=rest, extra_headers=self._absent())
        create = self.client.chat.completions.with_streaming_response.create
        return create(model=body["model"], messages=body["messages"], extra_body=rest, extra_headers=self._absent())

    def _absent(self) -> dict[str, Any]:
        """What the package would send besides: who pays at OpenAI, read from its own variables, and a key where there is none."""
        import openai

        names = ("OpenAI-Organization", "OpenAI-Project", *(() if self._key else ("Authorization",)))
        return {name: openai.Omit() for name in names}

    def _read(self, kind: str, raw: bytes, wire: Wire) -> dict[str, Any]:
        if kind == "text/event-stream":
            events = _events(raw)
            for event in events:
                self._raise_error_in(event)
            if not (reply := wire.joined(events)):
                raise Problem("the stream ended before the answer did")
            return reply
        if kind and kind != "application/json" and not kind.endswith("+json"):
            raise foreign(kind, self.shown)
        try:
            read = json.loads(raw)
        except ValueError:
            raise Problem("the answer is cut off or not JSON") from None
        if not isinstance(read, dict):
            raise foreign(type(read).__name__, self.shown)
        self._raise_error_in(read)
        return read

    def _raise_error_in(self, reply: Mapping[str, Any]) -> None:
        """Gateways report errors of the server behind them with 200, and within streams."""
        error = reply.get("error") or (reply.get("type") == "error" and reply) or (reply.get("response") or {}).get("error")
        if error and not reply.get("choices"):
            found: Mapping[str, Any] = error if isinstance(error, Mapping) else {"message": str(error)}
            code = found.get("code")
            raise self._hidden(problem_in(found, code if isinstance(code, int) and 400 <= code < 600 else 500))

    def _hidden(self, problem: Problem) -> Problem:
        """A server may quote the key it was given."""
        if self._key:
            problem.words = problem.words.replace(self._key, "[key]")
            problem.args = (problem.words,)
        return problem


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _events(raw: bytes) -> list[dict[str, Any]]:
    """The JSON objects of a stream of server-sent events; comments (keep-alives) and what is cut off are left out."""
    found = []
    for line in raw.decode("utf-8", "replace").splitlines():
        with suppress(ValueError):
            event = json.loads(line[5:]) if line.startswith("data:") else None
            if isinstance(event, dict):
                found.append(event)
    return found
