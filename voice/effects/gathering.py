"""The commands of listening: what a caller says, for the document that asked."""

from __future__ import annotations

from markup import commands, events
from media.recognition.engine import Task, Transcript
from media.track import Track
from voice.calls.session import Session
from voice.listening.listening import Listening, Manners, Told
from voice.listening.profanity import mask

BAD_LANGUAGE, DEGRADED = 13331, 13340


def start(session: Session, command: commands.StartListening) -> None:
    """Listen to the caller from now on, until something is understood."""
    line, resources, id = session.line, session.resources, command.id
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    chosen = resources.recognizers.choose(command.language, command.model)
    if chosen.language != command.language:
        message = f"{command.language[:60]!r} is not understood here: {chosen.language} is listened for"
        session.perform(session, commands.Report(BAD_LANGUAGE, message))
    journal = session.call.journal

    def voice() -> None:
        journal.add("voice", active=True)
        session.deliver(events.VoiceHeard(id))

    def read(words: str) -> None:
        journal.add("words", text=words)
        session.deliver(events.WordsHeard(id, filtered(words)))

    def understood(transcript: Transcript) -> None:
        text = filtered(transcript.text)
        journal.add("speech", text=text, confidence=transcript.confidence, recognizer=chosen.name)
        resources.metrics.recognitions.labels(recognizer=chosen.name, outcome="understood" if text else "nothing").inc()
        if not text:
            session.deliver(events.NothingUnderstood(id))
            return
        listening.close()
        session.finish(id, events.SpeechUnderstood(id, text, transcript.confidence, chosen.language))

    def failed(error: str) -> None:
        resources.metrics.recognitions.labels(recognizer=chosen.name, outcome="failed").inc()
        session.finish(id, events.ListeningFailed(id, DEGRADED, f"speech is not understood: {error}"))

    def filtered(text: str) -> str:
        return mask(text) if command.profanity_filter else text

    task = Task(resources.studio.bus.rate, chosen.language, command.hints, command.model)
    manners = Manners(command.silence, command.most_seconds)
    listening = Listening(resources.studio, Track(line.row), chosen.desk, task, manners, Told(voice, read, understood, failed))
    session.live[id] = listening.close
