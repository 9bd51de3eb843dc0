"""The files of recordings, which grow while the recording runs.

A block goes to its place in the file and the sizes in the header follow, so whatever kills the process leaves a file that
plays up to the last block. A block that could not be written in time leaves a gap of silence: nothing behind it moves.
"""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from media import wav
from media.events import MediaEvent, RecordingWritten
from media.frame import Samples

MOST_WAITING = 4096
"""Blocks between the clock and the disk: some seconds of everything that can be recorded, 64 MB at most."""


class Tape:
    """One WAV file, made with its first block; ``id`` names its recording.

    After ``start`` has been given to the recorder, its methods belong to the recorder and the writer.
    """

    def __init__(self, id: int, path: Path, rate: int, channels: int) -> None:
        self.id = id
        self.path = path
        self.rate = rate
        self.channels = channels
        self.length = 0
        """Samples of each channel that were handed over."""
        self.error = ""
        self._file: int | None = None

    def fail(self, error: str) -> None:
        """Write nothing more; the first reason is kept."""
        self.error = self.error or error

    def write(self, first: int, block: Samples) -> None:
        """Put a block of shape (channels, n) at sample ``first``."""
        if self.error:
            return
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
                _write(self._file, wav.header(self.rate, self.channels, 0), 0)
            size = 2 * self.channels
            _write(self._file, np.ascontiguousarray(block.T, "<i2").tobytes(), wav.HEADER_SIZE + first * size)
            _write(self._file, wav.header(self.rate, self.channels, first + block.shape[1]), 0)
        except OSError as error:
            self.fail(f"{self.path.name} cannot be written: {error.strerror}")

    def close(self) -> None:
        """Complete the file: the end may be a gap."""
        if self._file is None:
            return
        try:
            if not self.error:
                os.ftruncate(self._file, wav.HEADER_SIZE + self.length * 2 * self.channels)
                _write(self._file, wav.header(self.rate, self.channels, self.length), 0)
        except OSError as error:
            self.fail(f"{self.path.name} cannot be completed: {error.strerror}")
        finally:
            os.close(self._file)
            self._file = None


def _write(file: int, data: bytes, offset: int) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(file, data[written:], offset + written)


class TapeWriter:
    """Writes the blocks of all tapes on one thread; ``post`` is called there when a tape has ended.

    The media thread hands over and never waits: when the disk is too slow, the oldest block that waits is dropped. ``inline``
    writes at once, on the thread that hands over.
    """

    def __init__(
        self, post: Callable[[list[MediaEvent]], None], *, most_waiting: int = MOST_WAITING, inline: bool = False
    ) -> None:
        self.dropped = 0
        """Blocks lost so far."""
        self._post = post
        self._most_waiting = most_waiting
        self._inline = inline
        self._blocks: deque[tuple[Tape, int, Samples]] = deque()
        self._ending: deque[Tape] = deque()
        self._wake: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Blocks that are not written yet."""
        return len(self._blocks)

    def start(self) -> None:
        """Begin to write."""
        if not self._inline:
            self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what waits, and return when that is done."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._wake.put(False)
            thread.join()

    def append(self, tape: Tape, block: Samples) -> None:
        """Take the next block of a tape, shape (channels, n), which must not change afterwards."""
        first = tape.length
        tape.length += block.shape[1]
        if len(self._blocks) >= self._most_waiting:
            self._drop()
        self._blocks.append((tape, first, block))
        self._rouse()

    def end(self, tape: Tape) -> None:
        """Complete a tape; RecordingWritten is posted."""
        self._ending.append(tape)
        self._rouse()

    def _rouse(self) -> None:
        if self._inline:
            self._write_all()
        elif self._wake.empty():
            self._wake.put(True)

    def _drop(self) -> None:
        try:
            self._blocks.popleft()
        except IndexError:
            return  # the writer was faster
        self.dropped += 1

    def _run(self) -> None:
        going_on = True
        while going_on:
            going_on = self._wake.get()
            self._write_all()

    def _write_all(self) -> None:
        # A tape that ends now has handed over its last block before: all of it is written below.
        ending = [self._ending.popleft() for _ in range(len(self._ending))]
        while self._blocks:
            try:
                tape, first, block = self._blocks.popleft()
            except IndexError:
                break  # the last one was dropped meanwhile
            tape.write(first, block)
        for tape in ending:
            tape.close()
        if ending:
            self._post([RecordingWritten(tape.id, tape.error) for tape in ending])
