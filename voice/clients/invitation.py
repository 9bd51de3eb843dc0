"""A call to one page."""

from __future__ import annotations

from dataclasses import dataclass

from sip.endpoint import Invitation
from voice.clients.devices import Device

CLIENT = "client:"
CALL_SID = "X-Twilio-CallSid"


@dataclass(frozen=True, slots=True)
class ClientInvitation(Invitation):
    """``uri`` is ``client:name``, ``from_uri`` that or a SIP URI; ``headers`` name the call by X-Twilio-CallSid."""

    device: Device | None = None
    """Whom it is for."""
    parameters: tuple[tuple[str, str], ...] = ()
    """What the page is told beside the facts of the call."""

    @property
    def call_sid(self) -> str:
        """The call that it belongs to."""
        return next((value for name, value in self.headers if name == CALL_SID), "")
