from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.events import MediaEvent, RecordingWritten
from media.frame import Samples
from media.tape import Tape, TapeWriter

RATE, BLOCK = 8000, 4000


def block(value: int, channels: int = 1) -> Samples:
    return np.full((channels, BLOCK), value, np.int16)


def read(path: Path) -> list[int]:
    """The first sample of every block of the first channel."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        first: list[int] = samples.reshape(-1, file.getnchannels())[::BLOCK, 0].tolist()
        return first


class Disk:
    """A writer on its thread, whose tapes can be waited for."""

    def __init__(self, most_waiting: int) -> None:
        self.events: list[MediaEvent] = []
        self.written = threading.Event()
        self.writer = TapeWriter(self._hear, most_waiting=most_waiting)

    def _hear(self, events: list[MediaEvent]) -> None:
        self.events += events
        self.written.set()


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk(most_waiting=5)
    yield disk
    disk.writer.stop()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_tape_is_written_by_the_thread_and_closed_at_its_end(disk: Disk, tmp_path: Path) -> None:
    before = open_files()
    disk.writer.start()
    tape = Tape(3, tmp_path / "3.wav", RATE, 2)
    for value in (1, 2, 3):
        disk.writer.append(tape, block(value, 2))
    disk.writer.end(tape)
    assert disk.written.wait(10)
    assert disk.events == [RecordingWritten(3)]
    assert read(tape.path) == [1, 2, 3]
    assert tape.path.stat().st_mode & 0o777 == 0o600
    assert open_files() == before
    assert disk.writer.waiting == disk.writer.dropped == 0


def test_a_slow_disk_costs_the_oldest_blocks_and_moves_nothing(disk: Disk, tmp_path: Path) -> None:
    tape = Tape(1, tmp_path / "1.wav", RATE, 1)
    for value in range(1, 9):
        disk.writer.append(tape, block(value))
    disk.writer.end(tape)
    assert disk.writer.waiting == 5
    disk.writer.start()
    disk.writer.stop()
    assert disk.writer.dropped == 3
    assert read(tape.path) == [0, 0, 0, 4, 5, 6, 7, 8]
    assert disk.events == [RecordingWritten(1)]


def test_a_gap_at_the_end_is_silence_too(disk: Disk, tmp_path: Path) -> None:
    tape, other = Tape(1, tmp_path / "1.wav", RATE, 1), Tape(2, tmp_path / "2.wav", RATE, 1)
    disk.writer.append(tape, block(1))
    disk.writer.start()
    disk.writer.stop()
    disk.writer.append(tape, block(2))
    for _ in range(5):
        disk.writer.append(other, block(9))
    disk.writer.end(tape)
    disk.writer.start()
    disk.writer.stop()
    assert read(tape.path) == [1, 0]


def test_stopping_the_writer_writes_what_waits(disk: Disk, tmp_path: Path) -> None:
    disk.writer.start()
    tape = Tape(1, tmp_path / "1.wav", RATE, 1)
    disk.writer.append(tape, block(6))
    disk.writer.end(tape)
    disk.writer.stop()
    assert disk.events == [RecordingWritten(1)]


def test_a_file_that_cannot_be_written_is_told_at_the_end_and_costs_nobody_else(disk: Disk, tmp_path: Path) -> None:
    disk.writer.start()
    taken = tmp_path / "1.wav"
    taken.write_bytes(b"somebody else's")
    bad, good = Tape(1, taken, RATE, 1), Tape(2, tmp_path / "2.wav", RATE, 1)
    for tape in (bad, good):
        disk.writer.append(tape, block(4))
        disk.writer.end(tape)
    disk.writer.stop()
    assert disk.events == [RecordingWritten(1, "1.wav cannot be written: File exists"), RecordingWritten(2)]
    assert taken.read_bytes() == b"somebody else's"
    assert read(good.path) == [4]


def test_a_full_disk_is_told(disk: Disk) -> None:
    tape = Tape(1, Path("/dev/full"), RATE, 1)
    tape._file = os.open(tape.path, os.O_WRONLY)
    disk.writer.append(tape, block(4))
    disk.writer.end(tape)
    disk.writer.start()
    disk.writer.stop()
    assert disk.events == [RecordingWritten(1, "full cannot be written: No space left on device")]


_ENDLESS = """
import sys
from pathlib import Path
import numpy as np
from media.tape import Tape, TapeWriter
writer = TapeWriter(lambda events: None)
writer.start()
tape, value = Tape(1, Path(sys.argv[1]), 8000, 2), 0
while True:
    value += 1
    if writer.waiting < 50:
        writer.append(tape, np.full((2, 4000), value % 30000, np.int16))
    if value == 200:
        print("going", flush=True)
"""


@pytest.mark.parametrize("attempt", range(3))
def test_a_tape_is_playable_after_a_kill(tmp_path: Path, attempt: int) -> None:
    path = tmp_path / "killed.wav"
    with subprocess.Popen([sys.executable, "-c", _ENDLESS, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        while not path.exists() or path.stat().st_size < (attempt + 1) * 1_000_000:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        assert len(samples) == file.getnframes()
    assert 0 <= path.stat().st_size - 44 - samples.size * 2 <= 2 * 2 * BLOCK
    assert len(samples) >= 1_000_000 // 4 - BLOCK
    blocks = samples.reshape(-1, BLOCK, 2)
    assert (blocks == blocks[:, :1, :1]).all()
    assert blocks[:, 0, 0].all()
