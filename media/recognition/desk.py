"""Where utterances are taken to be understood: the worker processes of one engine, and what waits for them.

Nothing here waits for an engine. What a process cannot take in time is given up, utterance by utterance, and said so.
"""

from __future__ import annotations

import atexit
import multiprocessing
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from media.errors import EngineMissing
from media.events import MediaEvent, RecognitionLost, UtteranceUnderstood, WordsHeard
from media.frame import Samples
from media.recognition.engine import Task
from media.recognition.worker import (
    Bench,
    Drop,
    Failure,
    Finish,
    Hear,
    Open,
    Order,
    Pause,
    Read,
    Recipe,
    Report,
    Result,
    Words,
    run,
)

MOST_UTTERANCES = 200
"""Under way at a time, for each process."""
MOST_WAITING = 3000
"""Blocks of audio between the clock and a process: what 100 callers say in 3 s."""
LOADING_SECONDS = 120
"""How long a model may take to load."""
_ENDED = "the recogniser has ended"
_BUSY = "the recogniser is busy with as much as it can take"

Post = Callable[[list[MediaEvent]], None]


class Dictation:
    """One utterance; see Hearer. ``id`` names it in the events. What belongs to a row is called by the media thread alone."""

    def __init__(self, id: int, task: Task, choose: Callable[[], Callable[[Order], None]]) -> None:
        self.id = id
        self._task = task
        self._choose = choose
        """Who takes its orders is decided when it begins: there may be hours before that."""
        self._submit: Callable[[Order], None] | None = None

    def hear(self, samples: Samples) -> None:
        """See Hearer; the array may be used again afterwards."""
        self._begin()(Hear(self.id, np.array(samples)))

    def pause(self) -> None:
        """See Hearer."""
        self._begin()(Pause(self.id))

    def finish(self) -> None:
        """See Hearer."""
        self._begin()(Finish(self.id))

    def read(self, path: Path) -> None:
        """Take everything that is said in a WAV file, and that is all."""
        self._submit = self._choose()
        self._submit(Read(self.id, self._task, path))

    def drop(self) -> None:
        """Nobody wants to know any more; events that are under way may still come."""
        if self._submit is not None:
            self._submit(Drop(self.id))

    def _begin(self) -> Callable[[Order], None]:
        if self._submit is None:
            self._submit = self._choose()
            self._submit(Open(self.id, self._task))
        return self._submit


