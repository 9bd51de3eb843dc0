"""The taps of a server as calls see them: recordings, levels and sounds that are reported to whoever asked for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media import taps
from media.events import (
    EnvelopeMeasured,
    MediaEvent,
    RecordingStopped,
    RecordingWritten,
    SilenceHeard,
    SoundMeasured,
    StreamsMoved,
    VoiceEnded,
    VoiceStarted,
)
from media.meter import Sound
from media.recorder import Channels
from media.stream import CODES
from media.tape import Tape
from media.track import Track


@dataclass(frozen=True, slots=True)
class RecordingListener:
    """Whom to tell about one recording; each once, in this order."""

    stopped: Callable[[float], None]
    """It is over, and this many seconds long."""
    written: Callable[[str], None]
    """Its file is complete; takes an error message, empty when all was written."""


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
        self._recordings: dict[int, RecordingListener] = {}
        self._half: set[int] = set()
        """Those on which one of two reports has come."""
        self._errors: dict[int, str] = {}
        self._levels: dict[int, LevelListener] = {}
        self._sounds: dict[int, Callable[[Sound], None]] = {}
        self._streams: dict[int, Callable[[int, tuple[bytes, ...]], None]] = {}
        self._envelopes: dict[int, Callable[[EnvelopeMeasured], None]] = {}

    @property
    def open(self) -> int:
        """Recordings that are not complete on disk."""
        return len(self._recordings)

    @property
    def watched(self) -> int:
        """Levels, sounds and streams that somebody listens for."""
        return len(self._levels) + len(self._sounds) + len(self._streams)

    @property
    def frames_dropped(self) -> int:
        """Frames of streams that the event loop was too slow to collect."""
        return self._taps.frames_dropped

    def record(self, channels: Channels, path: Path, listener: RecordingListener) -> Recorder:
        """Record to a file, which is made, until it is told to stop."""
        number = next(self._numbers)
        self._recordings[number] = listener
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

    def monitor(self, row: int, track: Track) -> None:
        """Let the leg of a row hear a track of another one, until the row is given back."""
        self._taps.monitor(row, track)

    def measure(self, row: int, heard: Callable[[Sound], None]) -> Callable[[], None]:
        """Tell every 100 ms what a row sounds like, to one listener per row; returns what ends that."""
        number = next(self._numbers)
        self._sounds[number] = heard
        self._taps.measure(number, row)

        def stop() -> None:
            if self._sounds.pop(number, None) is not None:
                self._taps.forget_measure(row)

        return stop

    def stream(self, tracks: tuple[Track, ...], heard: Callable[[int, tuple[bytes, ...]], None]) -> Callable[[], None]:
        """Hand over every frame of some tracks, as mu-law at 8 kHz, with the number of its tick; returns what ends that."""
        number = next(self._numbers)
        self._streams[number] = heard
        self._taps.stream(number, tracks)

        def stop() -> None:
            if self._streams.pop(number, None) is not None:
                self._taps.end_stream(number)

        return stop

    def draw(self, row: int, heard: Callable[[EnvelopeMeasured], None]) -> None:
        """Tell how loud both directions of a row are, some seconds at a time, until it is given back."""
        number = next(self._numbers)
        self._envelopes[number] = heard
        self._taps.envelopes.draw(number, row)

    def levels(self) -> bytes:
        """The latest level of what each row's far end says and hears: two codes a row, ``A`` where nothing is drawn."""
        return self._taps.envelopes.levels

    def tell_drawn(self, row: int) -> None:
        """Tell what ``draw`` knows of a row at once."""
        self._taps.envelopes.tell(row)

    def follow(self, row: int, other: int | None) -> None:
        """Say which row's leg the leg of a row hears while it is bridged past the bus; None: what its row says."""
        self._taps.follow(row, other)

    def receive(self, event: MediaEvent) -> None:
        """Pass on what the media thread or the writer reported."""
        match event:
            case RecordingStopped(number, samples) if number in self._recordings:
                self._recordings[number].stopped(samples / self._rate)
                self._step(number)
            case RecordingWritten(number, error) if number in self._recordings:
                self._errors[number] = error
                self._step(number)
            case EnvelopeMeasured(number) if number in self._envelopes:
                heard = self._envelopes[number]
                if event.last:
                    del self._envelopes[number]
                heard(event)
            case SoundMeasured(number, sound) if number in self._sounds:
                self._sounds[number](sound)
            case StreamsMoved():
                self._distribute()
            case SilenceHeard(number) if number in self._levels:
                self._levels[number].silence()
            case VoiceStarted(number) | VoiceEnded(number) if number in self._levels:
                self._levels[number].voice(isinstance(event, VoiceStarted))

    def _distribute(self) -> None:
        for packet in self._taps.collect():
            place = 0
            for number, tracks in packet.streams:
                end = place + tracks * CODES
                heard = self._streams.get(number)
                if heard is not None:
                    heard(packet.tick, tuple(packet.codes[at : at + CODES] for at in range(place, end, CODES)))
                place = end

    def _step(self, number: int) -> None:
        """The clock and the writer report on their own, in any order: only after both is a recording written."""
        if number not in self._half:
            self._half.add(number)
            return
        self._half.remove(number)
        self._recordings.pop(number).written(self._errors.pop(number))
