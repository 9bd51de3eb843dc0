"""One tick of audio for all legs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from media.bus import Bus
from media.dtmf import DigitDetector
from media.events import DigitHeard, MediaEvent
from media.playout import Playout
from media.room import Rooms
from media.source import Source
from media.tape import TapeWriter
from media.taps import Taps


class Transport(Protocol):
    """Carries frames between the bus and the far ends."""

    def exchange(self) -> None:
        """Send ``tx`` and fill ``rx``: 20 ms of every leg."""


class Mixer:
    """Rooms, playbacks, detectors and recordings over the rows of one bus.

    A row hears its playback if it has one, else its room if it is in one, else silence; whoever listens to a playback in
    a room is still heard there. Whispers are heard on top of any of these. A row can also be a voice, without a leg: what
    it plays is what it says, to a room or to one row.

    The control methods may be called from any thread: they only note what is to be done, in order, and the next tick does
    it. ``tick`` belongs to the media thread.

    ``post`` is called there at the end of a tick that has something to report. Without a ``writer`` recordings are written
    within the tick.
    """

    def __init__(
        self,
        bus: Bus,
        transports: Sequence[Transport],
        post: Callable[[list[MediaEvent]], None],
        writer: TapeWriter | None = None,
    ) -> None:
        self._bus = bus
        self._transports = transports
        self._post = post
        self._orders: deque[Callable[[], None]] = deque()
        self._rooms = Rooms(bus.rows)
        self._playout = Playout(bus)
        self._detector = DigitDetector(bus.rows, bus.rate)
        self._voices: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._concealed: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self.taps = Taps(bus, self._orders.append, writer or TapeWriter(post, inline=True))
        """Recordings, levels and copies."""

    @property
    def playing(self) -> int:
        """How many rows play something."""
        return len(self._playout)

    @property
    def clipped(self) -> int:
        """Samples that the sum of a room drove out of range, so far."""
        return self._rooms.clipped

    def play(self, id: int, row: int, source: Source) -> None:
        """Let a row hear a source; ends with exactly one PlaybackFinished, at once for the one that it replaces.

        The id must not be that of a playback which is not over.
        """
        self._orders.append(partial(self._playout.play, id, self._checked(row), source))

    def stop(self, id: int) -> None:
        """Silence a playback from the next tick on; PlaybackFinished is posted unless it was over already."""
        self._orders.append(partial(self._playout.stop, id))

    def hold(self, id: int, on: bool) -> None:
        """Let a playback wait in silence from the next tick on, or go on where it was."""
        self._orders.append(partial(self._playout.hold, id, on))

    def cue(self, id: int, at: int) -> None:
        """Have CueReached posted when ``at`` samples of a playback were sent; ascending, and forgotten when it is over."""
        self._orders.append(partial(self._playout.cue, id, at))

    def enter(self, room: int, row: int, gain: float = 1.0, hears: bool = True) -> None:
        """Put a row into a room (a number from 0 up), out of the one it was in.

        ``gain`` is the factor with which the others hear it; entering again with 0 mutes it, without ``hears`` deafens it.
        """
        if room < 0:
            raise ValueError(f"a room number cannot be negative: {room}")
        self._orders.append(partial(self._rooms.enter, room, self._checked(row), gain, hears))

    def leave(self, row: int) -> None:
        """Take a row out of its room."""
        self._orders.append(partial(self._rooms.leave, self._checked(row)))

    def whisper(self, row: int, to: int | None) -> None:
        """Let one row alone hear what ``row`` says, on top of whatever else it hears; None ends it."""
        self._orders.append(partial(self._rooms.whisper, self._checked(row), to if to is None else self._checked(to)))

    def echo(self, row: int, on: bool) -> None:
        """Let a row hear itself, or no longer."""
        self.whisper(row, row if on else None)

    def speak(self, row: int) -> None:
        """Make a row that no leg is attached to a voice: what it plays is heard from it, until it is released."""
        self._orders.append(partial(self._speak, self._checked(row)))

    def detect_digits(self, row: int, on: bool) -> None:
        """Report keys heard in the audio of a row, or no longer."""
        self._orders.append(partial(self._detector.enable, self._checked(row), on))

    def conceal(self, row: int, on: bool) -> None:
        """Let nobody hear or record what a row says, or let them again; keys in its audio are still reported."""
        self._orders.append(partial(self._conceal, self._checked(row), on))

    def release(self, row: int) -> None:
        """End all that a row takes part in, then give it back to the bus."""
        self._orders.append(partial(self._release, self._checked(row)))

    def tick(self) -> None:
        """Move 20 ms of audio: orders, rooms, playbacks, whispers, copies, transports, detectors, taps.

        What was ordered since the last tick goes out in this one; what the transports bring is heard in rooms in the next.
        A recording holds side by side what was sent and received in one tick.
        """
        for _ in range(len(self._orders)):
            self._orders.popleft()()
        rx, tx = self._bus.rx, self._bus.tx
        tx.fill(0)
        events = self._playout.fill()
        if self._voices.size:
            rx[self._voices] = tx[self._voices]
        self._rooms.fill(rx, tx)
        self._playout.repeat()
        self._rooms.overlay(rx, tx)
        self.taps.send()
        for transport in self._transports:
            transport.exchange()
        events += [DigitHeard(row, digit) for row, digit in self._detector.detect(rx)]
        if self._concealed.size:
            rx[self._concealed] = 0
        events += self.taps.hear()
        if events:
            self._post(events)

    def _checked(self, row: int) -> int:
        if not 0 <= row < self._bus.rows:
            raise ValueError(f"the bus has no row {row}")
        return row

    def _speak(self, row: int) -> None:
        self._voices = np.union1d(self._voices, [row]).astype(np.intp)

    def _conceal(self, row: int, on: bool) -> None:
        others = self._concealed[self._concealed != row]
        self._concealed = np.append(others, row) if on else others

    def _release(self, row: int) -> None:
        self._playout.silence(row)
        self._rooms.forget(row)
        self._voices = self._voices[self._voices != row]
        self._detector.enable(row, False)
        self._conceal(row, False)
        self.taps.forget(row)
        self._bus.release(row)
