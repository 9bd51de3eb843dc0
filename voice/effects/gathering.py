"""The commands of listening: what a caller says, for the document that asked."""

from __future__ import annotations

from markup import commands, events
from media.recognition.engine import Task, Transcript
from media.track import Track
from voice.calls.session import Session
from voice.listening.listening import Listening, Manners, Told
from voice.listening.profanity import mask
from voice.listening.recognizers import Chosen

BAD_LANGUAGE, DEGRADED = 13331, 13340


def start(session: Session, command: commands.StartListening) -> None:
    """Listen to the caller from now on, until something is understood."""
    line, resources = session.line, session.resources
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    chosen = resources.recognizers.choose(command.language, command.model, hints=command.hints)
    if chosen.language != command.language:
        message = f"{command.language[:60]!r} is not understood here: {chosen.language} is listened for"
        session.perform(session, commands.Report(BAD_LANGUAGE, message))
    report = _Report(session, command, chosen)
    told = Told(report.hear_voice, report.read, report.understand, report.fail, report.hear_change)
    task = Task(resources.studio.bus.rate, chosen.language, command.hints, command.model)
    manners = Manners(command.silence, command.most_seconds)
    listening = Listening(resources.studio, Track(line.row), chosen.desk, task, manners, told)
    session.live[command.id] = listening.close


class _Report:
    """What becomes of a ``StartListening``, for the interpreter, the journal and the metrics."""

    def __init__(self, session: Session, command: commands.StartListening, chosen: Chosen) -> None:
        self._session = session
        self._id = command.id
        self._filters = command.profanity_filter
        self._chosen = chosen
        self._note = session.call.journal.add

    def hear_voice(self) -> None:
        """Somebody speaks."""
        self._note("voice", active=True)
        self._session.deliver(events.VoiceHeard(self._id))

    def hear_change(self, on: bool) -> None:
        """The voice has paused, or is there again."""
        self._note("voice", active=on)
        if on:
            self._session.deliver(events.VoiceHeard(self._id))
        elif self._chosen.reads_along:
            self._session.deliver(events.VoicePaused(self._id))

    def read(self, words: str) -> None:
        """What is understood so far."""
        self._note("words", text=words)
        self._session.deliver(events.WordsHeard(self._id, self._filtered(words)))

    def understand(self, transcript: Transcript) -> None:
        """An utterance is over; one with words in it is the last."""
        text = self._filtered(transcript.text)
        self._note("speech", text=text, confidence=transcript.confidence, recognizer=self._chosen.name)
        self._count("understood" if text else "nothing")
        if not text:
            self._session.deliver(events.NothingUnderstood(self._id))
            return
        self._finish(events.SpeechUnderstood(self._id, text, transcript.confidence, self._chosen.language))

    def fail(self, error: str) -> None:
        """It will not be known what was said."""
        self._count("failed")
        self._session.resources.recognizers.avoid(self._chosen)
        self._finish(events.ListeningFailed(self._id, DEGRADED, f"speech is not understood: {error}"))

    def _finish(self, event: events.SpeechUnderstood | events.ListeningFailed) -> None:
        close = self._session.live.get(self._id)
        if close is not None:
            close()
        self._session.finish(self._id, event)

    def _count(self, outcome: str) -> None:
        self._session.resources.metrics.recognitions.labels(recognizer=self._chosen.name, outcome=outcome).inc()

    def _filtered(self, text: str) -> str:
        return mask(text) if self._filters else text
