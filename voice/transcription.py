"""Recordings as text (spec section 2.6, ``transcribe``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from voice.call import Call
from voice.callbacks import CallbackSender
from voice.errors import TranscriptionFailed
from voice.identifiers import new_sid
from voice.parameters import API_VERSION, Pairs
from voice.recording import Recording

SHORTEST_SECONDS, LONGEST_SECONDS = 2, 120
BAD_LENGTH = 13617
NOT_AVAILABLE = 13619
NO_TEXT = "(blank)"


class Transcriber(Protocol):
    """A speech engine."""

    async def transcribe(self, path: Path) -> str:
        """The words of a WAV file. Raises TranscriptionFailed."""


class NoTranscriber:
    """What there is without a speech engine."""

    async def transcribe(self, path: Path) -> str:
        """Raises TranscriptionFailed."""
        raise TranscriptionFailed("this switch has no speech engine that could transcribe it")


class Transcriptions:
    """Transcribes in the background, one recording after the other, and tells the result."""

    def __init__(self, callbacks: CallbackSender, transcriber: Transcriber, url: Callable[[Recording], str]) -> None:
        self._callbacks = callbacks
        self._transcriber = transcriber
        self._url = url
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def order(self, call: Call, recording: Recording, path: Path, callback: str) -> None:
        """Transcribe a complete recording of a call; ``callback`` is told, unless it is empty or the length is wrong."""
        seconds = recording.seconds or 0
        if not SHORTEST_SECONDS < seconds < LONGEST_SECONDS:
            limits = f"{SHORTEST_SECONDS} to {LONGEST_SECONDS} s are transcribed"
            self._report(call, BAD_LENGTH, f"recording {recording.sid} lasts {seconds:.1f} s; only {limits}")
            return
        task = asyncio.get_running_loop().create_task(self._transcribe(call, recording, path, callback))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _transcribe(self, call: Call, recording: Recording, path: Path, callback: str) -> None:
        try:
            async with self._turn:
                status, text = "completed", await self._transcriber.transcribe(path)
        except TranscriptionFailed as failure:
            status, text = "failed", NO_TEXT
            self._report(call, NOT_AVAILABLE, f"recording {recording.sid} is not transcribed: {failure}")
        if callback:
            self._callbacks.send(recording.sid, callback, "POST", self._parameters(call, recording, status, text))

    def _parameters(self, call: Call, recording: Recording, status: str, text: str) -> Pairs:
        url, sid = self._url(recording), new_sid("TR")
        forwarded = dict(call.party.extra).get("ForwardedFrom")
        pairs = [
            ("TranscriptionSid", sid),
            ("TranscriptionText", text),
            ("TranscriptionStatus", status),
            ("TranscriptionUrl", f"{url}/Transcriptions/{sid}"),
            ("RecordingSid", recording.sid),
            ("RecordingUrl", url),
            ("CallSid", call.sid),
            ("AccountSid", call.account_sid),
            ("From", call.party.from_),
            ("To", call.party.to),
            ("CallStatus", call.status),
            ("ApiVersion", API_VERSION),
            ("Direction", call.direction),
        ]
        return [*pairs, ("ForwardedFrom", forwarded)] if forwarded else pairs

    def _report(self, call: Call, code: int, message: str) -> None:
        call.journal.add("report", level="warning", code=code, message=message, url="")
        call.log.warning(message, code=code)
