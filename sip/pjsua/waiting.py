"""Requests that the event loop answers: kept as copies from the moment they arrive until then."""

from __future__ import annotations

import itertools

from sip.events import RequestId
from sip.pjsua.stateless import keep, release, respond
from sip.requests import Reply

MOST_WAITING = 2_000


class WaitingRequests:
    """Copies by number. They are made on pjsip's thread, and answered on the owner thread."""

    def __init__(self) -> None:
        self._copies: dict[RequestId, int] = {}
        self._numbers = itertools.count(1)

    def keep(self, pointer: int) -> RequestId | None:
        """Let a request wait; None when too many do."""
        copy = keep(pointer) if len(self._copies) < MOST_WAITING else 0
        if not copy:
            return None
        number = next(self._numbers)
        self._copies[number] = copy
        return number

    def answer(self, number: RequestId, reply: Reply) -> None:
        """Answer a request; nothing happens to one that was answered already."""
        copy = self._copies.pop(number, 0)
        if copy:
            respond(copy, reply)
            release(copy)

    def close(self) -> None:
        """Give all copies back, while the library still lives."""
        while self._copies:
            release(self._copies.popitem()[1])
