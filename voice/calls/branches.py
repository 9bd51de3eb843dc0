"""The INVITEs of one call: some ring at once, others follow when those have failed, as RFC 3261 section 16 has it for proxies."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from sip import events as network
from sip.endpoint import Invitation
from sip.events import Headers, LegId
from voice.calls.call import Call

Turn = tuple[Invitation, ...]
"""What rings at once."""

FAILED_ADDRESS = frozenset({404, 408, 410, 480, 604, *range(500, 600)})
"""Final responses of an address after which another is tried: it cannot be reached, which says nothing of the callee."""
_DECLINED = 600
"""From here on a response speaks for the callee, wherever else it rings (RFC 3261 section 21.6)."""
_BUSY = 486
_ELSEWHERE = 3
"""Hundreds of the responses that name another address."""
MOST_REDIRECTIONS = 5
"""Of one call."""

Redirect = Callable[[Invitation, Headers], Turn]
"""The INVITEs that follow one which got 3xx with these headers; none where that is not followed."""


class Gate(Protocol):
    """Who counts the legs that go through carriers; see ``voice.trunks.trunks.Trunks``."""

    def enter(self, invitation: Invitation) -> bool:
        """Whether there is room for an INVITE."""

    def follow(self, leg: LegId, invitation: Invitation) -> None:
        """It has become a leg."""

    def leave(self, leg: LegId) -> None:
        """That leg has ended."""


@dataclass(slots=True)
class _Branch:
    invitation: Invitation
    call_id: str = ""
    """Empty until it is dialled."""


class Branches:
    """The legs of one call until one of them is answered, whose leg the call then has; the call hears of them as of one.

    ``invite`` dials and ``hang_up`` ends a leg.
    """

    def __init__(self, call: Call, invite: Callable[[Invitation], LegId], hang_up: Callable[[LegId], None]) -> None:
        self._call = call
        self._gate: Gate
        self._redirect: Redirect
        self._invite = invite
        self._hang_up = hang_up
        self._turns: deque[Turn] = deque()
        self._live: dict[LegId, _Branch] = {}
        """The legs that have not ended."""
        self._redirections = 0
        self._ended: list[network.Ended] = []
        """How the other branches of this turn ended."""
        self._leaving = False

    @property
    def legs(self) -> tuple[LegId, ...]:
        """Those that have not ended."""
        return tuple(self._live)

    def begin(self, turns: tuple[Turn, ...], gate: Gate, redirect: Redirect) -> None:
        """Dial the first turn, for which there is room."""
        self._turns, self._gate, self._redirect = deque(turns), gate, redirect
        self._dial()

    def give_up(self) -> None:
        """End every leg, and try no other address."""
        self._leaving = True
        for leg in self.legs:
            self._hang_up(leg)

    def take(self, event: network.Event) -> network.Event | None:
        """What the call hears of an event of one of its legs."""
        leg: LegId = getattr(event, "leg", 0)
        if leg not in self._live:
            return event
        branch = self._live[leg]
        if isinstance(event, network.Ended):
            del self._live[leg]
            self._gate.leave(leg)
        if self._call.answered is not None:
            self._dismiss(leg)
            return event if leg == self._call.leg else None
        match event:
            case network.Dialled(call_id=call_id):
                first = not any(each.call_id for each in self._live.values())
                branch.call_id = call_id
                return event if first else None
            case network.Ringing():
                return replace(event, early_media=event.early_media and len(self._live) == 1)
            case network.Answered():
                self._settle(leg)
            case network.Ended():
                return self._fail(event, branch)
        return event

    def _settle(self, leg: LegId) -> None:
        """One has answered: the others need not ring any more."""
        self._call.leg = leg
        if call_id := self._live[leg].call_id:
            self._call.identify(call_id)
        for other in self.legs:
            self._dismiss(other)

    def _dismiss(self, leg: LegId) -> None:
        if leg in self._live and leg != self._call.leg:
            self._hang_up(leg)

    def _fail(self, event: network.Ended, branch: _Branch) -> network.Ended | None:
        """One has failed: the others go on, else the next turn begins, else the most telling end is that of the call."""
        if self._follow(event, branch.invitation):
            return None
        self._ended.append(event)
        if event.code >= _DECLINED and event.code not in FAILED_ADDRESS and not self._leaving:
            self.give_up()
        if self._live:
            if self._call.leg == event.leg:
                self._call.leg = next(iter(self._live))
            return None
        told = min(self._ended, key=_rank)
        if self._turns and not self._leaving and told.code in FAILED_ADDRESS:
            self._call.journal.add("failed", code=told.code, reason=told.reason)
            if self._dial():
                return None
        return told

    def _dial(self) -> bool:
        """Dial the next turn for which there is room; whether there was one."""
        while self._turns:
            invited = [invitation for invitation in self._turns.popleft() if self._gate.enter(invitation)]
            if invited:
                self._ended.clear()
                self._live = {}
                self._send(invited)
                self._call.leg = next(iter(self._live))
                return True
        return False

    def _send(self, invited: list[Invitation]) -> None:
        for invitation in invited:
            leg = self._invite(invitation)
            self._live[leg] = _Branch(invitation)
            self._gate.follow(leg, invitation)

    def _follow(self, event: network.Ended, invitation: Invitation) -> bool:
        """Dial where 3xx points to, beside what rings already; whether that was possible."""
        if event.code // 100 != _ELSEWHERE or self._leaving or self._redirections == MOST_REDIRECTIONS:
            return False
        invited = [each for each in self._redirect(invitation, event.headers) if self._gate.enter(each)]
        if not invited:
            return False
        self._redirections += 1
        self._call.journal.add("redirected", code=event.code, to=[each.uri for each in invited])
        self._send(invited)
        if self._call.leg == event.leg:
            self._call.leg = next(iter(self._live))
        return True


def _rank(ended: network.Ended) -> tuple[bool, bool, bool, int]:
    """The lower, the more it says (RFC 3261 section 16.7, step 6); what we cancelled ourselves says least."""
    return (ended.code < _DECLINED, not ended.by_peer, ended.code != _BUSY, ended.code)
