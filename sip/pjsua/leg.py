"""One call of pjsua2. It translates callbacks into events and decides nothing."""

from __future__ import annotations

from typing import Protocol

import pjsua2 as pj

from sip import events
from sip.events import Headers, LegId
from sip.message import read_headers
from sip.pjsua.native import NO_PORT, lib
from sip.pjsua.rows import Rows


class Owner(Protocol):
    """What a leg needs of its endpoint."""

    rows: Rows

    def post(self, event: events.Event) -> None:
        """Hand an event to the event loop; from any thread."""

    def release(self, leg: Leg) -> None:
        """Forget a leg that has ended."""


class Leg(pj.Call):  # type: ignore[misc]
    """A call and its place on the bus.

    Its callbacks run on pjsip's threads; whatever else is called here runs on the endpoint's own thread.
    """

    def __init__(self, owner: Owner, account: pj.Account, id: LegId, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.id = id
        self.sip_call_id = ""
        self.inbound = call_id >= 0
        self.row: int | None = None
        self.peer: Leg | None = None
        """The leg it is bridged with."""
        self.takes_digits = True
        """The far end negotiated telephone events."""
        self.ended_by_us = False
        self._owner = owner
        self._stream = NO_PORT
        self._held = False
        self._early = False

    def connect(self) -> None:
        """Connect the media, as far as it is up, with the row or the bridged leg."""
        if self.row is None or self._stream == NO_PORT:
            return
        self._owner.rows.connect(self.row, self._stream)
        if self.peer is not None and self.peer.stream != NO_PORT:
            self._owner.rows.mute(self.row, self._stream)
            lib.pjsua_conf_connect(self._stream, self.peer.stream)

    def disconnect_peer(self) -> None:
        """Leave the bridged leg and hear the row again."""
        other = self.peer
        self.peer = None
        if other is not None and NO_PORT not in (self._stream, other.stream):
            lib.pjsua_conf_disconnect(self._stream, other.stream)
        self.connect()

    @property
    def stream(self) -> int:
        """The bridge port of its audio, or ``NO_PORT``."""
        return self._stream

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        """Pjsua2's callback."""
        info = self.getInfo()
        match info.state:
            case pj.PJSIP_INV_STATE_CALLING:
                self.sip_call_id = info.callIdString
                self._owner.post(events.Dialled(self.id, info.callIdString))
            case pj.PJSIP_INV_STATE_EARLY if not self.inbound:
                self._owner.post(events.Ringing(self.id, info.lastStatusCode, self._early))
            case pj.PJSIP_INV_STATE_CONFIRMED:
                self._owner.post(events.Answered(self.id, () if self.inbound else _headers(prm)))
            case pj.PJSIP_INV_STATE_DISCONNECTED:
                self._end(info.lastStatusCode, info.lastReason, () if self.inbound else _headers(prm))

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        """Pjsua2's callback: the media came up, changed or went on hold."""
        info = self.getInfo()
        self._stream = lib.pjsua_call_get_conf_port(info.id)
        self.connect()
        if self.peer is not None:
            self.peer.connect()
        held = any(media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD for media in info.media)
        if held != self._held:
            self._held = held
            self._owner.post(events.Held(self.id, held))
        if not self.inbound and not self._early and info.state in (pj.PJSIP_INV_STATE_CALLING, pj.PJSIP_INV_STATE_EARLY):
            self._early = self._stream != NO_PORT
            if self._early and info.state == pj.PJSIP_INV_STATE_EARLY:
                self._owner.post(events.Ringing(self.id, info.lastStatusCode, True))

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        """Pjsua2's callback: a key by RFC 4733 or SIP INFO."""
        self._owner.post(events.Digit(self.id, prm.digit.upper()))

    def _end(self, code: int, reason: str, headers: Headers) -> None:
        if self.peer is not None:
            self.peer.disconnect_peer()
        self._owner.release(self)
        self._owner.post(events.Ended(self.id, code, reason, not self.ended_by_us, headers))


def _headers(prm: pj.OnCallStateParam) -> Headers:
    """The headers of the response that caused a change of state; empty when something else did."""
    change = prm.e.body.tsxState
    if prm.e.type != pj.PJSIP_EVENT_TSX_STATE or change.type != pj.PJSIP_EVENT_RX_MSG:
        return ()
    text = change.src.rdata.wholeMsg
    return read_headers(text) if text.startswith("SIP/2.0 ") else ()
