"""Two callers who talk with each other: in the Dial of each, the other one has the place of a dialled leg."""

from __future__ import annotations

from markup import events
from voice.calls.line import Line
from voice.calls.session import Session


class Counterpart:
    """The caller of another session, in the place ``id`` of a session's Dial; always one of a pair.

    ``call_sid`` is what the action is told of it.
    """

    twin: Counterpart
    """This session's caller, in the other's Dial."""

    def __init__(self, session: Session, id: events.OperationId, line: Line, call_sid: str) -> None:
        self.line = line
        self._session = session
        self._id = id
        self._call_sid = call_sid
        self._since = session.resources.now()
        session.legs[id] = self
        session.live[id] = self.hang_up

    def join(self) -> None:
        """See Leg."""
        if self.line.peer is None:
            self.line.bridge(self._session.line)
            self._session.call.journal.add("joined", call_sid=self.line.call.sid)

    def hang_up(self, timed_out: bool = False) -> None:
        """See Leg: the two part, and each goes on with its own document."""
        duration = round(self._session.resources.now() - self._since)
        self.line.unbridge()
        for each in (self, self.twin):
            each._leave(duration)

    def redirect(self, change: events.Redirected) -> None:
        """See Leg."""
        self.line.unbridge()
        self.twin.forget()
        self._leave(None)
        self.line.runner.redirect(change)

    def forget(self) -> None:
        """Give up the place, and tell nobody."""
        self._session.legs.pop(self._id, None)
        self._session.live.pop(self._id, None)

    def _leave(self, duration: int | None) -> None:
        if self._session.legs.get(self._id) is self:
            self.forget()
            self._session.deliver(events.LegEnded(self._id, "completed", self._call_sid, duration))
