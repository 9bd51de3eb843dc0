"""The utterances of a recording: what is said in a file, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from media import wav
from media.activity import VoiceActivity
from media.ear import BEFORE, BEHIND
from media.frame import FRAMES_PER_SECOND, Samples, frame_size
from media.wav import read_form

PAUSE = 35
"""Frames without a voice between two utterances: 0.7 s."""
LONGEST = 20 * FRAMES_PER_SECOND
"""Frames of one utterance."""


def utterances(path: Path) -> Iterator[tuple[int, Samples]]:
    """Each with the frame at which it begins, in order; several channels are averaged. Raises NotAudio and OSError."""
    rate = read_form(path).rate
    size = frame_size(rate)
    whole = np.concatenate([np.zeros(0, np.int16), *(piece.mean(axis=1).astype(np.int16) for piece in wav.pieces(path))])
    frames = whole[: whole.size // size * size].reshape(-1, size)
    for first, last in _stretches(frames):
        yield first, frames[first:last].ravel()


def _stretches(frames: Samples) -> Iterator[tuple[int, int]]:
    activity, slot = VoiceActivity(1), np.zeros(1, np.intp)
    activity.clear(0)
    first, loud, sustained = 0, -1, False
    for number in range(len(frames)):
        heard = activity.hear(slot, frames[number : number + 1])
        if heard.started[0] and loud < 0:
            first = max(0, number - BEFORE)
        sustained = sustained or bool(heard.sustained[0])
        if heard.loud[0]:
            loud = number
        if loud >= 0 and (number - loud >= PAUSE or number - first >= LONGEST):
            if sustained:
                yield first, min(loud + 1 + BEHIND, number + 1)
            first, loud, sustained = number + 1, -1, False
    if sustained:
        yield first, min(loud + 1 + BEHIND, len(frames))
