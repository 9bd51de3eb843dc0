"""Whether an utterance can be speech at all: of coughs, clicks and gusts of wind most models make words, too."""

from __future__ import annotations

import numpy as np

from media.activity import likeness
from media.frame import FRAMES_PER_SECOND, Samples
from media.level import power

FEWEST = 3
"""Frames of a vowel, 60 ms, that the shortest word has."""
LIKE_A_VOWEL = 0.35
"""Likeness of neighbouring samples: noise is hardly ever above 0.3, a vowel of a voice that is 5 dB above it is, mostly."""
LOUD_PART = 0.05
"""Of the power of the loudest frame a vowel has so much."""


def may_be_speech(heard: Samples, rate: int) -> bool:
    """Whether there is a vowel in an utterance, shape (n,)."""
    length = rate // FRAMES_PER_SECOND
    frames = heard[: heard.size - heard.size % length].reshape(-1, length)
    if not frames.size:
        return False
    powers = power(frames)
    vowels = (likeness(frames) >= LIKE_A_VOWEL) & (powers >= LOUD_PART * powers.max())
    return int(np.count_nonzero(vowels)) >= FEWEST
