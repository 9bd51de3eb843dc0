"""The commands that run documents beside a call's own."""

from __future__ import annotations

from markup import commands, events
from markup.interpreter import Program
from markup.purpose import Purpose
from voice.calls.session import Session
from voice.queue.places import QueuedLeg
from voice.web.parameters import Pairs


def run_aside(session: Session, command: commands.RunAside) -> None:
    """Run documents on the call's line; their end is not told of a call that has ended itself."""

    def over(outcome: events.Outcome) -> None:
        if session.call.live:
            session.finish(command.id, events.AsideEnded(command.id, outcome))

    def parameters() -> Pairs:
        place = session.place if command.purpose == "waiting" else None
        return place.waiting_parameters() if place is not None else []

    session.live[command.id] = lambda: None
    aside = session.run_aside(Program(command.url, command.method), command.purpose, over, parameters=parameters)
    if not aside.ended:
        session.live[command.id] = aside.cancel


def screen_leg(session: Session, command: commands.ScreenLeg) -> None:
    """Run a document on an answered leg before it is joined."""
    leg = session.legs.get(command.id)
    if leg is None:
        return
    line = leg.line
    purpose: Purpose = "queued" if isinstance(leg, QueuedLeg) else "screening"
    parameters = leg.screening_parameters if isinstance(leg, QueuedLeg) else list

    def over(outcome: events.Outcome) -> None:
        if line.call.live:
            session.deliver(events.LegScreened(command.id, accepted=outcome == "released"))

    program = Program(command.url, command.method)
    aside = session.run_aside(program, purpose, over, parameters=parameters, line=line)
    if isinstance(leg, QueuedLeg):
        leg.stop_screening = aside.cancel
