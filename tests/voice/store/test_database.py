"""Rows are put and forgotten; what is put together is committed together, and nothing is lost while the database fails."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.voice.databases import open_database
from tests.voice.exchange import virtual
from voice.errors import StoreUnavailable
from voice.store import database as module
from voice.store.tables.calls import CALLS

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def row(number: int, **more: Any) -> dict[str, Any]:
    about = {"account_sid": "AC1", "date_created": NOW, "date_updated": NOW, "to": "b", "from": "a", "direction": "inbound"}
    return {"sid": f"CA{number:032x}", **about, **more}


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(CALLS)).scalar_one()


@virtual
async def test_a_read_sees_what_was_put_before_it(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.put(CALLS, row(1))
    database.put(CALLS, row(1, status="ringing"))
    database.put(CALLS, row(2))
    database.delete(CALLS, row(2)["sid"])
    found = await database.read(lambda connection: connection.execute(select(CALLS)).mappings().all())
    assert [(each["status"], each["date_created"], each["queue_time"]) for each in found] == [("ringing", NOW, 0)]
    await database.close()


@pytest.mark.parametrize(
    "wrong", [{"account_sid": None}, {"queue_time": 2**70}, {"queue_time": object()}], ids=["nothing", "huge", "object"]
)
@virtual
async def test_a_row_that_is_refused_takes_no_other_with_it(tmp_path: Path, wrong: dict[str, Any]) -> None:
    database = open_database(tmp_path)
    database.put(CALLS, row(1))
    database.put(CALLS, row(2, **wrong))
    database.put(CALLS, row(3))
    assert await database.read(count) == 2
    assert database.dropped == 1
    await database.close()


@virtual
async def test_what_is_put_while_the_database_fails_is_written_when_it_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(tmp_path)
    write = module._write

    def fail(*arguments: object) -> None:
        raise OperationalError("", {}, Exception("no space left on device"))

    monkeypatch.setattr(module, "_write", fail)
    database.put(CALLS, row(1))
    with pytest.raises(StoreUnavailable):
        await database.read(count)
    monkeypatch.setattr(module, "MOST_PENDING", 2)
    for number in range(2, 5):
        database.put(CALLS, row(number))
    monkeypatch.setattr(module, "_write", write)
    await asyncio.sleep(5)
    assert (await database.read(count), database.dropped) == (3, 1)
    await database.close()


@virtual
async def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.put(CALLS, row(1))

    def twice(connection: Connection) -> None:
        connection.execute(insert(CALLS).values(row(2)))
        connection.execute(insert(CALLS).values(row(1)))

    with pytest.raises(IntegrityError):
        await database.transact(twice)
    assert await database.read(count) == 1
    await database.close()


@virtual
async def test_what_is_pending_is_written_when_the_store_is_closed(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    database.put(CALLS, row(1))
    await database.close()
    again = open_database(tmp_path)
    assert await again.read(count) == 1
    await again.close()


@virtual
async def test_what_is_put_into_a_closed_store_is_dropped(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    await database.close()
    database.put(CALLS, row(1))
    assert (database.dropped, database.pending) == (1, 0)
