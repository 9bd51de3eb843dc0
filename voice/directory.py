"""Which application answers an inbound call, and which has which name."""

from __future__ import annotations

from dataclasses import dataclass

from sip.events import Incoming
from voice.address import normalise_number, parse_uri
from voice.errors import CallRefused
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


class Directory:
    """The numbers and applications of one server."""

    def __init__(self, settings: Settings) -> None:
        self._numbers = {normalise_number(number.phone_number): number for number in settings.number}
        self._applications = {application.sid: _named(application) for application in settings.application}
        self._domains = frozenset(domain.domain.lower() for domain in settings.sip_domain)

    def application(self, sid: str) -> Application | None:
        """The application of a name, if there is one."""
        return self._applications.get(sid)

    def find(self, incoming: Incoming) -> Application:
        """The application for a request URI.

        Raises CallRefused: 404 when nobody has this number, 403 for a SIP domain, whose phones cannot prove yet who they are.
        """
        uri = parse_uri(incoming.request_uri)
        if uri is None:
            raise CallRefused(400, f"{incoming.request_uri[:80]!r} is not a SIP URI")
        number = normalise_number(uri.user)
        found = self._numbers.get(number) if number is not None else None
        if found is not None and number is not None:
            return _application(number, found)
        if uri.host.lower() in self._domains:
            raise CallRefused(403, "SIP domains take no calls without digest authentication")
        raise CallRefused(404, f"nobody answers {uri.short[:80]!r}")


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
