"""Several engines as one: a voice is ``engine:voice``, or one of the usual engine's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from media.errors import SpeechFailed, VoiceMissing
from media.frame import Samples
from media.speech.engine import SpeechEngine
from media.speech.phrases import Phrase
from media.speech.resampling import resample


class Usual(SpeechEngine, Protocol):
    """The engine that is always there."""

    def has(self, voice: str) -> bool:
        """Whether it has a voice."""


class Ensemble:
    """See SpeechEngine; ``others`` are known by name, and each is brought from its own rate to ``rate``."""

    def __init__(self, usual: Usual, others: Mapping[str, SpeechEngine], rate: int) -> None:
        self._usual = usual
        self._others = dict(others)
        self.rate = rate

    def has(self, voice: str) -> bool:
        """Whether a voice can be asked for; only the engine itself knows all of its own."""
        name, colon, own = voice.partition(":")
        return name in self._others and bool(own) if colon else self._usual.has(voice)

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        """See SpeechEngine; raises VoiceMissing when another engine than the usual one fails."""
        name, colon, own = voice.partition(":")
        if not colon:
            yield from self._speak(self._usual, phrase, voice)
            return
        engine = self._others.get(name)
        if engine is None:
            raise VoiceMissing(f"there is no engine {name!r}")
        try:
            yield from self._speak(engine, phrase, own)
        except SpeechFailed as failure:
            raise VoiceMissing(f"{name} does not speak: {failure}") from failure

    def _speak(self, engine: SpeechEngine, phrase: Phrase, voice: str) -> Iterator[Samples]:
        return resample(engine.speak(phrase, voice), engine.rate, self.rate)
