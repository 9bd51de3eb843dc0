"""``/Calls/{CA}/Transcriptions``: what is said in a live call, as text (spec section 4.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markup.commands import RecordingTrack, StatusCallback, TranscriptionPlan
from markup.execution.transcription import EVENTS
from voice.api.errors import ApiError
from voice.api.operation import Ask, post
from voice.api.parameters import BOOLEAN, METHOD, URL, Parameter, choice, matching, text
from voice.api.shapes import Property, Shape, maybe, moment, sid
from voice.errors import NOT_IN_PROGRESS, TranscriptionRefused
from voice.line import Line
from voice.live_transcription import LiveTranscription
from voice.live_transcriptions import LiveTranscriptions
from voice.registry import Registry

BAD_PARAMETER = 20001

_TRACKS: dict[str, RecordingTrack] = {"inbound_track": "inbound", "outbound_track": "outbound", "both_tracks": "both"}
_LABEL = matching("[A-Za-z0-9]*", "letters and digits")
_LANGUAGE = matching("[A-Za-z]{2,4}(?:-[A-Za-z0-9]{2,8})*", "a language such as en-US")

TRANSCRIPTION = Shape(
    "RealtimeTranscription",
    {
        "sid": sid("GT"),
        "account_sid": sid("AC"),
        "call_sid": sid("CA"),
        "name": maybe(),
        "status": Property(str, {"type": "string", "enum": ["in-progress", "stopped"]}),
        "date_updated": moment(),
    },
    "/Calls/{call_sid}/Transcriptions/{sid}",
    element="Transcription",
)
_START = (
    Parameter("Name", text(256)),
    Parameter("Track", choice(*_TRACKS)),
    Parameter("StatusCallbackUrl", URL, 21205),
    Parameter("StatusCallbackMethod", METHOD, 21209),
    Parameter("InboundTrackLabel", _LABEL),
    Parameter("OutboundTrackLabel", _LABEL),
    Parameter("PartialResults", BOOLEAN),
    Parameter("LanguageCode", _LANGUAGE),
    Parameter("TranscriptionEngine", choice("google", "deepgram")),
    Parameter("ProfanityFilter", BOOLEAN),
    Parameter("SpeechModel", text(256)),
    Parameter("Hints", text(10_000)),
    Parameter("EnableAutomaticPunctuation", BOOLEAN),
    Parameter("EnableProviderData", BOOLEAN),
)
_STOP = (Parameter("Status", choice("stopped"), required=BAD_PARAMETER),)


class LiveTranscriptionResource:
    """What it makes ends with the call, at the latest."""

    def __init__(self, registry: Registry, transcriptions: LiveTranscriptions) -> None:
        self._registry = registry
        self._transcriptions = transcriptions

    @post("/Calls/{CallSid}/Transcriptions", TRANSCRIPTION, takes=_START)
    async def start(self, ask: Ask) -> Mapping[str, Any]:
        """Write down what is said in a call."""
        try:
            return _row(self._transcriptions.start(self._line(ask), _plan(ask.form)))
        except TranscriptionRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None

    @post("/Calls/{CallSid}/Transcriptions/{Sid}", TRANSCRIPTION, takes=_STOP)
    async def stop(self, ask: Ask) -> Mapping[str, Any]:
        """End a transcription, by its SID or its name."""
        found = self._transcriptions.find(self._line(ask).call.sid, ask.keys["Sid"])
        if found is None:
            raise ask.not_found()
        found.stop()
        return _row(found)

    def _line(self, ask: Ask) -> Line:
        line = self._registry.by_sid(ask.keys["CallSid"])
        if line is None or line.call.account_sid != ask.account.sid:
            raise ask.not_found()
        if line.call.status != "in-progress" or not line.open:
            raise ApiError(400, NOT_IN_PROGRESS, "Call is not in-progress")
        return line


def _plan(form: Mapping[str, Any]) -> TranscriptionPlan:
    return TranscriptionPlan(
        name=form.get("name", ""),
        track=_TRACKS[form.get("track", "both_tracks")],
        inbound_label=form.get("inbound_track_label", ""),
        outbound_label=form.get("outbound_track_label", ""),
        language=form.get("language_code", "en-US"),
        engine=form.get("transcription_engine", "google"),
        model=form.get("speech_model", "telephony"),
        hints=form.get("hints", ""),
        partial_results=form.get("partial_results", False),
        profanity_filter=form.get("profanity_filter", True),
        punctuation=form.get("enable_automatic_punctuation", True),
        provider_data=form.get("enable_provider_data", False),
        callback=StatusCallback(form.get("status_callback_url", ""), form.get("status_callback_method", "POST"), EVENTS),
    )


def _row(made: LiveTranscription) -> dict[str, Any]:
    return {
        "sid": made.sid,
        "account_sid": made.call.account_sid,
        "call_sid": made.call.sid,
        "name": made.plan.name or None,
        "status": made.status,
        "date_updated": made.updated,
    }
