"""The process in which an engine recognises: orders come in and reports go out by a pipe.

A process of its own because engines hold the GIL or crash, and neither may be felt by those who are on the telephone.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from media.errors import EngineMissing, MediaError
from media.frame import FRAME_SECONDS, Samples
from media.recognition.engine import Recognition, RecognitionEngine, Sentence, Task, Transcript, Word
from media.recognition.recorded import Passage, passages
from media.wav import read_form


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an engine is made, in whatever process."""

    module: str
    name: str
    """Of the class in the module."""
    options: Mapping[str, object] = field(default_factory=dict)

    def make(self) -> RecognitionEngine:
        """Make it; takes as long as its model takes to load. Raises EngineMissing."""
        try:
            module = importlib.import_module(self.module)
        except ImportError as error:
            raise EngineMissing(
                f"the package {error.name!r} is not installed: pip install 'strowger[{self.name.lower()}]'"
            ) from error
        engine: RecognitionEngine = getattr(module, self.name)(**self.options)
        return engine


@dataclass(frozen=True, slots=True)
class Open:
    """An utterance begins."""

    id: int
    task: Task


@dataclass(frozen=True, slots=True)
class Hear:
    """It goes on."""

    id: int
    samples: Samples


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is said for the moment: if there were words, they are wanted now."""

    id: int


@dataclass(frozen=True, slots=True)
class Finish:
    """It is over: a Result or a Failure is expected."""

    id: int


@dataclass(frozen=True, slots=True)
class Drop:
    """It is of no interest any more."""

    id: int


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that is said in a WAV file: a Result or a Failure is expected."""

    id: int
    task: Task
    path: Path


Order = Open | Hear | Pause | Finish | Drop | Read


@dataclass(frozen=True, slots=True)
class Words:
    """What is understood so far has changed."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What was said."""

    id: int
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Failure:
    """It will not be known what was said; nothing more is reported of it."""

    id: int
    error: str


Report = Words | Result | Failure


class Bench:
    """Carries out the orders for one engine, in whatever process."""

    def __init__(self, engine: RecognitionEngine) -> None:
        self._engine = engine
        self._open: dict[int, Recognition] = {}
        self._said: dict[int, str] = {}

    def work(self, orders: Iterable[Order]) -> Iterable[Report]:
        """Carry out what has come in; what is understood so far is told once for all of it."""
        changed: dict[int, bool] = {}
        """Whether it has paused."""
        for order in orders:
            if isinstance(order, Hear | Pause):
                changed[order.id] = isinstance(order, Pause)
            yield from self._guarded(order.id, partial(self._carry_out, order))
        for id, paused in changed.items():
            yield from self._guarded(id, partial(self._look, id, paused))

    def _guarded(self, id: int, act: Callable[[], Report | None]) -> Iterable[Report]:
        try:
            report = act()
        except Exception as error:  # noqa: BLE001 - one utterance's failure must not be another's
            self._forget(id)
            report = Failure(id, str(error) if isinstance(error, MediaError) else repr(error))
        return () if report is None else (report,)

    def _carry_out(self, order: Order) -> Report | None:
        match order:
            case Open(id, task):
                self._open[id] = self._engine.open(task)
            case Hear(id, samples) if id in self._open:
                self._open[id].hear(samples)
            case Finish(id) if id in self._open:
                transcript = self._open[id].finish()
                self._forget(id)
                return Result(id, transcript)
            case Drop(id) if id in self._open:
                self._open[id].drop()
                self._forget(id)
            case Read(id, task, path):
                return Result(id, self._read(task, path))
        return None

    def _read(self, task: Task, path: Path) -> Transcript:
        form = read_form(path)
        task = replace(task, rate=form.rate)
        heard: list[Sentence] = []
        for passage in passages(path):
            recognition = self._engine.open(task)
            recognition.hear(passage.samples)
            sentence = _sentence(passage, recognition.finish(), form.rate)
            if sentence.text:
                heard.append(sentence)
        heard.sort(key=lambda sentence: (sentence.start, sentence.channel))
        sure = [sentence.confidence for sentence in heard if sentence.confidence is not None]
        return Transcript(
            " ".join(sentence.text for sentence in heard),
            sum(sure) / len(sure) if sure else None,
            tuple(word for sentence in heard for word in sentence.words),
            tuple(heard),
        )

    def _look(self, id: int, paused: bool) -> Report | None:
        words = self._open[id].words(paused=paused) if id in self._open else ""
        if not words or words == self._said.get(id):
            return None
        self._said[id] = words
        return Words(id, words)

    def _forget(self, id: int) -> None:
        self._open.pop(id, None)
        self._said.pop(id, None)


def _sentence(passage: Passage, transcript: Transcript, rate: int) -> Sentence:
    """A passage with its times in the recording; without words their times are those of the whole."""
    began = passage.first * FRAME_SECONDS
    words = tuple(Word(word.text, began + word.start, began + word.end) for word in transcript.words)
    start = words[0].start if words else began
    end = words[-1].end if words else began + passage.samples.size / rate
    return Sentence(passage.channel, transcript.text, start, end, transcript.confidence, words)


def run(recipe: Recipe, pipe: Connection, niceness: int) -> None:
    """The life of a worker process: until the pipe is closed, by whatever end of the switch.

    Signals that the whole group of processes gets are for the switch, which may still have calls to finish.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.nice(niceness)
    try:
        engine = recipe.make()
    except Exception as error:  # noqa: BLE001 - told, and the end of this process
        pipe.send(str(error) if isinstance(error, MediaError) else f"{recipe.name}: {error!r}")
        return
    pipe.send("")
    threads = [_Thread(engine, pipe) for _ in range(engine.threads)]
    try:
        while True:
            for order in pipe.recv():
                threads[order.id % len(threads)].orders.put(order)
    except (EOFError, OSError):
        os._exit(0)  # whatever still works has nobody to tell


class _Thread:
    """Works for some of the utterances of a process."""

    _telling = threading.Lock()

    def __init__(self, engine: RecognitionEngine, pipe: Connection) -> None:
        self.orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._bench = Bench(engine)
        self._pipe = pipe
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            orders = [self.orders.get()]
            while not self.orders.empty():
                orders.append(self.orders.get())
            for report in self._bench.work(orders):
                with self._telling:
                    self._pipe.send(report)
