"""Recognition by vosk, with a model folder that the operator has downloaded: one language for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import vosk

from media.errors import EngineMissing
from media.frame import Samples
from media.recognition.engine import Recognition, Task, Transcript, Word
from media.recognition.hints import read_hints

_ACOUSTIC_MODELS = ("am/final.mdl", "final.mdl")
"""Where a model of today and one of yesterday has it."""
_UNKNOWN = "[unk]"
"""What a grammar makes of everything else."""


class Vosk:
    """The language of one model folder. Raises EngineMissing."""

    threads = 2
    """The library lets go of the GIL while it decodes."""

    def __init__(self, model: str) -> None:
        folder = Path(model)
        if not any((folder / name).is_file() for name in _ACOUSTIC_MODELS):
            raise EngineMissing(
                f"vosk: {folder} is no model folder (it has no am/final.mdl); models are at alphacephei.com/vosk/models"
            )
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:
            raise EngineMissing(f"vosk: the model in {folder} cannot be loaded: {error}") from error

    def open(self, task: Task) -> Recognition:
        """See RecognitionEngine."""
        phrases = [" ".join(phrase.words) for phrase in read_hints(task.hints if task.only_hints else ())]
        grammar = (json.dumps([*dict.fromkeys(phrases), _UNKNOWN]),) if phrases else ()
        recognizer = vosk.KaldiRecognizer(self._model, task.rate, *grammar)
        recognizer.SetWords(True)
        return Dictated(recognizer)


class Dictated:
    """One utterance; the library may cut it into several. See Recognition."""

    def __init__(self, recognizer: Any) -> None:
        self._recognizer = recognizer
        self._complete: list[dict[str, Any]] = []
        """What the library takes for utterances that are over."""

    def hear(self, samples: Samples) -> None:
        if self._recognizer.AcceptWaveform(samples.astype("<i2").tobytes()):
            self._complete.append(json.loads(self._recognizer.Result()))

    def words(self, *, paused: bool = False) -> str:
        partial = json.loads(self._recognizer.PartialResult()).get("partial", "")
        return _joined([*(each.get("text", "") for each in self._complete), partial])

    def finish(self) -> Transcript:
        parts = [*self._complete, json.loads(self._recognizer.FinalResult())]
        text = _joined([part.get("text", "") for part in parts])
        words = [word for part in parts for word in part.get("result", ()) if word["word"] != _UNKNOWN]
        confidence = float(np.mean([word["conf"] for word in words])) if words else None
        return Transcript(
            text, confidence if text else None, tuple(Word(each["word"], each["start"], each["end"]) for each in words)
        )

    def drop(self) -> None:
        """Nothing is kept."""


def _joined(texts: list[str]) -> str:
    return " ".join(" ".join(texts).replace(_UNKNOWN, " ").split())
