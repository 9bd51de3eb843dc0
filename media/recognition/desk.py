"""Where utterances are taken to be understood: the worker processes of one engine, and what waits for them.

Nothing here waits for an engine. What a process cannot take in time is given up, utterance by utterance, and said so.
"""

from __future__ import annotations

import multiprocessing
import queue
import threading
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection

import numpy as np

from media.events import MediaEvent, RecognitionLost, UtteranceUnderstood, WordsHeard
from media.frame import Samples
from media.recognition.engine import Task
from media.recognition.worker import Bench, Drop, Failure, Finish, Hear, Open, Order, Recipe, Report, Result, Words, run

MOST_UTTERANCES = 200
"""Under way at a time, for each process."""
MOST_WAITING = 3000
"""Blocks of audio between the clock and a process: what 100 callers say in 3 s."""
_ENDED = "the recogniser has ended"
_BUSY = "the recogniser is busy with as much as it can take"

Post = Callable[[list[MediaEvent]], None]


class Dictation:
    """One utterance; see Hearer. ``id`` names it in the events."""

    def __init__(self, id: int, task: Task, submit: Callable[[Order], None]) -> None:
        self.id = id
        self._task = task
        self._submit = submit
        self._begun = False
        self._over = False

    def hear(self, samples: Samples) -> None:
        """See Hearer; the array may be used again afterwards."""
        self._begin()
        self._submit(Hear(self.id, np.array(samples)))

    def finish(self) -> None:
        """See Hearer."""
        self._begin()
        self._over = True
        self._submit(Finish(self.id))

    def drop(self) -> None:
        """Nobody wants to know any more; events that are under way may still come."""
        self._submit(Drop(self.id))

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._submit(Open(self.id, self._task))


class Desk:
    """Understands with the engine of ``recipe`` in up to ``processes`` worker processes, which are started when they are needed.

    Events go to ``post``, from any thread. With ``inline`` there is no process: everything is done at once by whoever asks.
    """

    def __init__(self, recipe: Recipe, post: Post, *, processes: int = 1, inline: bool = False) -> None:
        self._recipe = recipe
        self._post = post
        self._processes = processes
        self._bench = Bench(recipe.make()) if inline else None
        self._ids = count(1)
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Orders that no process has taken yet."""
        return sum(worker.waiting for worker in self._workers)

    def dictation(self, task: Task) -> Dictation:
        """Take an utterance. It costs nothing until something of it is heard."""
        id = next(self._ids)
        if self._bench is not None:
            return Dictation(id, task, self._work)
        return Dictation(id, task, self._worker().submit)

    def close(self) -> None:
        """End the processes; what is not understood yet is lost."""
        self._closed = True
        for worker in self._workers:
            worker.close()

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
            worker = _Worker(self._recipe, self._post)
            self._workers.append(worker)
            return worker


class _Worker:
    """One process, and the two threads that talk with it."""

    def __init__(self, recipe: Recipe, post: Post) -> None:
        self.alive = True
        self._post = post
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._open: set[int] = set()
        """Utterances that the process works at."""
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=run, args=(recipe, there), name="recognition", daemon=True)
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
            case Open(id):
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
        if self._process.pid is not None:
            self._process.terminate()
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
            while not error:
                self._report(self._pipe.recv())
        except (EOFError, OSError):
            error = error or _ENDED
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
