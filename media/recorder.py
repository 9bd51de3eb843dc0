"""The taps of all recordings: what legs say and hear, gathered in one array operation a tick.

Each recording owns a block of some frames. A tick takes one frame for every channel; Python looks at a recording only when
its block is full, and the first blocks have different lengths so that this work is spread over the ticks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media.bus import Bus
from media.events import MediaEvent, RecordingStopped
from media.room import limit
from media.tape import Tape, TapeWriter
from media.track import Hearing, Numbers, Track

BLOCK = 25
"""Frames of one block: half a second, which is what a crash may cost a recording."""
MOST_CHANNELS = 2

Channels = tuple[tuple[Track, ...], ...]
"""One channel or two, each the sum of its tracks; one without tracks is silent."""


@dataclass(slots=True)
class _Recording:
    slot: int
    channels: int
    tape: Tape


class Recorder:
    """What is being recorded from the rows of a bus. Belongs to the media thread; the blocks go to ``writer``.

    ``capacity`` is the most recordings at a time; memory is taken for those that run.
    """

    def __init__(self, bus: Bus, hearing: Hearing, writer: TapeWriter, capacity: int | None = None) -> None:
        self._bus = bus
        self._hearing = hearing
        self._writer = writer
        slots = 2 * bus.rows if capacity is None else capacity
        self._blocks = np.zeros((slots, MOST_CHANNELS, BLOCK * bus.samples), np.int16)
        self._frames = self._blocks.reshape(slots * MOST_CHANNELS * BLOCK, bus.samples)
        self._place = np.zeros(slots, np.intp)
        """Frames in the block of each slot."""
        self._size = np.full(slots, BLOCK, np.intp)
        """Frames with which that block is full."""
        self._muted = np.zeros(slots, bool)
        self._skipping = np.zeros(slots, bool)
        self._free = list(range(slots))[::-1]
        self._events: list[MediaEvent] = []
        self._by_id: dict[int, _Recording] = {}
        self._by_slot: dict[int, _Recording] = {}
        self._tracks: Numbers = np.zeros(0, np.intp)
        self._channels: Numbers = np.zeros(0, np.intp)
        """Which channel, MOST_CHANNELS to a slot, each of these tracks belongs to."""
        self._arranged = -1
        """The version of ``hearing`` for which everything below holds."""
        self._sources: Numbers = np.zeros(0, np.intp)
        self._starts: Numbers = np.zeros(0, np.intp)
        self._targets: Numbers = np.zeros(0, np.intp)
        self._running: Numbers = np.zeros(0, np.intp)
        """Slots that take a frame."""

    def __len__(self) -> int:
        return len(self._by_id)

    def start(self, channels: Channels, tape: Tape) -> None:
        """Record from the next ``take`` on; when there is no slot left, the tape ends at once with an error."""
        if not self._free:
            tape.fail(f"{len(self._by_id)} recordings are running, which is as many as there can be")
            self._end(tape)
            return
        slot = self._free.pop()
        self._by_id[tape.id] = self._by_slot[slot] = _Recording(slot, len(channels), tape)
        self._place[slot] = 0
        self._size[slot] = 1 + slot % BLOCK
        self._muted[slot] = self._skipping[slot] = False
        self._connect(slot, channels)

    def pause(self, id: int, skip: bool) -> None:
        """Record silence until ``resume``, or nothing at all."""
        recording = self._by_id.get(id)
        if recording is not None:
            self._muted[recording.slot] = not skip
            self._skipping[recording.slot] = skip
            self._arranged = -1

    def resume(self, id: int) -> None:
        """Record again."""
        recording = self._by_id.get(id)
        if recording is not None:
            self._muted[recording.slot] = self._skipping[recording.slot] = False
            self._arranged = -1

    def stop(self, id: int) -> None:
        """Write what is left and end the tape."""
        recording = self._by_id.pop(id, None)
        if recording is None:
            return
        self._hand_over(recording)
        self._end(recording.tape)
        self._disconnect(recording.slot)
        del self._by_slot[recording.slot]
        self._free.append(recording.slot)

    def forget(self, row: int) -> None:
        """Record silence in place of a row that is given back."""
        for track in (Track(row), Track(row, outbound=True)):
            self._tracks[self._tracks == self._hearing.number(track)] = self._bus.silence
        self._arranged = -1

    def take(self) -> list[MediaEvent]:
        """Add the frame that is on the bus to every recording; returns what there is to report."""
        if self._arranged != self._hearing.version:
            self._arrange()
        if self._running.size:
            self._gather()
        events, self._events = self._events, []
        return events

    def _gather(self) -> None:
        frames = self._bus.audio.take(self._sources, axis=0)
        if self._starts.size != self._sources.size:
            frames, _ = limit(np.add.reduceat(frames, self._starts, axis=0, dtype=np.int32))
        self._frames[self._targets * BLOCK + self._place[self._targets // MOST_CHANNELS]] = frames
        place = self._place[self._running] + 1
        self._place[self._running] = place
        for slot in self._running[place >= self._size[self._running]].tolist():
            self._hand_over(self._by_slot[slot])

    def _end(self, tape: Tape) -> None:
        self._events.append(RecordingStopped(tape.id, tape.length))
        self._writer.end(tape)

    def _hand_over(self, recording: _Recording) -> None:
        slot = recording.slot
        filled = int(self._place[slot]) * self._bus.samples
        if filled:
            self._writer.append(recording.tape, self._blocks[slot, : recording.channels, :filled].copy())
        self._place[slot] = 0
        self._size[slot] = BLOCK

    def _connect(self, slot: int, channels: Channels) -> None:
        silence = self._bus.silence
        wanted = [
            (slot * MOST_CHANNELS + number, self._hearing.number(track) if track is not None else silence)
            for number, tracks in enumerate(channels)
            for track in tracks or (None,)
        ]
        added = np.array(wanted, np.intp)
        self._channels = np.concatenate((self._channels, added[:, 0]))
        self._tracks = np.concatenate((self._tracks, added[:, 1]))
        self._arranged = -1

    def _disconnect(self, slot: int) -> None:
        keep = self._channels // MOST_CHANNELS != slot
        self._channels, self._tracks = self._channels[keep], self._tracks[keep]
        self._arranged = -1

    def _arrange(self) -> None:
        order = np.argsort(self._channels, kind="stable")
        channels = self._channels[order]
        wanted = ~self._skipping[channels // MOST_CHANNELS]
        order, channels = order[wanted], channels[wanted]
        self._sources = self._hearing.find(self._tracks[order])
        self._sources[self._muted[channels // MOST_CHANNELS]] = self._bus.silence
        self._targets, self._starts = np.unique(channels, return_index=True)
        self._running = np.unique(self._targets // MOST_CHANNELS)
        self._arranged = self._hearing.version
