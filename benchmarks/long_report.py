"""A recording of many steps: how big its report is, how long it takes to open, to walk through and to search.

    .venv/bin/python benchmarks/long_report.py [STEPS]

Every step has two pictures of its own, a page of 300 elements of which some change, four exchanges with bodies, and every tenth a
call to a model. Times are of a browser that opens the file: until it can be used, a key until the next frame, a search until its
number of hits is there.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from PIL import Image, ImageDraw
from playwright.async_api import Page, async_playwright

from operator_agent.flow.action import Click
from operator_agent.flow.command import Command
from operator_agent.flow.grant import Grant
from operator_agent.flow.observation import Box, Performed, Picture
from operator_agent.flow.plan import Plan, Step
from operator_agent.flow.record import (
    Acted,
    Called,
    Chosen,
    Ended,
    Judged,
    Observed,
    Planned,
    Result,
    Started,
    StepResult,
    StepStarted,
    Usage,
)
from operator_agent.flow.tape import Taped
from operator_agent.flow.target import Target
from operator_agent.flow.verdict import Evidence, Verdict
from operator_agent.recorder.recorder import Recorder
from operator_agent.settings import Settings
from operator_agent.surfaces.browser.launch import find_browser

SITE = "https://shop.example"
GOOD = Verdict(
    status="verified", reason="so", evidence=(Evidence(check='heading "Basket"', status="verified", saw='heading "Basket"'),)
)
RANDOM = Random(4)


def picture(number: int) -> Picture:
    """About as many bytes as a page with some photographs: 70 to 80 kB."""
    image = Image.effect_noise((128, 72), 16).resize((1280, 720)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for line in range(24):
        pen.text((40, 20 + 28 * line), f"step {number}, line {line}: something to read on the page", fill="black")
    data = io.BytesIO()
    image.save(data, "JPEG", quality=70)
    return Picture(jpeg=data.getvalue(), width=1280, height=720)


def tree(number: int) -> str:
    """300 elements; every seventh page is another one altogether."""
    page = number // 7
    lines = [f'- listitem\n  - link "Article {page}-{line}": {RANDOM.random():.1f}' if line % 30 == number % 30
             else f'- listitem\n  - link "Article {page}-{line}"' for line in range(150)]  # fmt: skip
    return "\n".join(lines)


def record(runs: Path, steps: int) -> Path:
    recorder = Recorder(runs)
    action = Click(target=Target(role="link", name="Article"))
    when = "2026-03-03T12:00:00+00:00"
    recorder(Started(run=recorder.folder.name, command=Command(text="read them all"), grant=Grant(), when=when))
    recorder(Planned(plan=Plan(goal="read", steps=(Step(action=action),) * steps)))
    for number in range(1, steps + 1):
        at, look = float(number), {"step": number, "url": f"{SITE}/{number}", "title": f"Page {number}"}
        if number % 10 == 0:
            told = {"system": "You plan. " * 300, "parts": [tree(number), "What next?"], "thinking": "hm " * 900}
            recorder.model_traffic({**told, "wants": "Draft", "reply": {"steps": [number]}})
            recorder(Called(step=number, purpose="revise", model="m", level="low", trigger="more", usage=Usage(input=4000), at=at))
        recorder(StepStarted(step=number, of=steps, title=f'open article {number} of "{number // 7}"', action="click", at=at))
        recorder(Observed(phase="before", tree=tree(number), picture=picture(number), at=at + 0.1, **look))
        recorder(Chosen(step=number, action=action, box=Box(200, 200, 90, 24), why="exact name", at=at + 0.2))
        recorder(Acted(step=number, performed=Performed(delivery="sent", started=at, point=(240, 212)), seconds=0.1, at=at + 0.3))
        recorder(Judged(step=number, verdict=GOOD, seconds=0.2, at=at + 0.5))
        recorder(Observed(phase="after", tree=tree(number + 1), picture=picture(-number), at=at + 0.6, **look))
        for piece in range(4):
            body = json.dumps([{"id": one, "price": RANDOM.random()} for one in range(60)]).encode()
            kind = (("content-type", "application/json"),)
            url, at_once = f"{SITE}/api/{number}/{piece}", {"at": at + 0.3, "ended": at + 0.4}
            recorder.tape(Taped(number=4 * number + piece, method="GET", url=url, status=200, headers=kind, body=body, **at_once))
    done = tuple(StepResult(intent=f"open article {number}", action="click", verdict="verified") for number in range(1, steps + 1))
    recorder(Ended(result=Result(outcome="passed", reason="all", exit_code=0, command="read them all", steps=done), at=steps + 1.0))
    return recorder.folder


async def timed(page: Page, act: str, until: str) -> float:
    """Milliseconds of something done in the page, until an expression of it is true in a frame that was drawn."""
    script = f"""() => new Promise((done) => {{ const began = performance.now(); {act};
        const look = () => ({until}) ? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look);
        look(); }})"""
    return float(await page.evaluate(script))


async def main(steps: int) -> int:
    """1 when the file is above 40 MB or takes more than 2 s to open."""
    with TemporaryDirectory() as runs:
        began = perf_counter()
        folder = record(Path(runs), steps)
        report = folder / "report.html"
        print(f"{steps} steps recorded in {perf_counter() - began:.1f} s, report {report.stat().st_size / 1e6:.1f} MB")
        async with async_playwright() as playwright:
            executable = find_browser(Settings.from_env(), headed=False)
            browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            opens = []
            for _ in range(3):
                page = await browser.new_page(viewport={"width": 1280, "height": 800})
                began = perf_counter()
                await page.goto(report.as_uri(), wait_until="commit")
                await page.locator("html[data-ready]").wait_for(state="attached")
                await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
                opens.append(perf_counter() - began)
            key = "document.dispatchEvent(new KeyboardEvent('keydown', {key: '%s'}))"
            last = await timed(page, key % "G", f"document.querySelector('#step-{steps}').classList.contains('current')")
            search = "const field = document.querySelector('#find'); field.value = '%s'; field.dispatchEvent(new Event('input'))"
            found = "document.querySelector('.rail .hits').textContent"
            first = await timed(page, search % "article 3-77", found)
            again = await timed(page, search % "article 3-7", found)
            hits = await page.locator(".rail .hits").inner_text()
            print(f"opens in {min(opens):.2f} s (worst of 3: {max(opens):.2f} s); last step {last:.0f} ms")
            print(f"search {first:.0f} ms, the next one {again:.0f} ms ({hits} steps)")
            await browser.close()
        return int(report.stat().st_size > 40e6 or min(opens) > 2)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)))
