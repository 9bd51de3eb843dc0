"""The debugger webhook: one address that hears of every error and warning (spec section 3.11).

It is a convenience and gets what it can take: each event is sent once, and the oldest that wait are dropped when there are too
many. It never holds up status callbacks.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from voice.accounts.accounts import Accounts
from voice.web.parameters import timestamp
from voice.web.webhook import Request, WebhookClient, WebhookFailure

MOST_WAITING = 1000

_log = structlog.get_logger("debugger")


class Debugger:
    """Sends to ``url``, or to nobody when that is empty; ``wall`` is the time of day in UTC."""

    def __init__(self, url: str, client: WebhookClient, accounts: Accounts, wall: Callable[[], datetime]) -> None:
        self.dropped = 0
        """Events that were not sent or not taken."""
        self._url = url
        self._client = client
        self._accounts = accounts
        self._wall = wall
        self._waiting: deque[Request] = deque()
        self._worker: asyncio.Task[None] | None = None

    def tell(self, account_sid: str, sid: str, level: str, payload: Mapping[str, Any]) -> None:
        """Queue the event with a notification's SID; ``level`` is ``error`` or ``warning``."""
        if not self._url:
            return
        account = self._accounts.get(account_sid)
        pairs = (
            ("Sid", sid),
            ("AccountSid", account_sid),
            ("ParentAccountSid", account.owner_sid if account is not None else ""),
            ("Timestamp", timestamp(self._wall())),
            ("Level", level.upper()),
            ("PayloadType", "application/json"),
            ("Payload", json.dumps(payload, ensure_ascii=False)),
        )
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(Request(self._url, "POST", pairs, account_sid=account_sid))
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work_off())

    async def close(self) -> None:
        """Send nothing more."""
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                request = self._waiting.popleft()
                try:
                    await self._client.fetch(request)
                except WebhookFailure as failure:
                    self.dropped += 1
                    _log.warning("the debugger webhook failed", url=failure.url, code=failure.code, error=str(failure))
        finally:
            self._worker = None
