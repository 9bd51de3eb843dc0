"""A call of ours to a page."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from media.errors import MediaError
from media.webrtc.events import PeerId
from sip import events as network
from voice.clients.invitation import ClientInvitation
from voice.clients.leg import ClientLeg, Stage, path_of
from voice.routing.address import caller_name
from voice.web.parameters import API_VERSION

_OK, _BUSY, _CANCELLED, _NO_MEDIA = 200, 486, 487, 503


class CalleeLeg(ClientLeg):
    """We call a page."""

    def begin(self, invitation: ClientInvitation) -> None:
        """Offer it the call."""
        account_sid, name = self.identity
        parameters = {
            "CallSid": self.call_sid,
            "AccountSid": account_sid,
            "ApiVersion": API_VERSION,
            "From": caller_name(invitation.from_uri),
            "To": f"client:{name}",
        }
        if invitation.parameters:
            parameters["Params"] = urlencode(invitation.parameters, quote_via=quote)
        self._start(self._offer(parameters))

    def accept(self, description: str) -> None:
        """The page takes the call."""
        if self.stage is Stage.WAITING and self.peer is not None:
            self.stage = Stage.CONNECTING
            self._start(self._accept(self.peer, description))

    def reject(self) -> None:
        """The page does not take it."""
        if self.pending:
            self._end(_BUSY)

    def hang_up(self) -> None:
        """See Legs."""
        if self.ended:
            return
        answered = self.stage is Stage.ANSWERED
        self.tell("hangup" if answered else "cancel")
        self._end(_OK if answered else _CANCELLED, by_peer=False)

    async def _offer(self, parameters: dict[str, str]) -> None:
        try:
            peer, offer = await self._media.offer()
        except MediaError:
            self._end(_NO_MEDIA, by_peer=False)
            return
        if self._settle(peer, ()):
            self._post(network.Dialled(self.leg, self.call_sid))
            self.tell("invite", sdp=offer, parameters=parameters, reconnect=self.token)
            self._post(network.Ringing(self.leg, 180, early_media=False))

    async def _accept(self, peer: PeerId, description: str) -> None:
        try:
            await self._media.accept(peer, description)
        except MediaError as error:
            if not self.ended:
                self._fail(str(error))
            return
        if not self.ended:
            self.stage, self._path = Stage.ANSWERED, path_of(description)
            self._post(network.Answered(self.leg))
