"""The queues that outlive the process: those that REST has made or changed (spec section 4.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from voice.queue.places import WaitingLine, WaitingLines
from voice.queue.queues import Queue
from voice.store.database import Database
from voice.store.tables.rooms import QUEUES


class QueueBook:
    """Keeps the store in step with the queues in memory, which decide."""

    def __init__(self, database: Database, queues: WaitingLines) -> None:
        self._database = database
        self._queues = queues

    async def load(self) -> None:
        """Know the queues of earlier processes again, all of them empty. Raises StoreUnavailable and QueueRefused."""
        for row in await self._database.read(_all):
            queue: WaitingLine = Queue(
                row["account_sid"], row["friendly_name"], row["max_size"], row["date_created"], sid=row["sid"]
            )
            queue.date_updated = row["date_updated"]
            self._queues.restore(queue)

    def write(self, queue: WaitingLine) -> None:
        """Keep a queue as it is now."""
        row = {
            "sid": queue.sid,
            "account_sid": queue.account_sid,
            "friendly_name": queue.name,
            "max_size": queue.max_size,
            "date_created": queue.date_created,
            "date_updated": queue.date_updated,
        }
        self._database.put(QUEUES, row)

    def strike(self, queue: WaitingLine) -> None:
        """Keep it no longer."""
        self._database.delete(QUEUES, queue.sid)

    async def settle(self) -> None:
        """Wait until all of this is safe. Raises StoreUnavailable."""
        await self._database.settle()


def _all(connection: Connection) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(select(QUEUES).order_by(QUEUES.c.date_created)).mappings()]
