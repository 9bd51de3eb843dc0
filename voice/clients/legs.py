"""``sip.endpoint.Legs`` whose far ends are pages."""

from __future__ import annotations

from collections.abc import Iterable

from sip import events as network
from sip.endpoint import Invitation
from sip.events import Headers, LegId
from voice.clients.caller import CallerLeg
from voice.clients.calls import ClientCalls
from voice.clients.invitation import ClientInvitation


class ClientLegs:
    """What the switch does with the calls of pages. See Legs."""

    def __init__(self, calls: ClientCalls) -> None:
        self._calls = calls

    def attach(self, leg: LegId, row: int) -> None:
        """See Legs."""
        found = self._calls.get(leg)
        if found is not None:
            found.attach(row)

    def ring(self, leg: LegId) -> None:
        """See Legs."""
        found = self._calls.get(leg)
        if isinstance(found, CallerLeg):
            found.ring()

    def progress(self, leg: LegId) -> None:
        """See Legs."""
        found = self._calls.get(leg)
        if isinstance(found, CallerLeg):
            found.progress()

    def answer(self, leg: LegId) -> None:
        """See Legs."""
        found = self._calls.get(leg)
        if isinstance(found, CallerLeg):
            found.answer()

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See Legs; a page is told no headers."""
        found = self._calls.get(leg)
        if isinstance(found, CallerLeg):
            found.refuse(code)

    def invite(self, invitation: Invitation, row: int, *more: int) -> LegId:
        """See Legs; pages have one stream."""
        if not isinstance(invitation, ClientInvitation):
            raise TypeError("whoever has pages and telephones knows which of them an invitation is for")
        return self._calls.invite(invitation, row)

    def hang_up(self, leg: LegId) -> None:
        """See Legs."""
        found = self._calls.get(leg)
        if found is not None:
            found.hang_up()

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See Legs; a page hears keys as tones."""
        return 0.0

    def measure(self, leg: LegId) -> None:
        """See Legs."""
        found = self._calls.get(leg)
        if found is not None:
            found.measure()

    def survey(self, legs: Iterable[LegId]) -> None:
        """See Legs."""
        found = ((leg, self._calls.get(leg)) for leg in legs)
        self._calls.post(network.Surveyed(tuple((number, leg.quality if leg is not None else None) for number, leg in found)))

    def bridge(self, one: LegId, other: LegId) -> bool:
        """See Legs; all audio of pages goes through rows."""
        return False

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See Legs."""
