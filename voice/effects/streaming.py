"""The commands of streams: the audio of a call for an application, and its answer."""

from __future__ import annotations

import asyncio

from markup import commands, events
from voice.calls.session import Session
from voice.errors import StreamRefused
from voice.stream.stream import Order

NOT_RUNNING = 12200


def start(session: Session, command: commands.StartStream) -> None:
    """Stream the audio of this call from now on."""
    line, id = session.line, command.id
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    order = Order(command.url, command.name, command.track, command.bidirectional, command.callback, command.parameters)

    def over() -> None:
        # A stream ends before its line is seen to end: a caller who hangs up is no application that closes.
        asyncio.get_running_loop().call_soon(session.finish, id, events.StreamEnded(id))

    try:
        stream = session.resources.streams.start(line, order, over)
    except StreamRefused as refusal:
        session.perform(session, commands.Report(refusal.code, str(refusal), "error", command.url))
        session.deliver(events.StreamEnded(id))
    else:
        session.live[id] = stream.stop


def stop_named(session: Session, command: commands.StopNamedStream) -> None:
    """End a stream of this call, whoever started it."""
    stream = session.resources.streams.find(session.call.sid, command.name)
    if stream is None or stream.order.bidirectional:
        message = f"<Stop> names a <Stream> that is not running: {command.name!r}"
        session.perform(session, commands.Report(NOT_RUNNING, message))
        return
    stream.stop()
