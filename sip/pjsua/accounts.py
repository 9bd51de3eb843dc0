"""Identities of outbound calls.

pjsua takes From and credentials of a call from an account, and copies both into the call's dialog when the INVITE is made.
So one account can carry any number of calls with different identities if it is changed before each. Every change leaves
some bytes in the account's memory pool: an account that was changed often is replaced, and deleted when its calls are over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sip import events
from sip.addresses import Version
from sip.endpoint import Enrolment, Invitation
from sip.events import Event
from sip.message import join_address
from sip.pjsua.binding import pj
from sip.pjsua.library import Options, account_configuration
from sip.uri import is_encrypted, parse_uri

MOST_CHANGES = 500
FIRST_RETRY_SECONDS, RETRY_SECONDS = 5, 60
"""After a registration has failed, give or take the first."""
MULTIPLE_CHOICES = 300


class Account(pj.Account):  # type: ignore[misc]
    """Passes incoming calls on."""

    def __init__(self, incoming: Callable[[Any, Any], None]) -> None:
        super().__init__()
        self._incoming = incoming
        self.changes = 0

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        self._incoming(self, prm)


class Enrolled(Account):
    """An account that is registered somewhere, and tells how that goes."""

    def __init__(self, number: int, incoming: Callable[[Any, Any], None], post: Callable[[Event], None]) -> None:
        super().__init__(incoming)
        self._number = number
        self._post = post

    def onRegState(self, prm: Any) -> None:  # noqa: N802 - the name is pjsua2's
        """Called by pjsip."""
        self._post(events.Enrolled(self._number, prm.code, max(0, prm.expiration) if prm.code < MULTIPLE_CHOICES else 0))


class Accounts:
    """All accounts of the library; belongs to the owner thread."""

    def __init__(self, options: Options, incoming: Callable[[Any, Any], None], in_use: Callable[[], set[Any]]) -> None:
        self._options = options
        self._incoming = incoming
        self._in_use = in_use
        self._retired: list[Account] = []
        self._current: Account | None = None
        self._inbound: dict[Version, Account] = {}
        self._proving: Mapping[Version, int] = {}
        self._enrolled: dict[int, Account] = {}

    def open(self, proving: Mapping[Version, int]) -> dict[Version, int]:
        """Make the accounts that take calls for anybody, and return their numbers, by the family of the media.

        ``proving`` are the transports to peers that prove who they are.
        """
        self._proving = proving
        for version in self._versions:
            account = self._create(f"sip:{self._options.addresses.host}", version, takes_dtls=True)
            self._inbound[version] = account
        self._inbound[self._versions[0]].setDefault()
        return {version: account.getId() for version, account in self._inbound.items()}

    def close(self) -> None:
        """Delete all accounts, while the library still lives."""
        current = [self._current] if self._current is not None else []
        for account in [*self._enrolled.values(), *self._retired, *current, *self._inbound.values()]:
            account.shutdown()
        self._enrolled, self._retired, self._current, self._inbound = {}, [], None, {}

    @property
    def _versions(self) -> tuple[Version, ...]:
        return self._options.addresses.versions

    def take(self, invitation: Invitation) -> Account:
        """The account to make a call with, right away. Raises pj.Error when From cannot be parsed."""
        identity = join_address(invitation.from_display, invitation.from_uri)
        if self._current is not None and self._current.changes >= MOST_CHANGES:
            self._retired.append(self._current)
            self._current = None
        if self._current is None:
            self._delete_idle()
            self._current = self._create(identity, self._versions[0])
        hop = (*invitation.route, invitation.target or invitation.uri)[0]
        version = self._version(hop)
        configuration = account_configuration(self._options, identity, version)
        configuration.sipConfig.contactParams = invitation.contact
        if invitation.verified and version in self._proving and is_encrypted(hop):
            configuration.sipConfig.transportId = self._proving[version]
        if invitation.encrypted:
            configuration.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
        for proxy in invitation.route:
            configuration.sipConfig.proxies.push_back(f"<{proxy}>")
        if invitation.credentials is not None:
            given = invitation.credentials
            configuration.sipConfig.authCreds.push_back(pj.AuthCredInfo("digest", "*", given.username, 0, given.password))
        self._current.modify(configuration)
        self._current.changes += 1
        return self._current

    def enrol(self, number: int, enrolment: Enrolment, post: Callable[[Event], None]) -> None:
        """Register with somebody, and stay so; a number that is known is registered that way from now on.

        Raises pj.Error when a URI cannot be parsed.
        """
        hop = (*enrolment.route, enrolment.registrar)[0]
        version = self._version(hop)
        configuration = account_configuration(self._options, enrolment.identity, version, takes_dtls=True)
        registration = configuration.regConfig
        registration.registrarUri = enrolment.registrar
        registration.timeoutSec = enrolment.seconds
        registration.firstRetryIntervalSec, registration.retryIntervalSec = FIRST_RETRY_SECONDS, RETRY_SECONDS
        registration.randomRetryIntervalSec = FIRST_RETRY_SECONDS
        registration.dropCallsOnFail = False
        given = enrolment.credentials
        configuration.sipConfig.authCreds.push_back(pj.AuthCredInfo("digest", "*", given.username, 0, given.password))
        for proxy in enrolment.route:
            configuration.sipConfig.proxies.push_back(f"<{proxy}>")
        if enrolment.verified and version in self._proving and is_encrypted(hop):
            configuration.sipConfig.transportId = self._proving[version]
        known = self._enrolled.get(number)
        if known is not None:
            known.modify(configuration)
            return
        account = self._enrolled[number] = Enrolled(number, self._incoming, post)
        account.create(configuration)

    def _version(self, hop: str) -> Version:
        """The family that a URI is reached by; of a name that is not looked up, the first that is spoken."""
        uri = parse_uri(hop)
        found = uri.address if uri is not None else None
        return found.version if found is not None and found.version in self._versions else self._versions[0]

    def _create(self, identity: str, version: Version, *, takes_dtls: bool = False) -> Account:
        account = Account(self._incoming)
        account.create(account_configuration(self._options, identity, version, takes_dtls=takes_dtls))
        return account

    def _delete_idle(self) -> None:
        busy = self._in_use()
        for account in [account for account in self._retired if account not in busy]:
            self._retired.remove(account)
            account.shutdown()
