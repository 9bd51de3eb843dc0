"""What a REGISTER asks for (RFC 3261 section 10.2, RFC 3327, RFC 5626, RFC 5627). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sip.fields import Address, parse_address, split_list
from sip.message import Message, long_name, sequence_of
from sip.requests import Reply
from sip.uri import Uri, is_private, parse_uri, read_address, split_source

MOST_CONTACTS = 32
"""In one request."""
MOST_PATHS = 5
LONGEST_INSTANCE = 128
UNTIMED = -1
"""Of a contact that does not say when it expires, or not so that it can be understood."""

_SECONDS = re.compile(r"[0-9]{1,10}")
_INSTANCE = re.compile(r"<?(urn:[a-z0-9][a-z0-9-]{0,31}:[^\s<>\"]+)>?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contact:
    """One address in a REGISTER."""

    uri: Uri
    """As the phone wrote it."""
    target: Uri
    """Where it is reached: the source of the request, when the phone names an address that only it can use."""
    expires: int = UNTIMED
    """Seconds."""
    q: str = ""
    """Preference, 0 to 1, as written."""
    instance: str = ""
    """``+sip.instance`` (RFC 5626 section 4.1), without angle brackets."""
    flow: int = 0
    """``reg-id`` (RFC 5626 section 4.2); 0: none."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A REGISTER that was understood."""

    contacts: tuple[Contact, ...]
    everything: bool
    """``Contact: *``: all bindings are to be removed."""
    call_id: str
    sequence: int
    path: tuple[str, ...]
    """URIs of the proxies on the way to the phone, nearest to us first (RFC 3327)."""
    source: str
    supported: frozenset[str]
    agent: str


def read_registration(message: Message, source: str, transport: str) -> Registration | Reply:
    """Read a REGISTER that came from ``address:port`` over ``udp``, ``tcp`` or ``tls``, or what refuses it: 400 and 439."""
    fields = [item for value in _values(message, "contact") for item in split_list(value)]
    supported = frozenset(tag.lower() for value in _values(message, "supported") for tag in split_list(value))
    path = _read_path(message)
    if path is None or len(fields) > MOST_CONTACTS or not message.header("call-id"):
        return Reply(400)
    usual = _seconds(message.header("expires"))
    asked = Registration((), False, message.header("call-id"), sequence_of(message), path, source, supported, _agent(message))
    if "*" in fields:
        return replace(asked, everything=True) if fields == ["*"] and usual == 0 else Reply(400)
    hops = sum(len(split_list(value)) for value in _values(message, "via"))
    contacts = []
    for field in fields:
        contact = _read_contact(parse_address(field), usual)
        if contact is None:
            return Reply(400)
        behind = "" if path or hops > 1 else source
        contacts.append(replace(contact, target=reach(contact, behind, transport)))
    flows = sum(contact.flow > 0 for contact in contacts)
    if flows > 1:
        return Reply(400)
    if flows and hops > 1 and not (path and ";ob" in path[-1]):
        return Reply(439)
    return replace(asked, contacts=tuple(contacts))


def reach(contact: Contact, source: str, transport: str) -> Uri:
    """Where a contact is reached from here.

    A phone behind a NAT names an address of its own network: then, and when it asks for it by ``reg-id`` or names no host at all
    (RFC 5626 section 5.3, RFC 7118 section 5), packets go to where its own come from. ``source`` is empty when that is a proxy.
    """
    uri = contact.uri
    address, port = split_source(source)
    seen, named = read_address(address), uri.address
    if seen is None or not port:
        return uri
    hidden = named is not None and named != seen and is_private(named)
    if not (hidden or contact.flow or uri.host.endswith(".invalid")):
        return uri
    reached = replace(uri, host=f"[{seen}]" if seen.version == 6 else str(seen), port=port)
    return reached if transport == "udp" else reached.with_parameter("transport", transport)


def _read_contact(address: Address, usual: int) -> Contact | None:
    uri = parse_uri(address.uri)
    if uri is None or uri.headers or uri.parameter("maddr") is not None:
        return None
    own = address.parameter("expires")
    instance = _INSTANCE.fullmatch(address.parameter("+sip.instance") or "")
    named = instance[1] if instance is not None and len(instance[1]) <= LONGEST_INSTANCE else ""
    flow = _seconds(address.parameter("reg-id") or "") if named else 0
    q = address.parameter("q") or ""
    preferred = q if re.fullmatch(r"0(\.\d{1,3})?|1(\.0{1,3})?", q) else ""
    return Contact(uri, uri, usual if own is None else _seconds(own), preferred, named, max(0, flow))


def _read_path(message: Message) -> tuple[str, ...] | None:
    uris = [parse_uri(parse_address(item).uri) for value in _values(message, "path") for item in split_list(value)]
    path = [str(uri) for uri in uris if uri is not None and not uri.headers]
    return tuple(path) if len(path) == len(uris) <= MOST_PATHS else None


def _seconds(text: str) -> int:
    text = text.strip()
    return int(text) if _SECONDS.fullmatch(text) else UNTIMED


def _agent(message: Message) -> str:
    return "".join(letter for letter in message.header("user-agent")[:100] if letter.isprintable())


def _values(message: Message, name: str) -> Iterator[str]:
    return (value for known, value in message.headers if long_name(known) == name)
