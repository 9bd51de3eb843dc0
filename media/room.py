"""Legs that hear each other: each member of a room hears the sum of all others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.frame import Samples

NOWHERE = -1
LOWEST, HIGHEST = -32768, 32767


def mix(heard: npt.NDArray[np.int32], starts: npt.NDArray[np.intp], sizes: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
    """What every member of every room hears: the sum of its room without itself, not yet limited to 16 bits.

    ``heard`` has shape (members, samples), the members of a room next to each other; ``starts`` and ``sizes`` say where
    each room begins and how many it has (none is empty). One numpy pass for all rooms.
    """
    sums = np.add.reduceat(heard, starts, axis=0)
    mixed = np.repeat(sums, sizes, axis=0)
    mixed -= heard
    return mixed


def limit(mixed: npt.NDArray[np.int32]) -> tuple[Samples, int]:
    """The samples cut to the range of 16 bits, and how many had to be cut."""
    if mixed.size == 0 or (mixed.max() <= HIGHEST and mixed.min() >= LOWEST):
        return mixed.astype(np.int16), 0
    clipped = int(np.count_nonzero((mixed > HIGHEST) | (mixed < LOWEST)))
    return np.clip(mixed, LOWEST, HIGHEST).astype(np.int16), clipped


class Rooms:
    """Which row is in which room, and how loud it is there. Belongs to the media thread."""

    def __init__(self, rows: int) -> None:
        self._room = np.full(rows, NOWHERE, np.int64)
        self._gain = np.ones(rows, np.float32)
        self._changed = False
        self._members = np.zeros(0, np.intp)
        self._starts = np.zeros(0, np.intp)
        self._sizes = np.zeros(0, np.intp)
        self._scaled = np.zeros(0, np.intp)
        self._gains = np.zeros((0, 1), np.float32)
        self.clipped = 0
        """Samples that had to be limited so far."""

    def enter(self, room: int, row: int, gain: float = 1.0) -> None:
        """Put a row into a room, out of the one it was in; ``gain`` 0 mutes it for the others.

        Raises ValueError for a negative room number.
        """
        if room < 0:
            raise ValueError(f"a room number cannot be negative: {room}")
        self._room[row] = room
        self._gain[row] = gain
        self._changed = True

    def leave(self, row: int) -> None:
        """Take a row out of its room, if it is in one."""
        self._room[row] = NOWHERE
        self._changed = True

    def fill(self, rx: Samples, tx: Samples) -> None:
        """Write to ``tx[row]`` what each member hears of ``rx``; other rows are left alone."""
        if self._changed:
            self._arrange()
        if not self._members.size:
            return
        heard = rx.take(self._members, axis=0).astype(np.int32)
        if self._scaled.size:
            heard[self._scaled] = np.rint(heard[self._scaled] * self._gains)
        mixed, clipped = limit(mix(heard, self._starts, self._sizes))
        tx[self._members] = mixed
        self.clipped += clipped

    def _arrange(self) -> None:
        rows = np.flatnonzero(self._room != NOWHERE)
        self._members = rows[np.argsort(self._room[rows], kind="stable")]
        rooms = self._room[self._members]
        self._starts = np.flatnonzero(np.diff(rooms, prepend=NOWHERE))
        self._sizes = np.diff(self._starts, append=rooms.size)
        gains = self._gain[self._members]
        self._scaled = np.flatnonzero(gains != 1)
        self._gains = gains[self._scaled, np.newaxis]
        self._changed = False
