from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from media.errors import SpeechFailed
from media.frame import Samples
from media.speech.espeak import Espeak


def spoken(text: str, voice: str = "en-us") -> Samples:
    return np.concatenate(list(Espeak().speak(text, voice)))


def test_a_text_is_spoken_in_its_time() -> None:
    samples = spoken("Hello world, this is a test.")
    assert samples.dtype == np.int16
    assert 1.5 < samples.size / Espeak().rate < 4


def test_a_voice_that_does_not_exist_is_an_error_and_the_next_text_is_spoken() -> None:
    with pytest.raises(SpeechFailed, match="'klingon-9'"):
        spoken("Hello", "klingon-9")
    assert spoken("Hello").size


@pytest.mark.parametrize("text", ['<break time="30s"/>hello', "a < b && c > d", "[[h@loU]]", "<speak>hello</speak>", "&lt;&#0;"])
def test_markup_is_text_like_any_other(text: str) -> None:
    """As markup these would be a pause of 30 seconds, or be swallowed."""
    assert 0.3 * Espeak().rate < spoken(text).size < 8 * Espeak().rate


@pytest.mark.parametrize("text", ["", " ", "\ud83d", "😀", "\u202e", "a" * 4096])
def test_no_text_is_too_odd(text: str) -> None:
    assert spoken(text).dtype == np.int16


def test_digits_apart_take_longer_than_one_number() -> None:
    assert spoken("1 2 3 4").size != spoken("1234").size


def test_a_voice_is_not_changed_by_the_one_before() -> None:
    """The length is compared: espeak's breath is random, so no two renderings are equal sample by sample."""
    before = spoken("The quick brown fox", "en-us").size
    other = spoken("The quick brown fox", "de+f3").size
    assert spoken("The quick brown fox", "en-us").size == pytest.approx(before, rel=0.03)
    assert other != pytest.approx(before, rel=0.05)


def test_many_threads_are_served_one_after_the_other() -> None:
    expected = {voice: spoken("one two three", voice).size for voice in ("en-us", "de", "fr+f3", "ja")}
    heard: list[bool] = []

    def say(voice: str) -> None:
        heard.append(spoken("one two three", voice).size == pytest.approx(expected[voice], rel=0.03))

    threads = [threading.Thread(target=say, args=(voice,)) for voice in expected for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [True] * 12


def test_a_woman_has_the_higher_voice(pitch: Callable[[Samples, int], float]) -> None:
    def fundamental(voice: str) -> float:
        samples = spoken("aaaaah", voice).astype(float)
        middle = samples[samples.size // 3 : samples.size // 3 + 4096]
        spectrum = np.abs(np.fft.rfft(middle, 1 << 15)) ** 2
        echo = np.fft.irfft(spectrum)
        lags = np.arange(Espeak().rate // 400, Espeak().rate // 60)
        return float(Espeak().rate / lags[echo[lags].argmax()])

    assert fundamental("en-us+f3") > 1.2 * fundamental("en-us")
