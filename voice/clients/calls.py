"""The live calls of all pages, as the pages know them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from media.webrtc.events import PeerConnected, PeerEvent
from sip import events as network
from sip.events import Event, LegId
from sip.phrases import phrase_of
from voice.clients.callee import CalleeLeg
from voice.clients.caller import CallerLeg
from voice.clients.devices import Device, Identity
from voice.clients.invitation import ClientInvitation
from voice.clients.leg import ClientLeg, Patience, Stage
from voice.clients.media import Media

MOST_CALLS = 10
"""Of one page at a time."""
_GONE = 480
USUAL = Patience()


class ClientCalls:
    """Makes and finds them. Their numbers are negative, so that nobody takes one for a leg of a telephone."""

    def __init__(self, media: Media, patience: Patience = USUAL) -> None:
        self._media = media
        self._patience = patience
        self._numbers = itertools.count(-1, -1)
        self._legs: dict[LegId, ClientLeg] = {}
        self._named: dict[tuple[Identity, str], ClientLeg] = {}
        """By whose they are, and what their pages call them."""
        self._post: Callable[[Event], None]
        self._loop: asyncio.AbstractEventLoop

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

    def begin(self, device: Device, call_sid: str, name: str, offer: str) -> CallerLeg:
        """A page calls, and calls its call ``name`` until it knows better."""
        leg = CallerLeg(next(self._numbers), call_sid, device, self._media, self.post, self._forget, self._patience)
        leg.begin(offer, name)
        self._add(leg)
        return leg

    def invite(self, invitation: ClientInvitation, row: int) -> LegId:
        """Call a page, which may have gone meanwhile."""
        number, device = next(self._numbers), invitation.device
        if device is None or not device.connected:
            self.post(network.Ended(number, _GONE, phrase_of(_GONE), by_peer=False))
            return number
        leg = CalleeLeg(number, invitation.call_sid, device, self._media, self.post, self._forget, self._patience)
        self._add(leg)
        leg.attach(row)
        leg.begin(invitation)
        return number

    def get(self, leg: LegId | None) -> ClientLeg | None:
        """The call on a leg, if it is a page's."""
        return self._legs.get(leg) if leg is not None else None

    def of(self, device: Device) -> list[ClientLeg]:
        """The calls of a page."""
        return [leg for leg in self._legs.values() if leg.device is device]

    def find(self, device: Device, name: str) -> ClientLeg | None:
        """The call of a page that it calls so."""
        return next((leg for leg in self.of(device) if name in leg.names), None)

    def called(self, identity: Identity, name: str) -> ClientLeg | None:
        """The call that a page of somebody calls so."""
        return self._named.get((identity, name))

    def held(self, device: Device, token: str) -> ClientLeg | None:
        """The answered call that a page may take over with a token, as one of the same identity."""
        found = next((leg for leg in self._legs.values() if leg.token == token and leg.identity == device.identity), None)
        return found if found is not None and found.stage is Stage.ANSWERED else None

    def lose(self, device: Device) -> None:
        """A page has gone."""
        for leg in self.of(device):
            leg.lose()

    def _add(self, leg: ClientLeg) -> None:
        self._legs[leg.leg] = leg
        self._named.update({(leg.identity, name): leg for name in leg.names})

    def _forget(self, leg: ClientLeg) -> None:
        self._legs.pop(leg.leg, None)
        for name in leg.names:
            if self._named.get((leg.identity, name)) is leg:
                del self._named[leg.identity, name]

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
            leg.lack(event.reason)
