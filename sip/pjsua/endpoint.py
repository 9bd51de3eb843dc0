"""The endpoint that carries real calls.

Threads: one of our own makes all calls into pjsua, fed by a queue, so that the event loop never waits for one of pjsip's locks;
pjsip's workers run the callbacks, which only post; the media thread runs ``exchange``.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np
import pjsua2 as pj
from numpy.typing import NDArray

from sip import events
from sip.endpoint import Invitation
from sip.events import Headers, LegId
from sip.message import header, read_address, read_headers, split_message
from sip.pjsua.leg import Leg
from sip.pjsua.library import Configuration, Srtp, account_config, start_library
from sip.pjsua.messages import Messages
from sip.pjsua.rows import Rows

DIGIT_SECONDS = 0.2
"""How long pjmedia sends one RFC 4733 event (PJMEDIA_DTMF_DURATION)."""
CLOSE_SECONDS = 2.0

_log = logging.getLogger("sip")


class PjsuaEndpoint:
    """Implements ``sip.endpoint.Endpoint`` with pjsua2. There can be one in a process."""

    def __init__(
        self,
        rx: NDArray[np.int16],
        tx: NDArray[np.int16],
        *,
        rate: int = 8000,
        bind: str = "127.0.0.1",
        port: int = 5060,
        external_address: str = "",
        rtp_ports: tuple[int, int] = (20000, 29999),
        codecs: tuple[str, ...] = ("opus", "G722", "PCMU", "PCMA"),
        srtp: Srtp = "optional",
        max_calls: int = 500,
        user_agent: str = "Strowger",
    ) -> None:
        self.rows: Rows
        self._configuration = Configuration(rate, bind, port, external_address, rtp_ports, codecs, srtp, max_calls, user_agent)
        self._matrices = rx, tx
        self._ids = itertools.count(1)
        self._legs: dict[LegId, Leg] = {}
        self._telephone_events: dict[str, bool] = {}
        self._messages = Messages(self.post, self._note_description)
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._posted: deque[events.Event] = deque()
        self._waking = False
        self._deliver_to: Callable[[events.Event], None]
        self._loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._own, name="sip", daemon=True)
        self._endpoint: pj.Endpoint
        self._inbound: _Account
        self._outbound: _Account
        self._started: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def start(self, post: Callable[[events.Event], None]) -> None:
        """See ``Endpoint.start``."""
        self._deliver_to = post
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        failure = self._started.get()
        if failure is not None:
            raise failure

    def close(self) -> None:
        """See ``Endpoint.close``."""
        if self._thread.is_alive():
            self._work.put(None)
            self._thread.join()

    def register_thread(self, name: str) -> None:
        """Introduce the calling thread to pjsip; whoever calls ``exchange`` does this once before."""
        self._endpoint.libRegisterThread(name)

    def exchange(self) -> None:
        """See ``Endpoint.exchange``."""
        self.rows.exchange()

    def attach(self, leg: LegId, row: int) -> None:
        """See ``Endpoint.attach``."""

        def attach(leg: Leg) -> None:
            leg.row = row
            leg.connect()

        self._on_leg(leg, attach)

    def ring(self, leg: LegId) -> None:
        """See ``Endpoint.ring``."""
        self._on_leg(leg, lambda leg: leg.answer(_answer(180)))

    def answer(self, leg: LegId) -> None:
        """See ``Endpoint.answer``."""
        self._on_leg(leg, lambda leg: leg.answer(_answer(200)))

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See ``Endpoint.refuse``."""

        def refuse(leg: Leg) -> None:
            leg.ended_by_us = True
            leg.answer(_answer(code, headers))

        self._on_leg(leg, refuse)

    def invite(self, invitation: Invitation, row: int) -> LegId:
        """See ``Endpoint.invite``."""
        id = next(self._ids)
        self._work.put(lambda: self._invite(id, invitation, row))
        return id

    def hang_up(self, leg: LegId) -> None:
        """See ``Endpoint.hang_up``."""

        def hang_up(leg: Leg) -> None:
            leg.ended_by_us = True
            leg.hangup(pj.CallOpParam())

        self._on_leg(leg, hang_up)

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See ``Endpoint.send_digits``."""
        found = self._legs.get(leg)
        if found is None or not self._telephone_events.get(found.sip_call_id, False):
            return 0.0
        self._on_leg(leg, lambda leg: leg.dialDtmf(digits))
        return DIGIT_SECONDS * len(digits)

    def bridge(self, one: LegId, other: LegId) -> None:
        """See ``Endpoint.bridge``."""

        def bridge() -> None:
            pair = self._legs.get(one), self._legs.get(other)
            if pair[0] is not None and pair[1] is not None:
                pair[0].peer, pair[1].peer = pair[1], pair[0]
                pair[0].connect()
                pair[1].connect()

        self._do(bridge)

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See ``Endpoint.unbridge``."""
        for id in (one, other):
            self._on_leg(id, lambda leg: leg.disconnect_peer())

    def set_available(self, available: bool) -> None:
        """See ``Endpoint.set_available``."""
        self._messages.available = available

    def post(self, event: events.Event) -> None:
        """Hand an event to the event loop; from any thread."""
        self._posted.append(event)
        if not self._waking:
            self._waking = True
            self._loop.call_soon_threadsafe(self._deliver)

    def take(self, account: pj.Account, prm: pj.OnIncomingCallParam) -> None:
        """An INVITE came in; on one of pjsip's threads."""
        text = prm.rdata.wholeMsg
        headers = read_headers(text)
        leg = Leg(self, account, next(self._ids), prm.callId)
        leg.sip_call_id = header(headers, "Call-ID")
        self._legs[leg.id] = leg
        display, from_uri = read_address(header(headers, "From"))
        self.post(
            events.Incoming(
                leg=leg.id,
                call_id=leg.sip_call_id,
                request_uri=split_message(text)[0].split(" ")[1],
                from_uri=from_uri,
                from_display=display,
                to_uri=read_address(header(headers, "To"))[1],
                headers=headers,
                source=prm.rdata.srcAddress,
            )
        )

    def release(self, leg: Leg) -> None:
        """Forget a leg that has ended; pjsua2 frees the call when the last reference goes."""
        self._legs.pop(leg.id, None)
        self._telephone_events.pop(leg.sip_call_id, None)

    def _note_description(self, call_id: str, text: str) -> None:
        self._telephone_events[call_id] = "telephone-event" in text

    def _deliver(self) -> None:
        self._waking = False
        while self._posted:
            self._deliver_to(self._posted.popleft())

    def _do(self, work: Callable[[], None]) -> None:
        self._work.put(work)

    def _on_leg(self, id: LegId, operate: Callable[[Leg], object]) -> None:
        def work() -> None:
            leg = self._legs.get(id)
            if leg is not None:
                operate(leg)

        self._work.put(work)

    def _invite(self, id: LegId, invitation: Invitation, row: int) -> None:
        leg = Leg(self, self._outbound, id)
        leg.row = row
        self._legs[id] = leg
        parameters = pj.CallOpParam(True)
        parameters.opt.audioCount, parameters.opt.videoCount = 1, 0
        _add_headers(parameters, invitation.headers)
        try:
            self._outbound.become(invitation)
            leg.makeCall(invitation.uri, parameters)
        except pj.Error as error:
            if self._legs.pop(id, None) is not None:
                self.post(events.Ended(id, 503, error.reason, False))

    def _own(self) -> None:
        try:
            self._endpoint = start_library(self._configuration)
            self.rows = Rows(*self._matrices, self._configuration.rate)
            self._messages.register()
            self._inbound = _Account(self, account_config(self._configuration))
            self._outbound = _Account(self, account_config(self._configuration))
        except Exception as failure:  # noqa: BLE001 - reported to whoever starts us
            self._started.put(failure)
            return
        self._started.put(None)
        while (work := self._work.get()) is not None:
            try:
                work()
            except pj.Error as error:
                _log.debug("pjsua refuses: %s", error.reason)
            except Exception:  # noqa: BLE001 - the thread has to live on
                _log.exception("an operation on the SIP library failed")
        self._shut_down()

    def _shut_down(self) -> None:
        self._endpoint.hangupAllCalls()
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._legs and time.monotonic() < deadline:
            time.sleep(0.02)
        self._inbound.shutdown()
        self._outbound.shutdown()
        del self._inbound, self._outbound
        self._endpoint.libDestroy()


