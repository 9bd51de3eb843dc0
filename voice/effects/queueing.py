"""The commands of Enqueue and of Dial with Queue."""

from __future__ import annotations

from markup import commands, events
from voice.calls.session import Session
from voice.errors import QueueRefused
from voice.queue.places import Place, QueuedLeg

NO_SUCH_QUEUE = 20404
_REFUSALS: dict[str, events.QueueResult] = {"full": "queue-full"}


def enter_queue(session: Session, command: commands.EnterQueue) -> None:
    """Give the caller a place in a queue, which is made if need be."""
    resources = session.resources
    moment = resources.wall()
    try:
        queue = resources.queues.on_demand(session.call.account_sid, command.name, moment)
        place = Place(command.id, session.line, queue, session.deliver, resources.now, moment)
        place.enter(command.max_size)
    except QueueRefused as refusal:
        result = _REFUSALS.get(refusal.reason, "system-error")
        session.deliver(events.QueueLeft(command.id, result, message=str(refusal)))
    else:
        session.place = place
        session.parting[command.id] = place.parameters
        session.live[command.id] = lambda: place.leave("hangup")


def leave_queue(session: Session, command: commands.LeaveQueue) -> None:
    """Give up a place."""
    place = session.place
    if place is not None and place.id == command.id:
        place.leave(command.result)


def take_from_queue(session: Session, command: commands.TakeFromQueue) -> None:
    """Want the head of a queue; one that does not exist is the end of the leg."""
    resources = session.resources
    queue = resources.queues.named(session.call.account_sid, command.name)
    if queue is None:
        message = f"there is no queue {command.name!r}"
        result = (("QueueResult", "error"),)
        session.deliver(events.LegEnded(command.id, "failed", code=NO_SUCH_QUEUE, message=message, parameters=result))
        return
    leg = QueuedLeg(command.id, session.line, queue, session.deliver, resources.now)
    session.legs[command.id] = leg
    session.live[command.id] = leg.hang_up
    session.parting[command.id] = leg.parameters
    leg.seek()
