"""What the operator keeps, limits, charges and hears of."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from voice.configuration.section import Method, Section


class Account(Section):
    """The account that owns every call; an empty field is made once and kept in ``data_dir``."""

    sid: str = Field("", pattern=r"^(AC[0-9a-fA-F]{32})?$")
    auth_token: str = ""


class Debugger(Section):
    """Who hears of every error and warning."""

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """A webhook that gets a POST for each, signed like any other (spec section 3.11). Empty: nobody is told."""


class Sms(Section):
    """Where short messages go."""

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """The gateway: a webhook that gets each message of ``<Sms>``, signed like any other. Empty: none are sent, error 13803."""
    method: Method = "POST"


class Recordings(Section):
    """What was recorded, and who may hear it."""

    authentication: bool = True
    """Whether the audio is only given to who knows the account's SID and token. Without, its unguessable address is enough."""


class Retention(Section):
    """For how many days things are kept after they were made; 0 is for ever."""

    recordings: int = Field(0, ge=0)
    """With their transcriptions. That there was one is known for 40 days more."""
    calls: int = Field(0, ge=0)
    """What is known of calls and conferences that have ended."""
    journals: int = Field(30, ge=0)
    """What happened in calls, and their Events in the REST API."""
    notifications: int = Field(30, ge=0)
    """Errors and warnings of calls."""


class Limits(Section):
    """What one switch takes on."""

    max_calls: int = Field(500, ge=1, le=2000)
    """Legs of both directions."""
    calls_per_second: int = Field(100, ge=1)
    account_calls_per_second: float = Field(100, gt=0)
    """Calls that one account may place; more are queued."""
    api_requests_per_second: float = Field(500, gt=0)
    """Of one account; more are refused with 429."""
    call_seconds: int = Field(14400, ge=1, le=86400)
    conference_participants: int = Field(250, ge=2)
    """In one conference at most, whatever its ``maxParticipants`` says."""
    drain_seconds: int = Field(60, ge=0)
    """How long live calls may go on after SIGTERM."""


class Prices(Section):
    """What ``/Usage`` and ``/Balance`` reckon with, per minute begun."""

    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    inbound: Decimal = Field(Decimal(0), ge=0)
    """Calls from the telephone network."""
    outbound: Decimal = Field(Decimal(0), ge=0)
    """Calls to it."""
    sip_inbound: Decimal = Field(Decimal(0), ge=0)
    sip_outbound: Decimal = Field(Decimal(0), ge=0)
    client: Decimal = Field(Decimal(0), ge=0)
    recording: Decimal = Field(Decimal(0), ge=0)


class PaymentConnector(Section):
    """Who turns what ``<Pay>`` collects into a charge or a token; ``voice.payment.connector`` describes what it is asked."""

    name: str = "Default"
    """As ``paymentConnector`` names it."""
    url: str
    """https; http only to a private address, and only where webhooks may go to private networks."""
    username: str = ""
    """For Basic authentication; empty: none."""
    password: str = ""
    signed: bool = True
    """Send ``X-Twilio-Signature``, with the hash of the body as ``bodySHA256`` in the query."""
    operations: tuple[Literal["charge", "tokenize"], ...] = ("charge", "tokenize")
    token_types: tuple[Literal["one-time", "reusable", "payment-method"], ...] = ("one-time", "reusable", "payment-method")
    payment_methods: tuple[Literal["credit-card", "ach-debit"], ...] = ("credit-card", "ach-debit")
    currencies: tuple[str, ...] = ()
    """ISO 4217; empty: all."""
    required_parameters: tuple[str, ...] = ()
    """``<Parameter>`` names that every ``<Pay>`` must give, such as AVSName."""


class Siprec(Section):
    """A recording server that gets copies of calls: ``<Siprec connectorName>`` (RFC 7866)."""

    name: str
    uri: str = Field(pattern=r"^sips?:\S+$")
    """``sip:user@host[:port]``; ``;transport=tcp`` is wise, because the INVITE is longer than a packet."""
    username: str = ""
    """For digest authentication; empty: none."""
    password: str = ""
