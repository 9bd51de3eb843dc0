"""How loud rows are, and whether somebody speaks on them: the energy of all watched rows in one array operation.

A row is quiet or not by a threshold a little above the noise that it has anyway, which is what it has when nobody speaks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.events import MediaEvent, SilenceHeard, VoiceEnded, VoiceStarted
from media.frame import Samples

QUIET = 65.0
"""Root mean square, about -48 dBm0: below it there is no speech, however quiet the line."""
LOUD = 200.0
"""Root mean square, about -38 dBm0: above it there is no silence, however noisy the line."""
ABOVE_NOISE = 4.0
"""How many times the power of the noise is not noise any more: 6 dB."""
NOISE_RISE = 1.02
"""Growth of the noise's estimate per frame, 4 dB a second; it falls at once."""
LOWEST_NOISE = 16.0
"""Root mean square at which the estimate stops falling, so that it can rise again from digital silence."""
ONSET = 3
"""Loud frames in a row that make a voice: a click is none."""
HANGOVER = 10
"""Quiet frames in a row that end a voice: 200 ms, longer than the gaps within a word."""

_Floats = npt.NDArray[np.float32]


def power(frames: Samples) -> _Floats:
    """The mean of the squares over the last axis, in squared sample units."""
    floats = frames.astype(np.float32)
    mean: _Floats = np.einsum("...i,...i->...", floats, floats) / np.float32(frames.shape[-1])
    return mean


class LevelMeter:
    """Tells where somebody begins and ends to speak, and where a silence has lasted long enough.

    ``watches`` is how many rows can be watched at a time, and a row can be watched more than once. Belongs to the media thread.
    """

    def __init__(self, watches: int) -> None:
        self._free = list(range(watches))[::-1]
        self._slots: dict[int, int] = {}
        self._ids = np.zeros(watches, np.int64)
        self._rows = np.zeros(watches, np.intp)
        self._noise = np.zeros(watches, np.float32)
        self._loud = np.zeros(watches, np.int64)
        """Loud frames in a row."""
        self._quiet = np.zeros(watches, np.int64)
        """Frames since the last voice."""
        self._silent = np.zeros(watches, np.int64)
        """Frames since the last voice, or since SilenceHeard."""
        self._wanted = np.zeros(watches, np.int64)
        """Frames of silence to be told; 0 is never."""
        self._listed: npt.NDArray[np.intp] = np.zeros(0, np.intp)

    def watch(self, id: int, row: int, silence: int = 0) -> None:
        """Listen to a row, which counts as silent until now; ``silence`` is how many silent frames are told, 0 is never.

        With all watches taken nothing is told.
        """
        if not self._free:
            return
        slot = self._slots[id] = self._free.pop()
        self._ids[slot], self._rows[slot], self._wanted[slot] = id, row, silence
        self._noise[slot] = LOWEST_NOISE**2
        self._loud[slot] = self._silent[slot] = 0
        self._quiet[slot] = HANGOVER
        self._list()

    def forget(self, id: int) -> None:
        """Listen no longer."""
        slot = self._slots.pop(id, None)
        if slot is not None:
            self._free.append(slot)
            self._list()

    def forget_row(self, row: int) -> None:
        """Listen no longer to a row that is given back."""
        for slot in self._listed[self._rows[self._listed] == row].tolist():
            self.forget(int(self._ids[slot]))

    def hear(self, rx: Samples) -> list[MediaEvent]:
        """Take the next frame of every row, shape (rows, samples)."""
        watches = self._listed
        if not watches.size:
            return []
        speaking = self._quiet[watches] < HANGOVER
        voiced = self._voiced(watches, power(rx.take(self._rows[watches], axis=0)), speaking)
        quiet = self._quiet[watches] = np.where(voiced, 0, self._quiet[watches] + 1)
        silent = np.where(voiced, 0, self._silent[watches] + 1)
        complete = (silent == self._wanted[watches]) & (silent > 0)
        self._silent[watches] = np.where(complete, 0, silent)
        events: list[MediaEvent] = [VoiceStarted(id) for id in self._ids[watches[voiced & ~speaking]].tolist()]
        events += [VoiceEnded(id) for id in self._ids[watches[speaking & (quiet == HANGOVER)]].tolist()]
        events += [SilenceHeard(id) for id in self._ids[watches[complete]].tolist()]
        return events

    def _voiced(self, watches: npt.NDArray[np.intp], powers: _Floats, speaking: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Where somebody begins to speak with this frame, or goes on."""
        noise = self._noise[watches]
        loud = powers >= np.clip(noise * np.float32(ABOVE_NOISE), QUIET**2, LOUD**2)
        self._noise[watches] = np.maximum(np.minimum(powers, noise * np.float32(NOISE_RISE)), LOWEST_NOISE**2)
        run = self._loud[watches] = np.where(loud, self._loud[watches] + 1, 0)
        voiced: npt.NDArray[np.bool_] = (run >= ONSET) | (loud & speaking)
        return voiced

    def _list(self) -> None:
        self._listed = np.fromiter(self._slots.values(), np.intp, len(self._slots))
