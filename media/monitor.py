"""Copies of what legs say and hear, sent to other legs: one array operation a tick for all of them."""

from __future__ import annotations

import numpy as np

from media.bus import Bus
from media.track import Hearing, Numbers, Track

NOTHING = -1


class Monitors:
    """Which row sends a copy of which track to its far end. Belongs to the media thread."""

    def __init__(self, bus: Bus, hearing: Hearing) -> None:
        self._bus = bus
        self._hearing = hearing
        self._tracks: Numbers = np.full(bus.rows, NOTHING, np.intp)
        """By row."""
        self._arranged = -1
        self._targets: Numbers = np.zeros(0, np.intp)
        self._sources: Numbers = np.zeros(0, np.intp)

    def send(self, row: int, track: Track | None) -> None:
        """Let the far end of a row hear a track instead of anything else; None ends it."""
        self._tracks[row] = NOTHING if track is None else self._hearing.number(track)
        self._arranged = -1

    def forget(self, row: int) -> None:
        """Send silence in place of a row that is given back, and nothing to it."""
        for track in (Track(row), Track(row, outbound=True)):
            self._tracks[self._tracks == self._hearing.number(track)] = self._bus.silence
        self.send(row, None)

    def fill(self) -> None:
        """Write the rows of ``tx``; after everything else that writes there, and before the transports exchange."""
        if self._arranged != self._hearing.version:
            self._targets = np.flatnonzero(self._tracks != NOTHING)
            self._sources = self._hearing.find(self._tracks[self._targets])
            self._arranged = self._hearing.version
        if self._targets.size:
            self._bus.tx[self._targets] = self._bus.audio.take(self._sources, axis=0)
