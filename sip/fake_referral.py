"""REFER at the far ends of a FakeEndpoint: phones that refer us to somebody, and phones that we refer.

call.referral.ask("<sip:carol@carrier>")         # we get Referred; call.referral.code is what we answered
call.referral.behaviour = accepts(100, 486)      # what the phone does when we refer it
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Literal, Protocol
from urllib.parse import quote

from sip.events import DialogId, Event, Headers, LegId, ReferAnswered, ReferProgress, Referred
from sip.message import split_address
from sip.referral import read_replaces, refer_headers

Behaviour = Callable[["FakeReferral"], None]
"""What a phone does when we refer it."""


class Call(Protocol):
    """The call that a REFER is sent in."""

    leg: LegId

    @property
    def answered(self) -> bool:
        """Whether the call is up."""

    def changed(self) -> None:
        """Wake those who wait for a change."""

    def show(self, way: Literal["in", "out"], method: str, code: int = 0, headers: Headers = ()) -> None:
        """Let a request, or with a code its response, cross the wire."""

    def tell(self, event: Event) -> None:
        """Let the switch know."""


class Referable(Call, Protocol):
    """A call with its REFERs."""

    referral: FakeReferral

    @property
    def dialog(self) -> DialogId:
        """What a Replaces header calls this call."""


class FakeReferrals:
    """``sip.endpoint.Referrals`` over the live calls."""

    def __init__(self, calls: Mapping[LegId, Referable]) -> None:
        self._calls = calls

    def refer(self, leg: LegId, target: str, headers: Headers = ()) -> None:
        """See Referrals."""
        call = self._calls.get(leg)
        if call is not None:
            call.referral.refer(target, headers)

    def answer(self, leg: LegId, code: int) -> None:
        """See Referrals."""
        call = self._calls.get(leg)
        if call is not None:
            call.referral.respond(code)

    def notify(self, leg: LegId, code: int) -> None:
        """See Referrals."""
        call = self._calls.get(leg)
        if call is not None:
            call.referral.report(code)

    def find(self, dialog: DialogId) -> LegId | None:
        """See Referrals."""
        return next((leg for leg, call in self._calls.items() if call.answered and call.dialog == dialog), None)


class _Phase(enum.Enum):
    IDLE = "idle"
    ASKED = "asked"
    ACCEPTED = "accepted"


class FakeReferral:
    """The REFERs of one call, as its phone sees them."""

    def __init__(self, call: Call) -> None:
        self.behaviour: Behaviour = accepts()
        self.asked: list[str] = []
        """The URIs that we referred the phone to."""
        self.code = 0
        """Our answer to the phone's REFER; 0 while there is none."""
        self.notified: list[int] = []
        """What we told about it by NOTIFY."""
        self._call = call
        self._ours = self._theirs = _Phase.IDLE

    def ask(self, target: str, headers: Headers = ()) -> None:
        """Refer the switch to somebody; ``target`` is the value of Refer-To."""
        if not self._call.answered or self._theirs is not _Phase.IDLE:
            return
        fields = (("Refer-To", target), *headers)
        self._call.show("in", "REFER", headers=fields)
        self.code, self.notified, self._theirs = 0, [], _Phase.ASKED
        replaces = read_replaces(split_address(target)[1])
        self._call.tell(Referred(self._call.leg, target, replaces, dict(headers).get("Referred-By", ""), fields))

    def answer(self, code: int) -> None:
        """Answer our REFER."""
        if self._ours is _Phase.ASKED:
            self._ours = _Phase.ACCEPTED if code < 300 else _Phase.IDLE
            self._call.show("in", "REFER", code)
            self._call.tell(ReferAnswered(self._call.leg, code))

    def notify(self, code: int, last: bool = False) -> None:
        """Report on our REFER; a final status is always the last."""
        if self._ours is _Phase.ACCEPTED:
            last = last or code >= 200
            self._ours = _Phase.IDLE if last else _Phase.ACCEPTED
            self._call.show("in", "NOTIFY")
            self._call.tell(ReferProgress(self._call.leg, code, last))

    # What the endpoint does.

    def refer(self, target: str, headers: Headers) -> None:
        """We refer the phone."""
        fields = refer_headers(target, "<sip:switch@127.0.0.1>", headers)
        if fields is None or not self._call.answered or self._ours is not _Phase.IDLE:
            self._call.tell(ReferAnswered(self._call.leg, 491 if self._ours is not _Phase.IDLE else 400))
            return
        self._call.show("out", "REFER", headers=fields)
        self.asked.append(target)
        self._ours = _Phase.ASKED
        self.behaviour(self)

    def respond(self, code: int) -> None:
        """We answer the phone."""
        if self._theirs is _Phase.ASKED:
            self.code, self._theirs = code, _Phase.ACCEPTED if code < 300 else _Phase.IDLE
            self._call.show("out", "REFER", code)
            self.report(100)
            self._call.changed()

    def report(self, code: int) -> None:
        """We report to the phone."""
        if self._theirs is _Phase.ACCEPTED:
            self._theirs = _Phase.ACCEPTED if code < 200 else _Phase.IDLE
            self._call.show("out", "NOTIFY")
            self.notified.append(code)
            self._call.changed()


def accepts(*codes: int) -> Behaviour:
    """Accept, and report these statuses at once, one after the other; 100 and 200 unless told otherwise."""

    def behave(referral: FakeReferral) -> None:
        referral.answer(202)
        for code in codes or (100, 200):
            referral.notify(code)

    return behave


def refuses_referral(code: int) -> Behaviour:
    """Answer the REFER itself with an error."""
    return lambda referral: referral.answer(code)


def replacing(uri: str, dialog: DialogId) -> str:
    """The Refer-To of an attended transfer (RFC 3891 section 6.1)."""
    named = f"{dialog.call_id};to-tag={dialog.local_tag};from-tag={dialog.remote_tag}"
    return f"<{uri}?Replaces={quote(named, safe='')}>"
