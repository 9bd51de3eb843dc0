from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.frame import Samples
from media.source import Clip, SampleQueue, Source


def numbers(count: int, start: int = 1) -> Samples:
    return np.arange(start, start + count, dtype=np.int16)


def drain(source: Source, step: int = 7) -> list[int]:
    heard: list[int] = []
    while not source.finished:
        heard += source.read(step).tolist()
    return heard


@given(size=st.integers(1, 40), loop=st.integers(1, 5), step=st.integers(1, 60))
def test_a_clip_is_its_samples_as_often_as_asked(size: int, loop: int, step: int) -> None:
    clip = Clip(numbers(size), loop)
    assert drain(clip, step) == numbers(size).tolist() * loop
    assert clip.read(step).size == 0


@given(size=st.integers(1, 40), steps=st.lists(st.integers(1, 100), max_size=20))
def test_an_endless_clip_never_ends(size: int, steps: list[int]) -> None:
    clip = Clip(numbers(size), 0)
    heard = [sample for step in steps for sample in clip.read(step).tolist()]
    assert heard == [1 + i % size for i in range(sum(steps))]
    assert not clip.finished


@pytest.mark.parametrize("loop", [0, 1, 3])
def test_an_empty_clip_is_finished_at_once(loop: int) -> None:
    clip = Clip(numbers(0), loop)
    assert clip.finished
    assert clip.read(10).size == 0


def test_a_clip_shares_its_samples() -> None:
    samples = numbers(100)
    assert np.shares_memory(Clip(samples).read(50), samples)


def test_a_clip_cannot_be_played_less_than_never() -> None:
    with pytest.raises(ValueError, match="-1 times"):
        Clip(numbers(1), -1)


def test_a_queue_gives_what_was_pushed_in_order_and_then_ends() -> None:
    queue = SampleQueue(1000)
    assert queue.read(10).size == 0
    assert not queue.finished
    queue.push(numbers(3))
    queue.push(numbers(0))
    queue.push(numbers(4, start=4))
    assert queue.read(2).tolist() == [1, 2]
    queue.end()
    assert not queue.finished
    assert drain(queue) == [3, 4, 5, 6, 7]
    assert queue.error == ""


def test_a_failed_queue_plays_what_it_has_and_tells_why_it_ended() -> None:
    queue = SampleQueue(1000)
    queue.push(numbers(2))
    queue.fail("the engine broke")
    assert drain(queue) == [1, 2]
    assert queue.error == "the engine broke"


def test_a_full_queue_resumes_its_worker_when_half_of_it_was_read() -> None:
    queue = SampleQueue(10)
    resumed: list[bool] = []
    queue.push(numbers(9))
    assert not queue.full
    queue.push(numbers(3))
    assert queue.full
    assert queue.when_drained(lambda: resumed.append(True))
    queue.read(6)
    queue.read(0)
    assert not resumed
    queue.read(1)
    assert resumed == [True]
    queue.read(5)
    assert resumed == [True]


def test_a_queue_that_was_read_meanwhile_lets_its_worker_go_on() -> None:
    queue = SampleQueue(10)
    resumed: list[bool] = []
    queue.push(numbers(10))
    queue.read(10)
    assert not queue.when_drained(lambda: resumed.append(True))
    queue.push(numbers(10))
    queue.read(10)
    assert not resumed


def test_a_closed_queue_takes_nothing_and_resumes_nobody() -> None:
    queue = SampleQueue(10)
    resumed: list[bool] = []
    queue.push(numbers(10))
    assert queue.when_drained(lambda: resumed.append(True))
    queue.close()
    queue.push(numbers(10))
    assert queue.closed
    assert queue.read(10).size == 0
    assert not resumed


def test_a_worker_and_a_reader_on_two_threads_lose_nothing() -> None:
    queue, total = SampleQueue(50), 5000
    wake = threading.Semaphore(0)

    def work() -> None:
        for start in range(0, total, 10):
            queue.push(numbers(10, start=start % 1000))
            if queue.full and queue.when_drained(wake.release):
                wake.acquire()
        queue.end()

    worker = threading.Thread(target=work)
    worker.start()
    heard = drain(queue, 13)
    worker.join()
    assert heard == [i % 1000 for i in range(total)]
