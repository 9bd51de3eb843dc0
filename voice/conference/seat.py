"""Somebody who is called into a conference by REST, from the order to the end of the call (spec section 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

from markup.verbs import Conference as Noun
from sip import events as network
from voice.calls.call import ENDED, Call
from voice.calls.line import Line
from voice.conference.member import Member, make_member

SeatStatus = Literal["queued", "connecting", "ringing", "connected", "complete", "failed"]
_STATUSES: dict[str, SeatStatus] = {"queued": "queued", "initiated": "connecting", "ringing": "ringing"}


class Waiting(Protocol):
    """Those who are called into one conference: ``voice.conference.seats.Seats``."""

    def expects(self, call_sid: str) -> bool:
        """Whether somebody is called and not in yet."""

    def overhear(self, seat: Seat, row: int, early_media: bool) -> None:
        """Let the room hear that it rings."""

    def hush(self, seat: Seat) -> None:
        """No longer."""

    def lose(self, call_sid: str) -> None:
        """Somebody does not come."""

    def date(self) -> datetime:
        """The time of day."""


class Seat:
    """An Attendant of the call that is placed; ``conference_sid`` is that of the conference if one has to be made for it.

    ``reserve`` tells the conference to expect it, ``cancel`` ends the call with a SID.
    """

    call: Call
    member: Member
    """The flags with which it will join, and then those that it has."""
    created: datetime
    updated: datetime

    def __init__(
        self,
        noun: Noun,
        conference_sid: str,
        early_media: bool,
        reserve: Callable[[Seat], Waiting],
        cancel: Callable[[str], None],
    ) -> None:
        self.noun = noun
        self.conference_sid = conference_sid
        self._early_media = early_media
        self._reserve = reserve
        self._cancel = cancel

    @property
    def status(self) -> SeatStatus:
        """How far it has come."""
        call = self.call
        if call.live:
            return _STATUSES.get(call.status, "connecting") if self.expected else "complete"
        return "complete" if call.status == "completed" else "failed"

    @property
    def expected(self) -> bool:
        """Whether it is being called and not in yet."""
        return self._waiting.expects(self.call.sid)

    def expect(self, call: Call) -> None:
        """See Attendant."""
        self.call, self.member = call, make_member(call.sid, self.noun)
        self._waiting = self._reserve(self)
        self.created = self.updated = self._waiting.date()
        call.on_status.append(self._follow)

    def hear(self, line: Line, event: network.Event) -> None:
        """See Attendant."""
        if isinstance(event, network.Ringing) and self._early_media and self.expected:
            self._waiting.overhear(self, line.row, event.early_media)

    def cancel(self) -> None:
        """Give the call up."""
        self._cancel(self.call.sid)

    def _follow(self, call: Call) -> None:
        self.updated = self._waiting.date()
        if call.status == "in-progress" or call.status in ENDED:
            self._waiting.hush(self)
        if call.status in ENDED:
            self._waiting.lose(call.sid)
