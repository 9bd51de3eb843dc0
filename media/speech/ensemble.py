"""Several engines as one: a voice is ``engine:voice``, or one of the usual engine's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import soxr

from media.errors import SpeechFailed, VoiceMissing
from media.frame import Samples
from media.speech.engine import SpeechEngine
from media.speech.phrases import Phrase


class Usual(SpeechEngine, Protocol):
    """The engine that is always there."""

    def has(self, voice: str) -> bool:
        """Whether it has a voice."""


class Ensemble:
    """See SpeechEngine; ``others`` are known by name."""

    def __init__(self, usual: Usual, others: Mapping[str, SpeechEngine] | None = None) -> None:
        self._usual = usual
        self._others = dict(others or {})
        self.rate = usual.rate

    def has(self, voice: str) -> bool:
        """Whether a voice can be asked for; only the engine itself knows all of its own."""
        name, colon, own = voice.partition(":")
        return name in self._others and bool(own) if colon else self._usual.has(voice)

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        """See SpeechEngine; raises VoiceMissing when another engine than the usual one fails."""
        name, colon, own = voice.partition(":")
        if not colon:
            yield from self._usual.speak(phrase, voice)
            return
        engine = self._others.get(name)
        if engine is None:
            raise VoiceMissing(f"there is no engine {name!r}")
        try:
            yield from self._at_rate(engine, engine.speak(phrase, own))
        except SpeechFailed as failure:
            raise VoiceMissing(f"{name} does not speak: {failure}") from failure

    def _at_rate(self, engine: SpeechEngine, chunks: Iterator[Samples]) -> Iterator[Samples]:
        if engine.rate == self.rate:
            yield from chunks
            return
        stream = soxr.ResampleStream(engine.rate, self.rate, 1, dtype="int16", quality="HQ")
        for samples in chunks:
            resampled = stream.resample_chunk(samples)
            if resampled.size:
                yield resampled
        yield stream.resample_chunk(np.zeros(0, np.int16), last=True)
