"""What an application has said: read in order, whatever its pieces, and counted to the sample."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from media.backlog import PATIENCE, Backlog
from media.g711 import decode_mulaw


def codes(count: int, first: int = 0) -> bytes:
    return bytes((first + number) % 256 for number in range(count))


def samples(data: bytes) -> list[int]:
    return [int(each) for each in decode_mulaw(np.frombuffer(data, np.uint8))]


def test_pieces_are_read_in_order_and_never_beyond_what_is_asked_for() -> None:
    backlog = Backlog(8000)
    backlog.push(codes(100))
    backlog.push(b"")
    backlog.push(codes(400, 100))
    assert (backlog.waiting, backlog.pieces) == (500, 2)
    read: list[int] = []
    while (chunk := backlog.read(160)).size:
        assert chunk.size <= 160
        read += [int(each) for each in chunk]
    assert read == samples(codes(500))
    assert (backlog.pushed, backlog.waiting) == (500, 0)


def test_a_frame_begun_is_completed_when_nothing_more_comes() -> None:
    backlog = Backlog(8000)
    backlog.push(codes(200))
    backlog.read(1600)
    for _ in range(PATIENCE - 1):
        assert backlog.read(1600).size == 0
    assert np.array_equal(backlog.read(1600), np.zeros(120, np.int16))
    assert backlog.read(1600).size == 0
    assert backlog.padded == 120
    assert backlog.position == 320


def test_more_that_comes_in_time_is_joined() -> None:
    backlog = Backlog(8000)
    for _ in range(5):
        backlog.push(codes(200))
        backlog.read(1600)
        for _ in range(PATIENCE - 1):
            assert backlog.read(1600).size == 0
    assert backlog.padded == 0


def test_what_was_heard_leaves_out_the_silence_between() -> None:
    backlog = Backlog(8000)
    backlog.push(codes(200))
    for _ in range(PATIENCE + 1):
        backlog.read(1600)
    backlog.push(codes(160))
    assert backlog.position == 480
    assert [backlog.heard(sent) for sent in (320, 400, 480, 640)] == [200, 280, 360, 360]


def test_a_bus_of_16_khz_gets_twice_as_many_samples() -> None:
    backlog = Backlog(16000)
    backlog.push(codes(160))
    backlog.push(codes(90))
    assert [backlog.read(count).size for count in (400, 80, 320)] == [400, 80, 20]
    for _ in range(PATIENCE):
        rest = backlog.read(320)
    assert rest.size == 140
    assert backlog.position == 640
    assert backlog.heard(640) == 250


def test_nothing_is_left_of_a_backlog_that_is_closed() -> None:
    backlog = Backlog(8000)
    backlog.push(codes(500))
    backlog.close()
    assert backlog.read(160).size == 0
    assert not backlog.finished
    assert backlog.error == ""


@pytest.mark.parametrize("rate", [8000, 16000])
def test_two_threads_lose_nothing(rate: int) -> None:
    backlog = Backlog(rate)
    wanted = 200_000

    def push() -> None:
        for _ in range(wanted // 100):
            backlog.push(codes(100))

    pusher = threading.Thread(target=push)
    pusher.start()
    read = 0
    while read - backlog.padded < wanted * rate // 8000:
        read += backlog.read(1600).size
    pusher.join()
    assert backlog.waiting == 0
