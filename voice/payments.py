"""The commands of Pay: keeping a caller's keys secret, and handing what they typed to a connector."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from markup import commands, events
from markup.payment import Terms
from voice.connector import PaymentRefused, write_request
from voice.session import Session

LAST_ZONE = timedelta(hours=12)
"""A month ends last at UTC-12, and a card with it."""


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
    today = (session.resources.wall() - LAST_ZONE).date()
    session.deliver(events.PaymentOpened(command.id, today))


def send_payment(session: Session, command: commands.SendPayment) -> None:
    """Ask the connector; once sent, a request is not withdrawn, whatever becomes of the call."""
    instrument, transaction = command.instrument, str(uuid4())
    content = write_request(command.terms, instrument, transaction)
    secrets = (instrument.card_number, instrument.security_code, instrument.account_number)
    session.live[command.id] = lambda: None
    session.detach(_send(session, command.id, command.terms, content, secrets, transaction))


async def _send(
    session: Session, id: events.OperationId, terms: Terms, content: bytes, secrets: tuple[str, ...], transaction: str
) -> None:
    began = session.resources.now()
    event: events.PaymentSettled | events.PaymentRefused
    try:
        receipt = await session.resources.connectors.send(terms, content, secrets)
        event = events.PaymentSettled(id, receipt.token, receipt.profile, receipt.confirmation)
        outcome, code = "settled", 0
    except PaymentRefused as refusal:
        event = events.PaymentRefused(id, refusal.code, str(refusal), refusal.connector_error)
        outcome, code = str(refusal), refusal.code
    session.call.journal.add(
        "payment",
        connector=terms.connector,
        method="charge" if terms.charges else "tokenize",
        transaction=transaction,
        outcome=outcome,
        code=code,
        seconds=round(session.resources.now() - began, 4),
    )
    session.finish(id, event)
