"""User-defined messages between pages and applications (spec section 4.11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

from voice.calls.call import Call
from voice.calls.registry import Registry
from voice.clients.calls import ClientCalls
from voice.clients.failures import NO_SUCH_CALL, TOO_LARGE, TYPE_UNKNOWN, fault
from voice.clients.messages import UserMessage
from voice.identifiers import new_sid
from voice.web.callbacks import CallbackSender

CONTENT_TYPE, KIND = "application/json", "user-defined-message"
LONGEST_CONTENT = 10_000
"""Characters of JSON."""
MOST_SUBSCRIPTIONS = 10
"""Of one call."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told the messages of a call's page."""

    sid: str
    url: str
    method: str


class Letters:
    """Messages of all live calls; subscriptions end with their call."""

    def __init__(self, registry: Registry, calls: ClientCalls, callbacks: CallbackSender, wall: Callable[[], datetime]) -> None:
        self._registry, self._calls, self._callbacks, self._wall = registry, calls, callbacks, wall
        self._subscriptions: dict[str, list[Subscription]] = {}
        """By CallSid."""

    def takes(self, call: Call) -> bool:
        """Whether the far end of a call is a page."""
        return self._calls.get(call.leg) is not None

    def send(self, call: Call, content: Any) -> str:
        """Send a message to the page of a call, and return its SID."""
        sid, leg = new_sid("KX"), self._calls.get(call.leg)
        if leg is not None:
            leg.tell("message", content=content, contenttype=CONTENT_TYPE, messagetype=KIND, voiceeventsid=sid)
        call.journal.add("message-sent", sid=sid)
        return sid

    def subscribe(self, call: Call, url: str, method: str) -> Subscription | None:
        """Have the messages of a call's page sent to a URL; None when there are too many that are."""
        mine = self._subscriptions.setdefault(call.sid, [])
        if not mine:
            line = self._registry.by_sid(call.sid)
            assert line is not None, "whoever subscribes has found it live"
            line.on_end.append(partial(self._forget, call.sid))
        if len(mine) >= MOST_SUBSCRIPTIONS:
            return None
        mine.append(Subscription(new_sid("ZY"), url, method))
        return mine[-1]

    def unsubscribe(self, call: Call, sid: str) -> bool:
        """End a subscription; False when there is none of this SID."""
        mine = self._subscriptions.get(call.sid, [])
        found = next((each for each in mine if each.sid == sid), None)
        if found is None:
            return False
        mine.remove(found)
        return True

    def _forget(self, call_sid: str) -> None:
        self._subscriptions.pop(call_sid, None)

    def receive(self, call_sid: str, message: UserMessage) -> dict[str, Any] | None:
        """See reception.Post."""
        line = self._registry.by_sid(call_sid)
        content = json.dumps(message.content)
        if line is None:
            return fault(NO_SUCH_CALL, "there is no such call")
        if message.content_type != CONTENT_TYPE or message.kind != KIND:
            return fault(TYPE_UNKNOWN, f"only {KIND} of {CONTENT_TYPE} is taken")
        if len(content) > LONGEST_CONTENT:
            return fault(TOO_LARGE, f"a message has at most {LONGEST_CONTENT} characters")
        call = line.call
        call.journal.add("message-received", sid=message.sid)
        for each in self._subscriptions.get(call_sid, ()):
            pairs = [
                ("AccountSid", call.account_sid),
                ("CallSid", call_sid),
                ("Sid", message.sid),
                ("SubscriptionSid", each.sid),
                ("ContentType", CONTENT_TYPE),
                ("Content", content),
                ("DateCreated", format_datetime(self._wall())),
            ]
            self._callbacks.send(call_sid, each.url, each.method, pairs, journal=call.journal)
        return None
