from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media import wav
from media.errors import NotAudio
from media.files import decode
from media.frame import Samples
from media.mp3 import encode

RATE = 8000


def write(path: Path, *channels: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, RATE, 0, "NONE", ""))
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return path


def read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels()).T.astype(np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


Sine = Callable[..., Samples]


def test_the_header_is_that_of_any_wav_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.arange(100, dtype=np.int16), np.arange(100, dtype=np.int16))
    assert path.read_bytes()[: wav.HEADER_SIZE] == wav.header(RATE, 2, 100)
    assert wav.read_form(path) == wav.Form(RATE, 2, 100)
    assert wav.read_form(path).seconds == 100 / RATE


def test_a_header_beyond_4_gigabytes_is_as_large_as_it_can_be() -> None:
    assert wav.header(16000, 2, 24 * 3600 * 16000)[4:8] == b"\xff" * 4


@pytest.mark.parametrize("written", [0, 10, 100])
def test_a_file_that_was_left_open_gets_its_sizes(tmp_path: Path, written: int) -> None:
    path = tmp_path / "open.wav"
    samples = np.arange(200, dtype="<i2")
    path.write_bytes(wav.header(RATE, 2, written) + samples.tobytes() + b"\x01")
    assert wav.repair(path) == wav.Form(RATE, 2, 100)
    assert read(path).T.reshape(-1).tolist() == samples.tolist()
    assert path.stat().st_size == wav.HEADER_SIZE + 400


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x00" * 60, b"RIFF" + b"\x00" * 60])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    for act in (wav.read_form, wav.repair, wav.trim):
        with pytest.raises(NotAudio):
            act(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(("before", "after"), [(0, 0), (2, 0), (0, 3), (2.5, 1), (0.05, 0.05), (61, 95)])
def test_trimming_cuts_the_silence_at_both_ends(tmp_path: Path, sine: Sine, before: float, after: float) -> None:
    sound = sine(440, 1.0)
    path = write(tmp_path / "a.wav", np.concatenate((silence(before), sound, silence(after))))
    form = wav.trim(path)
    margin = wav.MARGIN_SECONDS
    assert form.seconds == pytest.approx(min(before, margin) + 1 + min(after, margin), abs=0.041)
    kept = read(path)[0]
    assert kept.size == form.samples
    start = int(np.flatnonzero(kept)[0]) - 1
    assert kept[start : start + sound.size].tolist() == sound.tolist()
    assert list(tmp_path.iterdir()) == [path]


def test_trimming_keeps_the_channels_together_and_the_silence_between(tmp_path: Path, sine: Sine) -> None:
    first = np.concatenate((silence(1), sine(440, 0.2), silence(5)))
    second = np.concatenate((silence(4), sine(440, 0.2), silence(2)))
    path = write(tmp_path / "a.wav", first, second)
    assert wav.trim(path).seconds == pytest.approx(3.4, abs=0.05)
    one, two = read(path)
    assert np.flatnonzero(two)[0] - np.flatnonzero(one)[0] == 3 * RATE


def test_line_noise_is_silence(tmp_path: Path, sine: Sine) -> None:
    noise = np.random.default_rng(1).normal(0, 20, 5 * RATE).astype(np.int16)
    noise[2 * RATE : 3 * RATE] += sine(300, 1.0, amplitude=2000)
    path = write(tmp_path / "a.wav", noise)
    assert wav.trim(path).seconds == pytest.approx(1.2, abs=0.05)


@pytest.mark.parametrize("seconds", [0, 3])
def test_a_file_without_sound_stays_as_it_is(tmp_path: Path, seconds: int) -> None:
    path = write(tmp_path / "a.wav", silence(seconds))
    before = path.read_bytes()
    assert wav.trim(path).samples == seconds * RATE
    assert path.read_bytes() == before


def test_two_channels_become_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.array([1, 30000, -30000], np.int16), np.array([2, 30000, -30000], np.int16))
    assert wav.downmix(path, tmp_path / "b.wav") == wav.Form(RATE, 1, 3)
    assert read(tmp_path / "b.wav").tolist() == [[3, 32767, -32768]]


@pytest.mark.parametrize("channels", [1, 2])
def test_an_mp3_holds_the_same_tones_in_a_fraction_of_the_bytes(
    tmp_path: Path, sine: Sine, pitch: Callable[[Samples, int], float], channels: int
) -> None:
    voices = (sine(500, 40.0), sine(900, 40.0))[:channels]
    path = write(tmp_path / "a.wav", *voices)
    encode(path, tmp_path / "a.mp3")
    data = (tmp_path / "a.mp3").read_bytes()
    assert len(data) == pytest.approx(40 * 32_000 / 8, rel=0.02)
    back = decode(data, "audio/mpeg", RATE, 60)
    assert back.size / RATE == pytest.approx(40, abs=0.3)
    assert round(pitch(back, RATE)) in (500, 900)
    assert {each.name for each in tmp_path.iterdir()} == {"a.wav", "a.mp3"}


def test_no_half_an_mp3_is_left_behind(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"nothing")
    with pytest.raises(NotAudio):
        encode(bad, tmp_path / "a.mp3")
    assert list(tmp_path.iterdir()) == [bad]
