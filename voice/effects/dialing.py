"""The commands of Dial: starting, screening, joining and ending legs."""

from __future__ import annotations

from markup import commands, events
from markup.interpreter import Program
from markup.verbs import Application
from media.errors import BusFull
from voice.calls.application import ApplicationLeg
from voice.calls.leg import DialledLeg, NetworkLeg
from voice.calls.line import Line
from voice.calls.session import Session
from voice.calls.takeover import find_replaced, take_over
from voice.errors import CallRefused, TargetRefused

NO_CAPACITY = 15002
"""The switch has no room for another leg."""


def start_leg(session: Session, command: commands.StartLeg) -> None:
    """Dial one target; when that is impossible its end is reported with the reason's code."""

    def run(line: Line, change: events.Redirected) -> None:
        del session.legs[command.id], session.live[command.id]
        line.limit(session.resources.settings.limits.call_seconds)
        program = Program(change.url, change.method, document=change.document)
        Session(line, program, session.resources, session.perform).begin()

    replaced = find_replaced(session, command)
    if replaced is not None:
        try:
            take_over(session, command.id, replaced, run)
        except TargetRefused as refusal:
            session.deliver(events.LegEnded(command.id, "failed", code=refusal.code, message=str(refusal)))
        return
    leg: DialledLeg
    if isinstance(command.target, Application):
        leg = ApplicationLeg(session.line, command, session.resources, session.deliver, run, session.perform)
    else:
        leg = NetworkLeg(session.line, command, session.resources, session.deliver, run)
    try:
        session.resources.admission.admit()
        leg.dial()
    except (TargetRefused, CallRefused, BusFull) as refusal:
        code = refusal.code if isinstance(refusal, TargetRefused) else NO_CAPACITY
        leg.line.call.advance("failed")
        session.deliver(events.LegEnded(command.id, "failed", leg.line.call.sid, code=code, message=str(refusal)))
    else:
        session.legs[command.id] = leg
        session.live[command.id] = leg.hang_up


def hang_up_leg(session: Session, command: commands.HangupLeg) -> None:
    """End a leg; its end is still reported."""
    leg = session.legs.get(command.id)
    if leg is not None:
        leg.hang_up(command.timed_out)


def join(session: Session, command: commands.Join) -> None:
    """Let caller and callee hear each other."""
    leg = session.legs.get(command.id)
    if leg is not None:
        leg.join()


def part(session: Session, command: commands.Part) -> None:
    """Undo ``join``."""
    leg = session.legs.get(command.id)
    if leg is not None:
        leg.line.unbridge()


def hand_over(session: Session, command: commands.HandOver) -> None:
    """Take a leg out of its Dial, and let it go on with a document of its own."""
    leg = session.legs.get(command.id)
    if leg is not None:
        leg.redirect(events.Redirected(command.url, document=command.document))


def listen(session: Session, command: commands.Listen) -> None:
    """Let the caller hear the early media of a leg, also when both still ring (spec section 6.5)."""
    leg = session.legs.get(command.id)
    if leg is not None:
        session.line.progress()
        leg.join()


def send_digits(session: Session, command: commands.SendDigits) -> None:
    """Send keys to the caller or to a dialled leg."""
    leg = session.legs.get(command.leg) if command.leg is not None else None
    line = leg.line if leg is not None else session.line

    async def send() -> None:
        await line.send_digits(command.digits)
        session.finish(command.id, events.DigitsSent(command.id))

    session.spawn(command.id, send())
