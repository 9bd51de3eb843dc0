"""The two matrices through which all audio passes, and the list of free rows.

Row r belongs to one leg from ``claim`` to ``release``: ``rx[r]`` is the last 20 ms heard from it, ``tx[r]`` what it hears
next. C code keeps pointers into both matrices, so they are never moved, grown or replaced. Both are parts of one array, so
that a tap can take frames of either kind in one operation.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from media.errors import BusFull
from media.frame import Samples, frame_size


class Bus:
    """``rx`` and ``tx``: int16, C-contiguous, of shape (rows, samples), one frame of 20 ms at ``rate`` in each row.

    ``claim`` is called on the event loop and ``release`` on the media thread. Neither takes a lock: one call of a deque
    or a set is atomic, and a row is always in the hands of exactly one side.
    """

    def __init__(self, rate: int = 8000, rows: int = 1024) -> None:
        self.rate = rate
        """Samples per second."""
        self.rows = rows
        self.samples = frame_size(rate)
        """Samples of one frame."""
        self.audio: Samples = np.zeros((2 * rows + 1, self.samples), np.int16)
        """``rx``, ``tx``, and one row that is always silent."""
        self.rx: Samples = self.audio[:rows]
        self.tx: Samples = self.audio[rows : 2 * rows]
        self.silence = 2 * rows
        """Index of the silent row of ``audio``."""
        self._free = deque(range(rows))
        self._claimed: set[int] = set()

    @property
    def claimed(self) -> int:
        """How many rows are taken."""
        return len(self._claimed)

    def claim(self) -> int:
        """Take the row that has been free for longest, silent both ways; raises BusFull."""
        try:
            row = self._free.popleft()
        except IndexError:
            raise BusFull(f"all {self.rows} rows of the bus are taken") from None
        self._silence(row)
        self._claimed.add(row)
        return row

    def release(self, row: int) -> None:
        """Give a row back, silent; a row that is free already stays so."""
        try:
            self._claimed.remove(row)
        except KeyError:
            return
        self._silence(row)
        self._free.append(row)

    def _silence(self, row: int) -> None:
        self.rx[row] = 0
        self.tx[row] = 0
