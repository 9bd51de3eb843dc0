"""Writing down what is said in one track of a call, utterance after utterance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media.recognition.desk import Desk
from media.recognition.engine import Task, Transcript
from media.track import Track
from voice.listening.listening import Listening, Manners, Told
from voice.sound.studio import Studio

MANNERS = Manners(most_seconds=30.0)
"""Who speaks without a pause is written down in pieces of that length."""
MOST_FAILURES = 3
"""Utterances in a row that may be lost before the engine is given up."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom to tell."""

    partial: Callable[[str], None]
    """What is understood so far of an utterance, whenever it changes."""
    final: Callable[[Transcript], None]
    """An utterance is over; its text may be empty."""
    lost: Callable[[str], None]
    """What was said will not be known, and why."""
    over: Callable[[], None]
    """Nothing follows."""


class Stenographer:
    """Writes down a track until it is told to finish, or the engine fails again and again."""

    def __init__(self, studio: Studio, track: Track, desk: Desk, task: Task, readers: Readers) -> None:
        self._readers = readers
        self._failures = 0
        told = Told(lambda: None, readers.partial, self._understand, self._lose)
        self._listening = Listening(studio, track, desk, task, MANNERS, told)

    def finish(self) -> None:
        """Write down what was said so far, and no more."""
        self._listening.finish(self._readers.over)

    def close(self) -> None:
        """Lay the pencil down at once; nobody is told anything more."""
        self._listening.close()

    def _understand(self, transcript: Transcript) -> None:
        self._failures = 0
        self._readers.final(transcript)

    def _lose(self, error: str) -> None:
        self._failures += 1
        self._readers.lost(error)
        if self._failures >= MOST_FAILURES:
            self._listening.close()
            self._readers.over()
