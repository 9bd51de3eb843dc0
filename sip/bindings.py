"""Where a user can be reached, and what a REGISTER changes about it (RFC 3261 section 10.3). Pure; time is seconds since 1970."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from sip.events import Headers
from sip.fields import quote
from sip.registration import UNTIMED, Contact, Registration
from sip.requests import Reply
from sip.uri import Uri

_REALLY_LONG = 3_600
"""Seconds. A wish of at least an hour is never too brief (RFC 3261 section 10.3, step 7)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How long and how many; seconds (voice API section 6.2)."""

    shortest: int = 600
    longest: int = 3_600
    usual: int = 3_600
    """For a phone that does not say."""
    most: int = 10
    """Contacts of one user."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One phone of one user."""

    contact: Contact
    call_id: str
    sequence: int
    path: tuple[str, ...]
    source: str
    """``address:port`` its REGISTER came from."""
    agent: str
    expires_at: float

    @property
    def hidden(self) -> bool:
        """Whether the phone is behind a NAT: it is not reached where it says."""
        return self.contact.target != self.contact.uri


Bindings = tuple[Binding, ...]


def live(bindings: Bindings, now: float) -> Bindings:
    """Those that have not expired."""
    return tuple(binding for binding in bindings if binding.expires_at > now)


def change(bindings: Bindings, asked: Registration, rules: Rules, now: float) -> Bindings | Reply:
    """The bindings after a REGISTER, all of whose wishes are granted or none.

    Refused are: too short an interval (423), one contact too many (403), and what was overtaken by a later request (500).
    """
    bindings = live(bindings, now)
    if asked.everything:
        late = any(_overtaken(binding, asked) for binding in bindings)
        return Reply(500) if late else ()
    for contact in asked.contacts:
        seconds = _grant(contact, rules)
        if isinstance(seconds, Reply):
            return seconds
        same = [binding for binding in bindings if _same(binding.contact, contact)]
        if any(_overtaken(binding, asked) for binding in same):
            return Reply(500)
        bindings = tuple(binding for binding in bindings if binding not in same)
        if seconds:
            made = Binding(contact, asked.call_id, asked.sequence, asked.path, asked.source, asked.agent, now + seconds)
            bindings = (*bindings, made)
    return bindings if len(bindings) <= rules.most else Reply(403)


def describe(bindings: Bindings, asked: Registration, user: Uri, now: float) -> Reply:
    """The 200: every binding of ``user``, in the words of its phone, with the seconds it has left."""
    wants_names = "gruu" in asked.supported
    fields: list[tuple[str, str]] = [("Contact", _contact(binding, user if wants_names else None, now)) for binding in bindings]
    fields += [("Path", f"<{uri}>") for uri in asked.path if asked.contacts]
    if any(contact.flow for contact in asked.contacts):
        fields.append(("Require", "outbound"))
    fields += [("Supported", "path, outbound, gruu"), ("Date", format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True))]
    return Reply(200, tuple(fields))


def public_name(user: Uri, instance: str) -> Uri:
    """The URI of one phone of a user: a public GRUU (RFC 5627 section 5.4)."""
    return Uri(user.scheme, user.user, user.host, 0, (("gr", re.sub(r"[^A-Za-z0-9:._~!$*-]", "", instance)),))


def named_by(binding: Binding, name: Uri) -> bool:
    """Whether a URI means this phone: one with ``gr`` means the one of that name, any other all of them."""
    wanted = name.parameter("gr")
    return not wanted or public_name(name, binding.contact.instance).parameter("gr") == wanted


def _grant(contact: Contact, rules: Rules) -> int | Reply:
    """The seconds that a contact gets; 0 removes it."""
    wanted = rules.usual if contact.expires == UNTIMED else contact.expires
    if 0 < wanted < min(rules.shortest, _REALLY_LONG):
        too_brief: Headers = (("Min-Expires", str(rules.shortest)),)
        return Reply(423, too_brief)
    return min(wanted, rules.longest)


def _same(one: Contact, other: Contact) -> bool:
    """Whether two contacts are one phone: the same flow of one instance (RFC 5626 section 6), or the same address."""
    if one.flow and other.flow:
        return (one.instance, one.flow) == (other.instance, other.flow)
    return one.uri.matches(other.uri)


def _overtaken(binding: Binding, asked: Registration) -> bool:
    return binding.call_id == asked.call_id and asked.sequence <= binding.sequence


def _contact(binding: Binding, user: Uri | None, now: float) -> str:
    contact = binding.contact
    text = f"<{contact.uri}>;expires={max(0, math.ceil(binding.expires_at - now))}"
    if contact.q:
        text += f";q={contact.q}"
    if contact.instance:
        text += f";+sip.instance={quote(f'<{contact.instance}>')}"
        if user is not None:
            text += f";pub-gruu={quote(str(public_name(user, contact.instance)))}"
    if contact.flow:
        text += f";reg-id={contact.flow}"
    return text
