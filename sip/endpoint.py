"""The one seam to the telephone network: an interface with a real and an in-memory implementation.

``sip.pjsua.PjsuaEndpoint`` carries real calls, ``sip.fake.FakeEndpoint`` carries the calls of tests. Both pass
``tests/sip/test_contract.py``.

Every method may be called from the event loop and returns at once; what it caused is reported by events. A method that
names a leg which is gone does nothing. ``exchange`` alone belongs to the media thread.

Audio passes through two int16 matrices of shape ``(rows, samples)``, handed over at construction and never moved: row r of
``rx`` is the last 20 ms heard from the leg attached to r, row r of ``tx`` is what it hears next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sip.events import DialogId, Event, Headers, LegId, RequestId


class SipError(Exception):
    """The root of this package's errors.

    SipError
    ├── TransportUnavailable   a port cannot be bound; names the address
    └── InvalidTarget          a URI cannot be dialled; names the URI
    """


class TransportUnavailable(SipError):
    """A listening address cannot be bound."""


class InvalidTarget(SipError):
    """A URI that cannot be dialled."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Answers to a digest challenge of any realm (RFC 3261 section 22)."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A body beside the session description (RFC 5621)."""

    kind: str
    """Its Content-Type."""
    disposition: str
    """Its Content-Disposition."""
    text: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """One outbound INVITE."""

    uri: str
    """``sip:user@host[:port][;parameters]``."""
    from_uri: str
    """``sip:user@host``."""
    from_display: str = ""
    headers: Headers = ()
    credentials: Credentials | None = None
    labels: tuple[str, ...] = ()
    """Of streams that only send (RFC 4574), at most 4, in place of the one stream that goes both ways."""
    attachment: Attachment | None = None
    target: str = ""
    """The URI that the request is sent to, where that is not the callee's name: a registered contact. Empty: ``uri``."""
    route: tuple[str, ...] = ()
    """URIs of the proxies that it takes on its way there, the nearest first (RFC 3327); one with ``;hide`` is not named in it."""
    verified: bool = False
    """Whether a peer that is called over TLS has to prove its name by a certificate; without TLS it has no meaning."""
    contact: str = ""
    """Parameters of our Contact (RFC 3840), each with its leading semicolon."""
    encrypted: bool = False
    """Whether its audio has to be encrypted, whatever the endpoint does otherwise."""
    patience_seconds: float = 0
    """The leg ends with 408 when nothing at all has come back for so long; 0: after 32 s (RFC 3261, timer B)."""
    carrier: str = ""
    """Which carrier it goes through, for whoever counts that; nothing on the wire."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A registration of ours with somebody else (RFC 3261 section 10.2)."""

    registrar: str
    """``sip:host[:port][;transport=tcp]``."""
    identity: str
    """The address of record, ``sip:user@host``."""
    credentials: Credentials
    seconds: int = 3600
    """For how long; it is refreshed in time, and tried again when it has failed."""
    verified: bool = False
    """See Invitation."""
    route: tuple[str, ...] = ()
    """See Invitation."""


class Referrals(Protocol):
    """REFER inside the dialogs of an endpoint's legs (RFC 3515), one of each side at a time."""

    def refer(self, leg: LegId, target: str, headers: Headers = ()) -> None:
        """Ask the far end of an answered leg to call a URI instead.

        ``ReferAnswered`` follows, 400 for what is no SIP URI and 491 while another REFER of ours is under way; after a 2xx
        ``ReferProgress`` comes until one is the last, or the leg ends.
        """

    def answer(self, leg: LegId, code: int) -> None:
        """Answer the REFER that was told by ``Referred``: 202, after which NOTIFY says ``100 Trying``, or 3xx to 6xx."""

    def notify(self, leg: LegId, code: int) -> None:
        """Tell the far end how the call fares that it asked for; a final status (200 to 699) is the last."""

    def find(self, dialog: DialogId) -> LegId | None:
        """The answered leg that a Replaces header names, if it is one of ours (RFC 3891)."""


class Peers(Protocol):
    """Those on the network with whom an endpoint has to do beyond calls."""

    def shun(self, source: str, seconds: float) -> None:
        """Hear no request of an address, or of one port of it (``address:port``), for some time; nothing is answered."""

    def ping(self, uri: str) -> str:
        """Send an OPTIONS: it opens the way back to a phone behind a NAT, and shows whether somebody lives.

        Returns its name; ``Pinged`` follows when it is answered, and nothing when it is not.
        """

    def enrol(self, enrolment: Enrolment) -> int:
        """Register, and stay registered until ``close``; ``Enrolled`` follows, with the number returned, for each answer."""


class Legs(Protocol):
    """What can be done with the legs of one kind."""

    def attach(self, leg: LegId, row: int) -> None:
        """Give a leg its row of the matrices, before it is answered or as soon as it is dialled.

        From the moment its media is up the leg hears ``tx[row]``: silence if nobody wrote there.
        """

    def ring(self, leg: LegId) -> None:
        """Send 180 to an inbound leg."""

    def progress(self, leg: LegId) -> None:
        """Send 183 with a description to an inbound leg: it hears and is heard from now on, though it rings still."""

    def answer(self, leg: LegId) -> None:
        """Send 200 to an inbound leg."""

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """Send a final 3xx to 6xx response to an inbound leg; ``Ended`` follows."""

    def invite(self, invitation: Invitation, row: int, *more: int) -> LegId:
        """Dial; the leg is attached to ``row``, and each further stream of it sends one of ``more``.

        ``Ended`` follows in any case, at once when dialling is impossible.
        """

    def hang_up(self, leg: LegId) -> None:
        """End a leg in any state: CANCEL, BYE, or a 603 to an inbound leg that was not answered."""

    def send_digits(self, leg: LegId, digits: str) -> float:
        """Queue ``0-9 A-D * #`` as RFC 4733 events and return the seconds that sending them takes.

        Returns 0.0 when the far end cannot take them: the caller then plays tones.
        """

    def measure(self, leg: LegId) -> None:
        """Ask for the audio that an answered leg has sent; ``Measured`` follows, unless the leg has no audio."""

    def survey(self, legs: Iterable[LegId]) -> None:
        """Ask what the audio of some legs has been like so far; one ``Surveyed`` follows."""

    def bridge(self, one: LegId, other: LegId) -> bool:
        """Connect two attached legs inside the network layer, which is faster than through rows.

        While bridged they do not hear ``tx``; ``rx`` goes on. False when legs like these can only be connected through rows.
        """

    def unbridge(self, one: LegId, other: LegId) -> None:
        """Undo ``bridge``: both hear their ``tx`` again."""


class Endpoint(Legs, Protocol):
    """Legs on a network, and the network itself."""

    @property
    def peers(self) -> Peers:
        """Carriers, phones and strangers."""

    @property
    def referrals(self) -> Referrals:
        """REFER of every leg."""

    def start(self, post: Callable[[Event], None]) -> None:
        """Listen, and hand every event to ``post`` on the running event loop.

        Raises TransportUnavailable.
        """

    def close(self) -> None:
        """End every leg and release the network; waits until it is done (at most some seconds)."""

    def exchange(self) -> None:
        """Send ``tx`` and fill ``rx``: 20 ms of every attached leg. Called by the media thread once per tick."""

    def reply(self, request: RequestId, code: int, headers: Headers = ()) -> None:
        """Answer a request that was told by ``Registering``, once."""

    def set_available(self, available: bool) -> None:
        """Whether OPTIONS is answered 200 or 503."""
