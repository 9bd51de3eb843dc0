"""What may be speech."""

from __future__ import annotations

import numpy as np
import pytest

from media.frame import Samples
from media.recognition.vowels import may_be_speech
from tests.media.recognition.answers import WORDS, answers


def cough(seconds: float, seed: int) -> Samples:
    fading = np.exp(-np.arange(round(8000 * seconds)) / (2000 * seconds))
    burst = np.random.default_rng(seed).normal(0, 5000, fading.size) * fading
    samples: Samples = np.concatenate((np.zeros(3200), burst, np.zeros(2400))).astype(np.int16)
    return samples


@pytest.mark.parametrize("seconds", [0.06, 0.2, 0.4, 1.0])
def test_noise_is_none(seconds: float) -> None:
    assert not any(may_be_speech(cough(seconds, seed), 8000) for seed in range(20))
    assert not may_be_speech(np.zeros(8000, np.int16), 8000)
    assert not may_be_speech(np.zeros(0, np.int16), 8000)


@pytest.mark.parametrize("ratio", [None, 20, 10, 5])
def test_every_word_of_every_voice_is(ratio: int | None) -> None:
    """In more noise than most recognisers bear, too."""
    said = list(answers(WORDS, (ratio,)))
    assert [(each.text, each.voice) for each in said if not may_be_speech(each.samples, 8000)] == []


def test_the_rate_does_not_matter() -> None:
    (word,) = [each.samples for each in answers(("yes",), (20,))][:1]
    assert may_be_speech(np.repeat(word, 2), 16000)
    assert not may_be_speech(np.random.default_rng(1).normal(0, 3000, 16000).astype(np.int16), 16000)
