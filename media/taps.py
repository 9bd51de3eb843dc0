"""What listens to the rows without being heard: recordings, levels, ears, sounds, envelopes, streams, copies for legs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from media.bus import Bus
from media.ear import Ears
from media.envelope import Envelopes
from media.events import MediaEvent, SoundMeasured
from media.level import LevelMeter
from media.meter import SoundMeter
from media.monitor import Monitors
from media.recorder import MOST_CHANNELS, Channels, Recorder
from media.stream import Packet, Streams
from media.tape import Tape, TapeWriter
from media.track import Hearing, Track


class Taps:
    """The taps of one bus.

    The control methods, also those of ``ears`` and ``envelopes``, may be called from any thread: they pass an ``order`` to the
    next tick. ``send``, ``hear`` and ``forget`` belong to the media thread.
    """

    def __init__(self, bus: Bus, order: Callable[[Callable[[], None]], None], writer: TapeWriter) -> None:
        self._bus = bus
        self._order = order
        self._meter = LevelMeter(bus.rows)
        self._sounds = SoundMeter(bus.rows, bus.rate)
        self._measured: dict[int, int] = {}
        """The id for each row."""
        self._hearing = Hearing(bus)
        self.ears = Ears(bus, self._hearing, order)
        """What is said to machines, or written down."""
        self._recorder = Recorder(bus, self._hearing, writer)
        self._monitors = Monitors(bus, self._hearing)
        self._streams = Streams(bus, self._hearing)
        self.envelopes = Envelopes(bus, self._hearing, order)
        """How loud both directions of legs are."""

    @property
    def recordings(self) -> int:
        """How many recordings run."""
        return len(self._recorder)

    @property
    def streams(self) -> int:
        """How many streams run."""
        return len(self._streams)

    @property
    def frames_dropped(self) -> int:
        """Frames of streams that nobody collected in time."""
        return self._streams.dropped

    def watch_level(self, id: int, row: int, silence: int = 0) -> None:
        """Report when somebody begins and ends to speak on a row, and every ``silence`` frames without voice (0: never).

        Nobody is taken to speak at first.
        """
        self._order(partial(self._meter.watch, id, self._checked(row), silence))

    def forget_level(self, id: int) -> None:
        """Report no longer."""
        self._order(partial(self._meter.forget, id))

    def measure(self, id: int, row: int) -> None:
        """Report every 100 ms what a row sounds like, for one id per row."""
        self._order(partial(self._measure, id, self._checked(row)))

    def forget_measure(self, row: int) -> None:
        """Report no longer."""
        self._order(partial(self._forget_measure, self._checked(row)))

    def record(self, channels: Channels, tape: Tape) -> None:
        """Record one channel or two until ``stop``; RecordingStopped and RecordingWritten follow then.

        A row that is released is silent from then on. Raises ValueError for channels that do not fit the bus or the tape.
        """
        if len(channels) != tape.channels or not 1 <= len(channels) <= MOST_CHANNELS:
            raise ValueError(f"{len(channels)} channels do not fit a tape of {tape.channels}")
        for tracks in channels:
            for track in tracks:
                self._checked(track.row)
        self._order(partial(self._recorder.start, channels, tape))

    def pause(self, id: int, skip: bool) -> None:
        """Record silence, or with ``skip`` nothing, until ``resume``; ``id`` is the tape's."""
        self._order(partial(self._recorder.pause, id, skip))

    def resume(self, id: int) -> None:
        """Record sound again."""
        self._order(partial(self._recorder.resume, id))

    def stop(self, id: int) -> None:
        """End a recording, unless it is over."""
        self._order(partial(self._recorder.stop, id))

    def stream(self, id: int, tracks: tuple[Track, ...]) -> None:
        """Keep every frame of some tracks for ``collect`` until ``end_stream``; a row that is released is silent from then on."""
        for track in tracks:
            self._checked(track.row)
        self._order(partial(self._streams.start, id, tracks))

    def end_stream(self, id: int) -> None:
        """Keep no more."""
        self._order(partial(self._streams.stop, id))

    def collect(self) -> list[Packet]:
        """The frames of all streams since the last time; any thread may ask."""
        return self._streams.collect()

    def follow(self, row: int, other: int | None) -> None:
        """Say whose voice the leg of a row hears while it is bridged past the bus; None: it hears its row again."""
        self._order(partial(self._hearing.follow, self._checked(row), other if other is None else self._checked(other)))

    def monitor(self, row: int, track: Track | None) -> None:
        """Let the far end of a row hear what the far end of another one says or hears, instead of anything else; None ends it."""
        if track is not None:
            self._checked(track.row)
        self._order(partial(self._monitors.send, self._checked(row), track))

    def send(self) -> None:
        """Put what is monitored on its way, before the transports exchange."""
        self._monitors.fill()

    def hear(self) -> list[MediaEvent]:
        """Take the frame that is on the bus, after the transports have exchanged it."""
        sounds = [SoundMeasured(self._measured[row], sound) for row, sound in self._sounds.measure(self._bus.rx)]
        heard = self._recorder.take() + self._meter.hear(self._bus.rx) + sounds
        return heard + self.ears.take() + self._streams.take() + self.envelopes.take()

    def forget(self, row: int) -> None:
        """Leave a row that is given back."""
        self._meter.forget_row(row)
        self.ears.forget_row(row)
        self._forget_measure(row)
        self._recorder.forget(row)
        self._monitors.forget(row)
        self._streams.forget(row)
        self.envelopes.forget(row)
        self._hearing.forget(row)

    def _measure(self, id: int, row: int) -> None:
        self._measured[row] = id
        self._sounds.enable(row, True)

    def _forget_measure(self, row: int) -> None:
        if self._measured.pop(row, None) is not None:
            self._sounds.enable(row, False)

    def _checked(self, row: int) -> int:
        if not 0 <= row < self._bus.rows:
            raise ValueError(f"the bus has no row {row}")
        return row
