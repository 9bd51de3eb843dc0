"""The one thread that calls into pjsua, and the one way events leave it.

Methods of an endpoint are called on the event loop and must not wait for pjsip's locks: they queue a closure here. What
pjsip reports, on whatever thread, goes through a mailbox that wakes the loop once for many events.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from sip.events import Event
from sip.pjsua.binding import Error

Result = TypeVar("Result")

_log = logging.getLogger("sip.pjsua")


def settle(done: Future[Result], act: Callable[[], Result]) -> None:
    """Run something for whoever waits for its result."""
    try:
        done.set_result(act())
    except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
        done.set_exception(error)


class Owner:
    """Runs closures in order on a thread of its own."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._first: Callable[[], None]
        self._thread = threading.Thread(target=self._run, name="pjsua", daemon=True)

    def start(self, first: Callable[[], None]) -> None:
        """Begin with ``first``, before what may be queued already, and wait for it; raises what it raised."""
        opened: Future[None] = Future()
        self._first = lambda: settle(opened, first)
        self._thread.start()
        opened.result()

    def do(self, act: Callable[[], None]) -> None:
        """Run something later; returns at once."""
        self._work.put(act)

    def call(self, act: Callable[[], Result]) -> Result:
        """Run something and wait for it; raises what it raised."""
        done: Future[Result] = Future()
        self._work.put(lambda: settle(done, act))
        return done.result()

    def stop(self) -> None:
        """End after what is queued; waits."""
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        self._first()
        while (act := self._work.get()) is not None:
            try:
                act()
            except Error as error:
                # The call ended while the request for it was queued: its Ended is on the way.
                _log.debug("refused by pjsua: %s", error)
            except Exception:  # noqa: BLE001 - the thread has to live on
                _log.exception("a request to pjsua failed")
            del act


class Mailbox:
    """Takes events on any thread and posts them on the event loop, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, post: Callable[[Event], None]) -> None:
        self._loop = loop
        self._post = post
        self._waiting: deque[Callable[[], Event]] = deque()
        self._awake = False

    def put(self, event: Event) -> None:
        """Hand over an event."""
        self.put_later(lambda: event)

    def put_later(self, make: Callable[[], Event]) -> None:
        """Hand over an event that is made on the loop, so that pjsip's thread does not wait for it."""
        self._waiting.append(make)
        if not self._awake:
            self._awake = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                self._waiting.clear()  # The loop is closed: nobody listens any more.

    def _deliver(self) -> None:
        self._awake = False
        while self._waiting:
            try:
                self._post(self._waiting.popleft()())
            except Exception:  # noqa: BLE001 - what comes behind it is of other calls
                _log.exception("an event could not be taken")
