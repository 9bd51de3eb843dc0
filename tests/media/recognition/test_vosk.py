"""vosk: its library is real, a model is too large for tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media.errors import EngineMissing
from media.recognition.engine import Transcript, Word
from media.recognition.vosk import Dictated, Vosk


def test_a_folder_without_a_model_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="is no model folder"):
        Vosk(str(tmp_path))


def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(b"not a model")
    with pytest.raises(EngineMissing, match="cannot be loaded"):
        Vosk(str(tmp_path))


class Recognizer:
    """Answers as the library documents it: two utterances by its own account, and a third that is not over."""

    def __init__(self) -> None:
        self.blocks = 0

    def AcceptWaveform(self, data: bytes) -> int:  # noqa: N802
        assert len(data) == 1600
        self.blocks += 1
        return int(self.blocks == 2)

    def Result(self) -> str:  # noqa: N802
        words = [{"conf": 1.0, "word": "yes", "start": 0.1, "end": 0.4}, {"conf": 0.1, "word": "[unk]", "start": 0.4, "end": 0.5}]
        return json.dumps({"text": "yes [unk]", "result": words})

    def PartialResult(self) -> str:  # noqa: N802
        return json.dumps({"partial": "ple" if self.blocks < 4 else "please"})

    def FinalResult(self) -> str:  # noqa: N802
        return json.dumps({"text": "please", "result": [{"conf": 0.5, "word": "please", "start": 0.6, "end": 0.9}]})


def test_the_pieces_that_the_library_makes_are_put_together() -> None:
    utterance = Dictated(Recognizer())
    for _ in range(3):
        utterance.hear(np.zeros(800, np.int16))
    assert utterance.words() == "yes ple"
    assert utterance.finish() == Transcript("yes please", 0.75, (Word("yes", 0.1, 0.4), Word("please", 0.6, 0.9)))
