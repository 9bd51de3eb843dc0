"""Which application answers an inbound call, and which has which name.

The store has the numbers and applications of all accounts; this is what of them every call needs, in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from markup.document import Document
from markup.verbs import Dial, Reject, Sip
from sip.events import Incoming
from voice.calls.errands import Errand, Errands, read_target
from voice.errors import CallRefused, TargetRefused
from voice.routing.address import SipUri, normalise_number, parse_uri
from voice.routing.domains import Domain
from voice.routing.phones import NO_DOMAIN, Phones

BAD_TARGET, UNREACHABLE = 13223, 13224

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Application:
    """Where a call's documents and callbacks go."""

    sid: str
    """Of the number or the application itself."""
    account_sid: str
    """Empty: the main account's."""
    called: str
    """The ``To`` of its webhooks."""
    url: str
    method: str
    fallback_url: str
    fallback_method: str
    status_callback: str
    status_callback_method: str
    document: Document | None = None
    """What is run, when there is no URL."""
    domain: str = ""
    """The SIP domain that was called, if it was one."""
    extra: tuple[tuple[str, str], ...] = ()
    """What its webhooks are told beside the facts of every call."""
    names_callers: bool = False
    """Whether they are told what a caller calls itself: ``CallerName``."""


@dataclass(frozen=True, slots=True)
class Index:
    """What calls need of the rows of the store."""

    applications: Mapping[str, Application]
    """By SID."""
    numbers: Mapping[str, Application]
    """By number, in E.164."""
    verified: frozenset[tuple[str, str]]
    """Accounts and caller ids that they may show."""

    @classmethod
    def of(cls, applications: Iterable[Row], numbers: Iterable[Row], caller_ids: Iterable[Row]) -> Index:
        """Read them; for worker threads, as there may be many."""
        services = {row["sid"]: _application(row, row["sid"]) for row in applications}
        answering = {}
        for row in numbers:
            own, chosen = _application(row, row["phone_number"]), services.get(row["voice_application_sid"] or "")
            if chosen is not None and chosen.account_sid == own.account_sid:
                own = _lent(own, chosen)
            answering[own.called] = own
        return cls(services, answering, frozenset((row["account_sid"], row["phone_number"]) for row in caller_ids))


class Callers(Protocol):
    """Who knows how carriers write our numbers; see ``voice.trunks.trunks.Trunks``."""

    def numbers(self, source: str, user: str, to: str) -> Iterable[str]:
        """What the user parts of a request URI and of To may mean, in E.164, by the address that a call comes from."""


