"""One leg of one call: who speaks with whom, how far it has come, and where its network leg and audio row are.

The status follows one table; a network event that is no legal step changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog

from markup.commands import Report
from sip.events import Headers, LegId
from voice.story.journal import Journal

CallStatus = Literal["queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
Direction = Literal["inbound", "outbound-api", "outbound-dial"]

ENDED: frozenset[CallStatus] = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

_FROM_RINGING: frozenset[CallStatus] = frozenset({"in-progress", *ENDED})
_NEXT: dict[CallStatus, frozenset[CallStatus]] = {
    "queued": frozenset({"initiated", *ENDED}),
    "initiated": frozenset({"ringing", *_FROM_RINGING}),
    "ringing": _FROM_RINGING,
    "in-progress": frozenset({"completed", "failed"}),
}


@dataclass(frozen=True, slots=True)
class Party:
    """Names both ends of a leg as webhooks do: E.164, ``sip:user@host`` or ``client:name``."""

    from_: str
    to: str
    extra: tuple[tuple[str, str], ...] = ()
    """Further standard parameters of this leg: ``SipDomain``, ``SipCallId``, ``SipHeader_*``, ``ForwardedFrom`` ..."""


@dataclass(slots=True)
class Call:
    """The record of one leg.

    ``now`` is monotonic seconds; times are None until they happen.
    """

    sid: str
    account_sid: str
    direction: Direction
    party: Party
    journal: Journal
    now: Callable[[], float]
    parent_sid: str = ""
    sip_call_id: str = ""
    leg: LegId | None = None
    row: int | None = None
    status: CallStatus = "queued"
    response_code: int = 0
    """Final SIP status, once there is one."""
    response_headers: Headers = ()
    created: float = field(init=False)
    answered: float | None = None
    ended: float | None = None
    answered_by: str = ""
    """Who that was, once machine detection knows; it is told in the status callbacks from then on (section 3.6)."""
    recorded: Callable[[], tuple[tuple[str, str], ...]] = tuple
    """What its last status callback says of the recording of its Dial (section 3.6)."""
    on_status: list[Callable[[Call], None]] = field(default_factory=list)
    """Told of each step, in order."""
    on_report: list[Callable[[Call, Report], None]] = field(default_factory=list)
    """Told of each error and warning."""
    reports: int = 0
    """How many of them there were."""
    log: structlog.stdlib.BoundLogger = field(init=False)

    def __post_init__(self) -> None:
        self.created = self.now()
        self.log = structlog.get_logger("call").bind(call_sid=self.sid, sip_call_id=self.sip_call_id)

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status not in ENDED

    @property
    def duration(self) -> int:
        """Seconds since it was answered, up to its end; 0 for an unanswered one."""
        if self.answered is None:
            return 0
        return round((self.ended if self.ended is not None else self.now()) - self.answered)

    def identify(self, sip_call_id: str) -> None:
        """Learn the Call-ID of an outbound leg."""
        self.sip_call_id = sip_call_id
        self.log = self.log.bind(sip_call_id=sip_call_id)

    def advance(self, status: CallStatus) -> bool:
        """Take a step; False when the table does not allow it."""
        if status not in _NEXT.get(self.status, frozenset()):
            return False
        self.status = status
        if status == "in-progress":
            self.answered = self.now()
        if status in ENDED:
            self.ended = self.now()
        self.journal.add("status", status=status)
        self.log.info("call " + status, direction=self.direction, from_=self.party.from_, to=self.party.to)
        for listener in self.on_status:
            listener(self)
        return True

    def report(self, told: Report) -> None:
        """Note an error or a warning: in the journal, in the log, and with whoever listens."""
        self.reports += 1
        self.journal.add("report", level=told.level, code=told.code, message=told.message, url=told.url)
        self.log.log(_LEVELS[told.level], told.message, code=told.code, url=told.url)
        for listener in self.on_report:
            listener(self, told)


_LEVELS = {"warning": 30, "error": 40}
_REFUSED: dict[int, CallStatus] = {486: "busy", 404: "no-answer", 487: "canceled"}
"""How an inbound leg that we did not answer ended, by the status we sent."""
_UNANSWERED: dict[int, CallStatus] = {486: "busy", 600: "busy", 408: "no-answer", 480: "no-answer", 487: "canceled"}
"""How an outbound leg that was not answered ended, by the status we got."""


def ended_status(call: Call, code: int, by_peer: bool) -> CallStatus:
    """The final status of a leg that ended with SIP status ``code`` (spec section 6.5)."""
    if call.status == "in-progress":
        return "completed"
    if call.direction == "inbound":
        return _REFUSED.get(code, "canceled" if by_peer else "failed")
    return _UNANSWERED.get(code, "failed")
