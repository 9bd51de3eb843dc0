"""The commands of listening: what a caller says, for the document that asked."""

from __future__ import annotations

from markup import commands, events
from media.recognition.engine import Task, Transcript
from media.track import Track
from voice.calls.session import Session
from voice.listening.doubt import Doubt
from voice.listening.listening import Listening, Manners, Told
from voice.listening.profanity import mask
from voice.listening.recognizers import Chosen

BAD_LANGUAGE, DEGRADED = 13331, 13340


def start(session: Session, command: commands.StartListening) -> None:
    """Listen to the caller from now on, until something is understood."""
    if session.line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    chosen = session.resources.recognizers.choose(command.language, command.model)
    if chosen.language != command.language:
        message = f"{command.language[:60]!r} is not understood here: {chosen.language} is listened for"
        session.perform(session, commands.Report(BAD_LANGUAGE, message))
    session.live[command.id] = _Hearing(session, command, chosen).close


class _Hearing:
    """One listening, and what the session is told of it."""

    def __init__(self, session: Session, command: commands.StartListening, chosen: Chosen) -> None:
        self._session, self._command, self._chosen = session, command, chosen
        self._line, self._studio = session.line, session.resources.studio
        self._doubt = Doubt(self._hold, self._tell, lambda: session.call.journal.add("voice", active=False))
        self._told = False
        """Whether the document knows of the voice that is heard."""
        task = Task(self._studio.bus.rate, chosen.language, command.hints, command.model)
        manners = Manners(command.silence, command.most_seconds)
        told = Told(self._voice, self._read, self._understood, self._failed, self._doubt.goes_on)
        self._listening = Listening(self._studio, Track(self._line.row), chosen.desk, task, manners, told)

    def close(self) -> None:
        """Listen no longer."""
        self._doubt.drop()
        self._listening.close()

    def _hold(self, on: bool) -> None:
        if self._line.playing is not None:
            self._studio.hold(self._line.playing, on)

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._session.deliver(events.VoiceHeard(self._command.id))

    def _voice(self) -> None:
        self._session.call.journal.add("voice", active=True)
        if self._command.barge_in and self._line.playing is not None:
            self._doubt.begin()
        else:
            self._tell()

    def _read(self, words: str) -> None:
        self._doubt.decide()
        self._tell()
        self._session.call.journal.add("words", text=words)
        self._session.deliver(events.WordsHeard(self._command.id, self._filtered(words)))

    def _understood(self, transcript: Transcript) -> None:
        session, id, text = self._session, self._command.id, self._filtered(transcript.text)
        session.call.journal.add("speech", text=text, confidence=transcript.confidence, recognizer=self._chosen.name)
        self._count("understood" if text else "nothing")
        if text:
            self._doubt.drop()
            self._tell()
            self._listening.close()
            session.finish(id, events.SpeechUnderstood(id, text, transcript.confidence, self._chosen.language))
            return
        self._doubt.dismiss()
        told, self._told = self._told, False
        if told:
            session.deliver(events.NothingUnderstood(id))

    def _failed(self, error: str) -> None:
        self._doubt.dismiss()
        self._count("failed")
        id = self._command.id
        self._session.finish(id, events.ListeningFailed(id, DEGRADED, f"speech is not understood: {error}"))

    def _count(self, outcome: str) -> None:
        self._session.resources.metrics.recognitions.labels(recognizer=self._chosen.name, outcome=outcome).inc()

    def _filtered(self, text: str) -> str:
        return mask(text) if self._command.profanity_filter else text
