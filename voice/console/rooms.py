"""Where callers are together: the conferences that live and the queues, with everybody in them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from voice.accounts.accounts import Accounts
from voice.calls.registry import Registry
from voice.conference.conference import Conference
from voice.conference.conferences import Conferences
from voice.conference.participant import Participant
from voice.queue.places import WaitingLine, WaitingLines

PERIOD_SECONDS = 0.5
MOST_ROOMS = 200
MOST_PEOPLE = 250
"""Shown of one conference or queue."""

Told = dict[str, Any]


class Rooms:
    """Tells of conferences and queues of every account; ``now`` is monotonic seconds."""

    def __init__(
        self, conferences: Conferences, queues: WaitingLines, registry: Registry, accounts: Accounts, now: Callable[[], float]
    ) -> None:
        self._conferences = conferences
        self._queues = queues
        self._registry = registry
        self._accounts = accounts
        self._now = now
        self._drawn = -PERIOD_SECONDS
        self._text = ""

    async def messages(self) -> AsyncIterator[str]:
        """The picture as JSON, whenever it has changed; otherwise something empty."""
        last = ""
        while True:
            text = self._draw()
            yield text if text != last else ""
            last = text
            await asyncio.sleep(PERIOD_SECONDS)

    def _draw(self) -> str:
        """The picture as it is just now, made once in a period however many look."""
        moment = self._now()
        if moment - self._drawn >= PERIOD_SECONDS / 2:
            self._drawn, self._text = moment, json.dumps(self._picture())
        return self._text

    def _picture(self) -> Told:
        queues = (queue for account in self._accounts for queue in self._queues.of(account.sid))
        return {
            "conferences": [self._conference(each) for each in itertools.islice(self._conferences, MOST_ROOMS)],
            "queues": [self._queue(each) for each in itertools.islice(queues, MOST_ROOMS)],
        }

    def _conference(self, conference: Conference) -> Told:
        people = itertools.islice(list(conference.participants.values()), MOST_PEOPLE)
        return {
            "sid": conference.sid,
            "account": conference.account_sid,
            "name": conference.name,
            "size": len(conference.participants),
            "people": [self._participant(each) for each in people],
        }

    def _participant(self, participant: Participant) -> Told:
        member, call = participant.member, participant.guest.call
        return {
            "call": call.sid,
            "from": call.party.from_,
            "to": call.party.to,
            "direction": call.direction,
            "label": member.label,
            "muted": member.muted,
            "hold": member.hold,
            "coaches": member.coached_sid,
            "moderator": member.end_on_exit,
        }

    def _queue(self, queue: WaitingLine) -> Told:
        return {
            "sid": queue.sid,
            "account": queue.account_sid,
            "name": queue.name,
            "most": queue.max_size,
            "size": queue.size,
            "people": [self._waiting(each.call_sid, each.entered) for each in queue.members[:MOST_PEOPLE]],
        }

    def _waiting(self, call_sid: str, entered: float) -> Told:
        line = self._registry.by_sid(call_sid)
        party = line.call.party if line is not None else None
        told: Told = {"call": call_sid, "since": round(self._now() - entered)}
        return told | {"from": party.from_ if party is not None else "", "to": party.to if party is not None else ""}
