"""A caller's place in a queue, and the leg that whoever dials the queue makes of it (spec sections 2.10 and 2.11).

The caller's session and the dialling one each hold their side; what happens to one side is told to the other here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from markup import events
from markup.events import OperationId, QueueResult
from voice.calls.line import Line
from voice.queue.queues import Member, Queue, Queues
from voice.web.parameters import Pairs

Deliver = Callable[[events.Event], None]


class Place(Member):
    """One caller in one queue, from entry to ``QueueLeft``.

    ``deliver`` takes the markup events of this stay, ``now`` is monotonic seconds.
    """

    def __init__(
        self, id: OperationId, line: Line, queue: WaitingLine, deliver: Deliver, now: Callable[[], float], moment: datetime
    ) -> None:
        super().__init__(line.call.sid, now(), moment)
        self.id = id
        self.line = line
        self.queue = queue
        self.leg: QueuedLeg | None = None
        """Of whoever has taken the caller."""
        self._deliver = deliver
        self._now = now
        self._until: float | None = None
        self._over = False

    def enter(self, max_size: int) -> None:
        """Stand at the end. Raises QueueRefused."""
        self.queue.enter(self, max_size)
        self._move("waiting")
        serve(self.queue)

    def leave(self, result: QueueResult) -> None:
        """The caller is gone or wants to be elsewhere."""
        if self._over:
            return
        leg, self.leg = self.leg, None
        self.end(result)
        if leg is not None:
            leg.lose()

    def call(self, leg: QueuedLeg) -> None:
        """Somebody takes the caller."""
        self.leg = leg
        self._move("called")

    def go_back(self) -> None:
        """Whoever took the caller did not connect it."""
        self.leg = None
        self.queue.put_back(self)
        self._move("waiting")
        serve(self.queue)

    def go_on(self) -> None:
        """The caller is connected: it has waited long enough."""
        self._until = self._now()
        self.queue.leave(self)
        self._move("bridged")

    def end(self, result: QueueResult) -> None:
        """The stay is over."""
        self._over = True
        if self._until is None:
            self._until = self._now()
        self.queue.leave(self)
        self._note(result)
        self._deliver(events.QueueLeft(self.id, result, tuple(self.parameters())))

    def parameters(self) -> Pairs:
        """What the Enqueue's action is told besides the result."""
        until = self._now() if self._until is None else self._until
        return [("QueueSid", self.queue.sid), ("QueueTime", str(round(until - self.entered)))]

    def waiting_parameters(self) -> Pairs:
        """What each wait document is told."""
        queue = self.queue
        return [
            ("QueuePosition", str(queue.position(self))),
            *self.parameters(),
            ("AvgQueueTime", str(queue.average_wait(self._now()))),
            ("CurrentQueueSize", str(queue.size)),
            ("MaxQueueSize", str(queue.max_size)),
        ]

    def _move(self, where: events.Whereabouts) -> None:
        self._note(where)
        self._deliver(events.QueueMoved(self.id, where))

    def _note(self, event: str) -> None:
        self.line.call.journal.add("queue", event=event, queue_sid=self.queue.sid, name=self.queue.name)


class QueuedLeg:
    """Who came first in a queue, as the leg of a Dial on line ``agent``; ``deliver`` takes the markup events of this leg."""

    def __init__(self, id: OperationId, agent: Line, queue: WaitingLine, deliver: Deliver, now: Callable[[], float]) -> None:
        self.id = id
        self._agent = agent
        self._queue = queue
        self._deliver = deliver
        self._now = now
        self._place: Place | None = None
        self._joined: float | None = None
        self._over = self._lost = False
        self.stop_screening: Callable[[], None] = lambda: None
        """Ends the document that the caller hears before being connected."""

    @property
    def line(self) -> Line:
        """The caller's; that of whoever dials as long as there is nobody."""
        return self._place.line if self._place is not None else self._agent

    def seek(self) -> None:
        """Want the head of the queue."""
        self._queue.seek(self)
        serve(self._queue)

    def take(self, place: Place) -> None:
        """Have it."""
        self._place = place
        place.call(self)
        self._deliver(events.LegAnswered(self.id))

    def screening_parameters(self) -> Pairs:
        """What the document before the connection is told."""
        return [*self._told(), ("DequeingCallSid", self._agent.call.sid)]

    def join(self) -> None:
        """Connect both."""
        place = self._place
        if place is None or self._over or place.line.peer is not None:
            return
        if self._joined is None:
            self._joined = self._now()
            place.go_on()
        place.line.bridge(self._agent)
        for line, other in ((place.line, self._agent), (self._agent, place.line)):
            line.call.journal.add("joined", call_sid=other.call.sid)

    def redirect(self, change: events.Redirected) -> None:
        """Let the caller go on with another document; this leg is lost."""
        self.line.runner.redirect(change)

    def move(self, id: OperationId, agent: Line, deliver: Deliver) -> None:
        """Be the leg of another Dial from now on."""
        self.id, self._agent, self._deliver = id, agent, deliver

    def let_go(self) -> None:
        """Somebody else has the caller's part in the Dial."""
        self._over = True
        if self._place is not None:
            self._place.leg = None

    def hang_up(self, timed_out: bool = False) -> None:
        """Part from the caller, who goes on after its Enqueue if it was connected, else back to its place."""
        if self._over:
            return
        self._over = True
        self._queue.withdraw(self)
        self.stop_screening()
        place = self._place
        if place is not None and self._joined is not None:
            place.line.unbridge()
            place.end("bridged")
        elif place is not None:
            place.go_back()
        self._end("no-answer" if timed_out else "canceled")

    def lose(self) -> None:
        """The caller is gone, or was given another document."""
        self._over = self._lost = True
        self.stop_screening()
        if self._joined is not None:
            self.line.unbridge()
        self._end("no-answer")

    def parameters(self) -> Pairs:
        """What the Dial's action is told besides its status."""
        if self._place is None:
            return []
        bridged = [("QueueResult", "bridged")] if self._joined is not None else []
        return [*self._told(), *bridged, ("DequeuedCallSid", self._place.call_sid)]

    def _told(self) -> Pairs:
        return self._place.parameters() if self._place is not None else []

    def _end(self, otherwise: events.LegStatus) -> None:
        parameters = tuple(self.parameters())
        if self._joined is None:
            self._deliver(events.LegEnded(self.id, otherwise, parameters=parameters))
            return
        gone_on = self._lost and self.line.call.live
        seconds = None if gone_on else round(self._now() - self._joined)
        self._deliver(events.LegEnded(self.id, "completed", self.line.call.sid, seconds, parameters=parameters))


WaitingLine = Queue[Place, QueuedLeg]
WaitingLines = Queues[Place, QueuedLeg]


def serve(queue: WaitingLine) -> None:
    """Bring together who waits for each other."""
    while (pair := queue.pair()) is not None:
        leg, place = pair
        leg.take(place)
