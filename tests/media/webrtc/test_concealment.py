"""What is heard in place of frames that have not come."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.frame import Samples
from media.webrtc.concealment import Concealment

SIZE = 160


def conceal(audio: Samples, lost: set[int]) -> Samples:
    """What is heard of some audio whose frames of those numbers are lost."""
    concealment = Concealment(2, SIZE)
    rows = np.array([1])
    frames = audio[: audio.size // SIZE * SIZE].reshape(-1, SIZE)
    heard = [
        concealment.patch(rows, frames[at : at + 1] * (at not in lost), np.array([at not in lost])) for at in range(len(frames))
    ]
    joined: Samples = np.concatenate(heard, axis=1)[0]
    return joined


@pytest.mark.parametrize("hertz", [90, 130, 180])
def test_a_voice_goes_on_at_its_pitch(sine: Callable[..., Samples], hertz: float) -> None:
    audio = sine(hertz, 0.4)
    heard = conceal(audio, {10}).astype(float)
    gap = slice(10 * SIZE, 11 * SIZE)
    assert np.abs(heard[gap] - audio[gap]).mean() < 0.3 * np.abs(audio[gap]).mean()


def test_there_is_no_click_at_either_seam(sine: Callable[..., Samples]) -> None:
    audio = sine(140, 0.4)
    steepest = np.abs(np.diff(audio.astype(int))).max()
    assert np.abs(np.diff(conceal(audio, {10, 11}).astype(int))).max() < 4 * steepest


def test_it_fades_out_within_60_ms(sine: Callable[..., Samples]) -> None:
    heard = conceal(sine(150, 0.4), {8, 9, 10, 11, 12})
    levels = [int(np.abs(heard[at * SIZE : (at + 1) * SIZE]).max()) for at in range(7, 13)]
    assert levels == sorted(levels, reverse=True)
    assert levels[4:] == [0, 0]


def test_what_comes_is_untouched_where_nothing_is_lost(sine: Callable[..., Samples]) -> None:
    audio = sine(300, 0.4)
    assert (conceal(audio, set())[SIZE:] == audio[SIZE:]).all()


def test_what_comes_after_a_gap_is_untouched_5_ms_later(sine: Callable[..., Samples]) -> None:
    audio = sine(300, 0.4)
    heard = conceal(audio, {6})
    assert (heard[7 * SIZE + 40 :] == audio[7 * SIZE + 40 :]).all()


def test_each_row_has_a_voice_of_its_own(sine: Callable[..., Samples]) -> None:
    concealment = Concealment(4, SIZE)
    rows = np.array([0, 3])
    voices = np.stack((sine(100, 0.2), sine(170, 0.2)))
    for at in range(5):
        concealment.patch(rows, voices[:, at * SIZE : (at + 1) * SIZE].copy(), np.array([True, True]))
    made = concealment.patch(rows, np.zeros((2, SIZE), np.int16), np.array([False, False]))
    for heard, voice in zip(made, voices, strict=True):
        assert np.corrcoef(heard, voice[5 * SIZE : 6 * SIZE])[0, 1] > 0.9
