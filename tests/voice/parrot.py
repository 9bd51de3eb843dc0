"""A recogniser that says what it was told to say, whatever it hears."""

from __future__ import annotations

from collections.abc import Sequence

from media.errors import RecognitionFailed
from media.frame import Samples
from media.recognition.engine import Recognition, Task, Transcript
from media.recognition.worker import Recipe
from voice.listening.recognizers import Recognizer

WORD_SECONDS = 0.25
"""After each of these another word is understood."""


class Parrot:
    """Of each utterance ``texts`` has one; when there is none left, it fails."""

    threads = 1

    def __init__(self, texts: Sequence[str], confidence: float | None = None, language: str = "") -> None:
        self._texts = list(texts)
        self._language = language
        self._confidence = confidence
        self.tasks: list[Task] = []

    def open(self, task: Task) -> Recognition:
        """See RecognitionEngine."""
        self.tasks.append(task)
        if not self._texts:
            raise RecognitionFailed("the parrot knows no more")
        return _Utterance(self._texts.pop(0), self._confidence, task.rate, self._language)


class _Utterance:
    def __init__(self, text: str, confidence: float | None, rate: int, language: str) -> None:
        self._text = text
        self._language = language
        self._confidence = confidence
        self._rate = rate
        self._heard = 0

    def hear(self, samples: Samples) -> None:
        self._heard += samples.size

    def words(self, *, paused: bool = False) -> str:
        return " ".join(self._text.split()[: int(self._heard / self._rate / WORD_SECONDS)])

    def finish(self) -> Transcript:
        return Transcript(self._text, self._confidence if self._text else None, language=self._language)

    def drop(self) -> None:
        self._heard = 0


def parrot(
    *texts: str,
    confidence: float | None = None,
    languages: tuple[str, ...] = (),
    name: str = "parrot",
    finds_out: str = "",
) -> Recognizer:
    """One that says these texts; if it finds out a language, then that one."""
    options = {"texts": texts, "confidence": confidence, "language": finds_out}
    return Recognizer(name, Recipe("tests.voice.parrot", "Parrot", options), languages, finds_out=bool(finds_out))
