"""``/Recordings``: what was recorded in an account, as facts and as audio (spec section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import ColumnElement
from starlette.responses import FileResponse, Response

from media.errors import NotAudio
from voice.accounts.accounts import Accounts
from voice.api.authentication import authenticate, authorise
from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get
from voice.api.paging import Page
from voice.api.parameters import BOOLEAN, Parameter, choice, dates, sid
from voice.api.resources.recording_rows import FACTS, RecordingRows
from voice.api.shapes import Shape
from voice.api.shapes import text as string
from voice.recording.recording import Recording
from voice.recording.recordings import Recordings
from voice.store.tables.recordings import RECORDINGS

MONO_AS_DUAL = 16113
TOO_BUSY = 20503

RECORDING = Shape(
    "Recording",
    {**FACTS, "media_url": string()},
    "/Recordings/{sid}",
    {"add_on_results": "/AddOnResults", "transcriptions": "/Transcriptions"},
)

_CONTENT_TYPES = {"": "audio/x-wav", ".wav": "audio/x-wav", ".mp3": "audio/mpeg"}
_CHANNELS = Parameter("RequestedChannels", choice("1", "2"))
_DELETED = Parameter("IncludeSoftDeleted", BOOLEAN)
_FILTERS = (*dates("DateCreated"), Parameter("CallSid", sid("CA")), Parameter("ConferenceSid", sid("CF")), _DELETED)

_log = structlog.get_logger("api")


class RecordingResource:
    """The resource; with ``open`` audio is given to everyone who knows its address."""

    def __init__(self, accounts: Accounts, recordings: Recordings, rows: RecordingRows, *, open: bool) -> None:
        self._accounts = accounts
        self._recordings = recordings
        self._rows = rows
        self._open = open

    @get("/Recordings", RECORDING, lists="recordings", filters=_FILTERS)
    async def list(self, ask: Ask) -> Page:
        """The recordings of an account, the newest first."""
        given = [name for name in ("call_sid", "conference_sid") if ask.filters.get(name)]
        conditions = [RECORDINGS.c[name] == ask.filters[name] for name in given]
        return await self._rows.page(ask, *conditions, *self._hidden(ask))

    @get("/Recordings/{RecordingSid}", RECORDING, formats=(".json", ".xml"), filters=(_DELETED,))
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One recording."""
        return await self._rows.find(ask, *self._hidden(ask))

    @get("/Recordings/{RecordingSid}", formats=("", ".wav", ".mp3"), filters=(_CHANNELS,), open=True)
    async def audio(self, ask: Ask) -> Response:
        """The audio of a recording: WAV, also without an ending, or MP3; in ranges if need be."""
        if not self._open:
            access = authenticate(self._accounts, ask.headers.get("authorization", ""))
            authorise(access, ask.account, ask.path)
        recording = await self._recordings.settled(ask.keys["RecordingSid"])
        if recording is None or recording.account_sid != ask.account.sid or recording.status != "completed":
            raise ask.not_found()
        kind = "mp3" if ask.suffix == ".mp3" else "wav"
        try:
            path = await self._recordings.conversions.audio(recording, kind, _channels(ask, recording))
        except (NotAudio, OSError) as error:
            _log.error("recording cannot be handed out", recording_sid=recording.sid, error=str(error))
            raise ApiError(500, 20500, "The recording cannot be read") from None
        if path is None:
            raise ApiError(503, TOO_BUSY, "Too many recordings are being converted; try again later")
        return FileResponse(path, media_type=_CONTENT_TYPES[ask.suffix])

    @delete("/Recordings/{RecordingSid}", formats=(".json", ".xml", ""))
    async def remove(self, ask: Ask) -> None:
        """Delete the audio; what is known of it is kept for a while."""
        await self._rows.remove(ask, await self._rows.find(ask, *self._hidden(ask)))

    def _hidden(self, ask: Ask) -> tuple[ColumnElement[bool], ...]:
        return () if ask.filters.get("include_soft_deleted") else (RECORDINGS.c.status != "deleted",)


def _channels(ask: Ask, recording: Recording) -> int:
    wanted = ask.filters.get("requested_channels", "")
    if wanted == "2" and recording.channels == 1:
        raise ApiError(400, MONO_AS_DUAL, "A recording of one channel cannot be had with two")
    return int(wanted or recording.channels)
