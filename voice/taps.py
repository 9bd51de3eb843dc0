"""The taps of a server as calls see them: recordings and levels that report to whoever began them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media import taps
from media.events import MediaEvent, RecordingWritten, SilenceHeard, VoiceEnded, VoiceStarted
from media.recorder import Channels
from media.tape import Tape

Written = Callable[[float, str], None]
"""Takes the seconds on disk, and an error message that is empty when all was written."""


@dataclass(frozen=True, slots=True)
class LevelListener:
    """Whom to tell about the level of one row."""

    silence: Callable[[], None]
    """The silence that was asked for is complete, or complete again."""
    voice: Callable[[bool], None]
    """Somebody begins to speak, or has ended."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """The control of one recording."""

    number: int
    _taps: taps.Taps

    def pause(self, *, skip: bool = False) -> None:
        """Record silence, or with ``skip`` nothing, until ``resume``."""
        self._taps.pause(self.number, skip)

    def resume(self) -> None:
        """Record sound again."""
        self._taps.resume(self.number)

    def stop(self) -> None:
        """End it; it is over when its listener is told."""
        self._taps.stop(self.number)


class StudioTaps:
    """Recordings and levels of the rows of one bus; all methods belong to the event loop."""

    def __init__(self, media_taps: taps.Taps, rate: int) -> None:
        self._taps = media_taps
        self._rate = rate
        self._numbers = itertools.count(1)
        self._written: dict[int, Written] = {}
        self._levels: dict[int, LevelListener] = {}

    @property
    def open(self) -> int:
        """Recordings that are not complete on disk."""
        return len(self._written)

    def record(self, channels: Channels, path: Path, written: Written) -> Recorder:
        """Record to a file, which is made; ``written`` is called once, after ``stop``."""
        number = next(self._numbers)
        self._written[number] = written
        self._taps.record(channels, Tape(number, path, self._rate, len(channels)))
        return Recorder(number, self._taps)

    def watch_level(self, row: int, silence: int, listener: LevelListener) -> Callable[[], None]:
        """Tell who speaks on a row, and of every ``silence`` frames without voice (0: never); returns what ends that."""
        number = next(self._numbers)
        self._levels[number] = listener
        self._taps.watch_level(number, row, silence)

        def stop() -> None:
            if self._levels.pop(number, None) is not None:
                self._taps.forget_level(number)

        return stop

    def follow(self, row: int, other: int | None) -> None:
        """Say which row's leg the leg of a row hears while it is bridged past the bus; None: what its row says."""
        self._taps.follow(row, other)

    def receive(self, event: MediaEvent) -> None:
        """Pass on what the media thread or the writer reported."""
        match event:
            case RecordingWritten(number, samples, error) if number in self._written:
                self._written.pop(number)(samples / self._rate, error)
            case SilenceHeard(number) if number in self._levels:
                self._levels[number].silence()
            case VoiceStarted(number) | VoiceEnded(number) if number in self._levels:
                self._levels[number].voice(isinstance(event, VoiceStarted))
