"""Stream of Start, Stop and Connect: the call's audio over a WebSocket (spec sections 2.13 and 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from markup import commands, events
from markup.commands import StatusCallback
from markup.events import OperationId, Parameters
from markup.script import Interruption, News, Run, Script
from markup.verbs import Connect, Stream

TOO_LONG = 12200
LONGEST_PARAMETER = 500
"""Characters of name and value together."""
STREAM: News = (events.StreamEnded,)
EVENTS = ("stream-started", "stream-stopped", "stream-error")


def start_stream(script: Script, noun: Stream) -> None:
    """Send the audio until Stop or the REST API names the stream, the far end closes, or the call ends.

    How many there may be, and whether a name is free, is not for one document to say: the REST API starts streams too.
    """
    script.start(_order(script, noun), commands.StopStream, STREAM, lasting=True)


def stop_stream(script: Script, noun: Stream) -> None:
    """End the one of that name."""
    script.emit(commands.StopNamedStream(noun.name))


def connect_stream(script: Script, verb: Connect, noun: Stream) -> Run:
    """Let caller and application talk until either leaves, and tell the action, also when they could not."""
    action = script.resolve(verb.action) if verb.action else ""
    if action:
        script.farewell = lambda cause: _say_farewell(verb, action, cause)
    stream = script.start(_order(script, noun, bidirectional=True), commands.StopStream, STREAM)
    while True:
        match (yield):
            case events.StreamEnded(id) if id == stream:
                break
    script.farewell = None
    return script.jump(action, verb.method) if action else None


def _say_farewell(verb: Connect, action: str, cause: Interruption) -> commands.Notify | None:
    """The action hears of a caller who hung up (section 1.6, rule 5), and nothing of a live change (section 4.6)."""
    return commands.Notify(action, verb.method) if cause == "hung-up" else None


def _order(script: Script, noun: Stream, *, bidirectional: bool = False) -> Callable[[OperationId], commands.StartStream]:
    return partial(
        commands.StartStream,
        url=noun.url,
        name=noun.name,
        track=_TRACKS[noun.track],
        bidirectional=bidirectional,
        callback=StatusCallback(script.callback(noun.status_callback), noun.status_callback_method, EVENTS),
        parameters=_parameters(script, noun),
    )


def _parameters(script: Script, noun: Stream) -> Parameters:
    kept = []
    for parameter in noun.parameters:
        if len(parameter.name) + len(parameter.value) <= LONGEST_PARAMETER:
            kept.append((parameter.name, parameter.value))
        else:
            message = f"<Parameter> {parameter.name[:60]!r} is longer than {LONGEST_PARAMETER} characters and is left out"
            script.report(TOO_LONG, message)
    return tuple(kept)


_TRACKS: dict[str, commands.RecordingTrack] = {"inbound_track": "inbound", "outbound_track": "outbound", "both_tracks": "both"}
