"""``/Calls/{CA}/Recordings``: record a live call, and control what records it (spec section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, or_

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import METHOD, URL, Parameter, choice, dates, text
from voice.api.resources.orders import BAD_METHOD, BAD_URL, read_wish
from voice.api.resources.recording_rows import CONTROL, CURRENT, FACTS, RecordingRows
from voice.api.shapes import Shape
from voice.api.shapes import text as string
from voice.calls.registry import Registry
from voice.errors import NOT_IN_PROGRESS
from voice.recording.recordings import Recordings, tape_line
from voice.store import records
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.store.tables.recordings import RECORDINGS

CALL_RECORDING = Shape(
    "CallRecording", {**FACTS, "track": string("both")}, "/Calls/{call_sid}/Recordings/{sid}", element="Recording"
)

_START = (
    Parameter("RecordingStatusCallback", URL, BAD_URL),
    Parameter("RecordingStatusCallbackMethod", METHOD, BAD_METHOD),
    Parameter("RecordingStatusCallbackEvent", text(200), many=True),
    Parameter("Trim", choice("trim-silence", "do-not-trim")),
    Parameter("RecordingChannels", choice("mono", "dual")),
    Parameter("RecordingTrack", choice("inbound", "outbound", "both")),
    Parameter("RecordingConfigurationId", text(100)),
)


class CallRecordings:
    """The resource."""

    def __init__(self, recordings: Recordings, rows: RecordingRows, registry: Registry, database: Database) -> None:
        self._recordings = recordings
        self._rows = rows
        self._registry = registry
        self._database = database

    @post("/Calls/{CallSid}/Recordings", CALL_RECORDING, takes=_START, status=201)
    async def start(self, ask: Ask) -> Mapping[str, Any]:
        """Record a call that is in progress; while a recording that was begun like this runs, there is no second one."""
        call_sid = await self._known(ask)
        line = self._registry.by_sid(call_sid)
        if line is None or line.call.status != "in-progress" or not line.open:
            raise ApiError(400, NOT_IN_PROGRESS, "Requested resource is not eligible for recording: the call is not in progress")
        running = [each for each in self._recordings.running(call_sid) if each.recording.source == "StartCallRecordingAPI"]
        wish = read_wish(ask.form, "StartCallRecordingAPI", trim="do-not-trim")
        take = running[0] if running else tape_line(line, wish, self._recordings)
        return await self._rows.written(take)

    @get("/Calls/{CallSid}/Recordings", CALL_RECORDING, lists="recordings", filters=dates("DateCreated"))
    async def list(self, ask: Ask) -> Page:
        """The recordings of a call, the newest first."""
        return await self._rows.page(ask, RECORDINGS.c.call_sid == await self._known(ask), RECORDINGS.c.status != "deleted")

    @get("/Calls/{CallSid}/Recordings/{RecordingSid}", CALL_RECORDING)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One recording."""
        return await self._find(ask)

    @post("/Calls/{CallSid}/Recordings/{RecordingSid}", CALL_RECORDING, takes=CONTROL)
    async def control(self, ask: Ask) -> Mapping[str, Any]:
        """Pause, resume or stop a recording."""
        return await self._rows.control(ask, await self._find(ask))

    @delete("/Calls/{CallSid}/Recordings/{RecordingSid}")
    async def remove(self, ask: Ask) -> None:
        """Delete the audio; what is known of it is kept for a while."""
        await self._rows.remove(ask, await self._find(ask))

    async def _find(self, ask: Ask) -> Mapping[str, Any]:
        """A recording of the call, also when it is of a leg that the call has dialled."""
        key, call_sid = ask.keys["RecordingSid"], ask.keys["CallSid"]
        named: ColumnElement[bool] = RECORDINGS.c.call_sid == call_sid
        running = [each.recording.sid for each in self._recordings.running(call_sid)]
        if key == CURRENT and running:
            return await self._rows.find(ask, RECORDINGS.c.status != "deleted", sid=running[-1])
        return await self._rows.find(ask, RECORDINGS.c.status != "deleted", or_(named, RECORDINGS.c.sid.in_(running)))

    async def _known(self, ask: Ask) -> str:
        """The SID of the path, if it is of a call of this account. Raises ApiError 404."""
        row = await self._database.read(records.find(CALLS, ask.account.sid, ask.keys["CallSid"]))
        if row is None:
            raise ask.not_found()
        return ask.keys["CallSid"]
