"""Something to hear in place of frames that have not come, for any number of voices in one operation.

The idea is that of ITU-T G.711 appendix I: the last period of the voice goes on, fading out within 60 ms, and what comes
after it is blended in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from media.frame import Samples
from media.track import Numbers

_GAINS = np.array([1.0, 0.8, 0.4, 0.0, 0.0], np.float32)
"""At the start of the first, second and third frame made up, and after them (20 % less every 10 ms)."""
_GONE = 3
"""Frames after which there is silence."""
_BLENDED = 4
"""The part of a frame, one in so many, in which a made up voice gives way to the real one: 5 ms."""


class Concealment:
    """What every row has said last, and how far it has been drawn out."""

    def __init__(self, rows: int, samples: int) -> None:
        self._samples = samples
        self._heard: Samples = np.zeros((rows, 2 * samples), np.int16)
        """The last two frames of each row that did come, or were blended in."""
        self._made = np.zeros(rows, np.intp)
        """Frames made up since."""
        self._period = np.ones(rows, np.intp)
        self._lags = np.arange(samples // 4, samples * 3 // 4)
        """Periods that are tried, in samples: voices of 67 to 200 Hz."""

    def clear(self, row: int) -> None:
        """Forget what a row has said."""
        self._heard[row], self._made[row] = 0, 0

    def patch(self, rows: Numbers, frames: Samples, there: npt.NDArray[np.bool_]) -> Samples:
        """The frames, with something made up for those that are not there; ``frames`` is changed."""
        resumed = there & (self._made[rows] > 0)
        if resumed.any():
            self._resume(rows[resumed], frames, resumed)
        missing = ~there
        if missing.any():
            frames[missing] = self._continue(rows[missing])
        said = rows[there]
        self._made[said] = 0
        self._heard[said, : self._samples] = self._heard[said, self._samples :]
        self._heard[said, self._samples :] = frames[there]
        return frames

    def _resume(self, rows: Numbers, frames: Samples, which: npt.NDArray[np.bool_]) -> None:
        width = self._samples // _BLENDED
        rise = np.linspace(0, 1, width, dtype=np.float32)
        going = self._drawn_out(rows, width)
        frames[which, :width] = going * (1 - rise) + frames[which, :width] * rise

    def _continue(self, rows: Numbers) -> Samples:
        fresh = rows[self._made[rows] == 0]
        if fresh.size:
            self._period[fresh] = self._find_periods(self._heard[fresh])
        made: Samples = np.zeros((rows.size, self._samples), np.int16)
        audible = self._made[rows] < _GONE
        if audible.any():
            made[audible] = self._drawn_out(rows[audible], self._samples).astype(np.int16)
        self._made[rows] = np.minimum(self._made[rows] + 1, _GONE + 1)
        return made

    def _drawn_out(self, rows: Numbers, width: int) -> npt.NDArray[np.float32]:
        """The next samples of the last period, repeated and fading."""
        made = np.minimum(self._made[rows], _GONE)
        period = self._period[rows][:, None]
        at = (made * self._samples)[:, None] + np.arange(width)
        voice = np.take_along_axis(self._heard[rows], 2 * self._samples - period + at % period, axis=1)
        start, end = _GAINS[made][:, None], _GAINS[made + 1][:, None]
        faded: npt.NDArray[np.float32] = voice * (start + (end - start) * np.arange(width, dtype=np.float32) / self._samples)
        return faded

    def _find_periods(self, heard: Samples) -> Numbers:
        """How many samples ago each voice was most like its last 20 ms."""
        voices = heard.astype(np.float32)
        last = voices[:, self._samples :]
        windows = sliding_window_view(voices, self._samples, axis=1)[:, self._samples - self._lags]
        likeness = np.einsum("rls,rs->rl", windows, last)
        energy = np.sqrt(np.einsum("rls,rls->rl", windows, windows)) + 1.0
        best: Numbers = self._lags[np.argmax(likeness / energy, axis=1)]
        return best
