"""The process in which an engine recognises: orders come in and reports go out by a pipe.

A process of its own because engines hold the GIL or crash, and neither may be felt by those who are on the telephone.
"""

from __future__ import annotations

import importlib
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection

from media.errors import MediaError
from media.frame import Samples
from media.recognition.engine import Recognition, RecognitionEngine, Task, Transcript


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an engine is made, in whatever process."""

    module: str
    name: str
    """Of the class in the module."""
    options: dict[str, object] = field(default_factory=dict)

    def make(self) -> RecognitionEngine:
        """Make it; takes as long as its model takes to load. Raises EngineMissing."""
        engine: RecognitionEngine = getattr(importlib.import_module(self.module), self.name)(**self.options)
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
class Finish:
    """It is over: a Result or a Failure is expected."""

    id: int


@dataclass(frozen=True, slots=True)
class Drop:
    """It is of no interest any more."""

    id: int


Order = Open | Hear | Finish | Drop


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
        changed: dict[int, None] = {}
        for order in orders:
            if isinstance(order, Hear):
                changed[order.id] = None
            yield from self._guarded(order.id, partial(self._carry_out, order))
        for id in changed:
            yield from self._guarded(id, partial(self._look, id))

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
        return None

    def _look(self, id: int) -> Report | None:
        words = self._open[id].words() if id in self._open else ""
        if not words or words == self._said.get(id):
            return None
        self._said[id] = words
        return Words(id, words)

    def _forget(self, id: int) -> None:
        self._open.pop(id, None)
        self._said.pop(id, None)


def run(recipe: Recipe, pipe: Connection) -> None:
    """The life of a worker process: until the pipe is closed, by whatever end of the switch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        bench = Bench(recipe.make())
    except Exception as error:  # noqa: BLE001 - told, and the end of this process
        pipe.send(str(error) if isinstance(error, MediaError) else repr(error))
        return
    pipe.send("")
    _serve(bench.work, pipe)


def _serve(work: Callable[[Iterable[Order]], Iterable[Report]], pipe: Connection) -> None:
    try:
        while True:
            orders: list[Order] = pipe.recv()
            while pipe.poll():
                orders += pipe.recv()
            for report in work(orders):
                pipe.send(report)
    except (EOFError, OSError):
        return
