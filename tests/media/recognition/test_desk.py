"""Worker processes: real ones, with engines that fail in every way."""

from __future__ import annotations

import itertools
import os
import queue
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from media.errors import EngineMissing, RecognitionFailed
from media.events import MediaEvent, RecognitionLost, UtteranceUnderstood, WordsHeard
from media.frame import Samples
from media.recognition.desk import Desk, Dictation
from media.recognition.engine import Recognition, Task, Transcript
from media.recognition.worker import Recipe

BLOCK = np.full(800, 7, np.int16)


class Counting:
    """Tells how many samples it has heard, and does what a hint asks for."""

    threads = 2

    def __init__(self, missing: str = "") -> None:
        if missing:
            raise EngineMissing(missing)

    def open(self, task: Task) -> Recognition:
        """See RecognitionEngine."""
        if "refuse" in task.hints:
            raise RecognitionFailed("not today")
        return _Count(task)


class _Count:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._heard = 0

    def hear(self, samples: Samples) -> None:
        if "crash" in self._task.hints:
            os.kill(os.getpid(), signal.SIGKILL)
        if "sleep" in self._task.hints:
            time.sleep(5)
        self._heard += samples.size

    def words(self, *, paused: bool = False) -> str:
        return str(self._heard)

    def finish(self) -> Transcript:
        if "break" in self._task.hints:
            raise ZeroDivisionError("broken")
        return Transcript(str(self._heard))

    def drop(self) -> None:
        self._heard = 0


COUNTING = Recipe("tests.media.recognition.test_desk", "Counting")


class Posts:
    """What a desk reports."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[MediaEvent] = queue.SimpleQueue()

    def __call__(self, events: list[MediaEvent]) -> None:
        for event in events:
            self.events.put(event)

    def next(self, seconds: float = 20) -> MediaEvent:
        return self.events.get(timeout=seconds)

    def end(self, dictation: Dictation) -> MediaEvent:
        """What became of a dictation."""
        while True:
            event = self.next()
            if isinstance(event, UtteranceUnderstood | RecognitionLost) and event.id == dictation.id:
                return event


@contextmanager
def open_desk(recipe: Recipe = COUNTING, processes: int = 1) -> Iterator[tuple[Desk, Posts]]:
    posts = Posts()
    desk = Desk(recipe, posts, itertools.count(1), processes=processes)
    try:
        yield desk, posts
    finally:
        desk.close()


def test_an_utterance_is_understood_in_another_process() -> None:
    with open_desk() as (desk, posts):
        dictation = desk.dictation(Task())
        dictation.hear(BLOCK)
        assert posts.next() == WordsHeard(dictation.id, "800")
        dictation.hear(BLOCK)
        dictation.finish()
        assert posts.end(dictation) == UtteranceUnderstood(dictation.id, Transcript("1600"))


def test_an_utterance_without_sound_is_understood_too() -> None:
    with open_desk() as (desk, posts):
        dictation = desk.dictation(Task())
        dictation.finish()
        assert posts.end(dictation) == UtteranceUnderstood(dictation.id, Transcript("0"))


@pytest.mark.parametrize(("hint", "error"), [("refuse", "not today"), ("break", "ZeroDivisionError('broken')")])
def test_an_utterance_that_fails_harms_no_other(hint: str, error: str) -> None:
    with open_desk() as (desk, posts):
        good, bad = desk.dictation(Task()), desk.dictation(Task(hints=(hint,)))
        for dictation in (good, bad):
            dictation.hear(BLOCK)
            dictation.finish()
        assert {posts.end(bad)} == {RecognitionLost(bad.id, error)}
        again = desk.dictation(Task())
        again.finish()
        assert posts.end(again) == UtteranceUnderstood(again.id, Transcript("0"))


def test_a_process_that_crashes_loses_its_utterances_and_another_takes_its_place() -> None:
    with open_desk() as (desk, posts):
        victim, culprit = desk.dictation(Task()), desk.dictation(Task(hints=("crash",)))
        victim.hear(BLOCK)
        assert posts.next() == WordsHeard(victim.id, "800")
        culprit.hear(BLOCK)
        lost = {posts.next(), posts.next()}
        assert lost == {RecognitionLost(each.id, "the recogniser has ended") for each in (victim, culprit)}
        again = desk.dictation(Task())
        again.finish()
        assert posts.end(again) == UtteranceUnderstood(again.id, Transcript("0"))


def test_a_dropped_utterance_is_not_heard_of_again() -> None:
    with open_desk() as (desk, posts):
        dropped, kept = desk.dictation(Task()), desk.dictation(Task())
        dropped.hear(BLOCK)
        dropped.drop()
        dropped.finish()
        kept.finish()
        told = [posts.next()]
        while told[-1] != UtteranceUnderstood(kept.id, Transcript("0")):
            told.append(posts.next())
        assert not any(isinstance(event, UtteranceUnderstood) and event.id == dropped.id for event in told)


def test_what_is_not_taken_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is unbounded: an engine that stands still costs some memory and then its utterances."""
    monkeypatch.setattr("media.recognition.desk.MOST_UTTERANCES", 2)
    monkeypatch.setattr("media.recognition.desk.MOST_WAITING", 50)
    monkeypatch.setattr("media.recognition.desk._Worker._send", lambda self, there: None)
    with open_desk() as (desk, posts):
        dictations = [desk.dictation(Task()) for _ in range(3)]
        for dictation in dictations:
            for _ in range(60):
                dictation.hear(BLOCK)
        lost = [posts.next(), posts.next()]
        assert all(isinstance(event, RecognitionLost) and "busy" in event.error for event in lost)
        assert desk.waiting <= 60


def test_a_missing_model_is_one_clear_sentence() -> None:
    recipe = Recipe(COUNTING.module, COUNTING.name, {"missing": "there is no model in /nowhere"})
    with open_desk(recipe) as (desk, _), pytest.raises(EngineMissing, match=r"^there is no model in /nowhere$"):
        desk.load()


def test_a_missing_package_is_one_clear_sentence() -> None:
    with open_desk(Recipe("media.recognition.nowhere", "Nowhere")) as (desk, _), pytest.raises(EngineMissing) as refused:
        desk.load()
    assert "is not installed: pip install 'strowger[nowhere]'" in str(refused.value)


def test_inline_everything_is_done_at_once() -> None:
    posts = Posts()
    desk = Desk(COUNTING, posts, itertools.count(1), inline=True)
    dictation = desk.dictation(Task())
    dictation.hear(BLOCK)
    assert posts.next(0) == WordsHeard(dictation.id, "800")
    dictation.finish()
    assert posts.next(0) == UtteranceUnderstood(dictation.id, Transcript("800"))
    desk.load()
    desk.close()
