"""Siprec of Start and Stop: a copy of the call goes to a recording server (spec section 2.14)."""

from __future__ import annotations

from functools import partial

from markup import commands, events
from markup.commands import StatusCallback
from markup.script import News, Script
from markup.verbs import Siprec

MOST_AT_ONCE = 4
"""In one call."""
NOT_STARTED = 12200
SIPREC: News = (events.SiprecEnded,)
EVENTS = ("siprec-started", "siprec-stopped", "siprec-error")


def start_siprec(script: Script, noun: Siprec) -> None:
    """Send a copy until Stop names it, the recording server has enough, or the call ends."""
    live = {name: id for name, id in script.siprecs.items() if script.lives(id)}
    if noun.name in live:
        script.report(NOT_STARTED, f"a <Siprec> named {noun.name!r} is running already")
        return
    if len(live) >= MOST_AT_ONCE:
        script.report(NOT_STARTED, f"{MOST_AT_ONCE} recording servers get a copy already, which is as many as there can be")
        return
    start = partial(
        commands.StartSiprec,
        name=noun.name,
        connector=noun.connector_name,
        track=_TRACKS[noun.track],
        callback=StatusCallback(script.callback(noun.status_callback), noun.status_callback_method, EVENTS),
        parameters=tuple((parameter.name, parameter.value) for parameter in noun.parameters),
    )
    script.siprecs = {**live, noun.name: script.start(start, commands.StopSiprec, SIPREC, lasting=True)}


def stop_siprec(script: Script, noun: Siprec) -> None:
    """End the one of that name."""
    id = script.siprecs.pop(noun.name, None)
    if id is None or not script.lives(id):
        script.report(NOT_STARTED, f"<Stop> names a <Siprec> that is not running: {noun.name!r}")
    script.stop(id)


_TRACKS: dict[str, commands.RecordingTrack] = {"inbound_track": "inbound", "outbound_track": "outbound", "both_tracks": "both"}
