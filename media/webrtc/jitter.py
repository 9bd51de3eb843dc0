"""The jitter buffers of all rows: rings in one array, filled by the network's thread and emptied by the clock's.

Neither thread waits for the other, and no lock is needed. The network's thread alone writes ``_frames``, ``_stamps``,
``_newest``, ``_base`` and ``late``; a stamp is written behind its samples, and only for frames that the clock has not yet come
to. All else is the clock's.

A row is played as early as it can be, and delayed only as far as it has to be:
- A frame that is not there while a later one is, is lost: it is concealed and passed. Loss never adds delay.
- When nothing at all is there, the row waits, concealing. If the frame comes then, the row has gained delay; if a later one
  comes, it was lost, and is passed after all. Each time that packets have come late, ``_margin`` grows by a frame; it shrinks
  again by one for every ten calm seconds.
- What is always there beyond the margin is delay for nothing: two frames are blended into one until it is gone.
- More than ``most`` frames are never kept: the oldest are left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.frame import Samples
from media.track import Numbers
from media.webrtc.concealment import Concealment

Flags = npt.NDArray[np.bool_]

SLOTS = 64
"""Frames of one ring."""
_WINDOW = 25
"""Ticks over which the least that is there is looked for."""
_CALM = 500
"""Ticks without trouble after which a margin shrinks."""
_FIRST_CALM = 150
"""The same for the margin that a row begins with."""
_APART = 25
"""Ticks within which late packets are one trouble."""
_ENOUGH = np.iinfo(np.int64).max


class JitterBuffer:
    """``rows`` voices in frames of ``samples``; ``most`` is the number of frames that may wait, at most half of SLOTS."""

    def __init__(self, rows: int, samples: int, most: int) -> None:
        self._samples = samples
        self._most = max(2, min(most, SLOTS // 2))
        self._frames: Samples = np.zeros((rows, SLOTS, samples), np.int16)
        self._stamps = np.full((rows, SLOTS), -1, np.int64)
        """Which frame each slot holds."""
        self._newest = np.full(rows, -1, np.int64)
        """The last frame that has come to its end."""
        self._base = np.full(rows, -1, np.int64)
        """What the network calls frame 0 of this buffer: the first one since ``clear``; -1 before."""
        self.late = np.zeros(rows, np.int64)
        """Packets that came after their time, or far too early."""
        self._next = np.zeros(rows, np.int64)
        """The frame that is due."""
        self._running = np.zeros(rows, np.bool_)
        self._begun = np.zeros(rows, np.bool_)
        """Whether a row has ever run."""
        self._dry = np.zeros(rows, np.int64)
        """Ticks for which nothing has been there."""
        self._held = np.zeros(rows, np.int64)
        """Ticks that a row has waited for more, after something came."""
        self._margin = np.ones(rows, np.int64)
        """Frames that should be there beyond the one due."""
        self._calm = np.zeros(rows, np.int64)
        """Ticks without trouble."""
        self._late_seen = np.zeros(rows, np.int64)
        self._least = np.full(rows, _ENOUGH, np.int64)
        """Of what was there beyond the frame due, in this window."""
        self._excess = np.zeros(rows, np.int64)
        """Frames yet to be blended away."""
        self._concealment = Concealment(rows, samples)
        self._tick = 0
        self.concealed = np.zeros(rows, np.int64)
        """Frames made up for those that were lost or not there in time."""
        self.skipped = np.zeros(rows, np.int64)
        """Frames left out because too many were waiting, or blended away."""

    def clear(self, row: int) -> None:
        """Begin anew with a row. Media thread, while nobody puts anything there."""
        self._stamps[row], self._newest[row], self._base[row] = -1, -1, -1
        self._next[row], self._running[row], self._begun[row] = 0, False, False
        self._dry[row], self._held[row] = 0, 0
        self._margin[row], self._calm[row] = 1, _CALM - _FIRST_CALM
        self._least[row], self._excess[row] = _ENOUGH, 0
        for counter in (self.late, self._late_seen, self.concealed, self.skipped):
            counter[row] = 0
        self._concealment.clear(row)

    def put(self, row: int, position: int, samples: Samples) -> None:
        """Take the samples of one packet, which begin ``position`` samples after the first packet's. The network's thread.

        One that begins within a frame fills the rest of it; a frame of which only a part has come is silent elsewhere.
        """
        frame, at = divmod(position, self._samples)
        if self._base[row] < 0:
            self._base[row] = frame
        frame -= int(self._base[row])
        end = frame + (at + samples.size) // self._samples - 1
        taken = 0
        while taken < samples.size:
            piece = samples[taken : taken + self._samples - at]
            self._store(row, frame, at, piece)
            taken += piece.size
            frame, at = frame + 1, 0
        if end > self._newest[row]:
            self._newest[row] = end

    def delay(self, row: int) -> int:
        """Frames that wait."""
        return max(0, int(self._newest[row] - self._next[row] + 1))

    def take(self, rows: Numbers) -> Samples:
        """The next frame of each row, of shape (rows, samples). Media thread, once a tick, each row once."""
        self._tick += 1
        lead = self._newest[rows] - self._next[rows]
        self._limit(rows, lead)
        self._hold(rows, lead)
        running = self._running[rows]
        due = self._next[rows]
        slots = due % SLOTS
        there = running & (self._stamps[rows, slots] == due)
        frames = self._frames[rows, slots]
        steps = running.astype(np.int64)
        self._blend(rows, due, there, frames, steps)
        self._next[rows] = due + steps
        self._watch(rows, lead, running)
        self.concealed[rows] += self._begun[rows] & ~there
        return self._concealment.patch(rows, frames, there)

    def _store(self, row: int, frame: int, at: int, piece: Samples) -> None:
        ahead = frame - int(self._next[row])
        if ahead < 0:
            self.late[row] += 1
            return
        if ahead >= SLOTS:
            # The clock passes over all that is missing when it sees how far ahead this one is, which is lost as well.
            self.late[row] += 1
            return
        slot = frame % SLOTS
        if self._stamps[row, slot] != frame:
            self._frames[row, slot] = 0
        self._frames[row, slot, at : at + piece.size] = piece
        self._stamps[row, slot] = frame

    def _limit(self, rows: Numbers, lead: Numbers) -> None:
        """Leave out the oldest frames of rows where too many wait."""
        over = lead > self._most
        if not over.any():
            return
        far = rows[over]
        kept = np.minimum(self._margin[far], lead[over])
        self.skipped[far] += lead[over] - kept
        self._next[far] += lead[over] - kept
        self._excess[far], self._least[far] = 0, _ENOUGH
        lead[over] = kept

    def _hold(self, rows: Numbers, lead: Numbers) -> None:
        """Stop the rows that have run dry, and start those with enough to go on."""
        margin = self._margin[rows]
        dry = lead < 0
        ran = self._running[rows]
        waiting = ~dry & ~ran
        self._held[rows] = np.where(waiting, self._held[rows] + 1, 0)
        ready = waiting & ((lead >= margin) | (self._held[rows] > margin))
        self._running[rows] = running = (ran & ~dry) | ready
        if ready.any():
            lead[ready] -= self._resume(rows[ready])
        self._begun[rows] |= running
        self._dry[rows] = np.where(running, 0, self._dry[rows] + dry)

    def _resume(self, rows: Numbers) -> Numbers:
        """Pass the frames that were waited for in vain, and return how many they were."""
        ahead = self._next[rows][:, None] + np.arange(SLOTS // 2)
        there = np.take_along_axis(self._stamps[rows], ahead % SLOTS, axis=1) == ahead
        lost: Numbers = np.minimum(np.argmax(there, axis=1), self._dry[rows])
        self._next[rows] += lost
        self._trouble(rows[(lost == 0) & self._begun[rows]])
        return lost

    def _blend(self, rows: Numbers, due: Numbers, there: Flags, frames: Samples, steps: Numbers) -> None:
        """Make one frame of two where more wait than have to: the first fades out while the second fades in."""
        if self._tick % 2 or not self._excess[rows].any():
            return
        following = (due + 1) % SLOTS
        both = there & (self._excess[rows] > 0) & (self._stamps[rows, following] == due + 1)
        if both.any():
            rise = np.linspace(0, 1, self._samples, dtype=np.float32)
            second = self._frames[rows[both], following[both]]
            frames[both] = (frames[both] * (1 - rise) + second * rise).astype(np.int16)
            steps[both] += 1
            self._excess[rows[both]] -= 1
            self._least[rows[both]] -= 1
            self.skipped[rows[both]] += 1

    def _watch(self, rows: Numbers, lead: Numbers, running: Flags) -> None:
        """Learn how much has to wait: of what is always there beyond the margin, the rows rid themselves."""
        self._least[rows] = np.where(running, np.minimum(self._least[rows], lead), self._least[rows])
        late = self.late[rows]
        tardy = (late != self._late_seen[rows]) & (self._calm[rows] > _APART)
        self._late_seen[rows] = late
        self._calm[rows] += running
        self._trouble(rows[tardy])
        calm = rows[self._calm[rows] >= _CALM]
        if calm.size:
            self._margin[calm] = np.maximum(self._margin[calm] - 1, 0)
            self._calm[calm] = 0
        if self._tick % _WINDOW == 0:
            least = self._least[rows]
            self._excess[rows] = np.where(least == _ENOUGH, 0, np.maximum(least - self._margin[rows], 0))
            self._least[rows] = _ENOUGH

    def _trouble(self, rows: Numbers) -> None:
        if rows.size:
            self._margin[rows] = np.minimum(self._margin[rows] + 1, self._most // 2)
            self._calm[rows] = 0
