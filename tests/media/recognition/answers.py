"""Spoken answers at telephone quality: words of many voices, with noise; the same ones on every machine."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from media.frame import Samples
from media.g711 import decode_alaw, encode_alaw
from tests.media.recordings import FULL_SCALE, RATE, Wave, in_band, minute, said

WORDS = ("yes", "no", "sales", "support", "billing", "operator", "goodbye")
SENTENCES = (
    "I would like to speak to a human please",
    "what is the weather like today",
    "my order has not arrived yet",
    "please call me back tomorrow morning",
    "how much does it cost",
)
ESPEAK_VOICES = ("en-us", "en-gb-x-rp", "en-us+f3")
FLITE_VOICES = ("slt", "rms", "awb", "kal")
"""Those of Debian's flite."""
RATIOS = (None, 20, 10)
"""Speech over noise in dB; None is a line without noise."""
LEVEL = -22.0
"""dB of a voice below full scale."""
FRAME = 160
AROUND = 1.2
"""Seconds of line before and behind."""


@dataclass(frozen=True)
class Answer:
    """What a caller says."""

    text: str
    voice: str
    ratio: int | None
    samples: Samples


def voices() -> tuple[str, ...]:
    """All that this machine has."""
    flite = tuple(f"flite {name}" for name in FLITE_VOICES) if shutil.which("flite") else ()
    return tuple(f"espeak {name}" for name in ESPEAK_VOICES) + flite


def answers(texts: tuple[str, ...], ratios: tuple[int | None, ...] = RATIOS, who: tuple[str, ...] = ()) -> Iterator[Answer]:
    """Every text by every voice in every noise."""
    for ratio in ratios:
        for number, (voice, text) in enumerate((voice, text) for voice in who or voices() for text in texts):
            yield Answer(text, voice, ratio, on_line(spoken(text, voice), ratio, number))


def loud_frames(answer: Answer) -> npt.NDArray[np.intp]:
    """The frames in which the voice itself is within 12 dB of its loudest: in the first somebody hears it begin."""
    clean = on_line(spoken(answer.text, answer.voice), None, 0)
    frames = clean[: clean.size // FRAME * FRAME].reshape(-1, FRAME).astype(float)
    power = np.square(frames).mean(axis=1)
    return np.flatnonzero(power > np.percentile(power, 97) * 10**-1.2)


@cache
def spoken(text: str, voice: str) -> Wave:
    """A text in a voice, without the silence around it; 1 is full scale."""
    engine, _, name = voice.partition(" ")
    if engine == "espeak":
        return said(text, name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "said.wav")
        subprocess.run(["flite", "-voice", name, "-t", text, "-o", str(path)], check=True)
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / FULL_SCALE
            rate = file.getframerate()
    sounding = np.flatnonzero(np.abs(samples) > 1e-3)
    heard: Wave = soxr.resample(samples[sounding[0] : sounding[-1] + 1], rate, RATE)
    return heard


def on_line(voice: Wave, ratio: int | None, seed: int) -> Samples:
    """What a telephone makes of a voice: its band, A-law, and noise."""
    level = 10 ** (LEVEL / 20)
    loud = np.square(voice)
    quiet = np.zeros(round(AROUND * RATE))
    wave_ = np.concatenate((quiet, voice * level / np.sqrt(loud[loud > 1e-4 * loud.max()].mean()), quiet))
    wave_ = np.concatenate((wave_, np.zeros(-wave_.size % (RATE // 2))))
    if ratio is not None:
        shift = np.random.default_rng(seed).integers(60 * RATE)
        wave_ = wave_ + level * 10 ** (-ratio / 20) * np.roll(minute("white"), shift)[: wave_.size]
    return decode_alaw(encode_alaw(np.clip(np.rint(in_band(wave_) * FULL_SCALE), -32768, 32767).astype(np.int16)))
