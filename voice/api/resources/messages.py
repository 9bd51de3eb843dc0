"""``UserDefinedMessages`` and their subscriptions: between an application and a client SDK (spec section 4.11).

They travel on the signalling of a browser or a mobile client. A telephone has nothing that would take them, so a call of one
is told apart: its request is checked like any other, and then refused.
"""

from __future__ import annotations

import json

from voice.api.errors import ApiError
from voice.api.operation import NOT_FOUND, Ask, delete, post
from voice.api.parameters import METHOD, URL, Kind, Parameter, text
from voice.api.shapes import Shape, moment, sid
from voice.calls.call import Call
from voice.calls.registry import Registry

MISSING = 20001
LONGEST_CONTENT = 10_000
"""Characters."""


def _json(given: str) -> str:
    if len(given) > LONGEST_CONTENT:
        raise ValueError(f"must have at most {LONGEST_CONTENT} characters")
    try:
        json.loads(given)
    except (ValueError, RecursionError):
        raise ValueError("must be JSON") from None
    return given


_CONTENT = Kind(_json, {"type": "string", "maxLength": LONGEST_CONTENT, "contentMediaType": "application/json"})
_KEY = Parameter("IdempotencyKey", text(255))
_ABOUT = {"account_sid": sid("AC"), "call_sid": sid("CA")}

MESSAGE = Shape("UserDefinedMessage", {**_ABOUT, "sid": sid("KX"), "date_created": moment()})
SUBSCRIPTION = Shape(
    "UserDefinedMessageSubscription",
    {**_ABOUT, "sid": sid("ZY"), "date_created": moment()},
    "/Calls/{call_sid}/UserDefinedMessageSubscriptions/{sid}",
)


class UserDefinedMessages:
    """The two resources of the live calls."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @post(
        "/Calls/{CallSid}/UserDefinedMessages",
        MESSAGE,
        takes=(Parameter("Content", _CONTENT, required=MISSING), _KEY),
        status=201,
    )
    async def create(self, ask: Ask) -> None:
        """Send a message to the client of a call."""
        raise _no_client(self._find(ask))

    @post(
        "/Calls/{CallSid}/UserDefinedMessageSubscriptions",
        SUBSCRIPTION,
        takes=(Parameter("Callback", URL, required=MISSING), Parameter("Method", METHOD, 21209), _KEY),
        status=201,
    )
    async def subscribe(self, ask: Ask) -> None:
        """Have the messages of a call's client sent to a URL."""
        raise _no_client(self._find(ask))

    @delete("/Calls/{CallSid}/UserDefinedMessageSubscriptions/{Sid}")
    async def unsubscribe(self, ask: Ask) -> None:
        """End a subscription, of which there are none."""
        self._find(ask)
        raise ask.not_found()

    def _find(self, ask: Ask) -> Call:
        line = self._registry.by_sid(ask.keys["CallSid"])
        if line is None or line.call.account_sid != ask.account.sid:
            raise ask.not_found()
        return line.call


def _no_client(call: Call) -> ApiError:
    """For a call without such a client the resource does not exist (which code Twilio gives is unconfirmed)."""
    return ApiError(404, NOT_FOUND, f"{call.sid} is a SIP call: only calls of a client SDK take user-defined messages")
