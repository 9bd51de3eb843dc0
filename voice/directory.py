"""Which application answers an inbound call, and which has which name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markup.document import Document
from markup.verbs import Dial, Reject, Sip
from sip.events import Incoming
from voice.address import SipUri, normalise_number, parse_uri
from voice.domains import Domain
from voice.errors import CallRefused
from voice.phones import NO_DOMAIN, Phones
from voice.settings import Application as NamedApplication
from voice.settings import Number, Settings


@dataclass(frozen=True, slots=True)
class Application:
    """Where a call's documents and callbacks go."""

    called: str
    """The ``To`` of its webhooks."""
    url: str
    method: str
    fallback_url: str
    fallback_method: str
    status_callback: str
    status_callback_method: str
    account_sid: str = ""
    """Empty: the server's account."""
    document: Document | None = None
    """What is run, when there is no URL."""
    domain: str = ""
    """The SIP domain that was called, if it was one."""
    extra: tuple[tuple[str, str], ...] = ()
    """What its webhooks are told beside the facts of every call."""


class Directory:
    """The numbers, applications and SIP domains of one server."""

    def __init__(self, settings: Settings, phones: Phones) -> None:
        self._numbers = {normalise_number(number.phone_number): number for number in settings.number}
        self._applications = {application.sid: _named(application) for application in settings.application}
        self._phones = phones

    def application(self, sid: str) -> Application | None:
        """The application of a name, if there is one."""
        return self._applications.get(sid)

    def find(self, incoming: Incoming) -> Application:
        """The application for a request URI.

        A SIP domain takes every user part; the server's own address stands for its numbers and for its first domain.
        Raises CallRefused: 404 when nobody has this number, 407 and 403 to whom a SIP domain does not know.
        """
        uri = parse_uri(incoming.request_uri)
        if uri is None:
            raise CallRefused(400, f"{incoming.request_uri[:80]!r} is not a SIP URI")
        domain = self._phones.domains.named(uri.host)
        if domain is not None:
            return self._called(domain, uri, incoming)
        number = normalise_number(uri.user)
        found = self._numbers.get(number) if number is not None else None
        if found is not None and number is not None:
            return _application(number, found)
        domain = self._phones.domains.find(uri.host)
        if domain is None:
            raise CallRefused(404, f"{NO_DOMAIN}: nobody answers {uri.short[:80]!r}")
        return self._called(domain, uri, incoming)

    def _called(self, domain: Domain, uri: SipUri, incoming: Incoming) -> Application:
        user = self._phones.admit(incoming, domain)
        named = replace(uri, host=domain.name)
        facts = (("SipDomain", domain.name), ("SipDomainSid", domain.sid), ("SipAuthUsername", user))
        return Application(
            named.short,
            domain.voice_url,
            domain.voice_method,
            domain.voice_fallback_url,
            domain.voice_fallback_method,
            domain.status_callback,
            domain.status_callback_method,
            domain.account_sid,
            None if domain.voice_url else _connect(named),
            domain.name,
            tuple((name, value) for name, value in facts if value),
        )


def _connect(uri: SipUri) -> Document:
    """What a domain without an application does: it rings whom the caller wants."""
    return Document((Dial(nouns=(Sip(uri=uri.short),), answer_on_bridge=True), Reject()))


def _named(application: NamedApplication) -> Application:
    return Application(
        application.sid,
        application.voice_url,
        application.voice_method,
        application.voice_fallback_url,
        application.voice_fallback_method,
        application.status_callback,
        application.status_callback_method,
    )


def _application(called: str, number: Number) -> Application:
    return Application(
        called,
        number.voice_url,
        number.voice_method,
        number.voice_fallback_url,
        number.voice_fallback_method,
        number.status_callback,
        number.status_callback_method,
    )
