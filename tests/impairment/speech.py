"""Something to say, and how well it was heard (ITU-T P.862 and P.862.2)."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
import soxr
from pesq import pesq

from media.frame import Samples

WIDE, NARROW = 16_000, 8_000
MODES = {WIDE: "wb", NARROW: "nb"}
LOUD = 300
"""Standard deviation of a piece that is no silence."""
ALIKE = 0.7
"""Correlation of two pieces that are the same."""
TEXT = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. "
    "It is easy to tell the depth of a well. These days a chicken leg is a rare dish."
)
"""From the Harvard sentences (IEEE 1969), in which sounds are as frequent as in English."""


def synthesize(folder: Path) -> Path:
    """A recording of ``TEXT``, at 16 kHz."""
    path = folder / "speech.wav"
    subprocess.run(("flite", "-voice", "slt", "-t", TEXT, "-o", str(path)), check=True)
    return path


def read(path: Path, rate: int) -> Samples:
    """A WAV file of 16 bits at a rate, its first channel."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, file.getnchannels())[:, 0]
        own = file.getframerate()
    return samples if own == rate else np.asarray(soxr.resample(samples, own, rate), np.int16)


def write(path: Path, samples: Samples, rate: int) -> None:
    """The counterpart of ``read``."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def score(said: Samples, heard: Samples, rate: int) -> float:
    """The listening quality, 1 to 4.5; 0 when next to nothing was heard."""
    if np.abs(heard.astype(float)).max(initial=0) < LOUD:
        return 0.0
    return float(pesq(rate, said, _aligned(said, heard), MODES[rate]))


def share_heard(said: Samples, heard: Samples, rate: int) -> float:
    """How much of what was said is found again anywhere in what was heard, 0 to 1; it may have been delayed meanwhile."""
    length = rate // 5
    size = 1 << (len(heard) + length).bit_length()
    spectrum = np.fft.rfft(heard.astype(float), size)
    energy = np.concatenate(([0], np.cumsum(heard.astype(float) ** 2)))
    loudness = np.sqrt(energy[length:] - energy[:-length]) + 1
    pieces = [piece for piece in said[: len(said) // length * length].reshape(-1, length).astype(float) if piece.std() > LOUD]
    found = 0
    for piece in pieces:
        products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)[: len(loudness)]
        found += bool(np.max(products / loudness) > ALIKE * np.linalg.norm(piece))
    return found / len(pieces)


def _aligned(said: Samples, heard: Samples) -> Samples:
    """What was heard, from where it fits best to what was said; short delays are left to PESQ."""
    size = 1 << (len(said) + len(heard)).bit_length()
    spectrum = np.fft.rfft(heard.astype(float), size) * np.conj(np.fft.rfft(said.astype(float), size))
    start = int(np.argmax(np.fft.irfft(spectrum, size)))
    if start > size // 2:
        return np.pad(heard, (size - start, 0))
    return heard[start:]
