"""The ears of a server as calls see them: who speaks in a track, and what becomes of each utterance."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Protocol

from media.ear import Ears, Hearer
from media.events import (
    MediaEvent,
    RecognitionLost,
    UtteranceBegun,
    UtterancePaused,
    UtteranceResumed,
    UtteranceUnderstood,
    WordsHeard,
)
from media.recognition.desk import Dictation
from media.recognition.engine import Transcript
from media.track import Track


class VoiceListener(Protocol):
    """Told how an utterance goes."""

    def begin(self) -> None:
        """Somebody speaks."""

    def pause(self) -> None:
        """Nothing was said for a moment."""

    def resume(self) -> None:
        """It goes on."""


class WordListener(Protocol):
    """Told what was said."""

    def read(self, dictation: Dictation, words: str) -> None:
        """What is understood so far."""

    def understand(self, dictation: Dictation, transcript: Transcript) -> None:
        """All of it; nothing follows."""

    def lose(self, dictation: Dictation, error: str) -> None:
        """It will not be known; nothing follows."""


class Ear:
    """The control of one ear."""

    def __init__(self, number: int, ears: Ears, forget: Callable[[], bool]) -> None:
        self._number = number
        self._ears = ears
        self._forget = forget

    def end_utterance(self, hearer: Hearer) -> None:
        """The utterance is over; the next one is for ``hearer``."""
        self._ears.end_utterance(self._number, hearer)

    def close(self) -> None:
        """Listen no longer; nothing more is told."""
        if self._forget():
            self._ears.close(self._number)


class StudioEars:
    """All ears of one bus, and the dictations that are listened to; all methods belong to the event loop."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._numbers = itertools.count(1)
        self._voices: dict[int, VoiceListener] = {}
        self._words: dict[int, tuple[Dictation, WordListener]] = {}

    @property
    def listening(self) -> int:
        """Ears that are open."""
        return len(self._voices)

    def listen(self, track: Track, hearer: Hearer, listener: VoiceListener) -> Ear:
        """Hand the next utterance of a track to ``hearer``."""
        number = next(self._numbers)
        self._voices[number] = listener
        self._ears.listen(number, track, hearer)
        return Ear(number, self._ears, lambda: self._voices.pop(number, None) is not None)

    def follow(self, dictation: Dictation, listener: WordListener) -> None:
        """Tell what is understood of a dictation."""
        self._words[dictation.id] = (dictation, listener)

    def drop(self, dictation: Dictation) -> None:
        """Give a dictation up."""
        if self._words.pop(dictation.id, None) is not None:
            self._ears.drop(dictation)

    def receive(self, event: MediaEvent) -> None:
        """Pass on what the media thread or a recogniser reported."""
        match event:
            case UtteranceBegun(number) if number in self._voices:
                self._voices[number].begin()
            case UtterancePaused(number) if number in self._voices:
                self._voices[number].pause()
            case UtteranceResumed(number) if number in self._voices:
                self._voices[number].resume()
            case WordsHeard(id, text) if id in self._words:
                dictation, listener = self._words[id]
                listener.read(dictation, text)
            case UtteranceUnderstood(id, transcript) if id in self._words:
                dictation, listener = self._words.pop(id)
                listener.understand(dictation, transcript)
            case RecognitionLost(id, error) if id in self._words:
                dictation, listener = self._words.pop(id)
                listener.lose(dictation, error)
