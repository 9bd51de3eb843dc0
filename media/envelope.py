"""How loud both directions of a leg are, every 100 ms: what a picture of a call is drawn from.

All legs are measured in the same array operations, on every fourth sample, which is enough for a level. A block is 100 ms of all
of them; who comes within a block is measured from the next one on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from media.bus import Bus
from media.events import EnvelopeMeasured, MediaEvent
from media.frame import FRAME_SECONDS
from media.track import Hearing, Numbers

FRAMES = 5
"""Of a block."""
BLOCK_SECONDS = FRAMES * FRAME_SECONDS
BATCH = 50
"""Blocks that are told at a time, unless somebody asks earlier: five seconds."""
STRIDE = 4
"""Only one of so many samples is looked at."""
FAINTEST = -63
"""dBov of the lowest code; the highest is 0 dBov, full scale."""
CODES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
"""One for each decibel from ``FAINTEST`` up."""

_LETTERS = np.frombuffer(CODES, np.uint8)


class Envelopes:
    """Measures the rows that are drawn.

    ``draw``, ``tell`` and ``levels`` may be called from any thread: the first two pass an ``order`` to the next tick. The others
    belong to the media thread.
    """

    def __init__(self, bus: Bus, hearing: Hearing, order: Callable[[Callable[[], None]], None]) -> None:
        self._order = order
        self._thin = bus.audio[:, ::STRIDE]
        self._hearing = hearing
        self._ids: dict[int, int] = {}
        """The id for each row."""
        self._rows: Numbers = np.zeros(0, np.intp)
        """Those of the block that is being measured."""
        self._tracks: Numbers = np.zeros(0, np.intp)
        self._changed = False
        self._frames = 0
        self._peak = np.zeros((0, self._thin.shape[1]), np.uint16)
        self._power = np.zeros((0, self._thin.shape[1]), np.float32)
        self._codes = np.zeros((bus.rows, 2, BATCH, 2), np.uint8)
        """By row, direction and block: the peak and the root mean square."""
        self._blocks = np.zeros(bus.rows, np.int64)
        """How many of them are not told yet."""
        self._latest = np.full((bus.rows, 2), _LETTERS[0], np.uint8)
        """The root mean square of the last block, by row and direction."""
        self._due: list[MediaEvent] = []

    @property
    def levels(self) -> bytes:
        """The code of the last block of every row, of what its far end says and of what it hears."""
        return self._latest.tobytes()

    def draw(self, id: int, row: int) -> None:
        """Report every 100 ms of both directions of a row, some at a time, until it is released; for one id per row."""
        self._order(partial(self._draw, id, row))

    def tell(self, row: int) -> None:
        """Report at once what is known of a row that is drawn."""
        self._order(partial(self._tell, row))

    def forget(self, row: int) -> None:
        """Report the rest of a row that is given back, and no more of it."""
        if row not in self._ids:
            return
        self._due.append(self._report(row, last=True))
        del self._ids[row]
        self._latest[row] = _LETTERS[0]
        self._rows = np.where(self._rows == row, -1, self._rows)
        self._changed = True

    def take(self) -> list[MediaEvent]:
        """Take the frame that is on the bus; returns what is to be told."""
        if not self._frames and self._changed:
            self._arrange()
        if self._tracks.size:
            self._measure()
        due, self._due = self._due, []
        return due

    def _draw(self, id: int, row: int) -> None:
        self._ids[row] = id
        self._blocks[row] = 0
        self._changed = True

    def _tell(self, row: int) -> None:
        if row in self._ids and self._blocks[row]:
            self._due.append(self._report(row, last=False))

    def _measure(self) -> None:
        frames = self._thin[self._hearing.find(self._tracks)]
        np.maximum(self._peak, np.abs(frames).view(np.uint16), out=self._peak)
        floats = frames.astype(np.float32)
        floats *= floats
        self._power += floats
        self._frames += 1
        if self._frames == FRAMES:
            self._keep()

    def _keep(self) -> None:
        """End a block."""
        self._frames = 0
        samples = FRAMES * self._power.shape[1]
        levels = np.stack((self._peak.max(axis=1).astype(np.float32) ** 2, self._power.sum(axis=1) / samples), axis=-1)
        self._peak[:] = 0
        self._power[:] = 0
        codes = _LETTERS[_code(levels)].reshape(2, -1, 2).swapaxes(0, 1)
        there = self._rows >= 0
        rows = self._rows[there]
        self._codes[rows, :, self._blocks[rows]] = codes[there]
        self._blocks[rows] += 1
        self._latest[rows] = codes[there, :, 1]
        self._due += [self._report(row, last=False) for row in rows[self._blocks[rows] == BATCH].tolist()]

    def _report(self, row: int, *, last: bool) -> EnvelopeMeasured:
        blocks = int(self._blocks[row])
        self._blocks[row] = 0
        heard, said = (self._codes[row, way, :blocks].tobytes().decode("ascii") for way in (0, 1))
        return EnvelopeMeasured(self._ids[row], blocks, heard, said, last)

    def _arrange(self) -> None:
        self._changed = False
        self._rows = np.fromiter(self._ids, np.intp, len(self._ids))
        self._tracks = self._hearing.both(self._rows)
        self._peak = np.zeros((self._tracks.size, self._thin.shape[1]), np.uint16)
        self._power = np.zeros((self._tracks.size, self._thin.shape[1]), np.float32)


def _code(squares: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """The code of a level, given as the square of a sample."""
    decibels = 10 * np.log10(np.maximum(squares, np.float32(1.0))) - 20 * np.log10(np.float32(32768.0))
    codes: npt.NDArray[np.intp] = np.clip(np.rint(decibels) - FAINTEST, 0, len(CODES) - 1).astype(np.intp)
    return codes
