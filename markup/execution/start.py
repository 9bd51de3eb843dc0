"""Start and Stop: what goes on while the document does (spec section 2.14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markup.execution.recording import start_recording, stop_recording
from markup.execution.siprec import start_siprec, stop_siprec
from markup.execution.stream import start_stream, stop_stream
from markup.execution.transcription import start_transcription, stop_transcription
from markup.script import NOT_BUILT, Run, Script
from markup.verbs import Noun, Recording, Siprec, Start, Stop, Stream, Transcription

Action = Callable[[Script, Any], None]

STARTS: Mapping[type[Noun], Action] = {
    Recording: start_recording,
    Siprec: start_siprec,
    Stream: start_stream,
    Transcription: start_transcription,
}
"""What begins each noun; one that is missing is not built yet."""
STOPS: Mapping[type[Noun], Action] = {
    Recording: stop_recording,
    Siprec: stop_siprec,
    Stream: stop_stream,
    Transcription: stop_transcription,
}
"""What ends each noun."""
NO_NOUN = 14300


def start(script: Script, verb: Start) -> Run:
    """Begin everything that is named, and go on at once."""
    if not verb.nouns:
        script.report(NO_NOUN, "<Start> names nothing to start", "error")
    _each(script, "Start", verb.nouns, STARTS)
    return None
    yield


def stop(script: Script, verb: Stop) -> Run:
    """End everything that is named."""
    _each(script, "Stop", verb.nouns, STOPS)
    return None
    yield


def _each(script: Script, element: str, nouns: tuple[Noun, ...], actions: Mapping[type[Noun], Action]) -> None:
    for noun in nouns:
        action = actions.get(type(noun))
        if action is not None:
            action(script, noun)
        else:
            script.report(NOT_BUILT, f"<{type(noun).__name__}> of <{element}> is not supported yet", "error")
            script.outcome = "not supported"
