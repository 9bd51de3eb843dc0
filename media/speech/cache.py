"""Speech that was made already."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from media.frame import Samples


class SpeechCache:
    """Arrays by phrase and voice, at most ``max_bytes`` of them; those not asked for longest go first. Any thread may call."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._entries: OrderedDict[tuple[Hashable, str], Samples] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0
        """What the cached arrays hold."""

    def get(self, phrase: Hashable, voice: str) -> Samples | None:
        """The samples of a phrase, read-only."""
        with self._lock:
            samples = self._entries.get((phrase, voice))
            if samples is not None:
                self._entries.move_to_end((phrase, voice))
            return samples

    def put(self, phrase: Hashable, voice: str, samples: Samples) -> None:
        """Remember the samples of a phrase; they become read-only."""
        samples.flags.writeable = False
        with self._lock:
            self._drop(self._entries.pop((phrase, voice), None))
            self._entries[phrase, voice] = samples
            self.bytes += samples.nbytes
            while self.bytes > self._max:
                self._drop(self._entries.popitem(last=False)[1])

    def _drop(self, samples: Samples | None) -> None:
        if samples is not None:
            self.bytes -= samples.nbytes
