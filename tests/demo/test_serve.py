"""Opening and closing the shop, in this process and as one of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from operator_agent.demo.serve import serve
from operator_agent.errors import SetupError, UsageError
from tests.demo.customer import Client, rows

COMMAND = (sys.executable, "-m", "operator_agent.demo.serve")


@pytest.mark.speed
async def test_it_opens_in_half_a_second_and_leaves_nothing_behind() -> None:
    began = time.monotonic()
    async with serve() as served:
        assert time.monotonic() - began < 0.5
        assert (await Client(served.url).get("")).status == 200
        assert served.db.is_file()
    assert not served.db.parent.exists()
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", int(served.url.rsplit(":")[-1].strip("/"))))


async def test_a_named_database_outlives_the_shop_and_so_does_the_history(tmp_path: Path) -> None:
    db = tmp_path / "new folder" / "shop.sqlite"
    async with serve(db) as served:
        client = Client(served.url)
        await client.fill_basket()
        number = (await client.post("api/orders", name="Ada")).json["number"]
    async with serve(db) as served:
        client.base = served.url
        assert [row["number"] for row in (await client.get("api/orders")).json["orders"]] == [number]
        assert (await client.get(f"orders/{number}")).status == 200
    assert rows(served) == [("latte", "large", "oat", 2)]


async def test_a_taken_port_is_named() -> None:
    async with serve() as served:
        port = int(served.url.rsplit(":")[-1].strip("/"))
        with pytest.raises(SetupError, match=f"port {port}: .*in use.*Name another port"):
            async with serve(port=port):
                pass


async def test_an_impossible_port_is_named() -> None:
    with pytest.raises(SetupError, match="port 70000"):
        async with serve(port=70000):
            pass


async def test_a_database_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a database, but long enough to be taken for one" * 40, encoding="utf-8")
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table orders (id integer)")
    for db in (tmp_path, file, file / "below" / "shop.sqlite", other):
        with pytest.raises(SetupError, match="cannot use the database") as raised:
            async with serve(db):
                pass
        assert str(db) in str(raised.value)


async def test_an_unknown_fault_opens_nothing() -> None:
    with pytest.raises(UsageError, match="Unknown fault brown-out"):
        async with serve(faults=["brown-out"]):
            pass


async def test_the_foreign_server_counts_every_byte() -> None:
    async with serve() as served:
        assert served.foreign_bytes == 0
        host, port = served.foreign_url.split("/")[2].split(":")
        for message in (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nname=", b"not http"):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(message)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(5):
            while served.foreign_bytes < 51:  # noqa: ASYNC110 - the bytes are on their way
                await asyncio.sleep(0.01)
        assert served.foreign_bytes == 51


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_as_a_process_it_says_where_it_is_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    db = tmp_path / "shop.sqlite"
    arguments = (*COMMAND, "--db", str(db), "--fault", "slow-60s", "--fault", "confirm")
    process = await asyncio.create_subprocess_exec(*arguments, stdout=-1, stderr=-1)
    assert process.stdout
    said = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))
    assert said["db"] == str(db)
    assert set(said) == {"url", "db", "payment_url", "foreign_url"}
    assert "slow" not in (await Client(said["url"]).get("")).text
    process.send_signal(number)
    out, err = await asyncio.wait_for(process.communicate(), 10)
    assert json.loads(out) == {"foreign_bytes": 0}
    assert (process.returncode, err) == (0, b"")


async def test_as_a_process_it_explains_a_wrong_call() -> None:
    process = await asyncio.create_subprocess_exec(*COMMAND, "--fault", "brown-out", stdout=-1, stderr=-1)
    out, err = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, out) == (2, b"")
    assert err.startswith(b"Unknown fault brown-out. The shop knows: dead-button")
