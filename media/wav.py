"""WAV files of recordings: 16 bits, one channel or two, a header of 44 bytes and nothing behind the samples.

The functions that take a path read and write whole files: they are for worker threads. A file that is changed is replaced at
once, so that a reader has the old one or the new one.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.errors import NotAudio
from media.frame import FRAMES_PER_SECOND, Samples
from media.level import QUIET, power

HEADER_SIZE = 44
PIECE_SECONDS = 30
"""How much of a file is looked at in one go."""
MARGIN_SECONDS = 0.1
"""What trimming leaves of the silence, so that a soft beginning is not cut."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_LARGEST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Form:
    """What a header says."""

    rate: int
    channels: int
    samples: int
    """Of each channel."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples / self.rate


def header(rate: int, channels: int, samples: int) -> bytes:
    """The first 44 bytes of a file with ``samples`` of each channel; one beyond 4 GB claims to have that size."""
    size = 2 * channels * samples
    riff, data = min(size + HEADER_SIZE - 8, _LARGEST), min(size, _LARGEST - HEADER_SIZE + 8)
    rates = (rate, 2 * channels * rate, 2 * channels, 16)
    return _HEADER.pack(b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, channels, *rates, b"data", data)


def read_form(path: Path) -> Form:
    """What a file of ours holds, by its header and its size. Raises NotAudio and OSError."""
    with path.open("rb") as file:
        start = file.read(HEADER_SIZE)
    if len(start) < HEADER_SIZE:
        raise NotAudio(f"{path.name} has no header")
    riff, _, wave, _, _, kind, channels, rate, _, width, bits, data, _ = _HEADER.unpack(start)
    if (riff, wave, kind, bits, data) != (b"RIFF", b"WAVE", 1, 16, b"data") or channels not in (1, 2) or width != 2 * channels:
        raise NotAudio(f"{path.name} is no recording")
    return Form(rate, channels, (path.stat().st_size - HEADER_SIZE) // width)


def repair(path: Path) -> Form:
    """Give a file that was left open the sizes it really has. Raises NotAudio and OSError."""
    form = read_form(path)
    with path.open("r+b") as file:
        file.truncate(HEADER_SIZE + 2 * form.channels * form.samples)
        file.write(header(form.rate, form.channels, form.samples))
    return form


def trim(path: Path) -> Form:
    """Cut the silence at both ends; a file that is silent throughout stays as it is. Raises NotAudio and OSError."""
    form = read_form(path)
    first, last = _first_sound(path, form), _last_sound(path, form)
    if first is None or last is None:
        return form
    margin = round(MARGIN_SECONDS * form.rate)
    first, last = max(0, first - margin), min(form.samples, last + margin)
    if (first, last) == (0, form.samples):
        return form
    pieces = (piece for _, piece in _pieces(path, form, first, last))
    return _replace(path, path, Form(form.rate, form.channels, last - first), pieces)


def downmix(path: Path, target: Path) -> Form:
    """Write both channels of a file as one, each at full level. Raises NotAudio and OSError."""
    form = read_form(path)
    sums = (piece.sum(axis=1, dtype=np.int32, keepdims=True) for _, piece in _pieces(path, form, 0, form.samples))
    return _replace(path, target, Form(form.rate, 1, form.samples), (np.clip(each, -32768, 32767) for each in sums))


def pieces(path: Path) -> Iterator[Samples]:
    """The samples of a file, shape (n, channels), half a minute at a time. Raises NotAudio and OSError."""
    form = read_form(path)
    return (piece for _, piece in _pieces(path, form, 0, form.samples))


def _pieces(path: Path, form: Form, first: int, last: int, *, backwards: bool = False) -> Iterator[tuple[int, Samples]]:
    """Parts of a file with the sample at which each begins."""
    size = PIECE_SECONDS * form.rate
    places = range(first, last, size)
    with path.open("rb") as file:
        for place in reversed(places) if backwards else places:
            file.seek(HEADER_SIZE + 2 * form.channels * place)
            data = file.read(2 * form.channels * min(size, last - place))
            yield place, np.frombuffer(data, "<i2").reshape(-1, form.channels).astype(np.int16, copy=False)


def _first_sound(path: Path, form: Form) -> int | None:
    for place, piece in _pieces(path, form, 0, form.samples):
        loud = _loud_frames(piece, form)
        if loud.any():
            return place + int(loud.argmax()) * (form.rate // FRAMES_PER_SECOND)
    return None


def _last_sound(path: Path, form: Form) -> int | None:
    """The sample behind it."""
    for place, piece in _pieces(path, form, 0, form.samples, backwards=True):
        loud = _loud_frames(piece, form)
        if loud.any():
            return place + int(np.flatnonzero(loud)[-1] + 1) * (form.rate // FRAMES_PER_SECOND)
    return None


def _loud_frames(piece: Samples, form: Form) -> npt.NDArray[np.bool_]:
    size = form.rate // FRAMES_PER_SECOND
    padded = np.zeros((-(-len(piece) // size) * size, form.channels), np.int16)
    padded[: len(piece)] = piece
    frames = np.ascontiguousarray(padded.reshape(-1, size, form.channels).transpose(0, 2, 1))
    loud: npt.NDArray[np.bool_] = np.logical_or.reduce(power(frames) >= QUIET**2, axis=1)
    return loud


def _replace(source: Path, target: Path, form: Form, samples: Iterator[npt.NDArray[np.integer]]) -> Form:
    unfinished = target.with_name(target.name + ".new")
    try:
        with unfinished.open("wb") as file:
            os.chmod(unfinished, source.stat().st_mode & 0o777)
            file.write(header(form.rate, form.channels, form.samples))
            for piece in samples:
                file.write(np.ascontiguousarray(piece, "<i2").tobytes())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return form
