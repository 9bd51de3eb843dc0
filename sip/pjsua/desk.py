"""The legs of an endpoint and what is known of their dialogs; where pjsip's callbacks turn into events."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any

from sip.events import Ended, Event, Incoming, LegId
from sip.guard import uses_srtp
from sip.message import Message, parse_message, split_address, transport_of
from sip.pjsua.binding import clean, is_secure
from sip.pjsua.dialogs import Dialogs
from sip.pjsua.leg import Leg
from sip.pjsua.owner import Mailbox, Owner
from sip.pjsua.referrals import Referrals
from sip.pjsua.wiring import Wiring

_log = logging.getLogger("sip.pjsua.desk")


class LegDesk:
    """Legs by number. Entries are made by the owner thread or by pjsip's, and dropped where the end of a leg is reported."""

    def __init__(self, owner: Owner, dialogs: Dialogs, silence: Callable[[int], None]) -> None:
        self.legs: dict[LegId, Leg] = {}
        self.numbers = itertools.count(1)
        self.dialogs = dialogs
        self.mailbox: Mailbox
        self.wiring: Wiring
        self.find_next: Callable[[Leg, Ended], Callable[[], None] | None] = lambda leg, ended: None
        """See ``sip.pjsua.leg.Desk``."""
        self.referrals = Referrals(dialogs, self.post, self.act)
        self._owner = owner
        self._silence = silence

    def take_incoming(self, account: Any, prm: Any) -> None:
        """Called by pjsip: a new call, to which 100 was sent."""
        try:
            message = parse_message(clean(prm.rdata.wholeMsg))
            number = next(self.numbers)
            call_id = message.header("call-id")
            self.legs[number] = Leg(account, self, number, prm.callId)
            self.dialogs.open(number, call_id, outbound=False).read_invitation(message)
            transport = transport_of(message, is_secure(int(prm.rdata.pjRxData)))
            self.mailbox.put(_announce(number, message, prm.rdata.srcAddress, transport))
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("an incoming call could not be taken")

    def act(self, number: LegId, act: Callable[[Leg], object]) -> None:
        """Do something with a leg on the owner thread, unless it is gone by then."""

        def run() -> None:
            leg = self.legs.get(number)
            if leg is not None and not leg.ended:
                act(leg)

        self._owner.do(run)

    # sip.pjsua.leg.Desk

    def post(self, event: Event) -> None:
        """Hand an event to the loop."""
        self.mailbox.put(event)

    def open_dialog(self, call_id: str, leg: LegId) -> None:
        """An outbound leg has its Call-ID."""
        self.dialogs.open(leg, call_id, outbound=True)

    def refer_answered(self, leg: LegId, code: int, quiet: bool) -> None:
        """The final response to our REFER."""
        self.referrals.answered(leg, code, quiet)

    def media_changed(self, leg: LegId) -> None:
        """Connect the leg's streams again."""
        self.act(leg, self._rewire)

    def over(self, leg: LegId) -> None:
        """Forget a leg."""
        gone = self.legs.pop(leg, None)
        self.dialogs.close(leg)
        self.referrals.close(leg)
        if gone is None:
            return
        if gone.row is not None:
            self._silence(gone.row)
        if gone.peer is not None:
            number, peer = leg, gone.peer
            self._owner.do(lambda: self.wiring.unbridge(number, peer))

    def _rewire(self, leg: Leg) -> None:
        leg.note_hold()
        self.wiring.connect(leg)


def _announce(number: LegId, message: Message, source: str, transport: str) -> Incoming:
    display, from_uri = split_address(message.header("from"))
    _, to_uri = split_address(message.header("to"))
    return Incoming(
        number,
        message.header("call-id"),
        message.request_uri,
        from_uri,
        display,
        to_uri,
        message.headers,
        source,
        transport,
        uses_srtp(message.body),
    )
