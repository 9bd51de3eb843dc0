"""What every speech engine offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from media.frame import Samples


class SpeechEngine(Protocol):
    """Turns text into samples, on the thread that asks."""

    @property
    def rate(self) -> int:
        """Samples per second of what ``speak`` yields."""

    def speak(self, text: str, voice: str) -> Iterator[Samples]:
        """Samples of a plain text, in which nothing is markup, in arrays of shape (n,) as they become ready.

        The reader may stop at any array, and may take its time: nothing is kept from other readers meanwhile. Raises
        SpeechFailed, also between arrays.
        """
