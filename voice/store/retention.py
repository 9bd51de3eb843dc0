"""What is older than the settings allow is deleted, in small steps with pauses so that no call notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Select, Table, delete, select

from voice.accounts.accounts import Accounts
from voice.errors import StoreUnavailable
from voice.recording.recording import Recording
from voice.recording.recordings import Recordings
from voice.settings import Retention as Days
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.store.tables.notifications import NOTIFICATIONS
from voice.store.tables.recordings import RECORDINGS, SENTENCES, TRANSCRIPTIONS
from voice.store.tables.rooms import CONFERENCES
from voice.story.journal import JournalFiles

SWEEP_SECONDS = 3600.0
STEP = 100
"""Rows that are deleted in one transaction, and recordings between two pauses."""
PAUSE_SECONDS = 0.2
DELETED_DAYS = 40
"""How long it is known of a recording that it was deleted (spec section 4.8)."""

_log = structlog.get_logger("retention")


class Retention:
    """Sweeps the store and the files of one node; ``wall`` is the time of day in UTC."""

    def __init__(
        self,
        days: Days,
        database: Database,
        recordings: Recordings,
        journals: JournalFiles,
        accounts: Accounts,
        wall: Callable[[], datetime],
    ) -> None:
        self._days = days
        self._database = database
        self._recordings = recordings
        self._journals = journals
        self._accounts = accounts
        self._wall = wall

    async def run(self) -> None:
        """Sweep every hour, for ever."""
        while True:
            try:
                await self.sweep()
            except (StoreUnavailable, OSError) as error:
                _log.error("what is old could not be deleted; trying again later", error=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Delete what is too old now. Raises StoreUnavailable and OSError."""
        ended, completed = CALLS.c.end_time.is_not(None), CONFERENCES.c.status == "completed"
        await self._forget(CALLS, self._days.calls, ended)
        await self._forget(CONFERENCES, self._days.calls, completed)
        await self._forget(NOTIFICATIONS, self._days.notifications)
        await self._forget(TRANSCRIPTIONS, self._days.recordings, TRANSCRIPTIONS.c.status != "in-progress")
        await self._forget(SENTENCES, self._days.recordings)
        await self._delete_recordings()
        await self._purge_recordings()
        await self._delete_journals()

    def _before(self, days: int) -> datetime:
        return self._wall() - timedelta(days=days)

    async def _forget(self, table: Table, days: int, *conditions: ColumnElement[bool]) -> None:
        """Delete the rows of a table that are older than some days, account by account, as their index has them."""
        for account in self._accounts if days else ():
            old = (table.c.account_sid == account.sid, table.c.date_created < self._before(days), *conditions)
            number = STEP
            while number == STEP:
                number = await self._database.transact(partial(_delete_some, table=table, conditions=old))
                await asyncio.sleep(PAUSE_SECONDS)

    async def _delete_recordings(self) -> None:
        for account in self._accounts if self._days.recordings else ():
            old = RECORDINGS.c.date_created < self._before(self._days.recordings)
            complete = RECORDINGS.c.status.in_(("completed", "absent"))
            async for row in self._chosen(RECORDINGS.c.account_sid == account.sid, old, complete):
                await self._recordings.delete(Recording.from_row(row))

    async def _purge_recordings(self) -> None:
        old = RECORDINGS.c.date_deleted < self._before(DELETED_DAYS)
        async for row in self._chosen(RECORDINGS.c.status == "deleted", old):
            await self._recordings.purge(row["sid"])

    async def _chosen(self, *conditions: ColumnElement[bool]) -> AsyncIterator[Mapping[str, Any]]:
        """The recordings of this node that fulfil conditions; whoever gets one changes that."""
        query = select(RECORDINGS).where(RECORDINGS.c.node == self._recordings.node, *conditions).limit(STEP)
        rows = await self._database.read(partial(_all, query=query))
        while rows:
            for row in rows:
                yield row
            await asyncio.sleep(PAUSE_SECONDS)
            rows = await self._database.read(partial(_all, query=query))

    async def _delete_journals(self) -> None:
        steps = self._journals.expire(self._before(self._days.journals)) if self._days.journals else iter(())
        going_on = True
        while going_on:
            going_on = await asyncio.to_thread(_go_on, steps)
            await asyncio.sleep(PAUSE_SECONDS)


def _all(connection: Connection, query: Select[Any]) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _delete_some(connection: Connection, table: Table, conditions: tuple[ColumnElement[bool], ...]) -> int:
    chosen = select(table.c.sid).where(*conditions).limit(STEP)
    return connection.execute(delete(table).where(table.c.sid.in_(chosen.scalar_subquery()))).rowcount


def _go_on(steps: Iterator[None]) -> bool:
    """Whether there was a step left to be taken."""
    return next(steps, False) is None
