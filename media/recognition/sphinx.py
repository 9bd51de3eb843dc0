"""Recognition by pocketsphinx, with the English model inside its wheel.

With hints for an answer, a grammar of them is all that can be said, which makes short answers reliable; otherwise, a language
model of general English listens, which at telephone quality understands little. The library holds the GIL while it decodes, for
up to a second at the end of a long utterance, so it belongs into a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pocketsphinx
import soxr

from media.errors import RecognitionFailed
from media.frame import Samples
from media.recognition.engine import Recognition, Task, Transcript, Word
from media.recognition.hints import Phrase, read_hints
from media.recognition.pronunciation import guess
from media.recognition.vowels import may_be_speech

RATE = 16000
"""Samples per second of the model; what a telephone cannot carry is missing above 3.4 kHz."""
FRAMES = 100
"""Of the decoder, per second."""
LEVEL = 1000.0
"""Root mean square to which an utterance is brought."""
HISS = 40.0
"""Root mean square of the noise that is added: the model has never heard a line that is perfectly silent."""
SILENCE = 0.1
"""Probability of silence between words. The library's 0.005 makes words of the noise."""
LOOK_SECONDS, DICTATION_LOOK_SECONDS = 0.3, 1.0
"""How much must be new before it is looked at again what was said so far, with hints and without."""
MOST_DICTATIONS = 4
"""Decoders with the language model, 90 MB each."""

_GRAMMAR = "answers"
_MODEL = Path(pocketsphinx.get_model_path()) / "en-us"

_Floats = npt.NDArray[np.float32]


class Pocketsphinx:
    """English."""

    threads = 1

    def __init__(self) -> None:
        self._idle: list[Any] = []
        """Decoders with the language model, between two utterances."""
        self._dictations = 0

    def open(self, task: Task) -> Recognition:
        """See RecognitionEngine."""
        hints = task.hints if task.only_hints else ()
        phrases = [phrase for phrase in read_hints(hints) if all(map(sounds_of, phrase.words))]
        if phrases:
            written = {" ".join(phrase.words): phrase.text for phrase in phrases}
            return _Utterance(_answering(phrases), task.rate, lambda words: written.get(words, words))
        return _Utterance(self._dictating(), task.rate, rest=self._idle.append, look_seconds=DICTATION_LOOK_SECONDS)

    def _dictating(self) -> Any:
        if self._idle:
            return self._idle.pop()
        if self._dictations == MOST_DICTATIONS:
            raise RecognitionFailed(
                f"{MOST_DICTATIONS} callers already speak freely, which is as many as one process understands"
            )
        self._dictations += 1
        return _decoder(silprob=SILENCE, fwdflat=False)


@cache
def pronunciations() -> dict[str, tuple[str, ...]]:
    """How the words of the dictionary sound, in its phonemes; the usual way first."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (_MODEL / "cmudict-en-us.dict").read_text(encoding="utf-8").splitlines():
        word, _, phonemes = line.partition(" ")
        word = word.partition("(")[0]
        found[word] = (*found.get(word, ()), phonemes.strip())
    return found


def sounds_of(word: str) -> tuple[str, ...]:
    """How a word sounds: by the dictionary, or as it looks. Empty when it cannot be spoken."""
    guessed = () if word in pronunciations() else filter(None, (guess(word),))
    return pronunciations().get(word) or tuple(guessed)


def grammar(phrases: Iterable[Phrase]) -> str:
    """One of the phrases, in the Java Speech Grammar Format."""
    choices = " | ".join(dict.fromkeys(" ".join(phrase.words) for phrase in phrases))
    return f"#JSGF V1.0;\ngrammar {_GRAMMAR};\npublic <answer> = {choices};\n"


def _answering(phrases: list[Phrase]) -> Any:
    """A decoder that knows the words of some phrases only: made in 15 ms, 5 MB."""
    decoder = _decoder(lm=None, dict=None, silprob=SILENCE)
    for word in sorted({word for phrase in phrases for word in phrase.words}):
        for number, phonemes in enumerate(sounds_of(word), 1):
            decoder.add_word(word if number == 1 else f"{word}({number})", phonemes, False)
    decoder.add_jsgf_string(_GRAMMAR, grammar(phrases))
    decoder.activate_search(_GRAMMAR)
    return decoder


def _decoder(**options: Any) -> Any:
    try:
        return pocketsphinx.Decoder(loglevel="FATAL", **options)
    except RuntimeError as error:
        raise RecognitionFailed(f"pocketsphinx cannot be started: {error}") from error


class _Utterance:
    """Everything is decoded at once, and again as it grows: the model needs the mean of a whole utterance to know the line."""

    def __init__(
        self,
        decoder: Any,
        rate: int,
        written: Callable[[str], str] = lambda words: words,
        rest: Callable[[Any], object] = lambda decoder: None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._decoder = decoder
        self._rate = rate
        self._written = written
        self._rest = rest
        self._heard: list[Samples] = []
        self._least = look_seconds * rate
        self._known = self._new = 0
        """Samples that were decoded, and those that were not."""
        self._words = ""

    def hear(self, samples: Samples) -> None:
        self._heard.append(samples)
        self._new += samples.size

    def words(self, *, paused: bool = False) -> str:
        # As much again must be new, so that all looks together cost no more than two.
        if self._new >= max(self._least, self._known) or (paused and self._new and not self._words):
            self._decode()
        return self._words

    def finish(self) -> Transcript:
        self._decode()
        transcript = Transcript(self._words, None, tuple(self._segments())) if self._words else Transcript()
        self._rest(self._decoder)
        return transcript

    def drop(self) -> None:
        self._rest(self._decoder)

    def _decode(self) -> None:
        self._new = 0
        if not self._heard:
            return
        heard = np.concatenate(self._heard)
        self._heard, self._known = [heard], heard.size
        if not may_be_speech(heard, self._rate):
            self._words = ""
            return
        self._decoder.start_utt()
        self._decoder.process_raw(_prepared(heard, self._rate).tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        self._words = self._written(str(found.hypstr)) if found is not None else ""

    def _segments(self) -> Iterator[Word]:
        for segment in self._decoder.seg():
            word = str(segment.word).partition("(")[0]
            if word and word[0] not in "<[+":
                yield Word(word, segment.start_frame / FRAMES, (segment.end_frame + 1) / FRAMES)


def _prepared(heard: Samples, rate: int) -> Samples:
    """An utterance as the model has heard others."""
    wide: _Floats = soxr.resample(heard.astype(np.float32), rate, RATE)
    level = float(np.sqrt(np.square(wide).mean()))
    hiss = np.random.default_rng(0).normal(0, HISS, wide.size)
    return np.clip(np.rint(wide * (LEVEL / max(level, 1.0)) + hiss), -32768, 32767).astype(np.int16)
