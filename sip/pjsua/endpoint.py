"""``sip.endpoint.Endpoint`` over pjsua2.

Threads: the event loop calls the methods, which queue closures; the owner thread runs them and is the only one that makes
requests of pjsua; pjsip's own thread delivers messages and changes of state, which become events; the media thread runs
``exchange``.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from sip.addresses import Addresses
from sip.endpoint import Invitation
from sip.events import Ended, Event, Headers, LegId, Measured, RequestId, Surveyed
from sip.headers import clean_headers
from sip.phrases import phrase_of
from sip.pjsua.accounts import Accounts
from sip.pjsua.binding import has_natives, lib, pj
from sip.pjsua.departures import Departures, Locate
from sip.pjsua.desk import LegDesk
from sip.pjsua.dialogs import Dialogs
from sip.pjsua.leg import Leg, new_operation
from sip.pjsua.library import Options, close_library, name_addresses, open_library
from sip.pjsua.module import MessageModule
from sip.pjsua.owner import Mailbox, Owner
from sip.pjsua.peers import PjsuaPeers
from sip.pjsua.ports import RowPorts, Samples
from sip.pjsua.referrals import Referrals
from sip.pjsua.transports import Tls
from sip.pjsua.wiring import Wiring
from sip.quality import Quality
from sip.requests import Reply
from sip.shunned import Shunned

GOODBYE_SECONDS = 2.0
"""How long ``close`` waits for answers to our BYEs."""
DIGIT_SECONDS = 0.2
DIGITS_AT_ONCE = 16
"""pjmedia queues 31 for a stream."""

_DIGITS = frozenset("0123456789ABCD*#")
DIALOGS_PER_CALL = 2
"""A call may ring several phones and send a copy to a recording server."""
SPARE_DIALOGS = 64
"""For those that are refused because all calls are in use."""

_log = logging.getLogger("sip.pjsua")


class PjsuaEndpoint:
    """Legs on a SIP network.

    ``rx`` and ``tx`` are C-contiguous int16 of shape (rows, rate / 50). ``locate`` tells where names lead; without it the
    library asks the system, and waits for its answer. Raises ValueError for other matrices.
    """

    proves_names: ClassVar[bool] = has_natives
    """Whether a peer that was found by DNS proves the name that was looked up."""

    def __init__(
        self,
        rx: Samples,
        tx: Samples,
        *,
        rate: int,
        addresses: Addresses,
        port: int,
        rtp_ports: tuple[int, int] = (20_000, 29_999),
        codecs: tuple[str, ...] = ("opus", "G722", "PCMU", "PCMA"),
        srtp: str = "optional",
        tls: Tls | None = None,
        rtp_port_rest_seconds: float = 0,
        max_calls: int = 500,
        locate: Locate | None = None,
        user_agent: str = "Strowger",
    ) -> None:
        self.capacity = 0
        """Calls the library can hold, known after ``start``; a call beyond ``max_calls`` is the caller's to refuse."""
        self._max_calls = max_calls
        dialogs = DIALOGS_PER_CALL * max_calls + SPARE_DIALOGS
        self._options = Options(
            rate,
            addresses,
            port,
            rtp_ports,
            codecs,
            srtp,
            user_agent,
            tls,
            rtp_port_rest_seconds,
            calls=dialogs,
        )
        self._owner = Owner()
        self._ports = RowPorts(rx, tx, rate)
        self._dialogs = Dialogs()
        self._desk = LegDesk(self._owner, self._dialogs, self._ports.silence)
        self._wiring = self._desk.wiring = Wiring(self._ports, self._desk.legs)
        self._library: Any = None
        self._loop: asyncio.AbstractEventLoop
        self._module: MessageModule
        self._shunned = Shunned()
        self._accounts = Accounts(self._options, self._desk.take_incoming, self._accounts_in_use)
        self._departures = Departures(self._owner, self._desk, self._dialogs, self._accounts, locate)
        self._desk.find_next = self._departures.find_next
        self.peers = PjsuaPeers(self._owner, self._desk, self._accounts, self._shunned, addresses.host, locate)

    # sip.endpoint.Endpoint

    def start(self, post: Callable[[Event], None]) -> None:
        """See Endpoint."""
        self._loop = self._departures.loop = self.peers.loop = asyncio.get_running_loop()
        self._desk.mailbox = Mailbox(self._loop, post)
        self._module = MessageModule(self._desk.mailbox, self._dialogs, self._desk.referrals, self._shunned, self.hang_up)
        try:
            self._owner.start(self._open)
        except BaseException:
            self._owner.stop()
            raise

    def close(self) -> None:
        """See Endpoint; the media thread must have stopped."""
        if self._library is not None:
            self._owner.call(self._close)
            self._owner.stop()

    def exchange(self) -> None:
        """See Endpoint; the thread must be registered."""
        self._ports.exchange()

    def register_thread(self, name: str) -> None:
        """Make the calling thread known to pjsip; to be called once by the thread that will call ``exchange``."""
        if not self._library.libIsThreadRegistered():
            self._library.libRegisterThread(name)

    def attach(self, leg: LegId, row: int) -> None:
        """See Endpoint."""

        def act(found: Leg) -> None:
            found.row = row
            self._wiring.connect(found)

        self._desk.act(leg, act)

    def ring(self, leg: LegId) -> None:
        """See Endpoint."""
        self._desk.act(leg, lambda found: found.answer(new_operation(180)))

    def progress(self, leg: LegId) -> None:
        """See Endpoint. Who has offered nothing could not hear: what he has comes with his ACK."""
        self._desk.act(leg, lambda found: found.answer(new_operation(183)) if found.getInfo().remOfferer else None)

    def answer(self, leg: LegId) -> None:
        """See Endpoint."""
        self._desk.act(leg, lambda found: found.answer(new_operation(200)))

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""

        def act(found: Leg) -> None:
            if found.inbound and not found.answered and not found.closing:
                found.closing = code
                found.hangup(new_operation(code, clean_headers(headers)))

        self._desk.act(leg, act)

    def reply(self, request: RequestId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""
        self._owner.do(lambda: self._module.waiting.answer(request, Reply(code, clean_headers(headers))))

    def invite(self, invitation: Invitation, row: int, *more: int) -> LegId:
        """See Endpoint."""
        number = next(self._desk.numbers)
        self._departures.begin(number, invitation, (row, *more))
        return number

    def hang_up(self, leg: LegId) -> None:
        """See Endpoint."""

        self._owner.do(lambda: self._hang_up(leg))

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See Endpoint."""
        wanted = "".join(digit for digit in digits.upper() if digit in _DIGITS)
        dialog = self._dialogs.of_leg(leg)
        if dialog is None or not dialog.takes_digits:
            return 0.0
        for start in range(0, len(wanted), DIGITS_AT_ONCE):
            part = wanted[start : start + DIGITS_AT_ONCE]
            self._loop.call_later(start * DIGIT_SECONDS, self._desk.act, leg, lambda found, part=part: found.dialDtmf(part))
        return DIGIT_SECONDS * len(wanted)

    def measure(self, leg: LegId) -> None:
        """See Endpoint."""
        self._desk.act(leg, lambda found: self._desk.post(Measured(leg, found.packets_received())))

    def survey(self, legs: Iterable[LegId]) -> None:
        """See Endpoint."""
        wanted = tuple(legs)
        self._owner.do(lambda: self._survey(wanted))

    def bridge(self, one: LegId, other: LegId) -> bool:
        """See Endpoint."""
        self._owner.do(lambda: self._wiring.bridge(one, other))
        return True

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See Endpoint."""
        self._owner.do(lambda: self._wiring.unbridge(one, other))

    @property
    def referrals(self) -> Referrals:
        """See Endpoint."""
        return self._desk.referrals

    def set_available(self, available: bool) -> None:
        """See Endpoint."""
        self._module.standing.available = available

    # On the owner thread.

    def _open(self) -> None:
        self._library, proving = open_library(self._options, self._module.open)
        self._ports.open()
        name_addresses(self._options, self._accounts.open(proving))
        self.capacity = lib.pjsua_call_get_max_count()
        if self.capacity < self._max_calls:
            _log.warning("this build of pjsip holds %d calls at most, fewer than max_calls = %d", self.capacity, self._max_calls)

    def _close(self) -> None:
        for leg in list(self._desk.legs.values()):
            if not leg.closing:
                leg.closing = 603 if leg.inbound else 487
                leg.hangup(pj.CallOpParam())
            del leg
        deadline = time.monotonic() + GOODBYE_SECONDS
        while lib.pjsua_call_get_count() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._ports.close()
        self._module.close()
        self._accounts.close()
        close_library(self._library)
        self._library = None

    def _hang_up(self, number: LegId) -> None:
        leg = self._desk.legs.get(number)
        closing = leg.closing if leg is not None else 0
        if leg is not None and not closing:
            leg.closing = 603 if leg.inbound else 487
        if self._departures.cancel(number):
            self._desk.post(Ended(number, 487, phrase_of(487), by_peer=False))
        elif leg is not None and not leg.ended and not closing:
            leg.note_quality()
            leg.hangup(pj.CallOpParam())

    def _survey(self, wanted: tuple[LegId, ...]) -> None:
        def look(number: LegId) -> Quality | None:
            leg = self._desk.legs.get(number)
            if leg is None or leg.ended:
                return None
            leg.note_quality()
            return leg.quality

        self._desk.post(Surveyed(tuple((number, look(number)) for number in wanted)))

    def _accounts_in_use(self) -> set[Any]:
        return {leg.account for leg in list(self._desk.legs.values())}
