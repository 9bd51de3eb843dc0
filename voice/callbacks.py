"""Status callbacks: in order per call, retried, and never in a call's way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from voice.webhook import Request, WebhookClient, WebhookFailure

MOST_WAITING = 10_000
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
AT_ONCE = 50
"""Requests under way, so that one slow receiver of many calls does not hold all connections."""

_log = structlog.get_logger("callbacks")


class CallbackSender:
    """One queue per key, each worked off in order."""

    def __init__(self, client: WebhookClient, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.dropped = 0
        """Callbacks given up: not delivered after all retries, or too many waiting."""
        self._client = client
        self._sleep = sleep
        self._waiting = 0
        self._queues: dict[str, deque[Request]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def waiting(self) -> int:
        """Callbacks not yet delivered."""
        return self._waiting

    def send(self, key: str, url: str, method: str, pairs: list[tuple[str, str]]) -> None:
        """Queue a callback behind the others of its key."""
        if self._waiting >= MOST_WAITING:
            self.dropped += 1
            return
        self._waiting += 1
        self._queues.setdefault(key, deque()).append(Request(url, method, tuple(pairs)))
        if key not in self._workers:
            self._workers[key] = asyncio.get_running_loop().create_task(self._work_off(key))

    async def drain(self, seconds: float) -> None:
        """Wait until all is delivered or given up, at most ``seconds``."""
        if self._workers:
            await asyncio.wait(set(self._workers.values()), timeout=seconds)

    async def close(self) -> None:
        """Give up what is left."""
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for key in list(self._queues):
            self._forget(key)

    async def _work_off(self, key: str) -> None:
        queue = self._queues[key]
        try:
            while queue:
                await self._deliver(key, queue[0])
                queue.popleft()
                self._waiting -= 1
        finally:
            self._forget(key)

    def _forget(self, key: str) -> None:
        """Count what is left of a queue as given up."""
        left = len(self._queues.pop(key, ()))
        self._waiting -= left
        self.dropped += left
        self._workers.pop(key, None)

    async def _deliver(self, key: str, request: Request) -> None:
        for pause in (*RETRY_SECONDS, None):
            try:
                async with self._slots:
                    await self._client.fetch(request)
                return
            except WebhookFailure as failure:
                _log.warning("status callback failed", call_sid=key, url=failure.url, code=failure.code, error=str(failure))
                if pause is None or not _worth_retrying(failure):
                    break
                await self._sleep(pause)
        self.dropped += 1


def _worth_retrying(failure: WebhookFailure) -> bool:
    return failure.kind != "4xx" and failure.code not in (11100, 11243)
