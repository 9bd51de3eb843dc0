"""The two directions of a leg, and where in the bus they are to be found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.bus import Bus

Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Track:
    """One direction of one leg."""

    row: int
    outbound: bool = False
    """What the far end hears, from whomever; otherwise what it says."""


class Hearing:
    """Where in ``Bus.audio`` each track is: a bridged leg hears its peer and not its row of ``tx``.

    Belongs to the media thread.
    """

    def __init__(self, bus: Bus) -> None:
        self.version = 0
        """Grows with every change."""
        self._rows = bus.rows
        self._place = np.arange(len(bus.audio))

    def number(self, track: Track) -> int:
        """The number of a track, by which ``find`` knows it."""
        return track.row + self._rows * track.outbound

    def both(self, rows: Numbers) -> Numbers:
        """The numbers of what some rows say, and behind them of what they hear."""
        return np.concatenate((rows, rows + self._rows))

    def find(self, numbers: Numbers) -> Numbers:
        """Where some tracks are now; other indices of ``audio`` stay what they are."""
        found: Numbers = self._place[numbers]
        return found

    def follow(self, row: int, other: int | None) -> None:
        """From now on the leg of ``row`` hears what the leg of ``other`` says; None: it hears its row of ``tx`` again."""
        self._place[self._rows + row] = self._rows + row if other is None else other
        self.version += 1

    def forget(self, row: int) -> None:
        """A row is given back: nobody hears it any more."""
        followers = np.flatnonzero(self._place[self._rows : 2 * self._rows] == row)
        self._place[self._rows + followers] = self._rows + followers
        self.follow(row, None)
