"""Everything that plays, one frame at a time, in one array operation.

Each playing row owns a block of some frames. A tick gathers one frame from every block; Python looks at a row only when
its block has run out, and the first blocks have different lengths so that this work is spread over the ticks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from media.bus import Bus
from media.events import CueReached, MediaEvent, PlaybackFinished, PlaybackStarted
from media.frame import Samples
from media.source import Source

BLOCK = 10
"""Frames of one block."""
_NEVER = np.iinfo(np.int64).max


@dataclass(slots=True)
class _Playback:
    id: int
    source: Source
    started: bool = False
    held: int = 0
    """Samples behind the last whole frame of the block: they wait for the rest of their frame."""
    over: bool = False
    """The block holds the last samples."""
    cues: deque[int] = field(default_factory=deque)
    """Samples after which something is to be told, ascending."""


class Playout:
    """What the rows of a bus play; one playback per row. Belongs to the media thread."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._blocks = np.zeros((bus.rows, BLOCK * bus.samples), np.int16)
        self._frames = self._blocks.reshape(bus.rows * BLOCK, bus.samples)
        self._next = np.zeros(bus.rows, np.intp)
        """Index into ``_frames`` of what each row plays next."""
        self._end = np.zeros(bus.rows, np.intp)
        self._sent = np.zeros(bus.rows, np.int64)
        """Samples of each row's playback so far."""
        self._cue = np.full(bus.rows, _NEVER, np.int64)
        """The next of its cues."""
        self._waits = np.zeros(bus.rows, bool)
        """Rows that are held."""
        self._playbacks: dict[int, _Playback] = {}
        self._rows_by_id: dict[int, int] = {}
        self._rows: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._shown = self._unready = self._rows
        self._shown_frames: Samples = np.zeros((0, bus.samples), np.int16)
        self._changed = False
        self._events: list[MediaEvent] = []

    def __len__(self) -> int:
        return len(self._playbacks)

    def play(self, id: int, row: int, source: Source) -> None:
        """Play a source from the next ``fill`` on; what the row plays now is over."""
        self.silence(row)
        self._playbacks[row] = _Playback(id, source)
        self._rows_by_id[id] = row
        self._next[row] = self._end[row] = row * BLOCK
        self._sent[row], self._cue[row], self._waits[row] = 0, _NEVER, False
        self._changed = True

    def cue(self, id: int, at: int) -> None:
        """Report when so many samples of a playback have been written, at once when they were; later cues must not be lower."""
        row = self._rows_by_id.get(id)
        if row is not None:
            self._playbacks[row].cues.append(at)
            self._reach(row)

    def hold(self, id: int, on: bool) -> None:
        """Let a playback wait in silence, or go on where it was."""
        row = self._rows_by_id.get(id)
        if row is not None:
            self._waits[row] = on

    def stop(self, id: int) -> None:
        """End a playback now; one that is over already stays so."""
        row = self._rows_by_id.get(id)
        if row is not None:
            self.silence(row)

    def silence(self, row: int) -> None:
        """End what a row plays now, if anything."""
        if row in self._playbacks:
            self._finish(row, "")

    def fill(self) -> list[MediaEvent]:
        """Write the next frame of every playback to its row of ``tx`` and return what there is to report.

        A row whose source has nothing ready gets silence, and later goes on where it was.
        """
        rows = self._listed()
        for row in rows[(self._next[rows] >= self._end[rows]) & ~self._waits[rows]].tolist():
            self._refill(row)
        self._emit(self._listed())
        events, self._events = self._events, []
        return events

    def repeat(self) -> None:
        """Write the frames of the last ``fill`` again, over what others have written since."""
        self._bus.tx[self._shown] = self._shown_frames
        self._bus.tx[self._unready] = 0

    def _emit(self, rows: npt.NDArray[np.intp]) -> None:
        position, end = self._next[rows], self._end[rows]
        ready = (position < end) & ~self._waits[rows]
        self._unready = rows[~ready]
        if self._unready.size:
            rows, position, end = rows[ready], position[ready], end[ready]
        self._shown, self._shown_frames = rows, self._frames.take(position, axis=0)
        self.repeat()
        position += 1
        self._next[rows] = position
        sent = self._sent[rows] + self._bus.samples
        self._sent[rows] = sent
        for row in rows[sent >= self._cue[rows]].tolist():
            self._reach(row)
        for row in rows[position >= end].tolist():
            playback = self._playbacks[row]
            if playback.over:
                self._finish(row, playback.source.error)

    def _reach(self, row: int) -> None:
        """Report the cues that were passed, and wait for the next one."""
        playback = self._playbacks[row]
        while playback.cues and playback.cues[0] <= self._sent[row]:
            self._events.append(CueReached(playback.id, playback.cues.popleft()))
        self._cue[row] = playback.cues[0] if playback.cues else _NEVER

    def _refill(self, row: int) -> None:
        """Read the next block behind the samples that did not fill a frame of the last one."""
        playback = self._playbacks[row]
        block, samples = self._blocks[row], self._bus.samples
        tail = (int(self._end[row]) - row * BLOCK) * samples
        filled = playback.held
        block[:filled] = block[tail : tail + filled]
        # A first block of another length for each row: later refills then fall on different ticks.
        size = block.size if playback.started else (1 + row % BLOCK) * samples
        try:
            while filled < size and (chunk := playback.source.read(size - filled)).size:
                block[filled : filled + chunk.size] = chunk
                filled += chunk.size
            playback.over = playback.source.finished
        except Exception as failure:  # noqa: BLE001 - one bad source must not silence all other rows
            self._finish(row, f"the source failed: {failure!r}")
            return
        if playback.over and filled % samples:
            gap = samples - filled % samples
            block[filled : filled + gap] = 0
            filled += gap
        self._begin(row, playback, filled)

    def _begin(self, row: int, playback: _Playback, filled: int) -> None:
        frames, playback.held = divmod(filled, self._bus.samples)
        self._next[row] = row * BLOCK
        self._end[row] = row * BLOCK + frames
        if frames and not playback.started:
            playback.started = True
            self._events.append(PlaybackStarted(playback.id))
        if not frames and playback.over:
            self._finish(row, playback.source.error)

    def _finish(self, row: int, error: str) -> None:
        playback = self._playbacks.pop(row)
        del self._rows_by_id[playback.id]
        self._changed = True
        playback.source.close()
        self._events.append(PlaybackFinished(playback.id, error, int(self._sent[row])))

    def _listed(self) -> npt.NDArray[np.intp]:
        if self._changed:
            self._rows = np.fromiter(self._playbacks, np.intp, len(self._playbacks))
            self._changed = False
        return self._rows
