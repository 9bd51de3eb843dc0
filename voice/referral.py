"""The commands of REFER: the far end is asked to call somebody else and tells how that goes, or asks us and is told."""

from __future__ import annotations

from markup import commands, events
from sip import events as network
from voice.errors import TargetRefused
from voice.line import Line
from voice.session import Session


def refer(session: Session, command: commands.Refer) -> None:
    """Send the REFER and follow it until the interpreter forgets it."""
    line, id = session.line, command.id

    def hear(event: network.Event) -> None:
        match event:
            case network.ReferAnswered(code=code):
                session.deliver(events.ReferAnswered(id, code))
            case network.ReferProgress(code=code, last=last):
                session.deliver(events.ReferProgress(id, code, last))

    try:
        uri = session.resources.routes.referral(command.uri)
    except TargetRefused as refusal:
        session.deliver(events.ReferFailed(id, refusal.code, str(refusal)))
        return
    line.listeners.append(hear)
    session.live[id] = lambda: line.listeners.remove(hear)
    session.call.journal.add("refer", to=uri)
    line.refer(uri)


def answer(session: Session, command: commands.AnswerReferral) -> None:
    """Answer the REFER of the caller or of a dialled leg."""
    line = _line(session, command.id)
    if line is not None:
        line.answer_referral(command.code)


def report(session: Session, command: commands.ReportReferral) -> None:
    """Tell the caller or a dialled leg what has become of its REFER."""
    line = _line(session, command.id)
    if line is not None:
        line.report_referral(command.code)


def _line(session: Session, id: events.OperationId | None) -> Line | None:
    if id is None:
        return session.line
    leg = session.legs.get(id)
    return leg.line if leg is not None else None
