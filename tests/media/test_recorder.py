from __future__ import annotations

import wave
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from media.bus import Bus
from media.events import MediaEvent, RecordingStopped, RecordingWritten
from media.frame import Samples
from media.mixer import Mixer
from media.recorder import BLOCK, Channels, Recorder
from media.source import Clip
from media.tape import Tape, TapeWriter
from media.track import Hearing, Track

RATE, ROWS, N = 8000, 6, 160


def read(path: Path) -> Samples:
    """Shape (channels, n), as any program reads it."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels()).T.astype(np.int16)


class Booth:
    """A bus whose rows say and hear what a test wants, frame by frame."""

    def __init__(self, folder: Path, capacity: int | None = None) -> None:
        self.bus = Bus(RATE, ROWS)
        self.events: list[MediaEvent] = []
        """From the writer."""
        self.told: list[MediaEvent] = []
        """From the recorder."""
        self.hearing = Hearing(self.bus)
        self.recorder = Recorder(self.bus, self.hearing, TapeWriter(self.events.extend, inline=True), capacity)
        self.folder = folder

    def start(self, id: int, *channels: tuple[Track, ...]) -> Path:
        path = self.folder / f"{id}.wav"
        self.recorder.start(channels, Tape(id, path, RATE, len(channels)))
        return path

    def forget(self, row: int) -> None:
        self.recorder.forget(row)
        self.hearing.forget(row)

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.told += self.recorder.take()


@pytest.fixture
def booth(tmp_path: Path) -> Booth:
    return Booth(tmp_path)


@pytest.mark.parametrize("frames", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
@pytest.mark.parametrize("before", [0, 3])
def test_both_sides_of_a_leg_are_recorded_sample_by_sample(booth: Booth, frames: int, before: int) -> None:
    for other in range(before):
        booth.start(100 + other, (Track(other),))
    path = booth.start(1, (Track(4),), (Track(4, outbound=True),))
    said = np.arange(frames * N, dtype=np.int16)
    heard = -said[::-1]
    for frame in range(frames):
        booth.bus.rx[4], booth.bus.tx[4] = said[frame * N :][:N], heard[frame * N :][:N]
        booth.tick()
    booth.recorder.stop(1)
    booth.tick()
    recorded = read(path)
    assert recorded[0].tolist() == said.tolist()
    assert recorded[1].tolist() == heard.tolist()
    assert booth.events == [RecordingWritten(1)]
    assert booth.told == [RecordingStopped(1, frames * N)]
    assert len(booth.recorder) == before


def test_a_channel_is_the_sum_of_its_tracks_within_16_bits(booth: Booth) -> None:
    path = booth.start(1, (Track(0), Track(0, outbound=True), Track(2)), ())
    booth.bus.rx[0], booth.bus.tx[0], booth.bus.rx[2] = 100, 20, 3
    booth.tick()
    booth.bus.rx[:] = 30000
    booth.tick()
    booth.bus.rx[:] = -30000
    booth.tick()
    booth.recorder.stop(1)
    assert read(path)[:, ::N].tolist() == [[123, 32767, -32768], [0, 0, 0]]


def test_recordings_begin_and_end_without_disturbing_each_other(booth: Booth) -> None:
    lives = {1: (0, 40, 0), 2: (3, 90, 1), 3: (3, 4, 2), 4: (50, 90, 0), 5: (41, 42, 3)}
    paths: dict[int, Path] = {}
    for frame in range(90):
        for id, (first, last, row) in lives.items():
            if frame == first:
                paths[id] = booth.start(id, (Track(row),))
            if frame == last:
                booth.recorder.stop(id)
        booth.bus.rx[:] = np.arange(ROWS)[:, np.newaxis] * 1000 + frame
        booth.tick()
    for id in lives:
        booth.recorder.stop(id)
    for id, (first, last, row) in lives.items():
        assert read(paths[id])[0, ::N].tolist() == [row * 1000 + frame for frame in range(first, last)]


def test_a_leg_that_is_bridged_hears_its_peer_and_afterwards_its_row_again(booth: Booth) -> None:
    path = booth.start(1, (Track(0),), (Track(0, outbound=True),))
    for frame in range(6):
        booth.bus.rx[:, :] = np.array([[1], [2], [3], [4], [5], [6]]) * 10 + frame
        booth.bus.tx[:, :] = 900 + frame
        if frame == 2:
            booth.hearing.follow(0, 5)
            booth.hearing.follow(5, 0)
        if frame == 4:
            booth.hearing.follow(0, None)
            booth.hearing.follow(5, None)
        booth.tick()
    booth.recorder.stop(1)
    assert read(path)[:, ::N].tolist() == [[10, 11, 12, 13, 14, 15], [900, 901, 62, 63, 904, 905]]


def test_a_row_that_is_given_back_is_silent(booth: Booth) -> None:
    path = booth.start(1, (Track(0), Track(1)), (Track(1, outbound=True),))
    booth.hearing.follow(1, 3)
    booth.bus.rx[:], booth.bus.tx[:] = 5, 7
    booth.tick()
    booth.forget(3)
    booth.tick()
    booth.forget(1)
    booth.tick()
    booth.recorder.stop(1)
    assert read(path)[:, ::N].tolist() == [[10, 10, 5], [5, 7, 0]]


def test_a_pause_is_silence_or_nothing(booth: Booth) -> None:
    silent, skipped = booth.start(1, (Track(0),)), booth.start(2, (Track(0),))
    for frame in range(9):
        if frame == 3:
            booth.recorder.pause(1, skip=False)
            booth.recorder.pause(2, skip=True)
        if frame == 6:
            booth.recorder.resume(1)
            booth.recorder.resume(2)
        booth.bus.rx[0] = 1 + frame
        booth.tick()
    for id in (1, 2):
        booth.recorder.stop(id)
    assert read(silent)[0, ::N].tolist() == [1, 2, 3, 0, 0, 0, 7, 8, 9]
    assert read(skipped)[0, ::N].tolist() == [1, 2, 3, 7, 8, 9]


def test_what_was_stopped_while_paused_can_be_stopped_again_and_its_slot_records_anew(tmp_path: Path) -> None:
    booth = Booth(tmp_path, capacity=1)
    booth.start(1, (Track(0),))
    booth.recorder.pause(1, skip=True)
    for _ in range(2):
        booth.recorder.stop(1)
    booth.bus.rx[0] = 8
    path = booth.start(2, (Track(0),))
    booth.tick(3)
    booth.recorder.stop(2)
    assert read(path).tolist() == [[8] * 3 * N]
    for act in (booth.recorder.resume, booth.recorder.stop, partial(booth.recorder.pause, skip=False)):
        act(77)


def test_a_recording_that_finds_no_slot_says_so(tmp_path: Path) -> None:
    booth = Booth(tmp_path, capacity=1)
    booth.start(1, (Track(0),))
    booth.start(2, (Track(0),))
    assert booth.events == [RecordingWritten(2, "1 recordings are running, which is as many as there can be")]
    booth.tick()
    booth.recorder.stop(2)
    booth.tick()
    assert booth.told == [RecordingStopped(2, 0)]
    assert len(booth.recorder) == 1


def test_blocks_of_recordings_that_began_together_are_written_on_different_ticks(tmp_path: Path) -> None:
    bus = Bus(RATE, 50)
    written: list[int] = []

    class Counted(TapeWriter):
        def append(self, tape: Tape, block: Samples) -> None:
            written.append(now)

    recorder = Recorder(bus, Hearing(bus), Counted(lambda events: None, inline=True))
    for row in range(50):
        recorder.start(((Track(row),),), Tape(row, tmp_path / f"{row}", RATE, 1))
    for now in range(3 * BLOCK):  # noqa: B007 - read by Counted
        recorder.take()
    assert [written.count(tick) for tick in range(3 * BLOCK)] == [2] * 3 * BLOCK


def test_the_mixer_records_what_was_sent_and_received_in_the_same_tick(tmp_path: Path) -> None:
    class Mirror:
        def exchange(self) -> None:
            bus.rx[:] = bus.tx + 1

    bus = Bus(RATE, ROWS)
    events: list[MediaEvent] = []
    mixer = Mixer(bus, [Mirror()], events.extend)
    row = bus.claim()
    tape = Tape(5, tmp_path / "5.wav", RATE, 2)
    mixer.play(1, row, Clip(np.full(3 * N, 40, np.int16)))
    mixer.taps.record(((Track(row),), (Track(row, outbound=True),)), tape)
    assert mixer.taps.recordings == 0
    for _ in range(4):
        mixer.tick()
    assert mixer.taps.recordings == 1
    mixer.release(row)
    mixer.tick()
    mixer.taps.stop(5)
    mixer.tick()
    assert read(tape.path)[:, ::N].tolist() == [[41, 41, 41, 1, 0], [40, 40, 40, 0, 0]]
    assert events[-2:] == [RecordingWritten(5), RecordingStopped(5, 5 * N)]


@pytest.mark.parametrize(
    ("channels", "wanted"),
    [((), 1), (((Track(0),),), 2), (((), (), ()), 3), (((Track(ROWS),),), 1), (((Track(-1),),), 1)],
)
def test_channels_that_do_not_fit_are_refused_before_the_tick(tmp_path: Path, channels: Channels, wanted: int) -> None:
    mixer = Mixer(Bus(RATE, ROWS), [], lambda events: None)
    with pytest.raises(ValueError, match=r"channels|row"):
        mixer.taps.record(channels, Tape(1, tmp_path / "1.wav", RATE, wanted))
    with pytest.raises(ValueError, match="row"):
        mixer.taps.follow(0, ROWS)
