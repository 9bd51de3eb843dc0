"""Conferences in the store: the live ones as they are, and those that are over (spec section 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, update

from voice.conference.room import Room
from voice.store.database import Database
from voice.store.tables.rooms import CONFERENCES

ABANDONED = "last-participant-left"
"""``ReasonConferenceEnded`` of one whose process has died: its calls have, too."""


class Recorded(Protocol):
    """What a conference is known by."""

    sid: str
    name: str
    account_sid: str
    created: datetime
    updated: datetime
    rules: Room


class Archive:
    """Writes down what becomes of the conferences of this process, which is called ``node``."""

    def __init__(self, database: Database, node: str) -> None:
        self._database = database
        self._node = node

    def write(self, conference: Recorded) -> None:
        """Keep a conference as it is now."""
        self._database.put(CONFERENCES, {**conference_row(conference), "node": self._node})


def conference_row(conference: Recorded) -> dict[str, Any]:
    """A conference as the store and the API have it."""
    rules = conference.rules
    return {
        "sid": conference.sid,
        "account_sid": conference.account_sid,
        "friendly_name": conference.name,
        "status": rules.status,
        "date_created": conference.created,
        "date_updated": conference.updated,
        "reason_conference_ended": rules.reason_ended or None,
        "call_sid_ending_conference": rules.ended_by or None,
    }


def abandon_conferences(node: str, now: datetime) -> Callable[[Connection], int]:
    """A transaction that completes what an earlier process of this name has left; it returns how many conferences that are."""
    left = update(CONFERENCES).where(CONFERENCES.c.node == node, CONFERENCES.c.status != "completed")
    work = left.values(status="completed", reason_conference_ended=ABANDONED, date_updated=now)
    return lambda connection: connection.execute(work).rowcount
