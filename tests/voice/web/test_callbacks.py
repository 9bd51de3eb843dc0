"""Section 3.6: status callbacks are ordered per call, retried, bounded, and wait for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, func, select

from tests.voice.databases import open_database
from tests.voice.exchange import virtual
from voice.errors import StoreUnavailable
from voice.store.database import Database
from voice.store.tables.callbacks import CALLBACKS
from voice.web import callbacks
from voice.web.callbacks import LIFETIME, CallbackSender
from voice.web.webhook import WebhookClient

URL = "http://h/status"


class Receiver:
    """Answers what it is told to, then 204, and notes what it was sent."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.seen: list[str] = []

    async def serve(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.content.decode())
        return httpx.Response(self.answers.pop(0) if self.answers else 204)


def _wall() -> datetime:
    return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())


@asynccontextmanager
async def sending(database: Database, receiver: Receiver) -> AsyncIterator[CallbackSender]:
    client = WebhookClient(str, transport=httpx.MockTransport(receiver.serve))
    sender = CallbackSender(client, database, _wall)
    await sender.resume()
    yield sender
    await sender.close()
    await client.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    asyncio.run(opened.close())


@virtual
async def test_a_receiver_that_was_down_gets_all_in_order(database: Database) -> None:
    receiver = Receiver(503, 500, 429)
    async with sending(database, receiver) as sender:
        for step in ("1", "2", "3"):
            sender.send("CA1", URL, "POST", [("Step", step)])
        await sender.drain(60)
        assert receiver.seen == ["Step=1", "Step=1", "Step=1", "Step=1", "Step=2", "Step=3"]
        assert (sender.waiting, sender.dropped) == (0, 0)


@virtual
async def test_one_call_does_not_wait_for_another(database: Database) -> None:
    receiver = Receiver(503)
    async with sending(database, receiver) as sender:
        sender.send("CA1", URL, "POST", [("Call", "1")])
        sender.send("CA2", URL, "POST", [("Call", "2")])
        await sender.drain(60)
    assert receiver.seen == ["Call=1", "Call=2", "Call=1"]


@virtual
async def test_a_receiver_that_does_not_want_it_is_not_asked_again(database: Database) -> None:
    receiver = Receiver(404)
    async with sending(database, receiver) as sender:
        sender.send("CA1", URL, "POST", [])
        await sender.drain(60)
        assert (len(receiver.seen), sender.dropped) == (1, 1)


@virtual
async def test_a_receiver_that_stays_down_is_given_up_after_a_day(database: Database) -> None:
    receiver = Receiver(*[500] * 5000)
    async with sending(database, receiver) as sender:
        sender.send("CA1", URL, "POST", [])
        await sender.drain(LIFETIME.total_seconds() - 100)
        assert sender.waiting == 1
        await sender.drain(200)
        assert (sender.waiting, sender.dropped) == (0, 1)


@virtual
async def test_what_was_not_delivered_is_sent_by_the_next_process_in_the_same_order(database: Database, tmp_path: Path) -> None:
    async with sending(database, Receiver(*[503] * 100)) as sender:
        for step in ("1", "2"):
            sender.send("CA1", URL, "POST", [("AccountSid", "AC1"), ("Step", step)])
        await sender.drain(20)
    await database.close()
    receiver, again = Receiver(), open_database(tmp_path)
    async with sending(again, receiver) as sender:
        sender.send("CA1", URL, "POST", [("AccountSid", "AC1"), ("Step", "3")])
        await sender.drain(20)
        assert receiver.seen == [f"AccountSid=AC1&Step={step}" for step in ("1", "2", "3")]
        assert await again.read(_left) == 0
    await again.close()


@virtual
async def test_more_than_memory_holds_wait_in_the_store_and_keep_their_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "MOST_IN_MEMORY", 10)
    receiver = Receiver(503)
    async with sending(database, receiver) as sender:
        for number in range(95):
            sender.send(f"CA{number % 3}", URL, "POST", [("Number", str(number))])
        assert sender.waiting == 10
        for _ in range(40):
            await sender.drain(60)
            await asyncio.sleep(0.1)
        delivered = [int(body.removeprefix("Number=")) for body in receiver.seen[1:]]
        assert sorted(delivered) == list(range(95))
        for key in range(3):
            own = [number for number in delivered if number % 3 == key]
            assert own == sorted(own)
        assert await database.read(_left) == 0


@virtual
async def test_what_comes_while_the_store_is_read_is_sent_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "MOST_IN_MEMORY", 10)
    receiver, read = Receiver(), database.read
    async with sending(database, receiver) as sender:
        sent: list[int] = []

        def send() -> None:
            sent.append(len(sent))
            sender.send(f"CA{len(sent)}", URL, "POST", [("Number", str(sent[-1]))])

        async def and_meanwhile(query: Any) -> Any:
            if len(sent) < 40:
                send()
            return await read(query)

        monkeypatch.setattr(database, "read", and_meanwhile)
        for _ in range(17):
            send()
        await asyncio.sleep(60)
        assert sorted(int(body.removeprefix("Number=")) for body in receiver.seen) == sent
        assert await read(_left) == 0


@virtual
async def test_a_store_that_could_not_be_read_is_read_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "MOST_IN_MEMORY", 4)
    receiver, read, failures = Receiver(), database.read, iter([StoreUnavailable("gone")])

    async def sometimes(query: Any) -> Any:
        for failure in failures:
            raise failure
        return await read(query)

    async with sending(database, receiver) as sender:
        monkeypatch.setattr(database, "read", sometimes)
        for number in range(12):
            sender.send(f"CA{number}", URL, "POST", [("Number", str(number))])
        await asyncio.sleep(60)
        assert sorted(int(body.removeprefix("Number=")) for body in receiver.seen) == list(range(12))


def _left(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(CALLBACKS)).scalar_one()
