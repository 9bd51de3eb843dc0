"""What every speech engine offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from media.frame import Samples
from media.speech.phrases import Phrase


class SpeechEngine(Protocol):
    """Turns phrases into samples, on the thread that asks."""

    @property
    def rate(self) -> int:
        """Samples per second of what ``speak`` yields."""

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        """Samples of a phrase, in whose text nothing is markup, in arrays of shape (n,) as they become ready.

        The reader may stop at any array, and may take its time: nothing is kept from other readers meanwhile. Raises
        SpeechFailed, also between arrays.
        """