class Directory:
    """The numbers, applications and SIP domains of one server."""

    def __init__(self, phones: Phones, trunks: Callers, only_own_callers: bool = False) -> None:
        self._trunks = trunks
        self._only_own_callers = only_own_callers
        self._index = Index({}, {}, frozenset())
        self._phones = phones
        self._errands = Errands()

    def load(self, index: Index) -> None:
        """Know what is in an index, and nothing else."""
        self._index = index

    def application(self, sid: str, account_sid: str) -> Application | None:
        """The application of a name, if the account has one."""
        found = self._index.applications.get(sid)
        return found if found is not None and found.account_sid == account_sid else None

    def errand(self, to: str, account_sid: str) -> tuple[str, tuple[str, str]]:
        """The SID of an account's application that is to be called as ``app:AP...?name=value``, and the header that says so.

        Raises TargetRefused.
        """
        errand = read_target(to)
        if errand is None:
            raise TargetRefused(BAD_TARGET, f"{to[:80]!r} names no application")
        if self.application(errand.sid, account_sid) is None:
            raise TargetRefused(UNREACHABLE, f"there is no application {errand.sid}")
        return errand.sid, self._errands.write(errand)

    def number(self, number: str, account_sid: str) -> Application | None:
        """What answers a number, in E.164, if it is one of the account's and has something that does."""
        found = self._index.numbers.get(number)
        return found if found is not None and found.url and found.account_sid == account_sid else None

    def owns(self, number: str) -> bool:
        """Whether a number, in E.164, is one of ours."""
        return number in self._index.numbers

    def may_show(self, account_sid: str, caller: str) -> bool:
        """Whether an account may call with this number: its own, a verified one, or any where the settings do not mind.

        ``caller`` that is no number is free (spec section 4.6).
        """
        number = normalise_number(caller)
        if number is None or not self._only_own_callers:
            return True
        found = self._index.numbers.get(number)
        return (found is not None and found.account_sid == account_sid) or (account_sid, number) in self._index.verified

    def number_sid(self, number: str) -> str:
        """The SID of a number of ours, however it is written; empty when it is none."""
        found = self._index.numbers.get(normalise_number(number) or "")
        return found.sid if found is not None else ""

    def find(self, incoming: Incoming) -> Application:
        """The application for a request URI.

        A SIP domain takes every user part; the server's own address stands for its numbers and for its first domain.
        Raises CallRefused: 404 when nobody has this number, 407 and 403 to whom a SIP domain does not know.
        """
        uri = parse_uri(incoming.request_uri)
        if uri is None:
            raise CallRefused(400, f"{incoming.request_uri[:80]!r} is not a SIP URI")
        errand = self._errands.read(incoming.headers)
        if errand is not None:
            return self._sent(errand)
        domain = self._phones.domains.named(uri.host)
        if domain is not None:
            return self._called(domain, uri, incoming)
        found = self._index.numbers.get(normalise_number(uri.user) or "") or self._from_trunk(incoming, uri)
        if found is not None and found.url:
            return found
        if found is not None:
            raise CallRefused(404, f"{found.called} has neither a VoiceUrl nor an application with one")
        domain = self._phones.domains.find(uri.host)
        if domain is None:
            raise CallRefused(404, f"{NO_DOMAIN}: nobody answers {uri.short[:80]!r}")
        return self._called(domain, uri, incoming)

    def _from_trunk(self, incoming: Incoming, uri: SipUri) -> Application | None:
        """The number that a carrier means: in the request URI or, where that has our name at its registrar, in To."""
        to = parse_uri(incoming.to_uri)
        written = self._trunks.numbers(incoming.source, uri.user, to.user if to is not None else "")
        return next((self._index.numbers[number] for number in written if number in self._index.numbers), None)

    def _sent(self, errand: Errand) -> Application:
        found = self._index.applications.get(errand.sid)
        if found is None:
            raise CallRefused(404, f"there is no application {errand.sid} any more")
        parameters = tuple((f"Param_{name}", value) for name, value in errand.parameters)
        return replace(found, extra=(("ApplicationSid", errand.sid), *parameters))

    def _called(self, domain: Domain, uri: SipUri, incoming: Incoming) -> Application:
        user = self._phones.admit(incoming, domain)
        named = replace(uri, host=domain.name)
        facts = (("SipDomain", domain.name), ("SipDomainSid", domain.sid), ("SipAuthUsername", user))
        return Application(
            domain.sid,
            domain.account_sid,
            named.short,
            domain.voice_url,
            domain.voice_method,
            domain.voice_fallback_url,
            domain.voice_fallback_method,
            domain.status_callback,
            domain.status_callback_method,
            None if domain.voice_url else _connect(named),
            domain.name,
            tuple((name, value) for name, value in facts if value),
        )


def _connect(uri: SipUri) -> Document:
    """What a domain without an application does: it rings whom the caller wants."""
    return Document((Dial(nouns=(Sip(uri=uri.short),), answer_on_bridge=True), Reject()))


def _application(row: Row, called: str) -> Application:
    return Application(
        row["sid"],
        row["account_sid"],
        called,
        row["voice_url"] or "",
        row["voice_method"],
        row["voice_fallback_url"] or "",
        row["voice_fallback_method"],
        row["status_callback"] or "",
        row["status_callback_method"],
        names_callers=bool(row["voice_caller_id_lookup"]),
    )


def _lent(number: Application, application: Application) -> Application:
    """A number that an application answers for."""
    return Application(
        number.sid,
        number.account_sid,
        number.called,
        application.url,
        application.method,
        application.fallback_url,
        application.fallback_method,
        application.status_callback,
        application.status_callback_method,
        names_callers=application.names_callers,
    )
