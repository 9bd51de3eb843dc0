"""Transcription of Start and Stop: what is said is written down while the call goes on (spec section 2.14)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from markup import commands, events
from markup.commands import StatusCallback, TranscriptionPlan
from markup.script import News, Script
from markup.verbs import Noun, Transcription, Verb

UNKNOWN_CONFIG = 32652
TRANSCRIPTION: News = (events.TranscriptionEnded,)
EVENTS = ("transcription-started", "transcription-content", "transcription-stopped", "transcription-error")
MEANINGLESS: Mapping[type[Verb | Noun], Mapping[str, str]] = {
    Transcription: {
        "intelligence_service": "intelligenceService",
        "conversation_configuration": "conversationConfiguration",
        "conversation_id": "conversationId",
    },
}
"""Fields that can have no effect here, and how they are written: a service of Twilio's."""


def start_transcription(script: Script, noun: Transcription) -> None:
    """Write down until Stop or the REST API names the transcription, or the call ends.

    How many there may be, and whether a name is free, is not for one document to say: the REST API starts them too.
    """
    if noun.configs:
        names = ", ".join(config.name for config in noun.configs)
        script.report(UNKNOWN_CONFIG, f"no engine here knows a <Config> of <Transcription>: {names[:200]}")
    plan = TranscriptionPlan(
        name=noun.name,
        track=_TRACKS[noun.track],
        inbound_label=noun.inbound_track_label,
        outbound_label=noun.outbound_track_label,
        language=noun.language_code,
        engine=noun.transcription_engine,
        model=noun.speech_model,
        hints=noun.hints,
        partial_results=noun.partial_results,
        profanity_filter=noun.profanity_filter,
        punctuation=noun.enable_automatic_punctuation,
        provider_data=noun.enable_provider_data,
        parameters=tuple((parameter.name, parameter.value) for parameter in noun.parameters),
        callback=StatusCallback(script.callback(noun.status_callback_url), noun.status_callback_method, EVENTS),
    )
    start = partial(commands.StartTranscription, plan=plan)
    script.start(start, commands.StopTranscription, TRANSCRIPTION, lasting=True)


def stop_transcription(script: Script, noun: Transcription) -> None:
    """End the one of that name."""
    script.emit(commands.StopNamedTranscription(noun.name))


_TRACKS: dict[str, commands.RecordingTrack] = {"inbound_track": "inbound", "outbound_track": "outbound", "both_tracks": "both"}
