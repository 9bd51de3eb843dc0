"""One run of TwiML on a line: its interpreter and everything it has started.

Events come in one at a time and in order, whatever causes them; the interpreter turns each into commands and the effects start
those. What is started reports back by an event, so nothing here waits.

A call's own session is its line's runner. An aside is a second session beside it, for the documents of section 1.8 that run while
a verb goes on (whisper, wait, hold ...): it listens to the line but does not decide over it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine

from markup import commands, events
from markup.interpreter import Interpreter, Program
from markup.purpose import Purpose
from sip import events as network
from voice.calls.leg import Leg
from voice.calls.line import Line, Stage
from voice.calls.resources import Resources
from voice.queue.places import Place
from voice.recording.take import Take
from voice.web.parameters import Pairs
from voice.web.webhook import CookieJar

INTERNAL_FAILURE = 12400

Perform = Callable[["Session", commands.Command], None]


class Session:
    """Runs one program on one line.

    ``perform`` starts a command; ``over`` is told the outcome of the ``EndCall`` once it has been performed; ``parameters``
    are added to those of each document's request. What is played is heard on ``stage``, which is the line unless told otherwise;
    an aside with a stage of its own does not listen to the line and may outlive it.
    """

    def __init__(
        self,
        line: Line,
        program: Program,
        resources: Resources,
        perform: Perform,
        *,
        purpose: Purpose = "call",
        over: Callable[[events.Outcome], None] = lambda outcome: None,
        parameters: Callable[[], Pairs] = list,
        cookies: CookieJar | None = None,
        stage: Stage | None = None,
    ) -> None:
        self.line = line
        self.stage: Stage = line if stage is None else stage
        self.call = line.call
        self.resources = resources
        self.perform = perform
        self.purpose = purpose
        self.over = over
        self.parameters = parameters
        self.cookies = CookieJar() if cookies is None else cookies
        self.live: dict[events.OperationId, Callable[[], object]] = {}
        """How to stop each started thing."""
        self.playing: dict[events.OperationId, int] = {}
        """The studio's numbers of what is heard."""
        self.waiting: set[events.OperationId] = set()
        """Playbacks that are silent for a while, and those that will be as soon as they begin."""
        self.legs: dict[events.OperationId, Leg] = {}
        self.takes: dict[events.OperationId, Take] = {}
        """Every recording of this session, those that are over too."""
        self.place: Place | None = None
        """The latest of this call's places in queues."""
        self.parting: dict[events.OperationId, Callable[[], Pairs]] = {}
        """What a farewell has to tell about a started thing, even past its end."""
        self.ended = False
        self.documents = 0
        """How many documents have arrived."""
        self.failure: commands.Report | None = None
        """The last error that was reported."""
        self._interpreter = Interpreter(program, answered=self.call.answered is not None, purpose=purpose)
        self._inbox: deque[events.Event] = deque()
        self._delivering = False
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Take over the line, or listen to it when this is an aside, and run the program."""
        if self.purpose == "call":
            self.line.runner = self
        elif self.stage is self.line:
            self.line.listeners.append(self.hear)
        self.deliver(events.Begin())

    def run_aside(
        self,
        program: Program,
        purpose: Purpose,
        over: Callable[[events.Outcome], None],
        *,
        parameters: Callable[[], Pairs] = list,
        line: Line | None = None,
        stage: Stage | None = None,
    ) -> Session:
        """Run a document beside this session, on its line or another; ``over`` is told how it ended, unless it is cancelled."""
        aside = Session(
            line or self.line,
            program,
            self.resources,
            self.perform,
            purpose=purpose,
            over=over,
            parameters=parameters,
            cookies=self.cookies,
            stage=stage,
        )
        aside.begin()
        return aside

    def cancel(self) -> None:
        """End an aside that is no longer wanted: what it started is stopped, nobody is told."""
        self.over = lambda outcome: None
        self.deliver(events.HangupRequested())

    def hear(self, event: network.Event) -> None:
        """Take an event of the line."""
        match event:
            case network.Digit(digit=digit):
                self.deliver(events.DigitReceived(digit))
            case network.Referred(target=target) if self.purpose == "call":
                self.deliver(events.Referred(None, target))
            case network.Ended():
                self.deliver(events.HungUp())

    def redirect(self, change: events.Redirected) -> None:
        """Interrupt whatever runs and go on with another document."""
        self.deliver(change)

    def end(self) -> None:
        """Interrupt whatever runs and end the call."""
        self.deliver(events.HangupRequested())

    def deliver(self, event: events.Event) -> None:
        """Tell the interpreter; an event that arrives while another is being handled waits its turn."""
        if self.ended:
            return
        self._inbox.append(event)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._inbox and not self.ended:
                self._step(self._inbox.popleft())
        finally:
            self._delivering = False

    def finish(self, id: events.OperationId, event: events.Event) -> None:
        """Report the end of a started thing, unless it was stopped meanwhile."""
        if self.live.pop(id, None) is not None:
            self.deliver(event)

    def spawn(self, id: events.OperationId, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` in the background as the live thing ``id``; stopping it cancels the work."""
        task = self._run(work)
        self.live[id] = task.cancel

    def detach(self, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` in the background, past the end of the call if need be."""
        self._run(work)

    def stop(self, id: events.OperationId) -> None:
        """Stop a started thing; it reports nothing more."""
        cancel = self.live.pop(id, None)
        if cancel is not None:
            cancel()

    def close(self, outcome: events.Outcome) -> None:
        """The interpreter is done: stop what is left and tell whoever asked for this run."""
        self.ended = True
        if self.hear in self.line.listeners:
            self.line.listeners.remove(self.hear)
        for id in list(self.live):
            self.stop(id)
        self.over(outcome)

    def _step(self, event: events.Event) -> None:
        try:
            for command in self._interpreter.receive(event):
                self.perform(self, command)
        except Exception as error:  # noqa: BLE001 - one call's failure must not be another's
            self.fail(error)

    def _run(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)
        return task

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Something of ours broke: note it and end this call alone."""
        self.call.log.error("internal failure", exc_info=error)
        self.call.report(commands.Report(INTERNAL_FAILURE, f"{type(error).__name__}: {error}", "error"))
        if self.ended:
            return
        if self.call.status in ("queued", "initiated", "ringing") and self.call.direction == "inbound":
            self.line.refuse(500)
        else:
            self.line.hang_up()
        self.close("failed")