class _Account(pj.Account):  # type: ignore[misc]
    """Where calls come in and go out."""

    def __init__(self, owner: PjsuaEndpoint, config: pj.AccountConfig) -> None:
        super().__init__()
        self._owner = owner
        self._config = config
        self.create(config)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        """Pjsua2's callback."""
        self._owner.take(self, prm)

    def become(self, invitation: Invitation) -> None:
        """Take the identity and the credentials of the next call; calls under way keep theirs."""
        display = invitation.from_display.replace("\\", "").replace('"', "")
        self._config.idUri = f'"{display}" <{invitation.from_uri}>' if display else invitation.from_uri
        credentials = pj.AuthCredInfoVector()
        if invitation.credentials is not None:
            credentials.append(
                pj.AuthCredInfo("digest", "*", invitation.credentials.username, 0, invitation.credentials.password)
            )
        self._config.sipConfig.authCreds = credentials
        self.modify(self._config)


def _answer(code: int, headers: Headers = ()) -> pj.CallOpParam:
    parameters = pj.CallOpParam(True)
    parameters.statusCode = code
    parameters.opt.audioCount, parameters.opt.videoCount = 1, 0
    _add_headers(parameters, headers)
    return parameters


def _add_headers(parameters: pj.CallOpParam, headers: Headers) -> None:
    vector = pj.SipHeaderVector()
    for name, value in headers:
        item = pj.SipHeader()
        item.hName, item.hValue = name, value
        vector.append(item)
    parameters.txOption.headers = vector
