"""``/Recordings/{RE}``: what was recorded, as facts and as audio (spec section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from starlette.responses import FileResponse, Response

from media.errors import NotAudio
from voice.accounts import Accounts
from voice.api.authentication import authenticate, authorise
from voice.api.errors import ApiError
from voice.api.operation import Ask, get
from voice.api.parameters import Parameter, choice
from voice.api.shapes import Shape, anything, digits, integer, maybe, moment, sid
from voice.api.shapes import text as string
from voice.recording import FINAL, Recording
from voice.recordings import Recordings

MONO_AS_DUAL = 16113
TOO_BUSY = 20503

RECORDING = Shape(
    "Recording",
    {
        "sid": sid("RE"),
        "account_sid": sid("AC"),
        "call_sid": maybe(),
        "conference_sid": maybe(),
        "api_version": string("2010-04-01"),
        "status": string(),
        "source": string(),
        "channels": integer(1),
        "track": string("both"),
        "duration": digits(nullable=True),
        "start_time": moment(),
        "price": maybe(),
        "price_unit": maybe(),
        "error_code": integer(nullable=True),
        "encryption_details": anything(nullable=True),
        "date_created": moment(),
        "date_updated": moment(),
        "media_url": string(),
    },
    "/Recordings/{sid}",
    {"add_on_results": "/AddOnResults", "transcriptions": "/Transcriptions"},
)

_CONTENT_TYPES = {"": "audio/x-wav", ".wav": "audio/x-wav", ".mp3": "audio/mpeg"}
_CHANNELS = Parameter("RequestedChannels", choice("1", "2"))

_log = structlog.get_logger("api")


class RecordingResource:
    """The resource; with ``open`` audio is given to everyone who knows its address."""

    def __init__(self, accounts: Accounts, recordings: Recordings, *, open: bool) -> None:
        self._accounts = accounts
        self._recordings = recordings
        self._open = open

    @get("/Recordings/{RecordingSid}", RECORDING, formats=(".json", ".xml"))
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One recording."""
        recording = await self._recordings.find(ask.keys["RecordingSid"])
        if recording is None or recording.account_sid != ask.account.sid:
            raise ask.not_found()
        return row_of(recording, self._recordings.url(recording))

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
            path = await self._recordings.audio(recording, kind, _channels(ask, recording))
        except (NotAudio, OSError) as error:
            _log.error("recording cannot be handed out", recording_sid=recording.sid, error=str(error))
            raise ApiError(500, 20500, "The recording cannot be read") from None
        if path is None:
            raise ApiError(503, TOO_BUSY, "Too many recordings are being converted; try again later")
        return FileResponse(path, media_type=_CONTENT_TYPES[ask.suffix])


def row_of(recording: Recording, url: str) -> dict[str, Any]:
    """A recording as RECORDING has it; ``url`` is that of its audio."""
    done = recording.status in FINAL
    return {
        "sid": recording.sid,
        "account_sid": recording.account_sid,
        "call_sid": recording.call_sid or None,
        "conference_sid": recording.conference_sid or None,
        "status": recording.status,
        "source": recording.source,
        "channels": recording.channels,
        "track": recording.track,
        "duration": recording.seconds or 0 if done else None,
        "start_time": recording.started,
        "price_unit": "USD" if done else None,
        "error_code": recording.error_code or None,
        "date_created": recording.started,
        "date_updated": recording.updated or recording.started,
        "media_url": url,
    }


def _channels(ask: Ask, recording: Recording) -> int:
    wanted = ask.filters.get("requested_channels", "")
    if wanted == "2" and recording.channels == 1:
        raise ApiError(400, MONO_AS_DUAL, "A recording of one channel cannot be had with two")
    return int(wanted or recording.channels)
