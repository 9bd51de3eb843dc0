"""``sip.endpoint.Legs`` whose far ends are pages."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable

from media.webrtc.events import PeerConnected, PeerEvent
from sip import events as network
from sip.endpoint import Invitation
from sip.events import Event, Headers, LegId
from sip.phrases import phrase_of
from voice.clients.devices import Device
from voice.clients.invitation import ClientInvitation
from voice.clients.leg import CalleeLeg, CallerLeg, ClientLeg
from voice.clients.media import Media

MOST_CALLS = 10
"""Of one page at a time."""
_GONE = 480


class ClientLegs:
    """All calls of all pages. Their numbers are negative, so that nobody takes one for a leg of a telephone."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._numbers = itertools.count(-1, -1)
        self._legs: dict[LegId, ClientLeg] = {}
        self._post: Callable[[Event], None]
        self._loop: asyncio.AbstractEventLoop

    def __len__(self) -> int:
        return len(self._legs)

    def start(self, post: Callable[[Event], None]) -> None:
        """Hand every event to ``post`` on the running event loop."""
        self._post, self._loop = post, asyncio.get_running_loop()
        self._media.start(self._take_over)

    def close(self) -> None:
        """End the connections; the calls have ended before."""
        self._media.close()

    def post(self, event: Event) -> None:
        """Tell the switch something, in a moment."""
        self._loop.call_soon(self._post, event)

    # What pages do.

    def call(self, device: Device, call_sid: str, name: str, offer: str) -> CallerLeg:
        """A page calls, and calls its call ``name`` until it knows better."""
        leg = CallerLeg(next(self._numbers), call_sid, device, self._media, self._tell, self._forget)
        leg.begin(offer, name)
        self._legs[leg.leg] = leg
        return leg

    def of(self, device: Device) -> list[ClientLeg]:
        """The calls of a page."""
        return [leg for leg in self._legs.values() if leg.device is device]

    def find(self, device: Device, name: str) -> ClientLeg | None:
        """The call of a page that it calls so."""
        return next((leg for leg in self._legs.values() if leg.device is device and name in leg.names), None)

    def held(self, device: Device, token: str) -> ClientLeg | None:
        """The call that a page may take over with a token, as one of the same identity."""
        return next((leg for leg in self._legs.values() if leg.token == token and leg.identity == device.identity), None)

    def lose(self, device: Device) -> None:
        """A page has gone."""
        for leg in self.of(device):
            leg.lose()

    def get(self, leg: LegId | None) -> ClientLeg | None:
        """The call on a leg, if it is a page's."""
        return self._legs.get(leg) if leg is not None else None

    # What the switch does: see Legs.

    def attach(self, leg: LegId, row: int) -> None:
        """See Legs."""
        if leg in self._legs:
            self._legs[leg].attach(row)

    def ring(self, leg: LegId) -> None:
        """See Legs."""
        found = self._legs.get(leg)
        if isinstance(found, CallerLeg):
            found.ring()

    def answer(self, leg: LegId) -> None:
        """See Legs."""
        found = self._legs.get(leg)
        if isinstance(found, CallerLeg):
            found.answer()

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See Legs; a page is told no headers."""
        found = self._legs.get(leg)
        if isinstance(found, CallerLeg):
            found.refuse(code)

    def invite(self, invitation: Invitation, row: int, *more: int) -> LegId:
        """See Legs; only for a ClientInvitation, whose page may have gone meanwhile."""
        number = next(self._numbers)
        device = invitation.device if isinstance(invitation, ClientInvitation) else None
        if device is None or not device.connected or not isinstance(invitation, ClientInvitation):
            self.post(network.Ended(number, _GONE, phrase_of(_GONE), by_peer=False))
            return number
        leg = CalleeLeg(number, invitation.call_sid, device, self._media, self._tell, self._forget)
        self._legs[number] = leg
        leg.attach(row)
        leg.begin(invitation)
        return number

    def hang_up(self, leg: LegId) -> None:
        """See Legs."""
        if leg in self._legs:
            self._legs[leg].hang_up()

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See Legs; a page hears keys as tones."""
        return 0.0

    def measure(self, leg: LegId) -> None:
        """See Legs."""
        if leg in self._legs:
            self._legs[leg].measure()

    def survey(self, legs: Iterable[LegId]) -> None:
        """See Legs."""
        found = ((leg, self._legs.get(leg)) for leg in legs)
        self.post(network.Surveyed(tuple((number, leg.quality if leg is not None else None) for number, leg in found)))

    def bridge(self, one: LegId, other: LegId) -> bool:
        """See Legs; all audio of pages goes through rows."""
        return False

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See Legs."""

    def _tell(self, event: Event) -> None:
        self._post(event)

    def _forget(self, leg: ClientLeg) -> None:
        self._legs.pop(leg.leg, None)

    def _take_over(self, event: PeerEvent) -> None:
        """From whichever thread the media runs on."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._hear, event)

    def _hear(self, event: PeerEvent) -> None:
        leg = next((each for each in self._legs.values() if each.peer == event.peer), None)
        if leg is None:
            return
        if isinstance(event, PeerConnected):
            leg.connect()
        else:
            leg.lack()
