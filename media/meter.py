"""What every 100 ms of a row sound like: how loud, how tonal, and whether a single tone stands in them.

All rows that are enabled are measured in the same array operations; Python looks at a row once in 100 ms, and the rows'
blocks end in different ticks when the rows were enabled in different ticks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.frame import FRAME_SECONDS, Samples, frame_size

FRAMES = 5
"""Frames of a block."""
BLOCK_MS = round(1000 * FRAMES * FRAME_SECONDS)

STEP = 50.0
"""Hertz from one bin of the spectrum to the next: what 20 ms can tell apart."""
LOWEST, HIGHEST = 200.0, 3400.0
"""Hertz. What is outside is hum or is not carried by telephones (ITU-T G.712)."""
BINS = round((HIGHEST - LOWEST) / STEP) + 1
LOBE = 2
"""Bins to both sides of its frequency over which the window spreads a tone."""
SILENCE = -90.0
"""dBov of no sound at all."""

PURE = 0.82
"""Share of a frame's energy that a single tone must hold: it stands 6.6 dB above everything else."""
AUDIBLE = -48.0
"""dBov. Fainter tones are none."""
DRIFT = 12.0
"""Hertz by which the frames of one tone may differ from its mean. A voice moves more in 60 ms."""
FADE = 6.0
"""dB by which a frame of a tone may be below its loudest."""
SHORTEST = 3
"""Whole frames of a tone of 80 ms, wherever the frames begin."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tone:
    """A single frequency that stands for a while."""

    hertz: float
    milliseconds: int
    """How long it has lasted, give or take a frame."""
    over: bool
    """It ended in this block."""


@dataclass(frozen=True, slots=True)
class Sound:
    """100 ms of one row. Levels are in dBov (RFC 6464): 0 is a square wave of full scale, a loud voice has -15."""

    level: float
    low: float
    """Of the quietest 20 ms."""
    high: float
    """Of the loudest 20 ms."""
    purity: float
    """Share of the energy within a few bins around the strongest frequency, 0 to 1."""
    steadiness: float
    """How much the spectrum is that of the block before, 0 to 1: over 0.97 only in tones, of whatever frequencies."""
    tone: Tone | None = None
    """The longest single tone that ended here, else the one that goes on."""


class SoundMeter:
    """Measures the rows that are enabled. Belongs to the media thread."""

    def __init__(self, rows: int, rate: int) -> None:
        size = frame_size(rate)
        window = np.hanning(size + 1)[:size]
        angle = 2 * np.pi / rate * np.linspace(LOWEST, HIGHEST, BINS)
        phase = np.outer(np.arange(size), angle)
        self._basis = (np.concatenate((np.cos(phase), np.sin(phase)), axis=1) * window[:, np.newaxis]).astype(np.float32)
        # Parseval for one side of the spectrum, with a square wave of full scale as 1.
        self._scale = np.float32(2 / (size * np.square(window).sum() * 32768.0**2))
        self._enabled = np.zeros(rows, bool)
        self._rows = np.zeros(0, np.intp)
        self._frames = np.zeros(rows, np.int16)
        """Frames of the block that is being measured."""
        self._spectrum = np.zeros((rows, BINS), np.float32)
        self._spectrum_before = np.zeros((rows, BINS), np.float32)
        self._lobe = np.zeros(rows, np.float32)
        self._low = np.zeros(rows, np.float32)
        self._high = np.zeros(rows, np.float32)
        self._tones = _Tones(rows)

    def enable(self, row: int, on: bool) -> None:
        """Begin afresh to measure a row, or stop."""
        self._clear(np.array([row]))
        self._spectrum_before[row] = 0
        self._tones.clear(row)
        if bool(self._enabled[row]) != on:
            self._enabled[row] = on
            self._rows = np.flatnonzero(self._enabled)

    def measure(self, rx: Samples) -> list[tuple[int, Sound]]:
        """Take the next frame of every row, shape (rows, samples); returns (row, sound) for every block that is complete."""
        rows = self._rows
        if not rows.size:
            return []
        parts = rx.take(rows, axis=0).astype(np.float32) @ self._basis
        parts *= parts
        power = (parts[:, :BINS] + parts[:, BINS:]) * self._scale
        energy = power.sum(axis=1)
        lobe, hertz = _peaks(power)
        level = _decibels(energy)
        self._tones.follow(rows, hertz, level, lobe >= PURE * energy)
        self._spectrum[rows] += power
        self._lobe[rows] += lobe
        self._low[rows] = np.minimum(self._low[rows], level)
        self._high[rows] = np.maximum(self._high[rows], level)
        self._frames[rows] += 1
        complete = rows[self._frames[rows] == FRAMES]
        return self._report(complete) if complete.size else []

    def _report(self, rows: npt.NDArray[np.intp]) -> list[tuple[int, Sound]]:
        spectrum, before = self._spectrum[rows], self._spectrum_before[rows]
        energy = spectrum.sum(axis=1)
        norm = np.sqrt(np.square(spectrum).sum(axis=1) * np.square(before).sum(axis=1))
        columns = (
            rows,
            _decibels(energy / FRAMES),
            self._low[rows],
            self._high[rows],
            _ratio(self._lobe[rows], energy),
            _ratio((spectrum * before).sum(axis=1), norm),
        )
        sounds = [
            (row, Sound(level, low, high, purity, steadiness, self._tones.take(row)))
            for row, level, low, high, purity, steadiness in zip(*(column.tolist() for column in columns), strict=True)
        ]
        self._spectrum_before[rows] = spectrum
        self._clear(rows)
        return sounds

    def _clear(self, rows: npt.NDArray[np.intp]) -> None:
        self._frames[rows] = 0
        self._spectrum[rows] = 0
        self._lobe[rows] = 0
        self._low[rows] = 0
        self._high[rows] = SILENCE


class _Tones:
    """The single tone in each row, and the one that ended last."""

    def __init__(self, rows: int) -> None:
        self._length = np.zeros(rows, np.int32)
        """Frames of the tone that stands now; 0 is none."""
        self._missed = np.zeros(rows, bool)
        """The last frame did not belong to it: one may be lost."""
        self._sum = np.zeros(rows, np.float32)
        self._loudest = np.zeros(rows, np.float32)
        self._ended = np.zeros(rows, np.int32)
        self._ended_hertz = np.zeros(rows, np.float32)

    def clear(self, row: int) -> None:
        self._length[row] = self._ended[row] = 0
        self._missed[row] = False

    def follow(self, rows: npt.NDArray[np.intp], hertz: Floats, level: Floats, pure: npt.NDArray[np.bool_]) -> None:
        """Take the strongest frequency of one frame of some rows."""
        length = self._length[rows]
        tonal = pure & (level >= AUDIBLE)
        if not tonal.any() and not length.any():
            return
        mean = self._sum[rows] / np.maximum(length, 1)
        loudest = self._loudest[rows]
        stands = length > 0
        same = tonal & stands & (np.abs(hertz - mean) <= DRIFT) & (level >= loudest - FADE)
        missed = self._missed[rows]
        # What is only beginning gives way to another tone at once: the frame in which a tone sets in has no clear frequency.
        ended = stands & ~same & (missed | (tonal & (length < SHORTEST)))
        reported = ended & (length >= SHORTEST) & (length > self._ended[rows])
        over = rows[reported]
        self._ended[over] = length[reported]
        self._ended_hertz[over] = mean[reported]
        begun = tonal & (ended | ~stands)
        kept = np.where(ended, 0, length)
        # A frame that was missed in the middle counts: it was there.
        self._length[rows] = np.where(begun, 1, np.where(same, kept + 1 + missed, kept))
        self._sum[rows] = np.where(begun, hertz, self._sum[rows] + np.where(same, hertz + missed * mean, 0))
        self._loudest[rows] = np.where(begun, level, np.where(same, np.maximum(loudest, level), loudest))
        self._missed[rows] = ~same & ~begun & (kept > 0)

    def take(self, row: int) -> Tone | None:
        """What there is to tell of a row at the end of a block."""
        ended, length = int(self._ended[row]), int(self._length[row])
        if ended:
            self._ended[row] = 0
            return Tone(float(self._ended_hertz[row]), round(1000 * FRAME_SECONDS * ended), over=True)
        if length >= SHORTEST:
            return Tone(float(self._sum[row] / length), round(1000 * FRAME_SECONDS * length), over=False)
        return None


def _peaks(power: Floats) -> tuple[Floats, Floats]:
    """Of the strongest frequency in each row: the energy around it and its hertz, between the bins."""
    peak = power.argmax(axis=1)[:, np.newaxis]
    padded = np.zeros((len(power), BINS + 2 * LOBE), np.float32)
    padded[:, LOBE:-LOBE] = power
    around = np.take_along_axis(padded, peak + np.arange(2 * LOBE + 1), axis=1)
    lobe: Floats = around.sum(axis=1)
    below, middle, above = np.sqrt(around[:, LOBE - 1 : LOBE + 2].T)
    # The magnitudes of a Hann window one bin apart tell where between them the tone is.
    ratio = np.maximum(below, above) / np.maximum(middle, np.float32(1e-12))
    offset = np.where(above >= below, 1, -1) * (2 * ratio - 1) / (ratio + 1)
    return lobe, ((peak[:, 0] + offset) * STEP + LOWEST).astype(np.float32)


def _decibels(energy: Floats) -> Floats:
    faintest = np.float32(10 ** (SILENCE / 10))
    level: Floats = np.log10(np.maximum(energy, faintest))
    level *= 10
    return level


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, np.maximum(whole, np.float32(1e-12)), dtype=np.float32)
    return ratio
