"""``/Transcriptions``: what was said in recordings, as text (spec section 4.15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get
from voice.api.paging import Page
from voice.api.resources.recording_rows import NOT_FINISHED
from voice.api.rows import Rows
from voice.api.shapes import Shape, digits, maybe, moment, sid
from voice.api.shapes import text as string
from voice.store import records
from voice.store.database import Database
from voice.store.tables.recordings import RECORDINGS, TRANSCRIPTIONS

_FACTS = {
    "sid": sid("TR"),
    "account_sid": sid("AC"),
    "recording_sid": sid("RE"),
    "api_version": string("2010-04-01"),
    "status": string(),
    "type": string("fast"),
    "duration": digits(nullable=True),
    "transcription_text": string(),
    "price": maybe(),
    "price_unit": string("USD"),
    "date_created": moment(),
    "date_updated": moment(),
}

TRANSCRIPTION = Shape("Transcription", _FACTS, "/Transcriptions/{sid}")
RECORDING_TRANSCRIPTION = Shape(
    "RecordingTranscription", _FACTS, "/Recordings/{recording_sid}/Transcriptions/{sid}", element="Transcription"
)
_ALL, _ONE = "/Transcriptions", "/Transcriptions/{TranscriptionSid}"
_OF_RECORDING = "/Recordings/{RecordingSid}"


class TranscriptionResource:
    """The resource, of an account and of a recording."""

    def __init__(self, database: Database, wall: Callable[[], datetime]) -> None:
        self._database = database
        self._rows = Rows(TRANSCRIPTIONS, "TR", database, wall, key="TranscriptionSid")

    @get(_ALL, TRANSCRIPTION, lists="transcriptions")
    async def list(self, ask: Ask) -> Page:
        """The transcriptions of an account, the newest first."""
        return await self._rows.page(ask)

    @get(_ONE, TRANSCRIPTION)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One transcription."""
        return await self._rows.find(ask)

    @delete(_ONE)
    async def remove(self, ask: Ask) -> None:
        """Delete a transcription; the recording stays."""
        await self._remove(ask)

    @get(_OF_RECORDING + _ALL, RECORDING_TRANSCRIPTION, lists="transcriptions")
    async def list_of_recording(self, ask: Ask) -> Page:
        """The transcriptions of a recording, the newest first."""
        if await self._database.read(records.find(RECORDINGS, ask.account.sid, ask.keys["RecordingSid"])) is None:
            raise ask.not_found()
        return await self._rows.page(ask, TRANSCRIPTIONS.c.recording_sid == ask.keys["RecordingSid"])

    @get(_OF_RECORDING + _ONE, RECORDING_TRANSCRIPTION)
    async def fetch_of_recording(self, ask: Ask) -> Mapping[str, Any]:
        """One transcription of a recording."""
        return await self._rows.find(ask, TRANSCRIPTIONS.c.recording_sid == ask.keys["RecordingSid"])

    @delete(_OF_RECORDING + _ONE)
    async def remove_of_recording(self, ask: Ask) -> None:
        """Delete a transcription; the recording stays."""
        await self._remove(ask, TRANSCRIPTIONS.c.recording_sid == ask.keys["RecordingSid"])

    async def _remove(self, ask: Ask, *conditions: ColumnElement[bool]) -> None:
        row = await self._rows.find(ask, *conditions)
        if row["status"] == "in-progress":
            raise ApiError(400, NOT_FINISHED, "Transcription is not finished")
        await self._rows.remove(ask, *conditions)
