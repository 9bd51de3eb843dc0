"""What is said: the speech of all tracks that are listened to, cut out of the silence around it.

Every track is kept for a moment, so that an utterance is handed over from a little before its first sound. Python looks at a
track when somebody begins or ends to speak, and every 100 ms of speech.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from media.activity import Activity, VoiceActivity
from media.bus import Bus
from media.events import MediaEvent, UtteranceBegun, UtterancePaused, UtteranceResumed
from media.frame import Samples
from media.track import Hearing, Track

EARS_PER_ROW = 3
"""One for a machine that asks, and two to write down both tracks of a call."""
KEPT = 64
"""Frames that are kept of a track: 1.28 s."""
BEFORE = 20
"""Frames before the first loud one that belong to an utterance: soft consonants."""
BEHIND = 15
"""Frames behind a loud one that do too. The middle of a pause that is longer than both is left out."""
BLOCK = 5
"""Frames that are handed over at once."""


class Hearer(Protocol):
    """Takes one utterance; called by the media thread, which must not wait."""

    def hear(self, samples: Samples) -> None:
        """What comes next, shape (n,)."""

    def pause(self) -> None:
        """There is nothing more for the moment."""

    def finish(self) -> None:
        """That was all."""

    def drop(self) -> None:
        """It is of no interest any more."""


class Ears:
    """Listens to the tracks of a bus that are wanted; a track can have several ears.

    ``listen``, ``end_utterance``, ``close`` and ``drop`` may be called from any thread: they pass an ``order`` to the next tick.
    The others belong to the media thread.
    """

    def __init__(self, bus: Bus, hearing: Hearing, order: Callable[[Callable[[], None]], None]) -> None:
        self._bus = bus
        self._hearing = hearing
        self._order = order
        ears = EARS_PER_ROW * bus.rows
        self._activity = VoiceActivity(ears)
        self._kept = np.zeros((ears, KEPT, bus.samples), np.int16)
        self._free = list(range(ears))[::-1]
        self._slots: dict[int, int] = {}
        self._hearers: dict[int, Hearer] = {}
        """By slot."""
        self._ids = np.zeros(ears, np.int64)
        self._tracks = np.zeros(ears, np.intp)
        """As ``Hearing.number`` has them."""
        self._open = np.zeros(ears, bool)
        """Whether an utterance has begun."""
        self._now = np.zeros(ears, np.int64)
        """Frames heard."""
        self._first = np.zeros(ears, np.int64)
        """The first frame of the voice that was heard last."""
        self._given = np.zeros(ears, np.int64)
        """The first frame that is not handed over."""
        self._end = np.zeros(ears, np.int64)
        """The first frame that does not belong to the utterance, as things stand."""
        self._listed: npt.NDArray[np.intp] = np.zeros(0, np.intp)

    def listen(self, id: int, track: Track, hearer: Hearer) -> None:
        """Hand the next utterance of a track to ``hearer``, and report how it goes; with all ears taken nothing is heard."""
        if not 0 <= track.row < self._bus.rows:
            raise ValueError(f"the bus has no row {track.row}")
        self._order(partial(self._listen, id, self._hearing.number(track), hearer))

    def end_utterance(self, id: int, hearer: Hearer) -> None:
        """The utterance that goes on is over; the next one is for ``hearer``."""
        self._order(partial(self._turn, id, hearer))

    def close(self, id: int) -> None:
        """Listen no longer, whether the utterance is over or not."""
        self._order(partial(self._forget, id))

    def drop(self, hearer: Hearer) -> None:
        """Give up an utterance, after whatever was ordered before."""
        self._order(hearer.drop)

    def forget_row(self, row: int) -> None:
        """Listen no longer to a row that is given back."""
        numbers = self._hearing.both(np.array([row]))
        for slot in self._listed[np.isin(self._tracks[self._listed], numbers)].tolist():
            self._forget(int(self._ids[slot]))

    def take(self) -> list[MediaEvent]:
        """Hear the frame that is on the bus."""
        slots = self._listed
        if not slots.size:
            return []
        frames = self._bus.audio.take(self._hearing.find(self._tracks[slots]), axis=0)
        now = self._now[slots]
        self._kept[slots, now % KEPT] = frames
        activity = self._activity.hear(slots, frames)
        self._first[slots[activity.started]] = now[activity.started] - BEFORE
        self._end[slots[activity.loud]] = now[activity.loud] + 1 + BEHIND
        self._now[slots] = now + 1
        events = self._report(slots, activity)
        ready = np.minimum(self._end[slots], self._now[slots]) - self._given[slots]
        for slot in slots[self._open[slots] & (ready >= BLOCK)].tolist():
            self._hand_over(slot)
        return events

    def _listen(self, id: int, track: int, hearer: Hearer) -> None:
        if not self._free:
            return
        slot = self._slots[id] = self._free.pop()
        self._ids[slot], self._tracks[slot], self._hearers[slot] = id, track, hearer
        self._activity.clear(slot)
        self._open[slot] = False
        self._now[slot] = self._first[slot] = self._given[slot] = self._end[slot] = 0
        self._list()

    def _turn(self, id: int, hearer: Hearer) -> None:
        slot = self._slots.get(id)
        if slot is None:
            return
        self._hand_over(slot)
        self._hearers[slot].finish()
        self._hearers[slot] = hearer
        self._open[slot] = False

    def _forget(self, id: int) -> None:
        slot = self._slots.pop(id, None)
        if slot is not None:
            del self._hearers[slot]
            self._free.append(slot)
            self._list()

    def _report(self, slots: npt.NDArray[np.intp], activity: Activity) -> list[MediaEvent]:
        was_open = self._open[slots]
        begun = slots[activity.sustained & ~was_open]
        resumed = slots[activity.started & was_open]
        self._open[begun] = True
        for spoken in (begun, resumed):
            # What was handed over is not heard twice, and what is not kept any more is lost.
            oldest = np.maximum(self._now[spoken] - KEPT, self._given[spoken])
            self._given[spoken] = np.maximum(self._first[spoken], oldest)
        events: list[MediaEvent] = [UtteranceBegun(id) for id in self._ids[begun].tolist()]
        events += [UtteranceResumed(id) for id in self._ids[resumed].tolist()]
        paused = slots[activity.ended & was_open]
        for slot in paused.tolist():
            self._hand_over(slot)
            self._hearers[slot].pause()
        return events + [UtterancePaused(id) for id in self._ids[paused].tolist()]

    def _hand_over(self, slot: int) -> None:
        first, last = int(self._given[slot]), min(int(self._end[slot]), int(self._now[slot]))
        if self._open[slot] and first < last:
            self._hearers[slot].hear(self._kept[slot, np.arange(first, last) % KEPT].ravel())
            self._given[slot] = last

    def _list(self) -> None:
        self._listed = np.fromiter(self._slots.values(), np.intp, len(self._slots))
