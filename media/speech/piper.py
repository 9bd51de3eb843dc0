"""Speech by piper, with a voice file that the operator has downloaded: a neural voice on this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from piper import PiperConfig, PiperVoice, SynthesisConfig

from media.errors import EngineMissing, SpeechFailed
from media.frame import Samples
from media.speech.phrases import Phrase

THREADS = 1
"""For one phrase: the cores are for calls, and several phrases are made at a time."""
LOUDEST = 0.9
"""Of full scale: what is made is as loud as that at its loudest, and telephones clip what is louder."""
_INPUTS = {"input", "input_lengths", "scales"}

logging.getLogger("piper").setLevel(logging.WARNING)


class Piper:
    """The speakers of one voice file, ``*.onnx`` with ``*.onnx.json`` beside it. Raises EngineMissing."""

    def __init__(self, model: str) -> None:
        path, described = Path(model), Path(f"{model}.json")
        for needed in (path, described):
            if not needed.is_file():
                raise EngineMissing(f"piper: there is no {needed}; voices are at huggingface.co/rhasspy/piper-voices")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = THREADS
        try:
            config = PiperConfig.from_dict(json.loads(described.read_text(encoding="utf-8")))
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise EngineMissing(f"piper: the voice {path} cannot be loaded: {type(error).__name__} {error}") from error
        missing = _INPUTS - {each.name for each in session.get_inputs()}
        if missing:
            raise EngineMissing(f"piper: {path} is no voice of piper: it has no {', '.join(sorted(missing))}")
        self._voice = PiperVoice(session=session, config=config)
        self.rate: int = config.sample_rate

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        """See SpeechEngine; a sentence at a time. Of a file with several speakers ``voice`` is one of them, by name or number."""
        text = phrase.text.replace("[[", "[ [")
        config = self._voice.config
        manner = SynthesisConfig(speaker_id=self._speaker(voice), length_scale=config.length_scale / phrase.speed, volume=LOUDEST)
        try:
            for chunk in self._voice.synthesize(text, manner):
                samples: Samples = np.asarray(chunk.audio_int16_array, np.int16).ravel()
                yield samples
        except Exception as error:
            raise SpeechFailed(f"piper: {type(error).__name__}: {error}") from error

    def _speaker(self, voice: str) -> int | None:
        config = self._voice.config
        if config.num_speakers <= 1:
            return None
        number = config.speaker_id_map.get(voice, int(voice) if voice.isdecimal() and len(voice) < 6 else config.num_speakers)
        if not 0 <= number < config.num_speakers:
            raise SpeechFailed(f"piper: no speaker is called {voice[:60]!r}")
        return number
