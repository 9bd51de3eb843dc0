"""What is old goes, and nothing else does."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Table, select

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from voice.recording.recording import Recording
from voice.settings import Retention as Days
from voice.store.retention import STEP, Retention
from voice.store.tables.calls import CALLS
from voice.store.tables.notifications import NOTIFICATIONS
from voice.store.tables.recordings import RECORDINGS, TRANSCRIPTIONS
from voice.store.tables.rooms import CONFERENCES
from voice.story.journal import FILES_PER_STEP

FOREVER = Days(recordings=0, calls=0, journals=0, notifications=0)
MONTH = Days(recordings=30, calls=30, journals=30, notifications=30)


def retention(world: World, days: Days) -> Retention:
    return Retention(days, world.database, world.recordings, world.journals, world.accounts, world.resources.wall)


async def left(world: World, table: Table) -> list[str]:
    query = select(table.c.sid).order_by(table.c.sid)
    return await world.database.read(lambda connection: list(connection.execute(query).scalars()))


def row(world: World, prefix: str, number: int, days: float, **columns: Any) -> dict[str, Any]:
    """A row of some age."""
    made = world.resources.wall() - timedelta(days=days)
    about = {"account_sid": ACCOUNT.sid, "date_created": made, "date_updated": made}
    return {"sid": f"{prefix}{number:032}", **about, **columns}


def record(world: World, number: int, days: float, status: Any = "completed", **columns: Any) -> str:
    """A recording of some age with its audio."""
    made = world.resources.wall() - timedelta(days=days)
    recording = Recording(f"RE{number:032}", ACCOUNT.sid, "CA" + "b" * 32, "DialVerb", made, status=status, node="main")
    world.database.put(RECORDINGS, {**recording.row(), **columns})
    for ending in (".wav", ".mp3"):
        world.recordings.path(recording.sid).with_suffix(ending).write_bytes(b"sound")
    return recording.sid


@virtual
async def test_rows_of_a_certain_age_are_forgotten_in_steps(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        for number in range(2 * STEP + 7):
            world.database.put(NOTIFICATIONS, row(world, "NO", number, 31))
        world.database.put(NOTIFICATIONS, row(world, "NO", 9999, 29))
        ended = world.resources.wall()
        for number, columns in enumerate(({"end_time": ended}, {})):
            world.database.put(CALLS, row(world, "CA", number, 31, **columns))
        for number, status in enumerate(("completed", "in-progress")):
            world.database.put(CONFERENCES, row(world, "CF", number, 31, status=status))
            world.database.put(TRANSCRIPTIONS, row(world, "TR", number, 31, status=status))
        await retention(world, FOREVER).sweep()
        assert len(await left(world, NOTIFICATIONS)) == 2 * STEP + 8
        await retention(world, MONTH).sweep()
        assert await left(world, NOTIFICATIONS) == [f"NO{9999:032}"]
        assert await left(world, CALLS) == [f"CA{1:032}"]
        assert await left(world, CONFERENCES) == [f"CF{1:032}"]
        assert await left(world, TRANSCRIPTIONS) == [f"TR{1:032}"]


@virtual
async def test_recordings_are_deleted_and_then_forgotten(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        old, young = record(world, 1, 31), record(world, 2, 29)
        running, foreign = record(world, 3, 31, "in-progress"), record(world, 4, 31, node="other")
        for number in range(100, 103 + STEP):
            record(world, number, 31, "absent")
        await retention(world, FOREVER).sweep()
        assert len(list((tmp_path / "recordings").iterdir())) == 2 * (7 + STEP)
        await retention(world, MONTH).sweep()
        files = {path.stem for path in (tmp_path / "recordings").iterdir()}
        assert files == {young, running, foreign}
        address = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/{old}.json"
        assert [(await client.get(address + query)).status_code for query in ("", "?IncludeSoftDeleted=true")] == [404, 200]
        assert (await _status(client, address)) == "deleted"
        gone = world.resources.wall() - timedelta(days=41)
        world.database.put(RECORDINGS, {**row(world, "RE", 1, 90), "status": "deleted", "date_deleted": gone, "node": "main"})
        await retention(world, FOREVER).sweep()
        assert old not in await left(world, RECORDINGS)
        assert f"RE{100:032}" in await left(world, RECORDINGS)


async def _status(client: httpx.AsyncClient, address: str) -> str:
    status: str = (await client.get(address + "?IncludeSoftDeleted=true")).json()["status"]
    return status


@pytest.mark.parametrize(("days", "kept"), [(0, 2 * FILES_PER_STEP + 5), (30, 1)])
@virtual
async def test_journals_that_nobody_has_written_to_for_long_are_deleted(tmp_path: Path, days: int, kept: int) -> None:
    async with World(tmp_path, Customer()) as world:
        folder = tmp_path / "journals"
        folder.mkdir(exist_ok=True)
        now = world.resources.wall().timestamp()
        for number in range(2 * FILES_PER_STEP + 5):
            path = folder / f"CA{number:032}.jsonl"
            path.touch()
            os.utime(path, (now, now - 86_400 * (29 if number == 3 else 31)))
        await retention(world, Days(journals=days)).sweep()
        assert len(list(folder.iterdir())) == kept
