"""Uploads arrive at the page, downloads at the disk, and neither leaves its bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_agent.flow.action import Click, Download, Upload
from operator_agent.flow.grant import Limits
from operator_agent.surfaces.browser.downloads import safe_name
from tests.surfaces.browser.stage import Site, Stage, chromium, serving, staged


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser, site: Site, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(browser, site, Limits(step=2.5, load=4), downloads=tmp_path / "saved") as stage:
        await stage.open("files.html")
        yield stage


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photo.png"
    path.write_bytes(b"12345")
    return str(path)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("target", "line"),
    [
        ('"Photo"', "photo photo.png:5"),
        ('button "Choose"', "hidden photo.png:5"),
        ('region "Zone"', "zone photo.png"),
    ],
)
async def test_upload(stage: Stage, site: Site, photo: str, target: str, line: str) -> None:
    done = await stage.do(Upload, target=target, files=(photo,))
    assert (done.delivery, done.trouble) == ("sent", None)
    await site.told(line)


@pytest.mark.asyncio(loop_scope="module")
async def test_upload_of_several(stage: Stage, site: Site, photo: str, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"1")
    await stage.do(Upload, target='"Many"', files=(photo, str(tmp_path / "b.txt")))
    await site.told("many photo.png:5 b.txt:1")
    refused = await stage.do(Upload, target='"Photo"', files=(photo, photo))
    assert refused.trouble and refused.trouble.kind == "rejected"


@pytest.mark.asyncio(loop_scope="module")
async def test_upload_the_page_would_not_offer(stage: Stage, site: Site, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"1")
    for files, says in (((str(tmp_path / "b.txt"),), "image/*"), (("/no/such.png",), "is not a file")):
        done = await stage.do(Upload, target='"Photo"', files=files)
        assert done.trouble and (done.trouble.kind, done.delivery) == ("rejected", "none")
        assert says in done.trouble.detail
    assert site.log == []


@pytest.mark.asyncio(loop_scope="module")
async def test_upload_where_no_chooser_opens(stage: Stage, photo: str) -> None:
    done = await stage.do(Upload, target='button "No chooser"', files=(photo,))
    assert done.trouble and done.trouble.kind == "rejected" and "no file chooser" in done.trouble.detail


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("target", "name", "size"),
    [
        ('link "Report"', "report.csv", 1234),
        ('link "Blob"', "note.txt", 5),
        ('link "Later"', "slow.bin", 10),
        ('link "Evil"', "evil.sh", 10),
    ],
)
async def test_download(stage: Stage, tmp_path: Path, target: str, name: str, size: int) -> None:
    done = await stage.do(Download, target=target)
    assert done.trouble is None
    saved = Path(str(done.value))
    assert saved.parent == tmp_path / "saved" and saved.name.endswith(name)
    assert len(await asyncio.to_thread(saved.read_bytes)) == size
    assert done.facts == (f"downloaded {saved.name}, {size} bytes",)
    file = (await stage.look()).downloads[-1]
    assert (file.path, file.bytes) == (done.value, size)


@pytest.mark.asyncio(loop_scope="module")
async def test_two_downloads_of_one_name_are_two_files(stage: Stage) -> None:
    first = await stage.do(Download, target='link "Report"')
    second = await stage.do(Download, target='link "Report"')
    assert first.value != second.value and str(second.value).endswith("report (2).csv")


@pytest.mark.asyncio(loop_scope="module")
async def test_download_without_a_name_and_by_a_click(stage: Stage) -> None:
    await stage.do(Click, target='link "Nameless"')
    while not (await stage.look()).downloads:
        assert await stage.surface.changed(2)
    assert stage.seen.downloads[0].bytes == 10


@pytest.mark.asyncio(loop_scope="module")
async def test_no_download_came(browser: Browser, site: Site) -> None:
    async with staged(browser, site, Limits(step=0.8, load=0.8)) as stage:
        await stage.open("files.html")
        done = await stage.do(Download, target='button "Nothing"')
        assert done.trouble and (done.trouble.kind, done.delivery) == ("timeout", "sent")


@pytest.mark.parametrize(
    ("suggested", "safe"),
    [
        ("report.csv", "report.csv"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (".hidden", "hidden"),
        ("", "download"),
        ("..", "download"),
        ("a\x00b\nc.txt", "a_b_c.txt"),
        ("con.txt", "_con.txt"),
        ("Rechnung für Zoë.pdf", "Rechnung für Zoë.pdf"),
    ],
)
def test_safe_name(suggested: str, safe: str) -> None:
    assert safe_name(suggested) == safe


def test_safe_name_is_short_and_keeps_its_ending() -> None:
    name = safe_name("é" * 300 + ".pdf")
    assert len(name.encode()) <= 150 and name.endswith(".pdf")
