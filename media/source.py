"""Where the samples of a playback come from.

A source belongs to one playback. The media thread reads it and, when the playback is over for whatever reason, closes it;
none of its methods may wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from media.frame import Samples

MOST_REMARKS = 10
"""Of one source."""

_EMPTY: Samples = np.zeros(0, np.int16)


class Source(Protocol):
    """Samples at the rate of the bus, one voice."""

    @property
    def finished(self) -> bool:
        """Nothing more will ever come."""

    @property
    def error(self) -> str:
        """Why it finished before its time; empty when it did not."""

    def read(self, count: int) -> Samples:
        """At most ``count`` samples, shape (n,), which the reader must not write to; none when no data is ready yet."""

    def close(self) -> None:
        """Nobody will read again."""


class Clip:
    """Samples that are all there, played ``loop`` times; 0 is without end.

    The array is neither copied nor changed, so any number of clips may share it.
    """

    error = ""

    def __init__(self, samples: Samples, loop: int = 1) -> None:
        if loop < 0:
            raise ValueError(f"a clip cannot be played {loop} times")
        self._samples = samples
        self._position = 0
        self._endless = loop == 0
        self._end = samples.size * loop

    @property
    def length(self) -> int:
        """Samples of all rounds; 0 when they are endless."""
        return self._end

    @property
    def finished(self) -> bool:
        """All rounds have been read."""
        return self._samples.size == 0 or (not self._endless and self._position >= self._end)

    def read(self, count: int) -> Samples:
        """The next samples, across the seams of its rounds."""
        size = self._samples.size
        if not self._endless:
            count = min(count, self._end - self._position)
        if count <= 0 or not size:
            return _EMPTY
        first = self._position % size
        self._position += count
        if first + count <= size:
            return self._samples[first : first + count]
        return self._samples.take(np.arange(first, first + count), mode="wrap")

    def close(self) -> None:
        """A clip holds nothing that needs to be given up."""


class SampleQueue:
    """Samples that are still being made: one worker pushes, one playback reads, and neither ever waits for the other.

    Nothing is dropped. The worker stops by itself when the queue is ``full`` and leaves with ``when_drained`` a function
    that takes it up again, so a slow listener costs a queue and not a thread. No lock is needed: every step is one atomic
    operation of a deque, and each counter has one writer.
    """

    def __init__(self, max_samples: int) -> None:
        self._max = max_samples
        self._chunks: deque[Samples] = deque()
        self._pushed = 0
        self._taken = 0
        self._ended = False
        self._waiting: deque[Callable[[], None]] = deque()
        self.closed = False
        """Nobody reads any more: what is pushed is lost and making more is a waste."""
        self.error = ""
        self.remarks: tuple[str, ...] = ()
        """What is not as it was asked for, though it can be played."""

    @property
    def length(self) -> int:
        """Samples that were made so far, those that were read included."""
        return self._pushed

    @property
    def finished(self) -> bool:
        """The worker has ended and all was read."""
        return self._ended and not self._chunks

    @property
    def full(self) -> bool:
        """At least ``max_samples`` wait to be read."""
        return self._pushed - self._taken >= self._max

    def push(self, samples: Samples) -> None:
        """Append an array, which must not change afterwards; whole, however full the queue is."""
        if samples.size and not self.closed:
            self._pushed += samples.size
            self._chunks.append(samples)

    def end(self) -> None:
        """Nothing more will be pushed."""
        self._ended = True

    def fail(self, message: str) -> None:
        """Nothing more can be pushed; what was pushed is still played."""
        self.error = message
        self._ended = True

    def remark(self, message: str) -> None:
        """Say what is not as it was asked for, once each, and not without end."""
        if message not in self.remarks and len(self.remarks) < MOST_REMARKS:
            self.remarks += (message,)

    def when_drained(self, resume: Callable[[], None]) -> bool:
        """Have the reader call ``resume``, which must not wait, once half of the queue is free.

        Returns False when that is the case already: the worker then goes on itself.
        """
        self._waiting.append(resume)
        # The reader may have made room just before the append. Whoever takes the entry out is the one to go on.
        return not (self._half_free and self._take_waiting() is not None)

    def read(self, count: int) -> Samples:
        """What has been pushed and not read, one array at a time."""
        if not self._chunks:
            return _EMPTY
        chunk = self._chunks.popleft()
        if chunk.size > count:
            self._chunks.appendleft(chunk[count:])
            chunk = chunk[:count]
        self._taken += chunk.size
        if self._waiting and self._half_free and (resume := self._take_waiting()) is not None:
            resume()
        return chunk

    def close(self) -> None:
        """Forget what was not read."""
        self.closed = True
        self._chunks.clear()
        self._waiting.clear()

    @property
    def _half_free(self) -> bool:
        return self._pushed - self._taken <= self._max // 2

    def _take_waiting(self) -> Callable[[], None] | None:
        try:
            return self._waiting.popleft()
        except IndexError:
            return None


def remarks_of(source: Source) -> tuple[str, ...]:
    """What is not as it was asked for."""
    return source.remarks if isinstance(source, SampleQueue) else ()