class Desk:
    """Understands with the engine of ``recipe`` in up to ``processes`` worker processes, which are started when they are needed.

    Dictations are numbered by ``ids``. Events go to ``post``, from any thread. With ``inline`` there is no process: everything is
    done at once by whoever asks.
    """

    def __init__(
        self, recipe: Recipe, post: Post, ids: Iterator[int], *, processes: int = 1, niceness: int = 0, inline: bool = False
    ) -> None:
        self._recipe = recipe
        self._post = post
        self._processes = processes
        self._bench = Bench(recipe.make()) if inline else None
        self._ids = ids
        self._niceness = niceness
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Orders that no process has taken yet."""
        return sum(worker.waiting for worker in self._workers)

    def load(self) -> None:
        """Start a process and wait until its model is loaded. Raises EngineMissing."""
        if self._bench is None:
            error = self._worker().wait_until_ready()
            if error:
                raise EngineMissing(error)

    def dictation(self, task: Task) -> Dictation:
        """Take an utterance. It costs nothing until something of it is heard."""
        if self._bench is None:
            self._worker()  # so that it is ready when something is heard
        return Dictation(next(self._ids), task, self._choose)

    def close(self) -> None:
        """End the processes; what is not understood yet is lost."""
        self._closed = True
        for worker in self._workers:
            worker.close()

    def _choose(self) -> Callable[[Order], None]:
        return self._work if self._bench is not None else self._worker().submit

    def _work(self, order: Order) -> None:
        assert self._bench is not None
        events = [event_of(report) for report in self._bench.work([order])]
        if events:
            self._post(events)

    def _worker(self) -> _Worker:
        """The process that has least to do; another one is started while all have something and there may be more."""
        with self._lock:
            self._workers = [worker for worker in self._workers if worker.alive]
            idle = min(self._workers, key=lambda worker: worker.load, default=None)
            if idle is not None and (idle.load == 0 or len(self._workers) >= self._processes or self._closed):
                return idle
            worker = _Worker(self._recipe, self._post, self._niceness)
            self._workers.append(worker)
            return worker


class _Worker:
    """One process, and the two threads that talk with it."""

    def __init__(self, recipe: Recipe, post: Post, niceness: int) -> None:
        self.alive = True
        self._post = post
        self._ready: Future[str] = Future()
        """What the process says when its model is loaded: nothing, or why it cannot be."""
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._open: set[int] = set()
        """Utterances that the process works at."""
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=run, args=(recipe, there, niceness), name="recognition", daemon=True)
        atexit.register(self.close)  # before multiprocessing waits for it, whatever else has failed
        threading.Thread(target=self._send, args=(there,), name="recognition-orders", daemon=True).start()

    @property
    def load(self) -> int:
        """Utterances under way."""
        return len(self._open)

    @property
    def waiting(self) -> int:
        """Orders that were not sent yet."""
        return self._orders.qsize()

    def submit(self, order: Order) -> None:
        """Pass an order on, from any thread; an utterance for which there is no room is lost."""
        match order:
            case Open(id) | Read(id):
                if not self.alive or self.load >= MOST_UTTERANCES:
                    self._post([RecognitionLost(id, _BUSY if self.alive else _ENDED)])
                    return
                self._open.add(id)
            case Hear(id) if id in self._open and self._orders.qsize() >= MOST_WAITING:
                self._lose(id, _BUSY)
                order = Drop(id)
            case _ if order.id not in self._open:
                return
            case Drop(id):
                self._open.discard(id)
        self._orders.put(order)

    def wait_until_ready(self) -> str:
        """Wait until the model is loaded; returns why it cannot be."""
        try:
            return self._ready.result(LOADING_SECONDS)
        except TimeoutError:
            return f"the model was not loaded within {LOADING_SECONDS} s"

    def close(self) -> None:
        """End the process."""
        self._end(_ENDED)

    def _lose(self, id: int, error: str) -> None:
        if id in self._open:
            self._open.discard(id)
            self._post([RecognitionLost(id, error)])

    def _end(self, error: str) -> None:
        self.alive = False
        self._orders.put(None)
        atexit.unregister(self.close)
        if self._process.pid is not None:
            self._process.kill()
        for id in list(self._open):
            self._lose(id, error)

    def _send(self, there: Connection) -> None:
        self._process.start()
        there.close()
        threading.Thread(target=self._receive, name="recognition-reports", daemon=True).start()
        while self.alive:
            batch = [self._orders.get()]
            while not self._orders.empty():
                batch.append(self._orders.get())
            try:
                self._pipe.send([order for order in batch if order is not None])
            except OSError:
                return  # the receiver says so

    def _receive(self) -> None:
        error = _ENDED
        try:
            error = self._pipe.recv()
            self._ready.set_result(error)
            while not error:
                self._report(self._pipe.recv())
        except (EOFError, OSError):
            error = error or _ENDED
        if not self._ready.done():
            self._ready.set_result(error)
        self._end(error)
        self._process.join()

    def _report(self, report: Report) -> None:
        if report.id not in self._open:
            return
        if not isinstance(report, Words):
            self._open.discard(report.id)
        self._post([event_of(report)])


def event_of(report: Report) -> MediaEvent:
    """What the rest of the switch is told."""
    match report:
        case Words(id, text):
            return WordsHeard(id, text)
        case Result(id, transcript):
            return UtteranceUnderstood(id, transcript)
        case Failure(id, error):
            return RecognitionLost(id, error)
