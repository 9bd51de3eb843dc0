"""``/Conferences/{CF}/Recordings``: what was recorded of a conference, and control of what records it (spec section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import dates
from voice.api.resources.recording_rows import CONTROL, CURRENT, FACTS, RecordingRows
from voice.api.shapes import Shape
from voice.conference.conferences import Conferences
from voice.recording.recordings import Recordings
from voice.store import records
from voice.store.database import Database
from voice.store.tables.recordings import RECORDINGS
from voice.store.tables.rooms import CONFERENCES

CONFERENCE_RECORDING = Shape("ConferenceRecording", FACTS, "/Conferences/{conference_sid}/Recordings/{sid}", element="Recording")


class ConferenceRecordings:
    """The resource; a conference begins to be recorded by its participants' documents."""

    def __init__(self, recordings: Recordings, rows: RecordingRows, conferences: Conferences, database: Database) -> None:
        self._recordings = recordings
        self._rows = rows
        self._conferences = conferences
        self._database = database

    @get("/Conferences/{ConferenceSid}/Recordings", CONFERENCE_RECORDING, lists="recordings", filters=dates("DateCreated"))
    async def list(self, ask: Ask) -> Page:
        """The recordings of a conference, the newest first."""
        own = RECORDINGS.c.conference_sid == ask.keys["ConferenceSid"]
        page = await self._rows.page(ask, own, RECORDINGS.c.status != "deleted")
        if not page.rows and not await self._known(ask):
            raise ask.not_found()
        return page

    @get("/Conferences/{ConferenceSid}/Recordings/{RecordingSid}", CONFERENCE_RECORDING)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One recording."""
        return await self._find(ask)

    @post("/Conferences/{ConferenceSid}/Recordings/{RecordingSid}", CONFERENCE_RECORDING, takes=CONTROL)
    async def control(self, ask: Ask) -> Mapping[str, Any]:
        """Pause, resume or stop a recording."""
        return await self._rows.control(ask, await self._find(ask))

    @delete("/Conferences/{ConferenceSid}/Recordings/{RecordingSid}")
    async def remove(self, ask: Ask) -> None:
        """Delete the audio; what is known of it is kept for a while."""
        await self._rows.remove(ask, await self._find(ask))

    async def _known(self, ask: Ask) -> bool:
        """Whether there is or was such a conference."""
        account_sid, sid = ask.account.sid, ask.keys["ConferenceSid"]
        live = self._conferences.by_sid(sid)
        if live is not None:
            return live.account_sid == account_sid
        if await self._database.read(records.find(CONFERENCES, account_sid, sid)) is not None:
            return True
        recorded = select(RECORDINGS.c.sid).where(RECORDINGS.c.account_sid == account_sid, RECORDINGS.c.conference_sid == sid)
        return await self._database.read(lambda connection: connection.execute(recorded.limit(1)).first()) is not None

    async def _find(self, ask: Ask) -> Mapping[str, Any]:
        conference_sid, key = ask.keys["ConferenceSid"], ask.keys["RecordingSid"]
        own = RECORDINGS.c.conference_sid == conference_sid
        running = [each.recording.sid for each in self._recordings.running(conference_sid)]
        return await self._rows.find(
            ask, own, RECORDINGS.c.status != "deleted", sid=running[-1] if key == CURRENT and running else key
        )
