from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media import beep
from media.dtmf import DigitDetector
from media.frame import Samples, frame_size
from media.music import BEAT_SECONDS, LOUDNESS, frequency, hold_music


@pytest.mark.parametrize("rate", [8000, 16000])
def test_the_music_is_long_and_no_louder_than_speech(rate: int) -> None:
    music = hold_music(rate)
    assert music.size / rate > 120
    assert np.sqrt(np.mean(np.square(music.astype(float)))) == pytest.approx(LOUDNESS, rel=0.01)
    assert np.abs(music).max() < 20_000
    seconds = music[: music.size // rate * rate].reshape(-1, rate).astype(float)
    assert np.sqrt(np.mean(np.square(seconds), axis=1)).min() > LOUDNESS / 3


def test_the_music_is_made_the_same_every_time_and_shared() -> None:
    music = hold_music(8000)
    assert hold_music(8000) is music
    assert np.array_equal(hold_music.__wrapped__(8000), music)
    with pytest.raises(ValueError, match="read-only"):
        music[0] = 1


def test_the_loop_has_no_seam() -> None:
    """Across the end it moves no faster than across any other bar line, and what rang before the end rings after it."""
    music = hold_music(8000).astype(float)
    bar = round(4 * BEAT_SECONDS * 8000)
    lines = [music[at - 1] - music[at] for at in range(bar, music.size, bar)]
    assert abs(music[-1] - music[0]) <= max(map(abs, lines))
    assert np.abs(music[:400]).max() > 200


def test_no_key_is_heard_in_the_music_or_the_beeps() -> None:
    """Somebody who waits on hold behind another switch must not press keys there."""
    sounds = np.concatenate([hold_music(8000), beep.entry(8000), beep.exit(8000)])
    size = frame_size(8000)
    detector = DigitDetector(1, 8000)
    detector.enable(0, True)
    heard = [detector.detect(sounds[at : at + size][np.newaxis]) for at in range(0, sounds.size - size, size)]
    assert not any(heard)


def test_notes_are_in_tune() -> None:
    assert frequency("A4") == 440
    assert frequency("C4") == pytest.approx(261.63, abs=0.01)
    assert frequency("G#5") == pytest.approx(830.61, abs=0.01)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_coming_sounds_up_and_going_sounds_down(rate: int, pitch: Callable[[Samples, int], float]) -> None:
    for sound, halves in ((beep.entry(rate), beep.ENTRY), (beep.exit(rate), beep.EXIT)):
        assert sound.size == rate * 3 // 10
        assert np.abs(sound).max() <= beep.AMPLITUDE
        middle = sound.size // 2
        assert (pitch(sound[:middle], rate), pitch(sound[middle:], rate)) == pytest.approx(halves, abs=15)
