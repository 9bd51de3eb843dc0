"""The commands of Pay: keeping a caller's keys secret, and handing what they typed to a connector."""

from __future__ import annotations

from markup import commands, events
from voice.calls.session import Session
from voice.payment.connector import PaymentRefused
from voice.payment.settlement import last_day, settle


def open_payment(session: Session, command: commands.OpenPayment) -> None:
    """Find out whether the connector can do it, and keep keys secret from now on."""
    try:
        session.resources.connectors.check(command.terms)
    except PaymentRefused as refusal:
        session.deliver(events.PaymentRefused(command.id, refusal.code, str(refusal)))
        return
    secrecy = session.line.secrecy
    secrecy.begin()
    session.live[command.id] = secrecy.end
    session.deliver(events.PaymentOpened(command.id, last_day(session.resources.wall())))


def send_payment(session: Session, command: commands.SendPayment) -> None:
    """Ask the connector; once sent, a request is not withdrawn, whatever becomes of the call."""
    session.live[command.id] = lambda: None
    session.detach(_send(session, command))


async def _send(session: Session, command: commands.SendPayment) -> None:
    connectors, now = session.resources.connectors, session.resources.now
    event: events.PaymentSettled | events.PaymentRefused
    try:
        receipt = await settle(connectors, session.call, now, command.terms, command.instrument)
        event = events.PaymentSettled(command.id, receipt.token, receipt.profile, receipt.confirmation)
    except PaymentRefused as refusal:
        event = events.PaymentRefused(command.id, refusal.code, str(refusal), refusal.connector_error)
    session.finish(command.id, event)
