"""``/Transcriptions``: what was said in recordings, as text (spec section 4.15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import URL, Parameter, matching
from voice.api.resources.recording_rows import NOT_FINISHED
from voice.api.rows import Rows
from voice.api.shapes import Shape, anything, digits, maybe, moment, sid
from voice.api.shapes import text as string
from voice.listening.transcription import USUAL, Transcriptions
from voice.recording.recordings import Recordings
from voice.store import records
from voice.store.database import Database
from voice.store.tables.recordings import RECORDINGS, SENTENCES, TRANSCRIPTIONS

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
SENTENCES_OF = Shape(
    "TranscriptionSentences",
    {"transcription_sid": sid("TR"), "account_sid": sid("AC"), "recording_sid": sid("RE"), "sentences": anything("array")},
    "/Transcriptions/{transcription_sid}/Sentences",
)
_LANGUAGE = matching("[A-Za-z]{2,4}(?:-[A-Za-z0-9]{2,8})*", "a language such as en-US")
_REQUEST = (Parameter("Language", _LANGUAGE), Parameter("TranscribeCallback", URL))
_ALL, _ONE = "/Transcriptions", "/Transcriptions/{TranscriptionSid}"
_TRACKS = ("inbound", "outbound")
BAD_PARAMETER = 20001
_OF_RECORDING = "/Recordings/{RecordingSid}"


class TranscriptionResource:
    """The resource, of an account and of a recording."""

    def __init__(
        self,
        database: Database,
        wall: Callable[[], datetime],
        recordings: Recordings,
        transcriptions: Transcriptions,
        understands: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._recordings = recordings
        self._transcriptions = transcriptions
        self._understands = understands
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

    @get(_ONE + "/Sentences", SENTENCES_OF)
    async def sentences(self, ask: Ask) -> Mapping[str, Any]:
        """Who said what, and when; of a recording with two channels, by channel."""
        row = await self._rows.find(ask)
        account_sid, recording_sid = ask.account.sid, row["recording_sid"]
        kept = await self._database.read(records.find(SENTENCES, account_sid, row["sid"]))
        recording = await self._database.read(records.find(RECORDINGS, account_sid, recording_sid))
        said = kept["sentences"] if kept is not None else []
        told = [_told(number, sentence, recording or {}) for number, sentence in enumerate(said)]
        return {"transcription_sid": row["sid"], "account_sid": account_sid, "recording_sid": recording_sid, "sentences": told}

    @post(_OF_RECORDING + _ALL, RECORDING_TRANSCRIPTION, takes=_REQUEST, status=201)
    async def request(self, ask: Ask) -> Mapping[str, Any]:
        """Transcribe a recording of any length."""
        recording = await self._recordings.settled(ask.keys["RecordingSid"])
        if recording is None or recording.account_sid != ask.account.sid or recording.status == "deleted":
            raise ask.not_found()
        if recording.status != "completed":
            raise ApiError(400, NOT_FINISHED, f"Recording is not finished: it is {recording.status}")
        language = ask.form.get("language", USUAL)
        if not self._understands(language):
            raise ApiError(400, BAD_PARAMETER, f"no recogniser of this switch understands {language}")
        return self._transcriptions.request(recording, ask.form.get("transcribe_callback", ""), language)

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
        self._database.delete(SENTENCES, row["sid"])


def _told(number: int, sentence: Mapping[str, Any], recording: Mapping[str, Any]) -> dict[str, Any]:
    """One sentence; a recording with two channels has what came in on the first of them."""
    dual = recording.get("channels") == 2
    return {
        "sentence_index": number,
        "media_channel": sentence["channel"] + 1,
        "speaker": _TRACKS[sentence["channel"]] if dual else recording.get("track", "both"),
        "start_time": sentence["start"],
        "end_time": sentence["end"],
        "transcript": sentence["text"],
        "confidence": sentence["confidence"],
        "words": [{"word": word, "start_time": start, "end_time": end} for word, start, end in sentence["words"]],
    }
