"""What an application has said and the far end of a leg is yet to hear: mu-law at 8 kHz, in pieces of any length."""

from __future__ import annotations

from collections import deque

import numpy as np

from media.frame import Samples, frame_size
from media.g711 import Codes, decode_mulaw
from media.rate import DOUBLING, double

RATE = 8000
PATIENCE = 3
"""Reads in vain, one a tick, after which the last frame begun is completed with silence: more of it may be on its way."""

_EMPTY: Samples = np.zeros(0, np.int16)


class Backlog:
    """A source that one thread pushes to and the media thread reads; neither ever waits for the other.

    It does not finish by itself. No lock is needed: every step is one atomic operation of a deque, and each counter has one
    writer. ``rate`` is that of the bus, 8000 or 16000.
    """

    finished = False
    error = ""

    def __init__(self, rate: int) -> None:
        self.pushed = 0
        """Codes so far, which is samples at 8 kHz."""
        self.padded = 0
        """Samples of silence, at the rate of the bus, that completed frames."""
        self._factor = rate // RATE
        self._frame = frame_size(rate)
        self._pieces: deque[Codes] = deque()
        self._taken = 0
        self._given = 0
        """Samples at the rate of the bus, silence included."""
        self._starved = 0
        self._before: Samples = np.zeros(DOUBLING, np.int16)

    @property
    def waiting(self) -> int:
        """Codes that nobody has read."""
        return self.pushed - self._taken

    @property
    def pieces(self) -> int:
        """In how many pieces they are."""
        return len(self._pieces)

    @property
    def position(self) -> int:
        """How many samples a playback will have sent when it has sent all that was pushed, a last frame begun apart."""
        return self.pushed * self._factor + self.padded

    def heard(self, sent: int) -> int:
        """Of the codes pushed, how many a playback has sent that has sent so many samples."""
        # Silence fills the rest of a frame that is sent in the tick that reads it, so all of it is among what was sent.
        return max(0, min(self.pushed, (sent - self.padded) // self._factor))

    def push(self, codes: bytes) -> None:
        """Append a piece."""
        if codes:
            self.pushed += len(codes)
            self._pieces.append(np.frombuffer(codes, np.uint8))

    def read(self, count: int) -> Samples:
        """At most ``count`` samples, of as many pieces as they are in; see Source."""
        pieces = self._gather(count // self._factor)
        if not pieces:
            return self._complete(count)
        self._starved = 0
        samples = decode_mulaw(pieces[0] if len(pieces) == 1 else np.concatenate(pieces))
        self._taken += samples.size
        self._given += samples.size * self._factor
        return samples if self._factor == 1 else self._double(samples)

    def close(self) -> None:
        """Forget what was not read."""
        self._pieces.clear()

    def _gather(self, wanted: int) -> list[Codes]:
        pieces: list[Codes] = []
        while wanted > 0:
            try:
                piece = self._pieces.popleft()
            except IndexError:
                break  # the rest is still on its way
            if piece.size > wanted:
                self._pieces.appendleft(piece[wanted:])
                piece = piece[:wanted]
            pieces.append(piece)
            wanted -= piece.size
        return pieces

    def _double(self, samples: Samples) -> Samples:
        doubled = double(self._before, samples)
        self._before = np.concatenate((self._before, samples))[-DOUBLING:]
        return doubled

    def _complete(self, count: int) -> Samples:
        """Silence up to the end of a frame that has waited long enough for more."""
        self._starved += 1
        gap = min(-self._given % self._frame, count)
        if not gap or self._starved < PATIENCE:
            return _EMPTY
        self.padded += gap
        self._given += gap
        return np.zeros(gap, np.int16)
