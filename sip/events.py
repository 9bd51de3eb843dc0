"""What the telephone network tells us.

An endpoint posts these on the event loop, in the order in which they happened. They carry plain data: nothing of a SIP
library leaves this package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sip.quality import Quality

LegId = int
"""Names one leg for the life of an endpoint; never reused."""

RequestId = int
"""Names one request that waits for our answer; never reused."""

Headers = tuple[tuple[str, str], ...]
"""Header fields in order, names as received."""


@dataclass(frozen=True, slots=True)
class DialogId:
    """Names a dialog of ours as a Replaces header does (RFC 3891 section 3)."""

    call_id: str
    local_tag: str
    """Ours: ``to-tag`` of the header."""
    remote_tag: str
    """The far end's: ``from-tag`` of the header."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on the network."""


@dataclass(frozen=True, slots=True)
class Incoming(Event):
    """An INVITE arrived; 100 was sent, nothing else is decided."""

    leg: LegId
    call_id: str
    """The Call-ID header."""
    request_uri: str
    """``sip:user@host[:port][;parameters]``."""
    from_uri: str
    from_display: str
    to_uri: str
    headers: Headers
    source: str
    """``address:port`` the packet came from."""
    transport: str = "udp"
    """How it came: ``udp``, ``tcp`` or ``tls``, whatever its Via says."""
    offers_srtp: bool = False
    """Its description has keys for the audio (RFC 4568, RFC 5763)."""


@dataclass(frozen=True, slots=True)
class Registering(Event):
    """A REGISTER arrived outside of any dialog; it waits for ``Endpoint.reply``, nothing is decided."""

    request: RequestId
    request_uri: str
    headers: Headers
    source: str
    """``address:port`` the packet came from."""
    transport: str = "udp"
    """See Incoming."""


@dataclass(frozen=True, slots=True)
class Dialled(Event):
    """The INVITE of an outbound leg was sent; the first event of every outbound leg that got so far."""

    leg: LegId
    call_id: str
    """The Call-ID header, by which ``MessageSeen`` names the dialog."""


@dataclass(frozen=True, slots=True)
class Ringing(Event):
    """An outbound leg got a provisional answer of 180 to 189."""

    leg: LegId
    code: int
    early_media: bool
    """The answer carried SDP: the callee may send audio now."""


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """An outbound leg was answered (200), or the ACK of an inbound one arrived."""

    leg: LegId
    headers: Headers = ()
    """Of the 200; empty for inbound legs."""


@dataclass(frozen=True, slots=True)
class Digit(Event):
    """A key was pressed at the far end (RFC 4733 or SIP INFO)."""

    leg: LegId
    digit: str
    inband: bool = False
    """It was heard in the audio, by whoever listens to that; an endpoint reports none of these."""


@dataclass(frozen=True, slots=True)
class Held(Event):
    """The far end put us on hold or took us back by re-INVITE."""

    leg: LegId
    held: bool


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """What ``Endpoint.measure`` asked for."""

    leg: LegId
    received: int
    """RTP packets that have come from the far end so far."""


@dataclass(frozen=True, slots=True)
class Surveyed(Event):
    """What ``Endpoint.survey`` asked for."""

    audio: tuple[tuple[LegId, Quality | None], ...]
    """What that of each leg has been like so far; None where there was none."""


@dataclass(frozen=True, slots=True)
class Referred(Event):
    """The far end asks us by REFER to connect whom it talks with to somebody else (RFC 3515).

    It waits for ``Referrals.answer``; nothing is decided.
    """

    leg: LegId
    target: str
    """The value of Refer-To, for example ``<sip:alice@example.com>``; at most 1,024 printable characters."""
    replaces: DialogId | None
    """The dialog that the far end wants to be replaced by the new one: an attended transfer (RFC 3891)."""
    referred_by: str
    """The value of Referred-By (RFC 3892); may be empty."""
    headers: Headers = ()
    """Of the REFER."""


@dataclass(frozen=True, slots=True)
class ReferAnswered(Event):
    """The far end answered our REFER: 202 and it tries, or it refuses; 408 when it said nothing."""

    leg: LegId
    code: int


@dataclass(frozen=True, slots=True)
class ReferProgress(Event):
    """The far end tells by NOTIFY how the call fares that we asked it to make (RFC 3515 section 2.4.4)."""

    leg: LegId
    code: int
    """Of the status line it quotes; 0 when there was none."""
    last: bool
    """Nothing more will be told."""


@dataclass(frozen=True, slots=True)
class Pinged(Event):
    """Somebody has answered an OPTIONS of ours."""

    ping: str
    """What ``Endpoint.ping`` returned."""
    code: int


@dataclass(frozen=True, slots=True)
class Enrolled(Event):
    """A registrar has answered a registration of ours, or has not (408, 503)."""

    enrolment: int
    """What ``Endpoint.enrol`` returned."""
    code: int
    seconds: int
    """For how long we are registered; 0: not at all."""


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The leg is gone; the last event of every leg."""

    leg: LegId
    code: int
    """Final SIP status: 200 after a normal BYE, 487 after CANCEL, else what refused the call."""
    reason: str
    by_peer: bool
    headers: Headers = ()
    """Of the final response to an outbound INVITE."""
    quality: Quality | None = None
    """Of its audio; None when there was none."""


@dataclass(frozen=True, slots=True)
class MessageSeen(Event):
    """One SIP message as it crossed the wire, for the ladder of a journal."""

    call_id: str
    direction: Literal["in", "out"]
    peer: str
    """``address:port``."""
    text: str
    """The whole message."""
    at: float
    """``time.monotonic()``."""
