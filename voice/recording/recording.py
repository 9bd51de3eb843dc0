"""One recording: what it is of, how far it has come, and how it reads in callbacks and in the store (spec 3.7 and 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Literal

from voice.web.parameters import Pairs

Status = Literal["in-progress", "paused", "stopped", "processing", "completed", "absent", "deleted"]
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
    "in-progress": frozenset({"paused", "stopped", "processing"}),
    "paused": frozenset({"in-progress", "stopped", "processing"}),
    "stopped": frozenset({"processing"}),
    "processing": frozenset({"completed", "absent"}),
    "completed": frozenset({"deleted"}),
    "absent": frozenset({"deleted"}),
}
FINAL: frozenset[Status] = frozenset({"completed", "absent", "deleted"})


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whom to tell about a recording."""

    url: str = ""
    """Empty is nobody."""
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)
    """Of ``started in-progress paused resumed stopped completed failed absent``."""


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
    node: str = ""
    """The process that has its file."""
    deleted: datetime | None = None
    transcription: Mapping[str, Any] | None = None
    """If it is to be transcribed: ``callback`` is told, with the ``parameters`` of the call."""

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

    def row(self) -> dict[str, Any]:
        """What the store keeps of it, for ``from_row``."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "date_created": self.started,
            "date_updated": self.updated or self.started,
            "start_time": self.started,
            "call_sid": self.call_sid or None,
            "conference_sid": self.conference_sid or None,
            "status": self.status,
            "source": self.source,
            "track": self.track,
            "channels": self.channels,
            "seconds": self.seconds if self.status in FINAL else None,
            "error_code": self.error_code or None,
            "trim": self.trim,
            "node": self.node,
            "subscription": asdict(self.subscription),
            "date_deleted": self.deleted,
            "transcription": self.transcription,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Recording:
        """What ``row`` gave to the store."""
        told = row["subscription"]
        return cls(
            row["sid"],
            row["account_sid"],
            row["call_sid"] or "",
            row["source"],
            row["start_time"],
            row["track"],
            row["channels"],
            row["trim"],
            Subscription(told["url"], told["method"], tuple(told["events"])),
            row["status"],
            row["seconds"],
            row["error_code"] or 0,
            row["date_updated"],
            row["conference_sid"] or "",
            row["node"],
            row["date_deleted"],
            row["transcription"],
        )
