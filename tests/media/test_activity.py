"""Voice activity on lines of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from media.activity import HANGOVER, LATE, ONSET, SUSTAINED, VOWEL, VOWEL_COUNTS, VoiceActivity, likeness
from media.frame import Samples
from media.g711 import decode_alaw, encode_alaw
from tests.media.recordings import minute, said

N = 160
QUICK = "The quick brown fox jumps over the lazy dog."


def hear(samples: Samples, activity: VoiceActivity | None = None) -> list[tuple[int, str]]:
    """What happens on a line, with the number of the frame."""
    if activity is None:
        activity = VoiceActivity(3)
        activity.clear(1)
    slots, told = np.array([1]), []
    for number, frame in enumerate(samples[: samples.size // N * N].reshape(-1, 1, N)):
        heard = activity.hear(slots, frame)
        told += [(number, name) for name in ("started", "sustained", "ended") if getattr(heard, name)[0]]
    return told


def noise(rms: float, seconds: float) -> Samples:
    samples: Samples = np.random.default_rng(7).normal(0, rms, round(8000 * seconds)).astype(np.int16)
    return samples


def spoken(level: float, text: str = QUICK) -> Samples:
    """A text at a root mean square."""
    wave = said(text, "en-us")
    samples: Samples = (wave * level / np.sqrt(np.square(wave).mean())).astype(np.int16)
    return samples


def mixed(voice: Samples, rms: float) -> Samples:
    """A voice between two seconds of noise, and over it."""
    padded = np.concatenate((np.zeros(16000, np.int16), voice, np.zeros(16000, np.int16)))
    samples: Samples = np.clip(padded.astype(np.int32) + noise(rms, padded.size / 8000), -32768, 32767).astype(np.int16)
    return samples


def test_a_voice_begins_is_sure_and_ends() -> None:
    tone = (3000 * np.sin(1.2 * np.arange(N * 50))).astype(np.int16)
    quiet = np.zeros(N * 30, np.int16)
    told = hear(np.concatenate((quiet, tone, quiet)))
    assert told == [(30 + ONSET - 1, "started"), (30 + SUSTAINED - 1, "sustained"), (80 + HANGOVER - 1, "ended")]


@pytest.mark.parametrize("hertz", [150, 300, 600])
def test_a_vowel_is_sure_sooner_than_noise_and_a_thump_never(hertz: int) -> None:
    quiet = np.zeros(N * 30, np.int16)
    vowel = (3000 * np.sin(2 * np.pi * hertz * np.arange(N * 30) / 8000)).astype(np.int16)
    assert hear(np.concatenate((quiet, vowel, quiet)))[1] == (30 + SUSTAINED // VOWEL_COUNTS, "sustained")
    thump = vowel[: 3 * N]
    assert "sustained" not in [name for _, name in hear(np.concatenate((quiet, thump, quiet)))]


@pytest.mark.parametrize("samples", [160, 320])
def test_vowels_are_told_from_noise_at_any_rate_of_the_bus(samples: int) -> None:
    time = np.arange(samples) * 160 / samples / 8000
    vowel = (3000 * np.sin(2 * np.pi * 300 * time)).astype(np.int16)
    frames = np.stack((vowel, noise(3000, 0.04)[:samples], np.zeros(samples, np.int16)))
    assert (likeness(frames) >= VOWEL).tolist() == [True, False, False]


@pytest.mark.parametrize("milliseconds", [20, 40, 80, 120])
def test_what_is_as_short_as_a_cough_is_never_sure(milliseconds: int) -> None:
    told = hear(np.concatenate((np.zeros(8000, np.int16), noise(4000, milliseconds / 1000), np.zeros(8000, np.int16))))
    assert "sustained" not in [name for _, name in told]


@pytest.mark.parametrize("level", [300, 1000, 4000])
@pytest.mark.parametrize("decibels", [60, 20, 10])
def test_speech_is_found_in_noise_and_so_is_its_end(level: float, decibels: int) -> None:
    voice = spoken(level)
    told = hear(mixed(voice, level * 10 ** (-decibels / 20)))
    names = [name for _, name in told]
    end = (16000 + voice.size) / N
    assert names.count("sustained") >= 1
    assert told[0][0] > 95, "the noise before is none"
    assert told[-1][1] == "ended"
    assert end - 15 < told[-1][0] < end + HANGOVER + 10


def late(kind: str, rms: float, seconds: float) -> Samples:
    """What a line says whose first packet comes after 300 ms."""
    wave = rms * minute(kind)[: round(8000 * seconds)]
    return np.concatenate((np.zeros(15 * N, np.int16), decode_alaw(encode_alaw(np.rint(wave).astype(np.int16)))))


@pytest.mark.parametrize("rms", [50, 100, 200, 400, 800, 1600, 3200])
@pytest.mark.parametrize("kind", ["white", "street", "hum"])
def test_the_noise_that_a_line_brings_with_its_first_packet_is_no_voice(kind: str, rms: float) -> None:
    assert "sustained" not in [name for _, name in hear(late(kind, rms, 2.5))]


@pytest.mark.parametrize("level", [300, 1000, 4000])
@pytest.mark.parametrize("decibels", [60, 20, 10])
def test_who_speaks_with_the_first_packet_is_heard(level: float, decibels: int) -> None:
    samples = late("white", level * 10 ** (-decibels / 20), 4)
    samples[15 * N :][: spoken(level).size] += spoken(level)
    told = {name: number for number, name in reversed(hear(samples))}
    assert told["sustained"] < 15 + 25


def test_a_line_that_says_digital_silence_has_that_for_its_noise() -> None:
    """A telephone that is muted, or that leaves out what is no speech."""
    told = hear(np.concatenate((np.zeros(LATE * N, np.int16), np.zeros(N, np.int16), noise(1500, 1))))
    assert told[0] == (LATE + 1 + ONSET - 1, "started")


def test_noise_that_begins_is_not_a_voice_for_ever() -> None:
    told = hear(np.concatenate((np.zeros(16000, np.int16), noise(1500, 6))))
    assert told[-1][1] == "ended"
    assert told[-1][0] < 100 + 130


def test_rows_are_told_apart_and_forgotten() -> None:
    activity = VoiceActivity(3)
    for slot in range(3):
        activity.clear(slot)
    frames = np.ones((2, N), np.int16)
    activity.hear(np.array([0, 2]), frames)
    frames[1] = 5000 * np.sin(np.arange(N))
    for _ in range(ONSET):
        heard = activity.hear(np.array([0, 2]), frames)
    assert heard.started.tolist() == [False, True]
    assert heard.loud.tolist() == [False, True]
    activity.clear(2)
    assert not activity.hear(np.array([2]), frames[1:]).loud[0]
