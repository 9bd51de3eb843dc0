"""Conferences in the store: the live ones as they are, and those that are over (spec section 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select, update

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

    @property
    def told(self) -> dict[str, Any]:
        """Who is told of its events; see ``voice.conference.notices``."""


class Archive:
    """Writes down what becomes of the conferences of this process, which is called ``node``."""

    def __init__(self, database: Database, node: str) -> None:
        self._database = database
        self._node = node

    def write(self, conference: Recorded) -> None:
        """Keep a conference as it is now."""
        self._database.put(CONFERENCES, {**conference_row(conference), "node": self._node, "subscription": conference.told})


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


def abandon_conferences(node: str, now: datetime) -> Callable[[Connection], list[Mapping[str, Any]]]:
    """A transaction that completes what an earlier process of this name has left; it returns the rows of those conferences."""
    left = (CONFERENCES.c.node == node, CONFERENCES.c.status != "completed")

    def work(connection: Connection) -> list[Mapping[str, Any]]:
        sids = connection.execute(select(CONFERENCES.c.sid).where(*left)).scalars().all()
        end = update(CONFERENCES).where(CONFERENCES.c.sid.in_(sids))
        connection.execute(end.values(status="completed", reason_conference_ended=ABANDONED, date_updated=now))
        ended = connection.execute(select(CONFERENCES).where(CONFERENCES.c.sid.in_(sids)))
        return [dict(row) for row in ended.mappings()]

    return work
