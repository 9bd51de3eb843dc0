"""Identities of outbound calls.

pjsua takes From and credentials of a call from an account, and copies both into the call's dialog when the INVITE is made.
So one account can carry any number of calls with different identities if it is changed before each. Every change leaves
some bytes in the account's memory pool: an account that was changed often is replaced, and deleted when its calls are over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sip import events
from sip.endpoint import Enrolment, Invitation
from sip.events import Event
from sip.message import join_address
from sip.pjsua.binding import pj
from sip.pjsua.library import Options, account_configuration
from sip.uri import is_encrypted

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
        self._inbound: Account | None = None
        self._proving: int | None = None
        self._enrolled: list[Account] = []

    def open(self, proving: int | None) -> None:
        """Make the account that takes calls for anybody; ``proving`` is the transport to peers that prove who they are."""
        self._proving = proving
        self._inbound = self._create(f"sip:{self._options.host}", takes_dtls=True)
        self._inbound.setDefault()

    def close(self) -> None:
        """Delete all accounts, while the library still lives."""
        for account in [*self._enrolled, *self._retired, self._current, self._inbound]:
            if account is not None:
                account.shutdown()
        self._enrolled, self._retired, self._current, self._inbound = [], [], None, None

    def take(self, invitation: Invitation) -> Account:
        """The account to make a call with, right away. Raises pj.Error when From cannot be parsed."""
        identity = join_address(invitation.from_display, invitation.from_uri)
        if self._current is not None and self._current.changes >= MOST_CHANGES:
            self._retired.append(self._current)
            self._current = None
        if self._current is None:
            self._delete_idle()
            self._current = self._create(identity)
        configuration = account_configuration(self._options, identity)
        configuration.sipConfig.contactParams = invitation.contact
        if invitation.verified and self._proving is not None and is_encrypted(invitation.uri):
            configuration.sipConfig.transportId = self._proving
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
        """Register with somebody, and stay so. Raises pj.Error when a URI cannot be parsed."""
        configuration = account_configuration(self._options, enrolment.identity, takes_dtls=True)
        registration = configuration.regConfig
        registration.registrarUri = enrolment.registrar
        registration.timeoutSec = enrolment.seconds
        registration.firstRetryIntervalSec, registration.retryIntervalSec = FIRST_RETRY_SECONDS, RETRY_SECONDS
        registration.randomRetryIntervalSec = FIRST_RETRY_SECONDS
        registration.dropCallsOnFail = False
        given = enrolment.credentials
        configuration.sipConfig.authCreds.push_back(pj.AuthCredInfo("digest", "*", given.username, 0, given.password))
        if enrolment.verified and self._proving is not None and is_encrypted(enrolment.registrar):
            configuration.sipConfig.transportId = self._proving
        account = Enrolled(number, self._incoming, post)
        self._enrolled.append(account)
        account.create(configuration)

    def _create(self, identity: str, *, takes_dtls: bool = False) -> Account:
        account = Account(self._incoming)
        account.create(account_configuration(self._options, identity, takes_dtls=takes_dtls))
        return account

    def _delete_idle(self) -> None:
        busy = self._in_use()
        for account in [account for account in self._retired if account not in busy]:
            self._retired.remove(account)
            account.shutdown()
