"""Attended transfer: a Dial that replaces one of our own calls gets whom that call talks with (RFC 3891, spec section 6.4).

A phone has two calls with us and refers one of them to the other. Nobody is dialled then: whoever the other call is connected
with is connected to the transferee, and the call that was replaced ends.
"""

from __future__ import annotations

from collections.abc import Callable

from markup import commands, events
from markup.verbs import Sip
from sip.referral import read_replaces
from voice.calls.counterpart import Counterpart
from voice.calls.leg import DialledLeg
from voice.calls.line import Abandoned, Line
from voice.calls.session import Session
from voice.errors import TargetRefused
from voice.queue.places import QueuedLeg
from voice.routing.address import parse_uri

NOBODY_THERE = 13243

RunAlone = Callable[[Line, events.Redirected], None]
"""Gives a leg that leaves its Dial a document of its own."""


def find_replaced(session: Session, command: commands.StartLeg) -> Line | None:
    """The live call that the target of a Dial asks to replace, if it is one of ours."""
    uri = parse_uri(command.target.uri) if isinstance(command.target, Sip) else None
    dialog = read_replaces(f"?{uri.headers}") if uri is not None else None
    leg = session.resources.endpoint.referrals.find(dialog) if dialog is not None else None
    return session.resources.registry.by_leg(leg) if leg is not None else None


def take_over(session: Session, id: events.OperationId, replaced: Line, run: RunAlone) -> None:
    """Let the party that a line talks with be the answered leg ``id`` of a session.

    Raises TargetRefused when it talks with nobody, or not through a Dial.
    """
    other = replaced.peer
    if other is None or session.line in (replaced, other):
        raise TargetRefused(NOBODY_THERE, "the call to be replaced talks with nobody who could be connected instead")
    called, calling = _place(other, replaced), _place(replaced, other)
    held = calling[0].legs[calling[1]] if calling is not None else None
    if called is None and not isinstance(held, QueuedLeg | DialledLeg):
        raise TargetRefused(NOBODY_THERE, "the call to be replaced is not connected by a <Dial>")
    session.call.journal.add("replaces", call_sid=replaced.call.sid, by=other.call.sid)
    replaced.unbridge()
    if calling is not None:
        _forget(*calling)
    if called is not None:
        _pair(session, id, other, *called)
    elif isinstance(held, QueuedLeg):
        held.move(id, session.line, session.deliver)
        session.legs[id], session.live[id] = held, held.hang_up
    elif isinstance(held, DialledLeg):
        held.move(id, session.line, session.deliver, run)
        session.legs[id], session.live[id] = held, held.hang_up
    if isinstance(replaced.runner, DialledLeg):
        replaced.runner = Abandoned()
        replaced.hang_up()
    else:
        replaced.runner.end()
    session.deliver(events.LegAnswered(id))


def _place(owner: Line, party: Line) -> tuple[Session, events.OperationId] | None:
    """Where a party stands in the Dial of whoever owns the other line."""
    session = owner.runner
    if not isinstance(session, Session):
        return None
    return next(((session, id) for id, leg in session.legs.items() if leg.line is party), None)


def _forget(session: Session, id: events.OperationId) -> None:
    del session.legs[id], session.live[id]


def _pair(session: Session, id: events.OperationId, other: Line, owner: Session, place: events.OperationId) -> None:
    """Two callers: each takes the place of a dialled leg with the other."""
    old = owner.legs[place]
    if isinstance(old, QueuedLeg):
        old.let_go()
    was = old.line.call.sid
    mine, theirs = Counterpart(session, id, other, other.call.sid), Counterpart(owner, place, session.line, was)
    mine.twin, theirs.twin = theirs, mine
