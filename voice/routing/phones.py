"""The phones of the SIP domains: who they are, where they can be reached, and what they may call (spec sections 6.1 and 6.2)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import structlog

from sip.addresses import is_any
from sip.bindings import Binding, Bindings, Rules
from sip.digest import PROXY, REGISTRAR, Gate, Secret
from sip.events import Incoming, Registering
from sip.fields import parse_address
from sip.locations import Locations, Repeats, key_of
from sip.message import Message
from sip.nonces import Nonces
from sip.registration import read_registration
from sip.requests import Reply
from sip.uri import Uri, parse_uri, split_source
from voice.errors import CallRefused
from voice.routing.domains import Domain, Domains
from voice.routing.hosts import machine_addresses
from voice.settings import Registrar, Settings

NO_DOMAIN, TOO_MANY_CONTACTS, NOT_REGISTERED = 32002, 32007, 32009
WRONG_NETWORK, WRONG_CREDENTIALS, PLAIN_MEDIA, NOT_ENCRYPTED, NO_REGISTRATION = 32201, 32202, 32208, 32209, 32210
DEFAULT_PORT = 5060
USER_LETTERS = "-_.!~*'()&=+$,;?/"
"""Beside letters and digits, in the user part of a URI (RFC 3261 section 25.1)."""

_log = structlog.get_logger("phones")


class Phones:
    """Registers phones and lets them call; ``wall`` is the time of day, ``is_active`` says whether an account may do anything."""

    def __init__(
        self,
        settings: Settings,
        wall: Callable[[], datetime],
        key: bytes | None = None,
        is_active: Callable[[str], bool] = lambda account_sid: True,
    ) -> None:
        rules, sip = settings.registrar, settings.sip
        self.domains = Domains(hosts=(*sip.addresses.hosts, *(machine_addresses() if any(map(is_any, sip.bind)) else ())))
        self.locations = Locations(_rules(rules))
        self._gate = Gate(rules.realm, Nonces(key or secrets.token_bytes(32)), rules.algorithms)
        self._repeats = Repeats()
        self._wall = wall
        self._is_active = is_active
        self._port = sip.port
        self._has_srtp = sip.srtp != "off"

    def load(self, domains: Iterable[Domain]) -> None:
        """Know these domains and no others."""
        self.domains.load(domains)
        self.prune()

    def put(self, domain: Domain) -> None:
        """Add a domain, or put it in the place of the one with its name."""
        self.domains.put(domain)
        self.prune()

    def remove(self, name: str) -> None:
        """Forget a domain."""
        self.domains.remove(name)
        self.prune()

    def prune(self) -> None:
        """Forget the phones of those who may not register any more."""
        for key, _ in self.locations:
            name, _, host = key.rpartition("@")
            domain = self.domains.named(host)
            if domain is None or not domain.registration or name not in domain.registrants:
                self.locations.forget(key)

    def secret(self, username: str, password: str) -> Secret:
        """What is kept of a password."""
        return Secret.of(username, self._gate.realm, password)

    def register(self, asked: Registering) -> Reply:
        """The answer to a REGISTER."""
        now = self._wall().timestamp()
        message = Message(f"REGISTER {asked.request_uri} SIP/2.0", asked.headers, "")
        known = self._repeats.find(message, asked.source, now)
        if known is not None:
            return known
        domain, user = self._user(message)
        if domain is None:
            return _refuse(message, asked.source, 404, NO_DOMAIN)
        if not domain.registration or not self._is_active(domain.account_sid):
            return _refuse(message, asked.source, 403, NO_REGISTRATION)
        if domain.secure and asked.transport != "tls":
            return _refuse(message, asked.source, 403, NOT_ENCRYPTED)
        name = self._gate.admit(message, REGISTRAR, domain.registrants, now)
        if isinstance(name, Reply):
            return _refuse(message, asked.source, 403, WRONG_CREDENTIALS) if name.code == 403 else name
        if user is None or user.name != name:
            return _refuse(message, asked.source, 403, WRONG_CREDENTIALS)
        reply = self._bind(message, asked, user, now)
        self._repeats.keep(message, asked.source, reply, now)
        return reply

    def admit(self, incoming: Incoming, domain: Domain) -> str:
        """Let a call to a domain pass; the name of its user, empty when only its address was asked for.

        Raises CallRefused: 407 with a challenge, 403, or 488 for media that is not encrypted where it has to be. If both kinds
        of lists are there, both must pass (spec section 6.1).
        """
        message = Message(f"INVITE {incoming.request_uri} SIP/2.0", incoming.headers, "")
        address, _ = split_source(incoming.source)
        if not domain.takes_calls or not domain.is_near(address):
            raise CallRefused(403, f"{WRONG_NETWORK}: {domain.name} takes no calls from {address}")
        if domain.secure and incoming.transport != "tls":
            raise CallRefused(403, f"{NOT_ENCRYPTED}: {domain.name} takes calls over TLS only")
        if domain.secure and not (incoming.offers_srtp and self._has_srtp):
            raise CallRefused(488, f"{PLAIN_MEDIA}: {domain.name} takes calls with SRTP only")
        if domain.callers is None:
            return ""
        name = self._gate.admit(message, PROXY, domain.callers, self._wall().timestamp())
        if isinstance(name, Reply):
            reason = (
                f"{WRONG_CREDENTIALS}: wrong credentials for {domain.name}" if name.code == 403 else "credentials are asked for"
            )
            raise CallRefused(name.code, reason, headers=name.headers)
        return name

    def user(self, uri: Uri, account_sid: str) -> Uri | None:
        """The user whom a URI means, by the domain's own name; None when the account has no such domain whose phones register."""
        ours = (uri.port or DEFAULT_PORT) == self._port
        domain = self.domains.find(uri.host) if ours else self.domains.named(uri.host)
        if domain is None or not domain.registration or domain.account_sid != account_sid:
            return None
        return replace(uri, scheme="sip", host=domain.name, port=0)

    def find(self, user: Uri) -> Bindings:
        """Where a user can be reached."""
        return self.locations.find(user, self._wall().timestamp())

    def is_secure(self, user: Uri) -> bool:
        """Whether a user's phones may only be called encrypted."""
        domain = self.domains.named(user.host)
        return domain is not None and domain.secure

    def called(self, name: str, account_sid: str) -> tuple[tuple[Uri, Binding], ...]:
        """Every phone of an account that is registered under a name, in whatever domain, and the user it belongs to."""
        users = (Uri("sip", quote(name, safe=USER_LETTERS), domain.name) for domain in self._of_account(account_sid))
        return tuple((user, binding) for user in users for binding in self.find(user))

    def _of_account(self, account_sid: str) -> Iterator[Domain]:
        return (domain for domain in self.domains if domain.registration and domain.account_sid == account_sid)

    def _user(self, message: Message) -> tuple[Domain | None, Uri | None]:
        """The domain of a REGISTER, and the user it is for, named by the domain's own name (RFC 3261 section 10.3, 1 and 5)."""
        target = parse_uri(message.request_uri)
        domain = self.domains.find(target.host) if target is not None else None
        to = parse_uri(_uri_of(message.header("to")))
        if domain is None or to is None or self.domains.find(to.host) is not domain:
            return domain, None
        return domain, Uri("sip", to.user, domain.name)

    def _bind(self, message: Message, asked: Registering, user: Uri, now: float) -> Reply:
        wanted, source = read_registration(message, asked.source, asked.transport), asked.source
        if isinstance(wanted, Reply):
            return wanted
        reply = self.locations.register(user, wanted, now)
        if reply.code == 403:
            return _refuse(message, source, 403, TOO_MANY_CONTACTS)
        if wanted.contacts or wanted.everything:
            _log.info("registered", user=key_of(user), status=reply.code, source=source, agent=wanted.agent)
        return reply


def _rules(registrar: Registrar) -> Rules:
    longest = registrar.max_expires
    return Rules(registrar.min_expires, longest, longest, registrar.max_contacts)


def _refuse(message: Message, source: str, status: int, code: int) -> Reply:
    user = _uri_of(message.header("to"))[:80]
    _log.warning("registration refused", user=user, source=source, status=status, code=code)
    return Reply(status)


def _uri_of(value: str) -> str:
    return parse_address(value).uri
