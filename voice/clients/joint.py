"""One endpoint for the telephones and the pages of a switch: each call goes to those whose leg it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sip.endpoint import Endpoint, Invitation, Legs, Peers, Referrals
from sip.events import Event, Headers, LegId, RequestId
from voice.clients.calls import ClientCalls
from voice.clients.invitation import ClientInvitation
from voice.clients.legs import ClientLegs


class JointEndpoint:
    """``sip.endpoint.Endpoint``: the telephones' own, with the legs of pages beside its own."""

    def __init__(self, telephones: Endpoint, calls: ClientCalls) -> None:
        self._telephones = telephones
        self._calls = calls
        self._clients = ClientLegs(calls)

    @property
    def peers(self) -> Peers:
        """See Endpoint."""
        return self._telephones.peers

    @property
    def referrals(self) -> Referrals:
        """See Endpoint."""
        return self._telephones.referrals

    def start(self, post: Callable[[Event], None]) -> None:
        """See Endpoint."""
        self._calls.start(post)
        self._telephones.start(post)

    def close(self) -> None:
        """See Endpoint."""
        self._telephones.close()
        self._calls.close()

    def exchange(self) -> None:
        """See Endpoint; the media of pages is a transport of its own."""
        self._telephones.exchange()

    def attach(self, leg: LegId, row: int) -> None:
        """See Endpoint."""
        self._of(leg).attach(leg, row)

    def ring(self, leg: LegId) -> None:
        """See Endpoint."""
        self._of(leg).ring(leg)

    def progress(self, leg: LegId) -> None:
        """See Endpoint."""
        self._of(leg).progress(leg)

    def answer(self, leg: LegId) -> None:
        """See Endpoint."""
        self._of(leg).answer(leg)

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""
        self._of(leg).refuse(leg, code, headers)

    def reply(self, request: RequestId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""
        self._telephones.reply(request, code, headers)

    def invite(self, invitation: Invitation, row: int, *more: int) -> LegId:
        """See Endpoint."""
        legs: Legs = self._clients if isinstance(invitation, ClientInvitation) else self._telephones
        return legs.invite(invitation, row, *more)

    def hang_up(self, leg: LegId) -> None:
        """See Endpoint."""
        self._of(leg).hang_up(leg)

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See Endpoint."""
        return self._of(leg).send_digits(leg, digits)

    def measure(self, leg: LegId) -> None:
        """See Endpoint."""
        self._of(leg).measure(leg)

    def survey(self, legs: Iterable[LegId]) -> None:
        """See Endpoint."""
        named = tuple(legs)
        for those, ask in ((True, self._clients.survey), (False, self._telephones.survey)):
            chosen = tuple(leg for leg in named if is_client(leg) is those)
            if chosen:
                ask(chosen)

    def bridge(self, one: LegId, other: LegId) -> bool:
        """See Endpoint; a telephone and a page hear each other through rows."""
        return self._of(one) is self._of(other) and self._of(one).bridge(one, other)

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See Endpoint."""
        if self._of(one) is self._of(other):
            self._of(one).unbridge(one, other)

    def set_available(self, available: bool) -> None:
        """See Endpoint."""
        self._telephones.set_available(available)

    def _of(self, leg: LegId) -> Legs:
        return self._clients if is_client(leg) else self._telephones


def is_client(leg: LegId | None) -> bool:
    """Whether a leg is one of a page: their numbers are negative."""
    return leg is not None and leg < 0
