"""REFER on the legs of an endpoint: requests are judged on pjsip's thread, answered and sent on the owner thread.

pjsua would dial on its own when somebody refers it, so neither REFER nor its NOTIFYs ever reach it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sip.events import DialogId, Event, Headers, LegId, ReferAnswered, ReferProgress, Referred
from sip.headers import clean_headers
from sip.message import Message
from sip.pjsua.binding import Error, pj
from sip.pjsua.dialogs import Dialogs
from sip.pjsua.leg import Leg
from sip.pjsua.stateless import keep, release, respond
from sip.referral import Issuer, Recipient, Referral, refer_headers
from sip.requests import Reply

METHODS = frozenset({"REFER", "NOTIFY"})
SIPFRAG_VERSION = "message/sipfrag;version=2.0"


_ANSWERED = frozenset({pj.PJSIP_INV_STATE_CONNECTING, pj.PJSIP_INV_STATE_CONFIRMED})


@dataclass(slots=True)
class _Exchange:
    """Both directions of one leg."""

    received: Recipient = field(default_factory=Recipient)
    sent: Issuer = field(default_factory=Issuer)
    request: int = 0
    """A copy of the REFER that waits for its answer (``pjsip_rx_data``)."""


class Referrals:
    """``sip.endpoint.Referrals``; ``act`` does something with a leg on the owner thread."""

    def __init__(
        self, dialogs: Dialogs, post: Callable[[Event], None], act: Callable[[LegId, Callable[[Leg], object]], None]
    ) -> None:
        self._dialogs = dialogs
        self._post = post
        self._act = act
        self._of: dict[LegId, _Exchange] = {}

    # sip.endpoint.Referrals

    def refer(self, leg: LegId, target: str, headers: Headers = ()) -> None:
        """See Referrals."""
        self._act(leg, lambda found: self._refer(found, target, headers))

    def answer(self, leg: LegId, code: int) -> None:
        """See Referrals."""
        self._act(leg, lambda found: self._answer(found, code))

    def notify(self, leg: LegId, code: int) -> None:
        """See Referrals."""
        self._act(leg, lambda found: self._notify(found, code))

    def find(self, dialog: DialogId) -> LegId | None:
        """See Referrals."""
        found = self._dialogs.find(dialog)
        return found.leg if found is not None else None

    # On pjsip's thread.

    def take(self, pointer: int, message: Message, leg: LegId | None) -> Reply | None:
        """The answer to a REFER or NOTIFY inside a dialog; None when there is none yet."""
        if leg is None:
            return Reply(481)
        exchange = self._of.setdefault(leg, _Exchange())
        if message.method == "NOTIFY":
            reply, notice = exchange.sent.take(message)
            if notice is not None:
                self._post(ReferProgress(leg, notice.code, notice.last))
            return reply
        found = exchange.received.take(message)
        if isinstance(found, Referral):
            exchange.request = keep(pointer)
            self._post(Referred(leg, found.target, found.replaces, found.referred_by, message.headers))
            return None
        return found

    def refuse_notices(self, leg: LegId) -> None:
        """The far end wants no more NOTIFYs."""
        exchange = self._of.get(leg)
        if exchange is not None:
            exchange.received.unsubscribe()

    def answered(self, leg: LegId, code: int, quiet: bool) -> None:
        """The final response to our REFER."""
        exchange = self._of.get(leg)
        if exchange is not None and exchange.sent.answer(code, quiet):
            self._post(ReferAnswered(leg, code))
            if quiet and code < 300:
                self._post(ReferProgress(leg, 0, last=True))

    def close(self, leg: LegId) -> None:
        """Forget a leg."""
        exchange = self._of.pop(leg, None)
        if exchange is not None:
            _release(exchange)

    # On the owner thread.

    def _refer(self, leg: Leg, target: str, headers: Headers) -> None:
        info = leg.getInfo()
        fields = refer_headers(target, str(info.localUri), headers)
        exchange = self._of.setdefault(leg.number, _Exchange())
        if fields is None or info.state not in _ANSWERED:
            self._post(ReferAnswered(leg.number, 400))
        elif not exchange.sent.begin():
            self._post(ReferAnswered(leg.number, 491))
        else:
            leg.referring = True
            try:
                leg.sendRequest(_request("REFER", fields))
            except Error:
                self.answered(leg.number, 503, quiet=False)

    def _answer(self, leg: Leg, code: int) -> None:
        exchange = self._of.get(leg.number)
        reply = exchange.received.answer(code, str(leg.getInfo().localContact)) if exchange is not None else None
        if exchange is None or reply is None:
            return
        respond(exchange.request, reply)
        _release(exchange)
        if code < 300:
            self._notify(leg, 100)

    def _notify(self, leg: Leg, code: int) -> None:
        exchange = self._of.get(leg.number)
        notice = exchange.received.notify(code) if exchange is not None else None
        if notice is not None:
            headers, body = notice
            leg.sendRequest(_request("NOTIFY", headers, body))


def _release(exchange: _Exchange) -> None:
    request, exchange.request = exchange.request, 0
    release(request)


def _request(method: str, headers: Headers, body: str = "") -> Any:
    request = pj.CallSendRequestParam()
    request.method = method
    for name, value in clean_headers(headers):
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        request.txOption.headers.push_back(header)
    if body:
        request.txOption.contentType, request.txOption.msgBody = SIPFRAG_VERSION, body
    return request
