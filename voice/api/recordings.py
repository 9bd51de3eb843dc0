"""``/2010-04-01/Accounts/{Sid}/Recordings/{RE}``: what was recorded, as facts and as audio (spec section 4.8)."""

from __future__ import annotations

import re

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from media.errors import NotAudio
from voice.account import Account
from voice.api.authentication import NOT_FOUND, authenticate
from voice.api.errors import ApiError
from voice.recording import Recording
from voice.recordings import Recordings

MONO_AS_DUAL = 16113
BAD_PARAMETER = 20001
TOO_BUSY = 20503

_NAME = re.compile(r"^(RE[0-9a-f]{32})(?:\.(wav|mp3|json))?$")
_CONTENT_TYPES = {"wav": "audio/x-wav", "mp3": "audio/mpeg"}

_log = structlog.get_logger("api")


class RecordingResource:
    """The resource; with ``open`` audio is given to everyone who knows its address."""

    def __init__(self, account: Account, recordings: Recordings, *, open: bool) -> None:
        self._account = account
        self._recordings = recordings
        self._open = open

    async def fetch(self, request: Request) -> Response:
        """Answer with JSON, WAV (also without an ending) or MP3, the audio in ranges if need be, or Twilio's error body."""
        match = _NAME.fullmatch(request.path_params["recording"])
        kind = (match and match[2]) or "wav"
        if kind == "json" or not self._open:
            authenticate(request, self._account)
        known = request.path_params["account"] == self._account.sid
        find = self._recordings.find if kind == "json" else self._recordings.settled
        recording = await find(match[1]) if match and known else None
        if recording is None or (kind != "json" and recording.status != "completed"):
            raise ApiError(404, NOT_FOUND, f"The requested resource {request.url.path} was not found")
        if kind == "json":
            return JSONResponse(recording.resource(self._recordings.url(recording)))
        return await self._audio(recording, kind, _channels(request, recording))

    async def _audio(self, recording: Recording, kind: str, channels: int) -> Response:
        try:
            path = await self._recordings.audio(recording, kind, channels)
        except (NotAudio, OSError) as error:
            _log.error("recording cannot be handed out", recording_sid=recording.sid, error=str(error))
            raise ApiError(500, 20500, "The recording cannot be read") from None
        if path is None:
            raise ApiError(503, TOO_BUSY, "Too many recordings are being converted; try again later")
        return FileResponse(path, media_type=_CONTENT_TYPES[kind])


def _channels(request: Request, recording: Recording) -> int:
    wanted = request.query_params.get("RequestedChannels", "")
    if wanted not in ("", "1", "2"):
        raise ApiError(400, BAD_PARAMETER, "RequestedChannels must be 1 or 2")
    if wanted == "2" and recording.channels == 1:
        raise ApiError(400, MONO_AS_DUAL, "A recording of one channel cannot be had with two")
    return int(wanted or recording.channels)
