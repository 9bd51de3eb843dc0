"""Short messages: handed to the operator's gateway, a webhook like any other (spec section 2.16)."""

from __future__ import annotations

from markup import commands, events
from voice.calls.call import Call
from voice.calls.session import Session
from voice.identifiers import new_sid
from voice.routing.address import normalise_number
from voice.web.parameters import API_VERSION, standard_parameters
from voice.web.webhook import Request, WebhookFailure

NO_GATEWAY, SCHEMA_WARNING = 13803, 12200
LONGEST_BODY = 1600


def send(session: Session, command: commands.SendMessage) -> None:
    """Say at once whether a message is taken, then hand it over, past the end of the call if need be."""
    to, from_ = _parties(session.call)
    to, from_ = command.to or to, command.from_ or from_
    fault = _fault(session, command.body, to)
    if fault is not None:
        code, message = fault
        status: events.MessageStatus = "failed" if code == NO_GATEWAY else "invalid"
        session.deliver(events.MessageTaken(command.id, status, code=code, message=message))
        return
    sid = new_sid("SM")
    session.call.journal.add("message", sid=sid, to=to, from_=from_)
    session.detach(_hand_over(session, command, sid, normalise_number(to) or to, from_))
    session.deliver(events.MessageTaken(command.id, "sending", sid))


def _parties(call: Call) -> tuple[str, str]:
    """The far end, and our own number."""
    party = call.party
    return (party.from_, party.to) if call.direction == "inbound" else (party.to, party.from_)


def _fault(session: Session, body: str, to: str) -> tuple[int, str] | None:
    if not session.resources.settings.sms.url:
        return NO_GATEWAY, "<Sms> cannot be sent: no gateway is configured ([sms] url)"
    if not 0 < len(body) <= LONGEST_BODY:
        return SCHEMA_WARNING, f"<Sms> needs a text of at most {LONGEST_BODY} characters"
    if normalise_number(to) is None:
        return SCHEMA_WARNING, f"<Sms> cannot be sent to {to[:80]!r}, which is no telephone number"
    return None


async def _hand_over(session: Session, command: commands.SendMessage, sid: str, to: str, from_: str) -> None:
    resources, call = session.resources, session.call
    gateway = resources.settings.sms
    pairs = (
        ("MessageSid", sid),
        ("SmsSid", sid),
        ("AccountSid", call.account_sid),
        ("From", from_),
        ("To", to),
        ("Body", command.body),
        ("CallSid", call.sid),
        ("ApiVersion", API_VERSION),
    )
    code = 0
    try:
        await resources.webhooks.fetch(Request(gateway.url, gateway.method, pairs, account_sid=call.account_sid))
    except WebhookFailure as failure:
        code = failure.code
        message = f"the gateway did not take message {sid}: {failure}"
        session.perform(session, commands.Report(code, message, "error", failure.url))
    status = "failed" if code else "sent"
    call.journal.add("message", sid=sid, status=status)
    if command.status_callback:
        told = [*standard_parameters(call), ("SmsSid", sid), ("SmsStatus", status), ("MessageStatus", status)]
        if code:
            told.append(("ErrorCode", str(code)))
        resources.callbacks.send(call.sid, command.status_callback, "POST", told, journal=call.journal)
