"""The commands of real-time transcriptions: what is said in a call, as text."""

from __future__ import annotations

from markup import commands, events
from voice.calls.session import Session
from voice.errors import TranscriptionRefused

NOT_RUNNING = 12200


def start(session: Session, command: commands.StartTranscription) -> None:
    """Write down what is said on this call from now on."""
    line, id = session.line, command.id
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way

    def over() -> None:
        session.finish(id, events.TranscriptionEnded(id))

    try:
        transcription = session.resources.live_transcriptions.start(line, command.plan, over)
    except TranscriptionRefused as refusal:
        session.perform(session, commands.Report(refusal.code, f"<Transcription> is not started: {refusal}", "error"))
        session.deliver(events.TranscriptionEnded(id))
    else:
        session.live[id] = transcription.stop


def stop_named(session: Session, command: commands.StopNamedTranscription) -> None:
    """End a transcription of this call, whoever started it."""
    transcription = session.resources.live_transcriptions.find(session.call.sid, command.name)
    if transcription is None:
        message = f"<Stop> names a <Transcription> that is not running: {command.name!r}"
        session.perform(session, commands.Report(NOT_RUNNING, message))
        return
    transcription.stop()
