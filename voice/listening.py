"""Listening to a caller: utterance after utterance is cut out of what the row says and taken to a recogniser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from markup import commands, events
from media.activity import HANGOVER
from media.frame import FRAME_SECONDS
from media.recognition.desk import Desk, Dictation
from media.recognition.engine import Task, Transcript
from media.turn import pause_that_ends
from voice.profanity import mask
from voice.session import Session
from voice.studio import Studio

ANSWER_SECONDS = 15.0
"""How long a recogniser may take for an utterance that is over."""
STALE_SECONDS = 6.0
"""After which a voice that goes on, but of which no more is understood than before, is noise: the utterance is over."""
BAD_LANGUAGE, DEGRADED = 13331, 13340


@dataclass(frozen=True, slots=True)
class Manners:
    """When an utterance is over."""

    silence: float | None = None
    """Seconds without a voice; None is as long as what was said so far suggests."""
    most_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """Whom to tell."""

    voice: Callable[[], None]
    """Somebody speaks."""
    words: Callable[[str], None]
    """What is understood so far, whenever it changes."""
    understood: Callable[[Transcript], None]
    """An utterance is over; its text may be empty."""
    failed: Callable[[str], None]
    """What was said will not be known; nothing follows."""


class Listening:
    """Listens to a row until it is closed. ``desk`` understands; see VoiceListener and WordListener for what it is told."""

    def __init__(self, studio: Studio, row: int, desk: Desk, task: Task, manners: Manners, told: Told) -> None:
        self._ears = studio.ears
        self._desk = desk
        self._task = task
        self._manners = manners
        self._told = told
        self._words = ""
        self._speaking = self._desk.dictation(task)
        """What is, or will be, spoken into."""
        self._finished: list[Dictation] = []
        """Those that are over and not understood yet."""
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._ears.follow(self._speaking, self)
        self._ear = self._ears.listen(row, self._speaking, self)

    def close(self) -> None:
        """Listen no longer, and forget what is not understood yet."""
        self._ear.close()
        for name in list(self._timers):
            self._cancel(name)
        for dictation in (self._speaking, *self._finished):
            self._ears.drop(dictation)

    def begin(self) -> None:
        """Somebody speaks."""
        self._after("longest", self._manners.most_seconds, self._end)
        self._told.voice()

    def pause(self) -> None:
        """Nothing was said for the hang-over of the ear."""
        silence = self._manners.silence
        if silence is None:
            silence = pause_that_ends(self._words, self._task.hints)
        self._after("pause", max(0.0, silence - HANGOVER * FRAME_SECONDS), self._end)

    def resume(self) -> None:
        """It goes on."""
        self._cancel("pause")

    def read(self, dictation: Dictation, words: str) -> None:
        """What is understood so far."""
        if dictation is self._speaking:
            self._words = words
            self._after("stale", STALE_SECONDS, self._end)
            self._told.words(words)

    def understand(self, dictation: Dictation, transcript: Transcript) -> None:
        """All of it."""
        self._finished.remove(dictation)
        if not self._finished:
            self._cancel("answer")
        self._told.understood(transcript)

    def lose(self, dictation: Dictation, error: str) -> None:
        """It will not be known."""
        self.close()
        self._told.failed(error)

    def _end(self) -> None:
        """The utterance is over: wait for what it means, and for the next one."""
        for name in ("pause", "stale", "longest"):
            self._cancel(name)
        self._finished.append(self._speaking)
        self._speaking, self._words = self._desk.dictation(self._task), ""
        self._ears.follow(self._speaking, self)
        self._ear.end_utterance(self._speaking)
        self._after("answer", ANSWER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self.close()
        self._told.failed(f"the recogniser gave no answer within {ANSWER_SECONDS:.0f} s")

    def _after(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, act)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()


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
    listening = Listening(resources.studio, line.row, chosen.desk, task, manners, Told(voice, read, understood, failed))
    session.live[id] = listening.close
