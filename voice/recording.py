"""One recording: what it is of, how far it has come, and how it reads in callbacks and in the REST API (spec 3.7 and 4.8)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from voice.parameters import Pairs

Status = Literal["in-progress", "paused", "processing", "completed", "absent"]
Source = Literal[
    "RecordVerb",
    "DialVerb",
    "Conference",
    "OutboundAPI",
    "StartCallRecordingTwiML",
    "StartCallRecordingAPI",
    "StartConferenceRecordingAPI",
]
Track = Literal["inbound", "outbound", "both"]

_NEXT: dict[Status, frozenset[Status]] = {
    "in-progress": frozenset({"paused", "processing"}),
    "paused": frozenset({"in-progress", "processing"}),
    "processing": frozenset({"completed", "absent"}),
}
FINAL: frozenset[Status] = frozenset({"completed", "absent"})


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whom to tell about a recording."""

    url: str = ""
    """Empty is nobody."""
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)
    """Of ``in-progress completed absent``."""


NOBODY = Subscription()


@dataclass(slots=True)
class Recording:
    """The record of one recording."""

    sid: str
    account_sid: str
    call_sid: str
    """The parent leg; empty for a conference's."""
    source: Source
    started: datetime
    track: Track = "both"
    channels: int = 1
    trim: bool = False
    """Whether silence at both ends is cut off when it is complete."""
    subscription: Subscription = NOBODY
    status: Status = "in-progress"
    seconds: float | None = None
    """Of audio in the file, once that is known."""
    error_code: int = 0
    updated: datetime | None = None
    conference_sid: str = ""

    @property
    def live(self) -> bool:
        """Whether it still records."""
        return self.status in ("in-progress", "paused")

    def advance(self, status: Status) -> bool:
        """Take a step; False when there is no such step."""
        if status not in _NEXT.get(self.status, frozenset()):
            return False
        self.status = status
        return True

    @property
    def duration(self) -> str:
        """Whole seconds."""
        return str(round(self.seconds or 0))

    def callback(self, url: str) -> Pairs:
        """The parameters of a status callback, in the order of section 3.7; ``url`` is that of the audio."""
        subject = ("ConferenceSid", self.conference_sid) if self.conference_sid else ("CallSid", self.call_sid)
        pairs = [
            ("RecordingSource", self.source),
            ("RecordingTrack", "both" if self.source == "RecordVerb" else self.track),
            ("RecordingSid", self.sid),
            ("RecordingUrl", url),
            ("RecordingStatus", self.status),
            ("RecordingChannels", str(self.channels)),
            ("ErrorCode", str(self.error_code)),
            subject,
            ("RecordingStartTime", format_datetime(self.started)),
            ("AccountSid", self.account_sid),
        ]
        return [*pairs, ("RecordingDuration", self.duration)] if self.status == "completed" else pairs

    def to_json(self) -> str:
        """All of it, for ``from_json``."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Recording:
        """What ``to_json`` wrote. Raises ValueError."""
        try:
            kept = json.loads(text)
            for name in ("started", "updated"):
                kept[name] = kept[name] and datetime.fromisoformat(kept[name])
            subscription = kept["subscription"]
            kept["subscription"] = Subscription(**{**subscription, "events": tuple(subscription["events"])})
            return cls(**kept)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a recording: {error}") from None
