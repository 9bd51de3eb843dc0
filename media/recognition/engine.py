"""What every recognition engine offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from media.frame import Samples

ANY_LANGUAGE = "multi"
"""The language of a task whose engine has to find out what is spoken."""


@dataclass(frozen=True, slots=True)
class Task:
    """How an utterance is to be understood."""

    rate: int = 8000
    """Samples per second of what will be heard."""
    language: str = "en-US"
    """BCP 47, or ``ANY_LANGUAGE``."""
    hints: tuple[str, ...] = ()
    """Phrases to expect."""
    model: str = "default"
    """``speechModel`` of TwiML; an engine may know better."""
    only_hints: bool = True
    """Whether nothing else is expected where there are some: an answer, not a conversation."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a transcript, in seconds from the beginning of the utterance."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was said in one go in one channel of a recording, in seconds from its beginning."""

    channel: int
    """From 0."""
    text: str
    start: float
    end: float
    confidence: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said."""

    text: str = ""
    """Empty when nothing was understood."""
    confidence: float | None = None
    """0 to 1; None when the engine has no opinion."""
    words: tuple[Word, ...] = ()
    """Empty when the engine does not tell them apart."""
    sentences: tuple[Sentence, ...] = ()
    """Of a recording, in the order in which they begin."""
    language: str = ""
    """The first part of its tag, where the engine had to find it out."""


class Recognition(Protocol):
    """One utterance, on the thread that asks."""

    def hear(self, samples: Samples) -> None:
        """Take what comes next, shape (n,). Raises RecognitionFailed."""

    def words(self, *, paused: bool = False) -> str:
        """What is understood so far; may change. Empty for an engine that waits for the end.

        When it has ``paused``, all that was heard is to be considered, if nothing was understood yet.
        """

    def finish(self) -> Transcript:
        """All was heard; nothing may be asked afterwards. Raises RecognitionFailed."""

    def drop(self) -> None:
        """Nobody wants to know any more."""


class RecognitionEngine(Protocol):
    """Makes recognitions. To make an engine takes as long as its model takes to load."""

    @property
    def threads(self) -> int:
        """How many may use it at a time; an utterance stays on one of them."""

    def open(self, task: Task) -> Recognition:
        """Begin an utterance. Raises RecognitionFailed."""
