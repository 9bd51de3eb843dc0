"""Recordings as text (spec section 2.6, ``transcribe``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select

from markup.commands import Report
from media.recognition.engine import Sentence, Transcript
from voice.calls.call import Call
from voice.errors import TranscriptionFailed
from voice.identifiers import new_sid
from voice.recording.recording import Recording
from voice.recording.recordings import Recordings
from voice.store.database import Database
from voice.store.tables.recordings import SENTENCES, TRANSCRIPTIONS
from voice.web.callbacks import CallbackSender
from voice.web.parameters import API_VERSION, Pairs

SHORTEST_SECONDS, LONGEST_SECONDS = 2, 120
BAD_LENGTH = 13617
NOT_AVAILABLE = 13619
NO_TEXT = "(blank)"
USUAL = "en-US"
"""The language of a recording of which none is said."""

Row = Mapping[str, Any]


class Transcriber(Protocol):
    """A speech engine."""

    async def transcribe(self, path: Path, language: str, seconds: float) -> Transcript:
        """What is said in a WAV file that lasts so long. Raises TranscriptionFailed."""


class Transcriptions:
    """Transcribes in the background, one recording after the other, and tells the result.

    ``wall`` is the time of day in UTC. A row of the store says how far each has come, so that a restart loses none.
    """

    def __init__(
        self,
        callbacks: CallbackSender,
        transcriber: Transcriber,
        recordings: Recordings,
        database: Database,
        wall: Callable[[], datetime],
    ) -> None:
        self._callbacks = callbacks
        self._transcriber = transcriber
        self._recordings = recordings
        self._database = database
        self._wall = wall
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def plan(self, call: Call, callback: str) -> dict[str, Any]:
        """What a recording that is to be transcribed has to keep; ``callback`` will be told, unless it is empty."""
        return {"callback": callback, "parameters": _parameters_of(call)}

    def order(self, recording: Recording, path: Path, call: Call | None = None) -> None:
        """Transcribe a complete recording, if that is planned and its length is right; ``call`` is its, while that is known."""
        plan, seconds = recording.transcription, recording.seconds or 0
        if plan is None:
            return
        if not SHORTEST_SECONDS < seconds < LONGEST_SECONDS:
            limits = f"{SHORTEST_SECONDS} to {LONGEST_SECONDS} s are transcribed"
            if call is not None:
                call.report(Report(BAD_LENGTH, f"recording {recording.sid} lasts {seconds:.1f} s; only {limits}"))
            return
        parameters = plan["parameters"] if call is None else _parameters_of(call)
        self._begin(recording, path, plan["callback"], parameters, call=call)

    def request(self, recording: Recording, callback: str, language: str) -> Row:
        """Transcribe a complete recording of any length because somebody asks for it; the row that tells how far that is."""
        parameters = [("AccountSid", recording.account_sid), ("ApiVersion", API_VERSION)]
        if recording.call_sid:
            parameters.append(("CallSid", recording.call_sid))
        return self._begin(recording, self._recordings.path(recording.sid), callback, parameters, language=language)

    def _begin(
        self,
        recording: Recording,
        path: Path,
        callback: str,
        parameters: Pairs,
        *,
        call: Call | None = None,
        language: str | None = None,
    ) -> Row:
        now = self._wall()
        row = {
            "sid": new_sid("TR"),
            "account_sid": recording.account_sid,
            "date_created": now,
            "date_updated": now,
            "recording_sid": recording.sid,
            "status": "in-progress",
            "duration": round(recording.seconds or 0),
            "node": self._recordings.node,
            "callback": callback or None,
            "parameters": parameters,
            "language": language,
        }
        self._database.put(TRANSCRIPTIONS, row)
        self._start(row, path, call)
        return {**row, "transcription_text": "", "price": None}

    async def recover(self) -> None:
        """Go on with what this node had not transcribed when it ended before. Raises StoreUnavailable."""
        own = select(TRANSCRIPTIONS).where(
            TRANSCRIPTIONS.c.node == self._recordings.node, TRANSCRIPTIONS.c.status == "in-progress"
        )
        for row in await self._database.read(lambda connection: list(connection.execute(own).mappings())):
            self._start(dict(row), self._recordings.path(row["recording_sid"]))

    def _start(self, row: Row, path: Path, call: Call | None = None) -> None:
        task = asyncio.get_running_loop().create_task(self._transcribe(row, path, call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _transcribe(self, row: Row, path: Path, call: Call | None) -> None:
        try:
            async with self._turn:
                transcript = await self._transcriber.transcribe(path, row.get("language") or USUAL, row["duration"] or 0)
            status, text = "completed", transcript.text
            self._keep(row, transcript)
        except TranscriptionFailed as failure:
            status, text = "failed", NO_TEXT
            if call is not None:
                call.report(Report(NOT_AVAILABLE, f"recording {row['recording_sid']} is not transcribed: {failure}"))
        row = {**row, "status": status, "transcription_text": text, "date_updated": self._wall()}
        self._database.put(TRANSCRIPTIONS, row)
        if row["callback"]:
            pairs = self._pairs(row)
            journal = call.journal if call is not None else None
            self._callbacks.send(row["recording_sid"], row["callback"], "POST", pairs, journal=journal)

    def _keep(self, row: Row, transcript: Transcript) -> None:
        """Note who said what, and when."""
        now = self._wall()
        sentences = [_written(sentence) for sentence in transcript.sentences]
        about = {"sid": row["sid"], "account_sid": row["account_sid"], "date_created": now, "date_updated": now}
        self._database.put(SENTENCES, {**about, "sentences": sentences})

    def _pairs(self, row: Row) -> Pairs:
        url = self._recordings.locate(row["account_sid"], row["recording_sid"])
        return [
            ("TranscriptionSid", row["sid"]),
            ("TranscriptionText", row["transcription_text"]),
            ("TranscriptionStatus", row["status"]),
            ("TranscriptionUrl", f"{url}/Transcriptions/{row['sid']}"),
            ("RecordingSid", row["recording_sid"]),
            ("RecordingUrl", url),
            *((name, value) for name, value in row["parameters"]),
        ]


def _written(sentence: Sentence) -> dict[str, Any]:
    return {
        "channel": sentence.channel,
        "text": sentence.text,
        "start": round(sentence.start, 2),
        "end": round(sentence.end, 2),
        "confidence": None if sentence.confidence is None else round(sentence.confidence, 4),
        "words": [[word.text, round(word.start, 2), round(word.end, 2)] for word in sentence.words],
    }


def _parameters_of(call: Call) -> Pairs:
    """What a callback says of the call."""
    forwarded = dict(call.party.extra).get("ForwardedFrom")
    return [
        ("CallSid", call.sid),
        ("AccountSid", call.account_sid),
        ("From", call.party.from_),
        ("To", call.party.to),
        ("CallStatus", call.status),
        ("ApiVersion", API_VERSION),
        ("Direction", call.direction),
        *([("ForwardedFrom", forwarded)] if forwarded else []),
    ]
