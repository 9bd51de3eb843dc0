"""``/Calls/{CA}/Transcriptions``: what is said in a live call, as text (spec section 4.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markup.commands import StatusCallback, TranscriptionPlan
from markup.execution.transcription import EVENTS
from voice.api.errors import ApiError
from voice.api.operation import Ask, post
from voice.api.parameters import BOOLEAN, METHOD, URL, Parameter, choice, matching, text
from voice.api.resources.live import STOP, TRACKS, facts, find_line, show
from voice.api.shapes import Shape
from voice.calls.registry import Registry
from voice.errors import TranscriptionRefused
from voice.listening.live_transcriptions import LiveTranscriptions

_LABEL = matching("[A-Za-z0-9]*", "letters and digits")
_LANGUAGE = matching("[A-Za-z]{2,4}(?:-[A-Za-z0-9]{2,8})*", "a language such as en-US")

TRANSCRIPTION = Shape("RealtimeTranscription", facts("GT"), "/Calls/{call_sid}/Transcriptions/{sid}", element="Transcription")
_START = (
    Parameter("Name", text(256)),
    Parameter("Track", choice(*TRACKS)),
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


class LiveTranscriptionResource:
    """What it makes ends with the call, at the latest."""

    def __init__(self, registry: Registry, transcriptions: LiveTranscriptions) -> None:
        self._registry = registry
        self._transcriptions = transcriptions

    @post("/Calls/{CallSid}/Transcriptions", TRANSCRIPTION, takes=_START)
    async def start(self, ask: Ask) -> Mapping[str, Any]:
        """Write down what is said in a call."""
        try:
            made = self._transcriptions.start(find_line(self._registry, ask), _plan(ask.form))
        except TranscriptionRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        return show(made, made.plan.name)

    @post("/Calls/{CallSid}/Transcriptions/{Sid}", TRANSCRIPTION, takes=STOP)
    async def stop(self, ask: Ask) -> Mapping[str, Any]:
        """End a transcription, by its SID or its name."""
        found = self._transcriptions.find(find_line(self._registry, ask).call.sid, ask.keys["Sid"])
        if found is None:
            raise ask.not_found()
        found.stop()
        return show(found, found.plan.name)


def _plan(form: Mapping[str, Any]) -> TranscriptionPlan:
    return TranscriptionPlan(
        name=form.get("name", ""),
        track=TRACKS[form.get("track", "both_tracks")],
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
