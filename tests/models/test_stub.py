"""The stub server, asked by the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import openai
import pytest

from operator_agent.models.stub import Say, StubServer


@asynccontextmanager
async def client(server: StubServer, *, key: str = "k", timeout: float = 5.0) -> AsyncIterator[openai.AsyncOpenAI]:
    async with server, openai.AsyncOpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=timeout) as found:
        yield found


async def test_a_plain_question() -> None:
    server = StubServer([Say("four", thinking="two and two", usage={"cached_tokens": 3})])
    async with client(server) as ask:
        told = [{"role": "system", "content": "Add."}, {"role": "user", "content": [{"type": "text", "text": "2+2"}]}]
        got = await ask.chat.completions.create(model="m", messages=told)  # type: ignore[arg-type]
        assert got.choices[0].message.content == "four"
        assert got.choices[0].message.reasoning_content == "two and two"
        assert got.usage.completion_tokens_details.reasoning_tokens == 3
        assert got.usage.prompt_tokens_details.cached_tokens == 3
    assert server.asked[0].text == "Add.\n\n2+2"


async def test_a_list_of_answers_runs_out() -> None:
    async with client(StubServer([])) as ask:
        with pytest.raises(openai.InternalServerError, match="used up"):
            await ask.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
