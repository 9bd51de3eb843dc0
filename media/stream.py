"""The audio of legs on its way to applications: mu-law at 8 kHz, made in one array operation a tick for all of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from media.bus import Bus
from media.events import MediaEvent, StreamsMoved
from media.frame import Samples
from media.g711 import encode_mulaw
from media.rate import HALVING, halve
from media.track import Hearing, Numbers, Track

RATE = 8000
CODES = 160
"""Of one frame."""
MOST_WAITING = 100
"""Ticks between the clock and whoever collects them: two seconds."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame of every streamed track."""

    tick: int
    """Grows by one from frame to frame, also when some were dropped."""
    streams: tuple[tuple[int, int], ...]
    """The id of each stream and how many tracks it has."""
    codes: bytes
    """``CODES`` of each track, in the order of the streams."""


class Streams:
    """Which tracks are streamed. ``collect`` may be called from any thread, the others belong to the media thread."""

    def __init__(self, bus: Bus, hearing: Hearing) -> None:
        self.dropped = 0
        """Frames of single tracks that nobody collected in time."""
        self._bus = bus
        self._hearing = hearing
        self._tick = 0
        self._streams: tuple[tuple[int, int], ...] = ()
        self._owners: Numbers = np.zeros(0, np.intp)
        """The id of the stream of each track."""
        self._tracks: Numbers = np.zeros(0, np.intp)
        self._before: Samples = np.zeros((0, HALVING), np.int16)
        self._sources: Numbers = np.zeros(0, np.intp)
        self._arranged = -1
        """The version of ``hearing`` for which ``_sources`` holds."""
        self._waiting: deque[Packet] = deque()
        self._told = False

    def __len__(self) -> int:
        return len(self._streams)

    def start(self, id: int, tracks: tuple[Track, ...]) -> None:
        """Stream some tracks from the next ``take`` on."""
        self._streams += ((id, len(tracks)),)
        self._owners = np.append(self._owners, np.full(len(tracks), id, np.intp))
        self._tracks = np.append(self._tracks, [self._hearing.number(track) for track in tracks]).astype(np.intp)
        self._before = np.concatenate((self._before, np.zeros((len(tracks), HALVING), np.int16)))
        self._arranged = -1

    def stop(self, id: int) -> None:
        """Stream them no more."""
        keep = self._owners != id
        self._streams = tuple(stream for stream in self._streams if stream[0] != id)
        self._owners, self._tracks, self._before = self._owners[keep], self._tracks[keep], self._before[keep]
        self._arranged = -1

    def forget(self, row: int) -> None:
        """Stream silence in place of a row that is given back."""
        for track in (Track(row), Track(row, outbound=True)):
            self._tracks[self._tracks == self._hearing.number(track)] = self._bus.silence
        self._arranged = -1

    def take(self) -> list[MediaEvent]:
        """Keep the frame that is on the bus for ``collect``; StreamsMoved is reported unless it was and nobody has collected."""
        self._tick += 1
        if not self._tracks.size:
            return []
        if self._arranged != self._hearing.version:
            self._sources = self._hearing.find(self._tracks)
            self._arranged = self._hearing.version
        frames = self._bus.audio.take(self._sources, axis=0)
        if self._bus.rate != RATE:
            halved = halve(self._before, frames)
            self._before, frames = frames[:, -HALVING:], halved
        if len(self._waiting) >= MOST_WAITING:
            self._drop()
        self._waiting.append(Packet(self._tick, self._streams, encode_mulaw(frames).tobytes()))
        if self._told:
            return []
        self._told = True
        return [StreamsMoved()]

    def collect(self) -> list[Packet]:
        """All frames since the last time."""
        # Told of before it is looked at: a frame that comes in between is reported once too often rather than never.
        self._told = False
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _drop(self) -> None:
        try:
            packet = self._waiting.popleft()
        except IndexError:
            return  # collected meanwhile
        self.dropped += len(packet.codes) // CODES
