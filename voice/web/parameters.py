"""What a webhook is told about a call (spec sections 3.1, 3.4 and 3.6)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from sip.events import Headers
from voice.calls.call import ENDED, Call
from voice.routing.diversion import forwarded_from

Pairs = list[tuple[str, str]]

API_VERSION = "2010-04-01"
MOST_HEADERS = 50
LONGEST_NAME = 128

_HEADER_NAME = re.compile(r"^(x-[A-Za-z0-9!%*_+`'~.-]{1,100}|user-to-user)$", re.IGNORECASE)
_TYPED = frozenset({"ExpirationDate", "PaymentCardPostalCode", "BankRoutingNumber"})
"""What a caller typed for Pay and its action is told in the clear (spec section 2.15): no journal keeps it."""
_GEOGRAPHY = ("City", "State", "Zip", "Country")
STANDARD_NAMES = frozenset(
    {
        "CallSid",
        "AccountSid",
        "From",
        "To",
        "CallStatus",
        "ApiVersion",
        "Direction",
        "Caller",
        "Called",
        "ParentCallSid",
        "ApplicationSid",
    }
)
"""What no page may say in its own words (spec section 3.4)."""


def standard_parameters(call: Call) -> Pairs:
    """The parameters of every request of ``call``; geography is unknown here and therefore empty."""
    party = call.party
    pairs = [
        ("CallSid", call.sid),
        ("AccountSid", call.account_sid),
        ("From", party.from_),
        ("To", party.to),
        ("CallStatus", call.status),
        ("ApiVersion", API_VERSION),
        ("Direction", call.direction),
        ("Caller", party.from_),
        ("Called", party.to),
    ]
    if call.parent_sid:
        pairs.append(("ParentCallSid", call.parent_sid))
    pairs.extend(party.extra)
    if party.from_.startswith("+"):
        pairs.extend((f"{side}{part}", "") for side in ("From", "To", "Caller", "Called") for part in _GEOGRAPHY)
    return pairs


def callback_parameters(call: Call, sequence: int, moment: datetime) -> Pairs:
    """A status callback: the standard set and what section 3.6 adds to it."""
    pairs = [
        *standard_parameters(call),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(sequence)),
        ("Timestamp", format_datetime(moment)),
    ]
    if call.answered_by:
        pairs.append(("AnsweredBy", call.answered_by))
    if call.status in ENDED:
        pairs += [("CallDuration", str(call.duration)), ("Duration", str(math.ceil(call.duration / 60)))]
        if call.direction != "inbound" and call.response_code:
            pairs.append(("SipResponseCode", str(call.response_code)))
        pairs += call.recorded()
    return pairs


def timestamp(moment: datetime) -> str:
    """A moment in UTC, as the callbacks about streams and what is like them have it (ISO 8601, section 2.13)."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def platform_headers(call: Call) -> Headers:
    """What a callee is told of a call of ours (section 6.3)."""
    return (
        ("X-Twilio-AccountSid", call.account_sid),
        ("X-Twilio-CallSid", call.sid),
        ("X-Twilio-ApiVersion", API_VERSION),
    )


def header_parameters(headers: Headers, prefix: str = "SipHeader_") -> tuple[tuple[str, str], ...]:
    """The SIP headers that webhooks may see: ``X-*`` and User-to-User, names as received."""
    chosen = [(prefix + name, value[:1024]) for name, value in headers if _HEADER_NAME.fullmatch(name)]
    return tuple(chosen[:MOST_HEADERS])


def sip_parameters(sip_call_id: str, source: str, headers: Headers) -> tuple[tuple[str, str], ...]:
    """The SIP facts of an inbound leg (section 3.4); ``source`` is ``address:port``."""
    return (
        ("SipCallId", sip_call_id),
        ("SipSourceIp", source.rsplit(":", 1)[0].strip("[]")),
        *header_parameters(headers),
    )


def origin_parameters(headers: Headers, display: str) -> tuple[tuple[str, str], ...]:
    """Who forwarded an inbound call, and what its caller calls itself (section 3.1); nothing of what is not known."""
    forwarded, name = forwarded_from(headers), display.strip()[:LONGEST_NAME]
    pairs = (("ForwardedFrom", forwarded), ("CalledVia", forwarded), ("CallerName", name))
    return tuple((key, value) for key, value in pairs if value)


def without_secrets(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters of a request as journals have them."""
    return {name: "(left out)" if name in _TYPED else value for name, value in pairs}
