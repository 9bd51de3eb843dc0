"""Calls that are sent elsewhere by whoever was called: 3xx and its Contact (RFC 3261 section 8.1.3.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sip.endpoint import Invitation
from sip.events import Headers
from sip.fields import Address, parse_address, split_list
from sip.message import long_name
from voice.calls.branches import Turn
from voice.errors import TargetRefused
from voice.routing.address import LONGEST_URI, SipUri, normalise_number, parse_uri

MOST_TARGETS = 4
"""Contacts of one response; further ones are left out."""
SHORTEST_NUMBER = 7
"""Digits from which on a user part is a telephone number, to which the dialling rules apply; shorter ones are extensions."""


def redirected(invitation: Invitation, headers: Headers, check: Callable[[str], None]) -> Turn:
    """The INVITEs that follow one which got 3xx with these headers; ``check`` raises TargetRefused for numbers not to be dialled.

    Credentials and the count of a carrier stay with its host.
    """
    before = parse_uri(invitation.uri)
    contacts = [item for name, value in headers if long_name(name) == "contact" for item in split_list(value)]
    found: list[Invitation] = []
    for address in sorted(map(parse_address, contacts[:MOST_TARGETS]), key=_quality, reverse=True):
        uri = _acceptable(address.uri, check)
        if uri is None or before is None:
            continue
        same = uri.host.lower() == before.host.lower()
        credentials, carrier = (invitation.credentials, invitation.carrier) if same else (None, "")
        route = invitation.route if same else ()
        found.append(replace(invitation, uri=uri.target, target="", route=route, credentials=credentials, carrier=carrier))
    return tuple(found)


def _acceptable(written: str, check: Callable[[str], None]) -> SipUri | None:
    uri = parse_uri(written)
    if uri is None or not written.lower().startswith(("sip:", "sips:")) or len(uri.target) > LONGEST_URI:
        return None
    if ";maddr=" in uri.parameters.lower() or ";method=" in uri.parameters.lower():
        return None
    number = normalise_number(uri.user.partition(";")[0])
    if number is not None and (uri.user.startswith("+") or len(number) > SHORTEST_NUMBER):
        try:
            check(number)
        except TargetRefused:
            return None
    return uri


def _quality(address: Address) -> float:
    try:
        return float(address.parameter("q") or 1)
    except ValueError:
        return 0.0
