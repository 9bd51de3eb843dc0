"""What the three resources of recordings share: their rows in the store, their facts, and how a running one is controlled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select

from voice.api.errors import ApiError
from voice.api.operation import Ask
from voice.api.paging import Page, select_page
from voice.api.parameters import Parameter, choice
from voice.api.shapes import anything, digits, integer, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.errors import NOT_IN_PROGRESS
from voice.recording.recording import FINAL
from voice.recording.recordings import Recordings
from voice.recording.take import Take
from voice.store import records
from voice.store.database import Database
from voice.store.tables.recordings import RECORDINGS

NOT_FINISHED = 20009
CURRENT = "Twilio.CURRENT"
"""Stands for the recording that runs."""

FACTS = {
    "sid": sid_of("RE"),
    "account_sid": sid_of("AC"),
    "call_sid": maybe(),
    "conference_sid": maybe(),
    "api_version": string("2010-04-01"),
    "status": string(),
    "source": string(),
    "channels": integer(1),
    "duration": digits(nullable=True),
    "start_time": moment(),
    "price": maybe(),
    "price_unit": maybe(),
    "error_code": integer(nullable=True),
    "encryption_details": anything(nullable=True),
    "date_created": moment(),
    "date_updated": moment(),
}
"""The properties that a recording has everywhere."""

CONTROL = (
    Parameter("Status", choice("paused", "in-progress", "stopped"), required=20001),
    Parameter("PauseBehavior", choice("silence", "skip")),
)


class RecordingRows:
    """The recordings of the store, and those that run."""

    def __init__(self, recordings: Recordings, database: Database) -> None:
        self._recordings = recordings
        self._database = database

    async def page(self, ask: Ask, *conditions: ColumnElement[bool]) -> Page:
        """A page of the account's recordings that fulfil conditions and the filter DateCreated."""
        dates = records.date_conditions(RECORDINGS.c.date_created, ask.filters, "date_created")
        query = select(RECORDINGS).where(RECORDINGS.c.account_sid == ask.account.sid, *conditions, *dates)
        page = await self._database.read(lambda connection: select_page(connection, query, RECORDINGS, ask.page))
        return replace(page, rows=[self._shown(row) for row in page.rows])

    async def find(self, ask: Ask, *conditions: ColumnElement[bool], sid: str = "") -> Mapping[str, Any]:
        """The recording that a path names, or that has a SID, if it fulfils conditions. Raises ApiError 404."""
        own = sid or ask.keys["RecordingSid"]
        row = await self._database.read(records.find(RECORDINGS, ask.account.sid, own, *conditions))
        if row is None:
            raise ask.not_found()
        return self._shown(row)

    async def remove(self, ask: Ask, row: Mapping[str, Any]) -> None:
        """Delete the audio of a recording that ``find`` found. Raises ApiError."""
        recording = await self._recordings.find(row["sid"])
        if recording is None or recording.status == "deleted":
            return
        if not await self._recordings.delete(recording):
            raise ApiError(400, NOT_FINISHED, f"Recording is not finished: it is {recording.status}")

    async def control(self, ask: Ask, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Pause, resume or stop a recording that ``find`` found. Raises ApiError."""
        take, wanted = self._recordings.take(row["sid"]), ask.form["status"]
        if take is None or not take.recording.live or take.recording.source == "RecordVerb":
            raise ApiError(400, NOT_IN_PROGRESS, f"Recording cannot be changed: it is {row['status']} by {row['source']}")
        if wanted == "paused":
            take.pause(skip=ask.form.get("pause_behavior") == "skip")
        elif wanted == "in-progress":
            take.resume()
        else:
            take.stop()
        return await self.written(take)

    async def written(self, take: Take) -> Mapping[str, Any]:
        """What a running recording is now, once that is in the store."""
        row = take.recording.row()
        await self._database.settle()
        return self._shown(row)

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with what the API has besides; while it runs nobody knows its length and its price (spec section 4.8)."""
        over = row["status"] in FINAL
        url = self._recordings.locate(row["account_sid"], row["sid"])
        return {**row, "duration": row["seconds"] or 0 if over else None, "price_unit": "USD" if over else None, "media_url": url}
