"""Those whom REST has called into one conference: who is expected, and what became of the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from voice.calls.call import Call
from voice.conference.overhearing import Overhearing
from voice.conference.room import Happening, Room
from voice.conference.seat import Seat

MOST_REMEMBERED = 1000


class Seats:
    """See ``voice.conference.seat.Waiting``.

    ``settle`` takes what has happened to the rules, ``arrange`` puts everybody's audio where it belongs now.
    """

    def __init__(
        self,
        rules: Room,
        overhearing: Overhearing,
        wall: Callable[[], datetime],
        settle: Callable[[list[Happening]], None],
        arrange: Callable[[], None],
    ) -> None:
        self.date = wall
        self._rules = rules
        self._overhearing = overhearing
        self._settle = settle
        self._arrange = arrange
        self._seats: dict[str, Seat] = {}
        """All of them, the oldest first."""
        self._waiting: dict[str, Seat] = {}

    @property
    def waiting(self) -> list[Seat]:
        """Who is being called."""
        return list(self._waiting.values())

    def find(self, key: str) -> Seat | None:
        """Somebody with a CallSid, or with a label while being called."""
        member = self._rules.awaited(key)
        return self._seats.get(key if member is None else member.call_sid)

    def call(self, call_sid: str) -> Call | None:
        """The call of somebody."""
        seat = self._seats.get(call_sid)
        return seat.call if seat is not None else None

    def expects(self, call_sid: str) -> bool:
        """Whether somebody is called and not in yet."""
        return call_sid in self._waiting

    def expect(self, seat: Seat) -> None:
        """Somebody is being called."""
        self._remember(seat)
        self._waiting[seat.call.sid] = seat
        self._rules.expect(seat.member)

    def take(self, call_sid: str) -> bool:
        """Somebody comes in; whether that is one who was called."""
        return self._waiting.pop(call_sid, None) is not None

    def lose(self, call_sid: str) -> None:
        """Somebody does not come."""
        self._waiting.pop(call_sid, None)
        member = self._rules.expected.get(call_sid)
        if member is not None:
            self._settle(self._rules.lose(member))

    def dismiss(self) -> None:
        """Call nobody any more."""
        waiting, self._waiting = self._waiting, {}
        for seat in waiting.values():
            self.hush(seat)
            seat.cancel()

    def overhear(self, seat: Seat, row: int, early_media: bool) -> None:
        """Let the room hear that a phone rings."""
        if self._overhearing.begin(seat.call.sid, row, early_media):
            self._rules.ringing.add(seat.call.sid)
            self._arrange()

    def hush(self, seat: Seat) -> None:
        """Let it be heard no longer; who waits hears the room on until it is in or lost."""
        self._overhearing.stop(seat.call.sid)

    def _remember(self, seat: Seat) -> None:
        if len(self._seats) >= MOST_REMEMBERED:
            oldest = next((sid for sid, each in self._seats.items() if not each.call.live), None)
            self._seats.pop(oldest or "", None)
        self._seats[seat.call.sid] = seat
