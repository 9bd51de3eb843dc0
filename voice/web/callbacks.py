"""Status callbacks: written down before they are sent, in order per object, repeated until they are taken.

A callback is in the store from the moment it is queued until it is delivered or given up, so neither a receiver that is down nor
a restart loses one. In memory are the oldest of them; what comes while there are too many is fetched from the store later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, select

from voice.errors import StoreUnavailable
from voice.store.database import Database
from voice.store.tables.callbacks import CALLBACKS
from voice.story.journal import Journal
from voice.web.parameters import without_secrets
from voice.web.webhook import Attempt, Request, WebhookClient, WebhookFailure

MOST_IN_MEMORY = 10_000
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Between attempts; the last one is repeated."""
LIFETIME = timedelta(hours=24)
"""After this time a callback is given up."""
AT_ONCE = 50
"""Requests under way, so that one slow receiver of many calls does not hold all connections."""

_WRONG_URL = frozenset({11100, 11243})
_FINAL_STATUSES = frozenset({400, 401, 403, 404, 405, 410, 413, 414, 415, 422})
"""Answers of a receiver that will not want the callback later either."""

_log = structlog.get_logger("callbacks")
_Entry = tuple[int, datetime, Request]


class CallbackSender:
    """One queue per key, each worked off in order."""

    def __init__(
        self,
        client: WebhookClient,
        database: Database,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.dropped = 0
        """Callbacks given up: refused, or not taken within LIFETIME."""
        self._client = client
        self._database = database
        self._wall = wall
        self._sleep = sleep
        self._next = 1
        self._loaded = 0
        """Up to this number all that wait are in memory."""
        self._in_memory = 0
        self._queues: dict[str, deque[_Entry]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._refilling: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def waiting(self) -> int:
        """Callbacks in memory that are not yet delivered."""
        return self._in_memory

    async def resume(self) -> None:
        """Take up what an earlier process left. Raises StoreUnavailable."""
        self._next = await self._database.read(_last) + 1
        await self._fetch()

    def send(self, key: str, url: str, method: str, pairs: list[tuple[str, str]], *, journal: Journal | None = None) -> None:
        """Queue a callback behind the others of its key; ``pairs`` name the account that signs it.

        Its attempts are noted in ``journal``, unless it is delivered by a later process.
        """
        number, now = self._next, self._wall()
        self._next += 1
        account_sid = dict(pairs).get("AccountSid", "")
        row = {"id": number, "key": key, "account_sid": account_sid, "url": url, "method": method, "created": now}
        self._database.put(CALLBACKS, {**row, "parameters": pairs})
        if self._loaded == number - 1 and self._in_memory < MOST_IN_MEMORY:
            self._loaded = number
            request = Request(url, method, tuple(pairs), account_sid=account_sid)
            if journal is not None:
                request = replace(request, ended=partial(_note, journal))
            self._enqueue(key, (number, now, request))

    async def drain(self, seconds: float) -> None:
        """Wait until all is delivered or given up, at most ``seconds``."""
        if self._workers:
            await asyncio.wait(set(self._workers.values()), timeout=seconds)

    async def close(self) -> None:
        """Leave what is left to the next process."""
        workers = [*self._workers.values(), *([self._refilling] if self._refilling is not None else [])]
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _enqueue(self, key: str, entry: _Entry) -> None:
        self._in_memory += 1
        self._queues.setdefault(key, deque()).append(entry)
        if key not in self._workers:
            self._workers[key] = asyncio.get_running_loop().create_task(self._work_off(key))

    async def _work_off(self, key: str) -> None:
        queue = self._queues[key]
        try:
            while queue:
                number, created, request = queue[0]
                await self._deliver(key, created, request)
                self._database.delete(CALLBACKS, number)
                queue.popleft()
                self._in_memory -= 1
        finally:
            self._in_memory -= len(queue)
            del self._queues[key], self._workers[key]
        if self._loaded < self._next - 1 and self._in_memory < MOST_IN_MEMORY // 2 and self._refilling is None:
            self._refilling = asyncio.get_running_loop().create_task(self._refill())

    async def _deliver(self, key: str, created: datetime, request: Request) -> None:
        await self._written()
        attempt = 0
        while True:
            try:
                async with self._slots:
                    await self._client.fetch(request)
                return
            except WebhookFailure as failure:
                _log.warning("status callback failed", key=key, url=failure.url, code=failure.code, error=str(failure))
                if not _worth_repeating(failure) or self._wall() - created > LIFETIME:
                    break
            await self._sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1
        self.dropped += 1

    async def _written(self) -> None:
        """Nobody is told what a crash could make undone; a store that does not work holds nothing up."""
        try:
            await self._database.settle()
        except StoreUnavailable:
            _log.warning("a status callback is sent although the store does not work")

    async def _refill(self) -> None:
        """Fetch what waits in the store, as soon as that works."""
        while True:
            try:
                await self._fetch()
                break
            except StoreUnavailable as error:
                _log.error("status callbacks wait for the store", error=str(error))
                await self._sleep(RETRY_SECONDS[0])
        self._refilling = None

    async def _fetch(self) -> None:
        while self._loaded < self._next - 1 and self._in_memory < MOST_IN_MEMORY:
            newest, room = self._next - 1, MOST_IN_MEMORY - self._in_memory
            rows = await self._database.read(partial(_after, number=self._loaded, most=room))
            for row in rows:
                pairs = tuple((name, value) for name, value in row["parameters"])
                request = Request(row["url"], row["method"], pairs, account_sid=row["account_sid"])
                self._enqueue(row["key"], (row["id"], row["created"], request))
            if rows:  # which may be newer than what was the newest when they were asked for
                self._loaded = rows[-1]["id"]
            if len(rows) < room:
                self._loaded = max(self._loaded, newest)


def _note(journal: Journal, attempt: Attempt) -> None:
    journal.add(
        "callback",
        method=attempt.method,
        url=attempt.url,
        parameters=without_secrets(attempt.pairs),
        status=attempt.status,
        content_type=attempt.content_type,
        seconds=round(attempt.seconds, 4),
        error=attempt.error,
        body=attempt.body.decode(errors="replace"),
    )


def _last(connection: Connection) -> int:
    return connection.execute(select(CALLBACKS.c.id).order_by(CALLBACKS.c.id.desc()).limit(1)).scalar() or 0


def _after(connection: Connection, number: int, most: int) -> list[Any]:
    query = select(CALLBACKS).where(CALLBACKS.c.id > number).order_by(CALLBACKS.c.id).limit(most)
    return list(connection.execute(query).mappings())


def _worth_repeating(failure: WebhookFailure) -> bool:
    return failure.code not in _WRONG_URL and failure.status not in _FINAL_STATUSES
