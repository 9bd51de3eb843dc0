"""Legs that hear each other: each member of a room hears the sum of all others.

Beside the rooms there are whispers, from one row to one other row alone: a coach and the agent who is coached, an
announcement and the one it is for, an echo and the leg that hears itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.frame import Samples

NOWHERE = -1
LOWEST, HIGHEST = -32768, 32767

Indices = npt.NDArray[np.intp]
_NONE: Indices = np.zeros(0, np.intp)


def limit(mixed: npt.NDArray[np.int32]) -> tuple[Samples, int]:
    """The samples cut to the range of 16 bits, and how many had to be cut."""
    if mixed.size == 0 or (mixed.max() <= HIGHEST and mixed.min() >= LOWEST):
        return mixed.astype(np.int16), 0
    clipped = int(np.count_nonzero((mixed > HIGHEST) | (mixed < LOWEST)))
    return np.clip(mixed, LOWEST, HIGHEST).astype(np.int16), clipped


@dataclass(frozen=True, slots=True)
class _Run:
    """Rooms with the same number of speakers, which are next to each other: one array of (rooms, speakers, samples)."""

    rooms: slice
    speakers: slice
    shape: tuple[int, int]


class Rooms:
    """Which row is in which room, how loud it is there, whether it hears, and who whispers to whom.

    Belongs to the media thread. Changing a membership costs a new arrangement in the next ``fill``; a tick in which nothing
    changed is a handful of array operations, however many rooms and members there are.
    """

    def __init__(self, rows: int) -> None:
        self._room = np.full(rows, NOWHERE, np.int64)
        self._gain = np.ones(rows, np.float32)
        self._hears = np.zeros(rows, np.bool_)
        self._confidant = np.full(rows, NOWHERE, np.int64)
        """To whom each row whispers."""
        self._changed = False
        self._speakers = self._scaled = _NONE
        self._runs: list[_Run] = []
        self._gains = np.zeros((0, 1), np.float32)
        self._listeners = self._alone = self._heard_room = self._both = self._own = _NONE
        self._whisperers = self._confidants = self._firsts = _NONE
        self.clipped = 0
        """Samples that had to be limited so far."""

    def enter(self, room: int, row: int, gain: float = 1.0, hears: bool = True) -> None:
        """Put a row into a room, out of the one it was in.

        ``gain`` is the factor with which the others hear it, 0 mutes it; one that does not hear is left to its playback.
        Raises ValueError for a negative room number.
        """
        if room < 0:
            raise ValueError(f"a room number cannot be negative: {room}")
        self._room[row] = room
        self._gain[row] = gain
        self._hears[row] = hears
        self._changed = True

    def leave(self, row: int) -> None:
        """Take a row out of its room, if it is in one."""
        self._room[row] = NOWHERE
        self._changed = True

    def whisper(self, row: int, to: int | None) -> None:
        """Let one row alone, itself even, hear what a row says, over whatever else it hears; None ends it."""
        self._confidant[row] = NOWHERE if to is None else to
        self._changed = True

    def forget(self, row: int) -> None:
        """Take a row out of everything: its room, and whispers from and to it."""
        self.leave(row)
        self._confidant[row] = NOWHERE
        self._confidant[self._confidant == row] = NOWHERE

    def fill(self, rx: Samples, tx: Samples) -> None:
        """Write to ``tx[row]`` what each listening member hears of ``rx``; other rows are left alone."""
        if self._changed:
            self._arrange()
        if self._alone.size:
            tx[self._alone] = 0
        if not self._listeners.size:
            return
        said = rx.take(self._speakers, axis=0).astype(np.int32)
        if self._scaled.size:
            said[self._scaled] = np.rint(said[self._scaled] * self._gains)
        mixed = self._sum(said).take(self._heard_room, axis=0)
        if self._both.size == mixed.shape[0] == said.shape[0]:
            mixed -= said
        else:
            mixed[self._both] -= said[self._own]
        tx[self._listeners], clipped = limit(mixed)
        self.clipped += clipped

    def _sum(self, said: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """What is said in each room, shape (rooms, samples); einsum is many times as fast here as reduceat or sum."""
        samples = said.shape[1]
        sums = np.empty((self._runs[-1].rooms.stop, samples), np.int32)
        for run in self._runs:
            np.einsum("rkn->rn", said[run.speakers].reshape(*run.shape, samples), out=sums[run.rooms])
        return sums

    def overlay(self, rx: Samples, tx: Samples) -> None:
        """Add to ``tx`` what is whispered; after ``fill`` and after everything that replaces rows of ``tx``."""
        if not self._whisperers.size:
            return
        whispered = rx.take(self._whisperers, axis=0).astype(np.int32)
        if self._firsts.size < self._whisperers.size:
            whispered = np.add.reduceat(whispered, self._firsts, axis=0)
        whispered += tx.take(self._confidants, axis=0)
        tx[self._confidants], clipped = limit(whispered)
        self.clipped += clipped

    def _arrange(self) -> None:
        """Sort the members of all rooms, speakers and listeners apart, so that a tick needs no decisions."""
        members = np.flatnonzero(self._room != NOWHERE)
        speaks = self._gain[members] != 0
        rooms, place = np.unique(self._room[members], return_inverse=True)
        sizes = np.bincount(place[speaks], minlength=rooms.size)
        order = np.argsort(sizes, kind="stable")
        # Rooms in which nobody speaks come first and get a negative number.
        place = (np.argsort(order) - np.count_nonzero(sizes == 0))[place]
        in_order = np.argsort(place, kind="stable")
        members, place, speaks = members[in_order], place[in_order], speaks[in_order]
        self._speakers = members[speaks]
        self._runs = _runs_of(sizes[order])
        gains = self._gain[self._speakers]
        self._scaled = np.flatnonzero(gains != 1)
        self._gains = gains[self._scaled, np.newaxis]
        self._arrange_listeners(members, place)
        self._arrange_whispers()
        self._changed = False

    def _arrange_listeners(self, members: Indices, place: Indices) -> None:
        hears = self._hears[members]
        self._alone = members[hears & (place < 0)]
        hears &= place >= 0
        self._listeners = members[hears]
        self._heard_room = place[hears]
        _, both, own = np.intersect1d(self._listeners, self._speakers, assume_unique=True, return_indices=True)
        in_order = np.argsort(both)
        self._both, self._own = both[in_order], own[in_order]

    def _arrange_whispers(self) -> None:
        rows = np.flatnonzero(self._confidant != NOWHERE)
        self._whisperers = rows[np.argsort(self._confidant[rows], kind="stable")]
        confidants = self._confidant[self._whisperers]
        self._firsts = np.flatnonzero(np.diff(confidants, prepend=NOWHERE))
        self._confidants = confidants[self._firsts]


def _runs_of(sizes: Indices) -> list[_Run]:
    """``sizes`` ascend; rooms of nobody are left out."""
    runs = []
    room = speaker = 0
    for size, count in zip(*(each.tolist() for each in np.unique(sizes[sizes > 0], return_counts=True)), strict=True):
        runs.append(_Run(slice(room, room + count), slice(speaker, speaker + count * size), (count, size)))
        room += count
        speaker += count * size
    return runs
