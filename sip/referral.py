"""REFER and the NOTIFYs that report on it, dialog by dialog: what is accepted, what is answered. Pure.

RFC 3515 (REFER), RFC 3891 (Replaces), RFC 3892 (Referred-By), RFC 4488 (Refer-Sub). A dialog has one REFER of each side under
way at a time; another one is answered 491.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from sip.events import DialogId, Headers
from sip.message import Message, parse_message, sequence_of, split_address
from sip.phrases import phrase_of
from sip.requests import Reply

LONGEST_TARGET = 256
"""Characters of Refer-To (voice API section 6.4), not counting its headers: a Replaces alone may be as long."""
LONGEST_REFER_TO = 1_024
LONGEST_REFERRED_BY = 1_024
SUBSCRIPTION_SECONDS = 3_600
SIPFRAG = "message/sipfrag"

_TARGET = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*):(?P<rest>[^\s<>\"]+)$", re.IGNORECASE)
_METHOD = re.compile(r";\s*method\s*=\s*([^;?]*)", re.IGNORECASE)
_REPLACES = re.compile(r"[?&]replaces=([^&]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Referral:
    """What a REFER asks for."""

    target: str
    """The value of Refer-To."""
    replaces: DialogId | None
    referred_by: str


@dataclass(slots=True)
class Recipient:
    """The REFERs that one dialog received."""

    _sequence: int = -1
    _waiting: bool = False
    _reply: Reply | None = None
    _quiet: bool = False
    """The far end wants no NOTIFY (RFC 4488)."""
    _event: str = ""
    """The Event header of its NOTIFYs; empty while nobody wants any."""
    _count: int = 0

    def take(self, message: Message) -> Referral | Reply | None:
        """What to do with a REFER: tell it, answer it at once, or, for one that was repeated too early, nothing."""
        sequence = sequence_of(message)
        if sequence == self._sequence:
            return self._reply
        if sequence < self._sequence:
            return Reply(500)
        if self._waiting or self._event:
            return Reply(491)
        referral = read_refer(message)
        if isinstance(referral, Referral):
            self._sequence, self._waiting, self._reply = sequence, True, None
            self._quiet = message.header("refer-sub").strip().lower().startswith("false")
            self._count += 1
        return referral

    def answer(self, code: int, contact: str) -> Reply | None:
        """The response to the REFER that waits; None when none does. ``contact`` is where we are reached in this dialog."""
        if not self._waiting:
            return None
        self._waiting = False
        headers: Headers = ()
        if code < 300:
            headers = (("Contact", contact), *((("Refer-Sub", "false"),) if self._quiet else ()))
            if not self._quiet:
                # The first subscription of a dialog needs no id, and phones know it best that way (RFC 3515 section 2.4.6).
                self._event = "refer" if self._count == 1 else f"refer;id={self._sequence}"
        self._reply = Reply(code, headers)
        return self._reply

    def notify(self, code: int) -> tuple[Headers, str] | None:
        """Headers and body of the NOTIFY for a status; None when the far end wants none. A final status is the last."""
        if not self._event:
            return None
        state = f"active;expires={SUBSCRIPTION_SECONDS}" if code < 200 else "terminated;reason=noresource"
        headers = (("Event", self._event), ("Subscription-State", state))
        if code >= 200:
            self._event = ""
        return headers, f"SIP/2.0 {code} {phrase_of(code)}\r\n"

    def unsubscribe(self) -> None:
        """The far end answered a NOTIFY with 481: it wants no more."""
        self._event = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a NOTIFY says about our REFER."""

    code: int
    last: bool


@dataclass(slots=True)
class Issuer:
    """The REFERs that we sent in one dialog."""

    _open: bool = False
    _answered: bool = True
    _sequence: int = -1
    """CSeq of the last NOTIFY."""

    def begin(self) -> bool:
        """Whether a REFER may be sent now."""
        if self._open or not self._answered:
            return False
        self._open, self._answered = True, False
        return True

    def answer(self, code: int, quiet: bool) -> bool:
        """Take the final response; whether it is news. ``quiet``: it says that no NOTIFY will come (RFC 4488)."""
        news = not self._answered
        self._answered = True
        self._open = self._open and code < 300 and not quiet
        return news

    def take(self, message: Message) -> tuple[Reply, Notice | None]:
        """The answer to a NOTIFY, and its news if it has any; it may overtake the response to the REFER."""
        event = message.header("event").partition(";")[0].strip().lower()
        sequence = sequence_of(message)
        if event != "refer":
            return Reply(489, (("Allow-Events", "refer"),)), None
        if sequence == self._sequence:
            return Reply(200), None
        if not self._open:
            return Reply(481), None
        if sequence < self._sequence:
            return Reply(500), None
        fragment = _fragment(message)
        if fragment is None:
            return Reply(415, (("Accept", SIPFRAG),)), None
        code = fragment.code
        state = message.header("subscription-state").partition(";")[0].strip().lower()
        notice = Notice(code, code >= 200 or state == "terminated")
        self._sequence, self._open = sequence, not notice.last
        return Reply(200), notice


def read_refer(message: Message) -> Referral | Reply:
    """What a REFER asks for, or what it is answered.

    400: no Refer-To, several, or an unreadable or overlong one. 416: neither ``sip`` nor ``sips`` nor ``tel``. 501: a method
    other than INVITE.
    """
    value = message.header("refer-to")
    if message.count("refer-to") != 1 or len(value) > LONGEST_REFER_TO or not value.isprintable() or value.count("<") > 1:
        return Reply(400)
    _, uri = split_address(value)
    found = _TARGET.match(uri)
    if found is None or len(value) - len(uri) + len(uri.partition("?")[0]) > LONGEST_TARGET:
        return Reply(400)
    if found["scheme"].lower() not in ("sip", "sips", "tel"):
        return Reply(416)
    method = _METHOD.search(uri.partition("?")[0])
    if method is not None and method[1].strip().upper() != "INVITE":
        return Reply(501)
    by = message.header("referred-by")
    return Referral(value, read_replaces(uri), by if len(by) <= LONGEST_REFERRED_BY and by.isprintable() else "")


def read_replaces(uri: str) -> DialogId | None:
    """The dialog that the Replaces header inside a URI names (RFC 3891 section 6.1); None when there is none."""
    found = _REPLACES.search(uri)
    if found is None:
        return None
    call_id, *parameters = unquote(found[1]).split(";")
    tags = {name.strip().lower(): value.strip() for name, _, value in (each.partition("=") for each in parameters)}
    if not call_id.strip() or not tags.get("to-tag") or not tags.get("from-tag"):
        return None
    return DialogId(call_id.strip(), tags["to-tag"], tags["from-tag"])


def refer_headers(target: str, referred_by: str, headers: Headers) -> Headers | None:
    """The header fields of a REFER; None for a target that is no SIP URI."""
    found = _TARGET.match(target)
    if found is None or found["scheme"].lower() not in ("sip", "sips") or len(target) > LONGEST_REFER_TO:
        return None
    return (("Refer-To", f"<{target}>"), ("Referred-By", referred_by), *headers)


def _fragment(message: Message) -> Message | None:
    """The piece of a message that a NOTIFY quotes (RFC 3420); one without any is empty, and None is another kind of body."""
    kind = message.header("content-type").partition(";")[0].strip().lower()
    if message.body.strip() and kind != SIPFRAG:
        return None
    return parse_message(message.body[:LONGEST_REFER_TO])
