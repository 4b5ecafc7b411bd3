"""What pages draw from `crypto`: never the same in two recordings, the same again in a replay, refused as Chromium refuses it."""

from __future__ import annotations

from typing import Any
from uuid import RFC_4122, UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from operator_agent.flow.tape import Drawn
from operator_agent.surfaces.browser.chance import PageChance
from tests.site import serving
from tests.surfaces.browser.stage import chromium

DRAW = """() => [crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(70))].join(),
                  crypto.getRandomValues(new Uint32Array(3))[2], crypto.randomUUID()]"""
REFUSED = """() => [() => crypto.getRandomValues(new Uint8Array(65537)), () => crypto.getRandomValues(new Float32Array(1)),
                     () => crypto.getRandomValues.call({}, new Uint8Array(1)), () => crypto.randomUUID.call({})]
  .map(draw => { try { draw(); return 'drawn'; } catch (error) { return error.name; } })"""
MEAN = "() => crypto.getRandomValues(new Uint8Array(65536)).reduce((sum, byte) => sum + byte) / 65536"


def chacha20(key: str) -> bytes:
    return Cipher(algorithms.ChaCha20(bytes.fromhex(key), bytes(16)), mode=None).encryptor().update(bytes(256))


@pytest.mark.asyncio(loop_scope="module")
async def test_what_pages_draw() -> None:
    async with serving("<!doctype html><title>Chance</title><iframe src=/inner></iframe>") as site, chromium() as browser:

        async def drawn(*recorded: Drawn, forgets: bool = False) -> tuple[list[Any], list[Drawn]]:
            told: list[Drawn] = []
            context = await browser.new_context()
            chance = PageChance(told.append, recorded)
            await chance.install(context)
            page = await context.new_page()
            await page.goto(site.url)
            found = [await page.evaluate(DRAW), await page.frames[1].evaluate(DRAW)]
            await page.reload()
            if forgets:
                await chance.forget()
            found.append(await page.evaluate(DRAW))
            assert await page.evaluate("() => Object.keys(globalThis).filter(name => name.startsWith('draws'))") == []
            await context.close()
            return found, told

        one, keys = await drawn()
        assert [key.document for key in keys] == [f"/ {site.url}", f"/0 {site.url}inner", f"/ {site.url}"]
        assert one[0][1] == ",".join(map(str, chacha20(keys[0].key)[16:86])), "the stream is ChaCha20's, as others have it"
        other, others = await drawn()
        flat = [text for numbers in (*one, *other) for text in numbers]
        assert len(set(flat)) == len(flat), "nothing is drawn twice, not even by a page that is loaded again"
        assert await drawn(*keys) == (one, keys), "the recorded keys draw the same again, each once"
        again, fresh = await drawn(*keys, forgets=True)
        assert again[:2] == one[:2]
        assert again[2] != one[2], "what is live again draws nothing that was recorded"
        assert fresh[2] not in (*keys, *others)

        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(site.url)
        as_it_was = await page.evaluate(REFUSED)
        await PageChance(lambda key: None).install(context)
        await page.reload()
        assert await page.evaluate(REFUSED) == as_it_was == ["QuotaExceededError", "TypeMismatchError", "TypeError", "TypeError"]
        assert 126 < await page.evaluate(MEAN) < 129
        named = UUID(await page.evaluate("() => crypto.randomUUID()"))
        assert (named.version, named.variant) == (4, RFC_4122)
        assert await page.evaluate("() => String(crypto.getRandomValues).includes('native code')")
        await context.close()

