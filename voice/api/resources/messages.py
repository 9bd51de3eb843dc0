"""``UserDefinedMessages`` and their subscriptions: between an application and a client SDK (spec section 4.11).

They travel on the signalling of a page. A telephone has nothing that would take them: for its calls they are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from voice.api.errors import ApiError
from voice.api.operation import NOT_FOUND, Ask, delete, post
from voice.api.parameters import METHOD, URL, Kind, Parameter, text
from voice.api.shapes import Shape, moment, sid
from voice.calls.call import Call
from voice.calls.registry import Registry
from voice.clients.letters import LONGEST_CONTENT, MOST_SUBSCRIPTIONS, Letters

MISSING, TOO_MANY = 20001, 20429


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

    def __init__(self, registry: Registry, letters: Letters, wall: Callable[[], datetime]) -> None:
        self._registry = registry
        self._letters = letters
        self._wall = wall

    @post(
        "/Calls/{CallSid}/UserDefinedMessages",
        MESSAGE,
        takes=(Parameter("Content", _CONTENT, required=MISSING), _KEY),
        status=201,
    )
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Send a message to the client of a call."""
        call = self._client(ask)
        return self._about(call, self._letters.send(call, json.loads(ask.form["content"])))

    @post(
        "/Calls/{CallSid}/UserDefinedMessageSubscriptions",
        SUBSCRIPTION,
        takes=(Parameter("Callback", URL, required=MISSING), Parameter("Method", METHOD, 21209), _KEY),
        status=201,
    )
    async def subscribe(self, ask: Ask) -> Mapping[str, Any]:
        """Have the messages of a call's client sent to a URL."""
        call = self._client(ask)
        made = self._letters.subscribe(call, ask.form["callback"], ask.form.get("method", "POST"))
        if made is None:
            raise ApiError(400, TOO_MANY, f"{call.sid} has {MOST_SUBSCRIPTIONS} subscriptions already")
        return self._about(call, made.sid)

    @delete("/Calls/{CallSid}/UserDefinedMessageSubscriptions/{Sid}")
    async def unsubscribe(self, ask: Ask) -> None:
        """End a subscription."""
        if not self._letters.unsubscribe(self._find(ask), ask.keys["Sid"]):
            raise ask.not_found()

    def _find(self, ask: Ask) -> Call:
        line = self._registry.by_sid(ask.keys["CallSid"])
        if line is None or line.call.account_sid != ask.account.sid:
            raise ask.not_found()
        return line.call

    def _client(self, ask: Ask) -> Call:
        """The call, whose far end is a page; which code Twilio gives for other calls is unconfirmed."""
        call = self._find(ask)
        if not self._letters.takes(call):
            raise ApiError(404, NOT_FOUND, f"{call.sid} is a SIP call: only calls of a client SDK take user-defined messages")
        return call

    def _about(self, call: Call, sid: str) -> Mapping[str, Any]:
        return {"account_sid": call.account_sid, "call_sid": call.sid, "sid": sid, "date_created": self._wall()}
