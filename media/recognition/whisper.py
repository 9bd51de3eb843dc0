"""Recognition by faster-whisper, with a model folder of CTranslate2. It waits for the end of an utterance."""

from __future__ import annotations

from math import exp
from pathlib import Path

import faster_whisper
import numpy as np
import soxr

from media.errors import EngineMissing, RecognitionFailed
from media.frame import Samples
from media.recognition.engine import ANY_LANGUAGE, Recognition, Task, Transcript, Word
from media.recognition.vowels import may_be_speech

RATE = 16000
FILES = ("model.bin", "config.json", "tokenizer.json")
"""What a model folder has."""
MOST_PROMPT = 800
"""Characters of hints that the model is shown; it reads 224 tokens."""


class Whisper:
    """All languages of one model. Raises EngineMissing."""

    threads = 1

    def __init__(self, model: str, device: str = "cpu", compute_type: str = "int8") -> None:
        folder = Path(model)
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise EngineMissing(f"whisper: {folder} is no model folder for faster-whisper: it has no {', '.join(missing)}")
        try:
            self._model = faster_whisper.WhisperModel(
                str(folder), device=device, compute_type=compute_type, local_files_only=True
            )
        except Exception as error:
            raise EngineMissing(f"whisper: the model in {folder} cannot be loaded: {error}") from error

    def open(self, task: Task) -> Recognition:
        """See RecognitionEngine."""
        language = task.language.partition("-")[0].lower()
        if task.language == ANY_LANGUAGE:
            return _Utterance(self._model, None, task)
        if language not in self._model.supported_languages:
            raise RecognitionFailed(f"this whisper model does not know {task.language!r}")
        return _Utterance(self._model, language, task)


class _Utterance:
    def __init__(self, model: faster_whisper.WhisperModel, language: str | None, task: Task) -> None:
        self._model = model
        self._language = language
        self._task = task
        self._heard: list[Samples] = []

    def hear(self, samples: Samples) -> None:
        self._heard.append(samples)

    def words(self, *, paused: bool = False) -> str:
        return ""

    def finish(self) -> Transcript:
        if not self._heard or not may_be_speech(samples := np.concatenate(self._heard), self._task.rate):
            return Transcript()
        heard = samples.astype(np.float32) / 32768
        prompt = ", ".join(self._task.hints)[:MOST_PROMPT] or None
        segments, found = self._model.transcribe(
            soxr.resample(heard, self._task.rate, RATE),
            language=self._language,
            initial_prompt=prompt,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        spoken = list(segments)
        text = " ".join("".join(segment.text for segment in spoken).split())
        if not text:
            return Transcript()
        words = [word for segment in spoken for word in segment.words or ()]
        confidence = exp(float(np.mean([segment.avg_logprob for segment in spoken])))
        said = tuple(Word(each.word.strip(), float(each.start), float(each.end)) for each in words)
        return Transcript(text, min(1.0, confidence), said, language="" if self._language else found.language)

    def drop(self) -> None:
        self._heard.clear()
