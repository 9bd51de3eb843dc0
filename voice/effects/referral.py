"""The commands of REFER: the far end is asked to call somebody else and tells how that goes, or asks us and is told."""

from __future__ import annotations

from markup import commands, events
from sip import events as network
from sip.endpoint import Endpoint
from voice.calls.call import Call
from voice.calls.session import Session
from voice.clients.joint import is_client
from voice.errors import TargetRefused

NO_TELEPHONE = 13801


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
    if is_client(line.call.leg):
        session.deliver(events.ReferFailed(id, NO_TELEPHONE, "only a telephone can be referred, the far end is a page"))
        return
    line.listeners.append(hear)
    session.live[id] = lambda: line.listeners.remove(hear)
    session.call.journal.add("refer", to=uri)
    if line.call.leg is not None and line.call.live:
        session.resources.endpoint.referrals.refer(line.call.leg, uri)


def answer(session: Session, command: commands.AnswerReferral) -> None:
    """Answer the REFER of the caller or of a dialled leg."""
    answer_referral(_call(session, command.id), session.resources.endpoint, command.code)


def report(session: Session, command: commands.ReportReferral) -> None:
    """Tell the caller or a dialled leg what has become of its REFER."""
    call = _call(session, command.id)
    if call is not None and call.leg is not None:
        call.journal.add("referral", code=command.code)
        session.resources.endpoint.referrals.notify(call.leg, command.code)


def answer_referral(call: Call | None, endpoint: Endpoint, code: int) -> None:
    """Answer the REFER of a call's far end."""
    if call is not None and call.leg is not None:
        call.journal.add("referral", code=code)
        endpoint.referrals.answer(call.leg, code)


def _call(session: Session, id: events.OperationId | None) -> Call | None:
    if id is None:
        return session.call
    leg = session.legs.get(id)
    return leg.line.call if leg is not None else None
