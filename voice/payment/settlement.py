"""Which day it is for a card, and handing what a caller typed to a connector."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

from markup.payment import Instrument, Terms
from voice.calls.call import Call
from voice.payment.connector import Connectors, PaymentRefused, Receipt, write_request

LAST_ZONE = timedelta(hours=12)
"""A month ends last at UTC-12, and a card with it."""


def last_day(wall: datetime) -> date:
    """The day by which cards expire, ``wall`` being the time in UTC."""
    return (wall - LAST_ZONE).date()


async def settle(connectors: Connectors, call: Call, now: Callable[[], float], terms: Terms, instrument: Instrument) -> Receipt:
    """Make the charge or the token; the journal of the call gets the outcome, nothing that was typed. Raises PaymentRefused."""
    transaction, began = str(uuid4()), now()
    content = write_request(terms, instrument, transaction)
    secrets = (instrument.card_number, instrument.security_code, instrument.account_number)
    outcome, code = "settled", 0
    try:
        return await connectors.send(terms, content, secrets)
    except PaymentRefused as refusal:
        outcome, code = str(refusal), refusal.code
        raise
    finally:
        call.journal.add(
            "payment",
            connector=terms.connector,
            method="charge" if terms.charges else "tokenize",
            transaction=transaction,
            outcome=outcome,
            code=code,
            seconds=round(now() - began, 4),
        )
