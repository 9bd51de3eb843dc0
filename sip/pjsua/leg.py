"""One call of pjsua, told as events of one leg.

Its callbacks run on pjsip's threads: they read what pjsip says, post an event, and leave everything else to the owner thread.
A leg must be destroyed before its call slot is given to another call, so the desk's dictionary holds the only lasting
reference, and drops it in the callback that reports the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from sip.description import label_streams
from sip.events import Answered, Dialled, Digit, Ended, Event, Headers, Held, LegId, Ringing
from sip.message import Message, parse_message
from sip.phrases import phrase_of
from sip.pjsua.binding import clean, description, lib, pj
from sip.pjsua.departure import Departure
from sip.quality import Quality

REQUEST_TIMEOUT = 408

_log = logging.getLogger("sip.pjsua.leg")


class Desk(Protocol):
    """What a leg needs of its endpoint; may be called on any thread."""

    def post(self, event: Event) -> None:
        """Hand an event to the loop."""

    def open_dialog(self, call_id: str, leg: LegId) -> None:
        """An outbound leg has its Call-ID."""

    def refer_answered(self, leg: LegId, code: int, quiet: bool) -> None:
        """The final response to our REFER; ``quiet``: no NOTIFY will follow (RFC 4488)."""

    def media_changed(self, leg: LegId) -> None:
        """Connect the leg's streams again."""

    def over(self, leg: LegId) -> None:
        """Forget the leg."""

    def find_next(self, leg: Leg, ended: Ended) -> Callable[[], None] | None:
        """How to dial its next address once it is forgotten, if there is one."""


