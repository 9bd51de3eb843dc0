"""The commands of Siprec: copies of a call for recording servers."""

from __future__ import annotations

from markup import commands, events
from voice.calls.session import Session
from voice.errors import ForkRefused
from voice.siprec.client import Order


def start(session: Session, command: commands.StartSiprec) -> None:
    """Send a copy of this call from now on."""
    line, id = session.line, command.id
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    order = Order(command.connector, command.name, command.track, command.callback, command.parameters)
    try:
        fork = session.resources.forks.start(line, order, lambda: session.finish(id, events.SiprecEnded(id)))
    except ForkRefused as refusal:
        session.perform(session, commands.Report(refusal.code, str(refusal), "error"))
        session.deliver(events.SiprecEnded(id))
    else:
        session.live[id] = fork.stop
