"""The status callbacks of one conference, numbered in the order in which they are sent (spec section 3.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from voice.calls.call import ENDED, CallStatus
from voice.conference.member import Member
from voice.conference.room import Happening
from voice.web.callbacks import CallbackSender
from voice.web.parameters import Pairs

SUBSCRIPTIONS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
"""Which word of ``statusCallbackEvent`` covers each event."""


_TOLD = ENDED | {"in-progress"}
"""Values of ``ParticipantCallStatus``; a call that does not come as far is given up."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where the events of a conference go; its first participant decides."""

    url: str = ""
    """Absolute; empty is nowhere."""
    method: str = "POST"
    events: frozenset[str] = frozenset()
    """Values of SUBSCRIPTIONS."""


class Notices:
    """Sends what a subscription asks for."""

    def __init__(
        self,
        sender: CallbackSender,
        subscription: Subscription,
        identity: Iterable[tuple[str, str]],
        wall: Callable[[], datetime],
        sent: int = 0,
    ) -> None:
        self._sender = sender
        self._subscription = subscription
        self._identity = tuple(identity)
        """ConferenceSid, FriendlyName and AccountSid."""
        self._wall = wall
        self._sent = sent

    @property
    def key(self) -> str:
        """Names the queue in which the callbacks keep their order."""
        return self._identity[0][1]

    @property
    def told(self) -> dict[str, Any]:
        """Who is told of what, and how much that was so far, for ``tell_of_the_end``."""
        asked = self._subscription
        return {"url": asked.url, "method": asked.method, "events": sorted(asked.events), "sequence": self._sent}

    def wants(self, subscription: str) -> bool:
        """Whether events of a kind are asked for."""
        return bool(self._subscription.url) and subscription in self._subscription.events

    def send(self, happening: Happening, status: CallStatus | None = None) -> None:
        """Tell what happened, if that is asked for; ``status`` is that of the call which has left."""
        if not self.wants(SUBSCRIPTIONS[happening.event]):
            return
        self._sent += 1
        pairs: Pairs = [
            *self._identity,
            ("StatusCallbackEvent", happening.event),
            ("SequenceNumber", str(self._sent)),
            ("Timestamp", format_datetime(self._wall())),
        ]
        if happening.member is not None:
            pairs += member_parameters(happening.member)
        if happening.departure is not None:
            told = "completed" if status is None else status if status in _TOLD else "canceled"
            pairs += [("ParticipantCallStatus", told), ("ReasonParticipantLeft", happening.departure)]
        pairs += happening.details
        self._sender.send(self.key, self._subscription.url, self._subscription.method, pairs)


def tell_of_the_end(sender: CallbackSender, row: Mapping[str, Any], now: datetime) -> None:
    """Send the last event of a conference whose process has died; ``row`` is what the store has of it."""
    told = row["subscription"] or {}
    if not told.get("url") or "end" not in told["events"]:
        return
    identity = (("ConferenceSid", row["sid"]), ("FriendlyName", row["friendly_name"]), ("AccountSid", row["account_sid"]))
    subscription = Subscription(told["url"], told["method"], frozenset(told["events"]))
    notices = Notices(sender, subscription, identity, lambda: now, told["sequence"])
    reason = (("ReasonConferenceEnded", row["reason_conference_ended"]), ("Reason", "The switch stopped while it was live"))
    notices.send(Happening("conference-end", details=reason))


def member_parameters(member: Member) -> Pairs:
    """What a callback says of the participant it is about."""
    pairs = [("CallSid", member.call_sid)]
    if member.label:
        pairs.append(("ParticipantLabel", member.label))
    for name, value in (
        ("Muted", member.muted),
        ("Hold", member.hold),
        ("Coaching", member.coaching),
        ("EndConferenceOnExit", member.end_on_exit),
        ("StartConferenceOnEnter", member.start_on_enter),
    ):
        pairs.append((name, "true" if value else "false"))
    if member.coaching:
        pairs.append(("CallSidToCoach", member.coached_sid))
    return pairs