class Leg(pj.Call):  # type: ignore[misc]
    """One call; ``number`` names it to the outside."""

    def __init__(self, account: Any, desk: Desk, number: LegId, call_id: int | None = None) -> None:
        super().__init__(account, pj.PJSUA_INVALID_ID if call_id is None else call_id)
        self.account = account
        self.number = number
        self.inbound = call_id is not None
        self.row: int | None = None
        self.more_rows: tuple[int, ...] = ()
        """What its further streams send."""
        self.labels: tuple[str, ...] = ()
        """Of its streams."""
        self.peer: LegId | None = None
        """The leg it is bridged with."""
        self.wired: int | None = None
        """The bridge port of its stream, once connected."""
        self.closing = 0
        """The status with which we end it; 0 while we do not."""
        self.referring = False
        """We sent a REFER that is not answered."""
        self.departure: Departure | None = None
        """Where an outbound one goes."""
        self.answered = False
        self.ended = False
        self.quality: Quality | None = None
        """Of its audio, as it was last looked at."""
        self._before: Quality | None = None
        """Of those streams that others have taken the place of."""
        self._desk = desk
        self._held = False
        self._final: Headers = ()
        self._transaction = 0
        """That of our INVITE, alive until something has come back."""

    def onCallState(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        try:
            state = self.getInfo().state
            if state == pj.PJSIP_INV_STATE_CALLING:
                self._transaction = int(prm.e.body.tsxState.tsx.pjTransaction)
            _STEPS.get(state, Leg._ignore)(self, _cause(prm.e))
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("leg %d: a change of state could not be read", self.number)

    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        if not self.labels:
            return
        try:
            # pjsua2 leaves the text of a long description empty, but takes any that is put there.
            prm.sdp.wholeSdp = label_streams(description(int(prm.sdp.pjSdpSession)), self.labels)
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("leg %d: its streams could not be labelled", self.number)

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        self._desk.media_changed(self.number)

    def onStreamDestroyed(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip, for the last look at what a stream has carried, unless it is us who hang up."""
        try:
            self.note_quality(int(prm.streamIdx))
            self._before = self.quality
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("leg %d: its counters could not be read", self.number)

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        if not self.referring:
            return  # It is called for every step of every transaction.
        try:
            transaction = prm.e.body.tsxState.tsx
            if transaction.method == "REFER" and transaction.state in _OVER and transaction.role == pj.PJSIP_ROLE_UAC:
                self.referring = False
                message = _cause(prm.e)
                quiet = message is not None and message.header("refer-sub").strip().lower().startswith("false")
                self._desk.refer_answered(self.number, int(transaction.statusCode), quiet)
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("leg %d: a transaction could not be read", self.number)

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        self._desk.post(Digit(self.number, str(prm.digit).upper()))

    def stream_port(self) -> int | None:
        """The bridge port of the audio stream; None while there is none."""
        number: int = lib.pjsua_call_get_conf_port(self.getId())
        return number if number >= 0 else None

    def packets_received(self) -> int:
        """RTP packets of the audio stream. Raises pjsua2's Error while there is none."""
        info = self.getInfo()  # Kept, as the statistics are: what is read is a view into it.
        audio = next((media.index for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO), 0)
        statistics = self.getStreamStat(audio)
        return int(statistics.rtcp.rxStat.pkt)

    def note_quality(self, stream: int = 0) -> None:
        """Keep what the audio was like so far; nothing changes while there is none. Takes 13 µs."""
        before = self._before
        try:
            statistics, agreed, sockets = self.getStreamStat(stream), self.getStreamInfo(stream), self.getMedTransportInfo(stream)
        except pj.Error:
            return
        heard, said = statistics.rtcp.rxStat, statistics.rtcp.txStat
        found = Quality(
            received=int(heard.pkt),
            sent=int(said.pkt),
            lost=int(heard.loss),
            discarded=int(heard.discard) + int(heard.dup),
            far_lost=int(said.loss),
            jitter_ms=round(heard.jitterUsec.mean / 1000, 1),
            round_trip_ms=round(statistics.rtcp.rttUsec.mean / 1000, 1),
            codec=str(agreed.codecName),
            declared=str(agreed.remoteRtpAddress),
            heard_from=_named(str(sockets.srcRtpName)),
            jitter_now_ms=round(heard.jitterUsec.last / 1000, 1),
            round_trip_now_ms=round(statistics.rtcp.rttUsec.last / 1000, 1),
        )
        self.quality = found.after(before) if before is not None else found

    def more_ports(self) -> list[int]:
        """The bridge ports of further audio streams; -1 for one that is not up."""
        info = self.getInfo()  # Kept: its media list is a view into it.
        return [media.audioConfSlot for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO][1:]

    def note_hold(self) -> None:
        """Report hold: the far end takes no audio from us any more (RFC 3264 section 8.4)."""
        info = self.getInfo()  # Kept: its media list is a view into it.
        ways = [media.dir for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO]
        held = not any(way & pj.PJMEDIA_DIR_ENCODING for way in ways)
        if held != self._held:
            self._held = held
            self._desk.post(Held(self.number, held))

    def expire(self) -> None:
        """Wait no longer for the first answer to our INVITE: it ends with 408 now instead of when timer B fires."""
        if self._transaction:
            lib.pjsip_tsx_terminate(self._transaction, REQUEST_TIMEOUT)

    def fail(self, code: int, reason: str) -> None:
        """Report the end of a leg that pjsua could not start."""
        self._end(Ended(self.number, code, reason, by_peer=False))

    def _ignore(self, message: Message | None) -> None:
        pass

    def _calling(self, message: Message | None) -> None:
        call_id = self.getInfo().callIdString
        self._desk.open_dialog(call_id, self.number)
        self._desk.post(Dialled(self.number, call_id))

    def _early(self, message: Message | None) -> None:
        if not self.inbound and message is not None and 180 <= message.code <= 189:
            self._desk.post(Ringing(self.number, message.code, "m=audio" in message.body))

    def _connecting(self, message: Message | None) -> None:
        if not self.inbound and message is not None:
            self._final = message.headers

    def _confirmed(self, message: Message | None) -> None:
        self.answered = True
        self._desk.post(Answered(self.number, self._final))

    def _disconnected(self, message: Message | None) -> None:
        info = self.getInfo()
        code, reason, by_peer = int(info.lastStatusCode), str(info.lastReason), message is not None
        headers: Headers = ()
        if self.closing:
            code, by_peer, reason = 200 if self.answered else self.closing, False, ""
        elif message is not None and message.method == "BYE":
            code, reason = 200, ""
        elif self.inbound and not self.answered:
            code = code if code >= 300 else 487
            by_peer, reason = code == 487, ""
        elif message is not None and message.code >= 300:
            code, reason, headers = message.code, message.phrase, message.headers
        self._end(Ended(self.number, code, reason or phrase_of(code), by_peer, headers, self.quality))

    def _end(self, event: Ended) -> None:
        if not self.ended:
            self.ended = True
            # Before it is forgotten, so that at no time there is nothing that could be hung up.
            dial_next = self._desk.find_next(self, event)
            self._desk.over(self.number)
            if dial_next is None:
                self._desk.post(event)
            else:
                dial_next()


def new_operation(code: int, headers: Headers = ()) -> Any:
    """What pjsua is to do with a call of one audio stream."""
    operation = pj.CallOpParam(True)
    operation.statusCode = code
    operation.opt.audioCount, operation.opt.videoCount = 1, 0
    for name, value in headers:
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        operation.txOption.headers.push_back(header)
    return operation


_OVER = frozenset({pj.PJSIP_TSX_STATE_COMPLETED, pj.PJSIP_TSX_STATE_TERMINATED})
_STEPS = {
    pj.PJSIP_INV_STATE_CALLING: Leg._calling,
    pj.PJSIP_INV_STATE_EARLY: Leg._early,
    pj.PJSIP_INV_STATE_CONNECTING: Leg._connecting,
    pj.PJSIP_INV_STATE_CONFIRMED: Leg._confirmed,
    pj.PJSIP_INV_STATE_DISCONNECTED: Leg._disconnected,
}


def _named(address: str) -> str:
    """An ``address:port`` of somebody; empty for the one that means nobody."""
    return "" if address.endswith(":0") else address


def _cause(event: Any) -> Message | None:
    """The message that caused a change of state, if one did."""
    if event.type != pj.PJSIP_EVENT_TSX_STATE or event.body.tsxState.type != pj.PJSIP_EVENT_RX_MSG:
        return None
    text = clean(event.body.tsxState.src.rdata.wholeMsg)
    return parse_message(text) if text else None
