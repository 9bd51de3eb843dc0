"""Where a dialled target goes: which trunk, which URI, whose caller id; and what may not be dialled at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import attrgetter
from random import Random
from typing import Protocol
from urllib.parse import parse_qsl

from markup.verbs import Client, Number, Parameter, Sip
from sip.addresses import bracketed
from sip.bindings import Binding
from sip.endpoint import Attachment, Credentials, Invitation
from sip.events import Headers
from sip.uri import Uri, is_encrypted
from sip.uri import parse_uri as parse_wire_uri
from voice.calls.branches import Turn
from voice.calls.errands import APPLICATION
from voice.clients.devices import Devices
from voice.clients.invitation import CLIENT, ClientInvitation
from voice.errors import TargetRefused
from voice.routing.address import LONGEST_URI, SipUri, normalise_number, parse_uri
from voice.routing.lottery import draw
from voice.routing.phones import NOT_REGISTERED, Phones
from voice.routing.premium import is_premium
from voice.routing.redirection import redirected
from voice.settings import Settings, Siprec, own_host

LONGEST_HEADERS = 1024
LONGEST_CALLER_ID = 255
NO_USER = 32223

_ELSEWHERE = {"edge": 32220, "region": 32221}
"""What a URI of a registered phone may not say, and the errors (spec section 6.2)."""

_SECURE = re.compile(r";secure=true(?=;|$)", re.IGNORECASE)
"""TLS and SRTP are asked for (spec section 6.3)."""
_CALLER_ID = re.compile(rf"[A-Za-z0-9+_.-]{{1,{LONGEST_CALLER_ID}}}")
_HEADER = re.compile(
    r"(x-[A-Za-z0-9!%*_+`'~.-]+|user-to-user|remote-party-id|p-preferred-identity|p-called-party-id|replaces|referred-by)",
    re.IGNORECASE,
)
"""Spec section 6.3, and what a phone that transfers a call puts into its Refer-To (RFC 3891, RFC 3892)."""


class Carriers(Protocol):
    """Who takes numbers to the network; see ``voice.trunks.trunks.Trunks``."""

    def invitations(self, number: str, identity: str, headers: Headers) -> tuple[Invitation, ...]:
        """The INVITEs for a number, in the order in which they are to be tried. Raises TargetRefused."""


class Routes:
    """The dialling rules of one server. Every method raises TargetRefused with the TwiML code of the reason.

    ``owns`` tells whether a number is one of ours, ``errand`` how an account calls an application, and ``random`` shares calls
    out among addresses of one priority; ``devices`` are the pages that can be called, ``alert`` is told what was forbidden.
    """

    def __init__(
        self,
        settings: Settings,
        phones: Phones,
        carriers: Carriers,
        owns: Callable[[str], bool],
        errand: Callable[[str, str], tuple[str, tuple[str, str]]],
        random: Random | None = None,
        devices: Devices | None = None,
        alert: Callable[[str], None] = lambda kind: None,
    ) -> None:
        self._random = random or Random()
        self._devices = Devices() if devices is None else devices
        self._phones = phones
        self._carriers = carriers
        self._prefixes = settings.dial.allowed_prefixes
        self._premium = settings.dial.premium_prefixes
        self._alert = alert
        self._default_caller = settings.dial.default_caller_id
        self._follow_redirects = settings.dial.follow_redirects
        self._owns = owns
        self._errand = errand
        self._host = own_host(settings)
        self._loopback = f"{bracketed(settings.sip.addresses.loopback)}:{settings.sip.port}"

    def turns(
        self,
        target: Number | Sip | Client,
        caller_id: str | None,
        caller: str,
        headers: Headers = (),
        *,
        account_sid: str,
    ) -> tuple[Turn, ...]:
        """The INVITEs for a Dial noun, of which the next turn is tried when one has failed; at least one.

        ``caller`` is the calling party as webhooks name it, ``account_sid`` whose registered phones may be called.
        """
        identity = self.identity(caller_id, caller)
        if isinstance(target, Number):
            return self._to_number(target.number, identity, headers)
        if isinstance(target, Client):
            return (self._to_client(target, account_sid, caller_id or caller, headers),)
        own = check_headers([(header.name, header.value) for header in target.headers])
        return tuple(self._to_address(each, account_sid, identity, headers + own) for each in self._addresses(target))

    def outbound(
        self, to: str, from_: str, username: str = "", password: str = "", *, account_sid: str, headers: Headers = ()
    ) -> tuple[Turn, ...]:
        """The same for a call that starts here; the credentials are for a SIP address, the headers for a client."""
        identity = self.identity(from_ or None, from_)
        if re.match(r"^sips?:", to, re.IGNORECASE):
            return (self._to_address(Sip(uri=to, username=username, password=password), account_sid, identity, ()),)
        if to.startswith(CLIENT):
            return (self._to_client(read_client(to), account_sid, from_, headers),)
        if to.startswith(APPLICATION):
            user, header = self._errand(to, account_sid)
            return ((Invitation(f"sip:{user}@{self._loopback}", f"sip:{identity}@{self._host}", headers=(header,)),),)
        return self._to_number(to, identity, ())

    def redirected(self, invitation: Invitation, headers: Headers) -> Turn:
        """The INVITEs that follow one which got 3xx; none where the settings or the rules forbid them."""
        return redirected(invitation, headers, self.check_number) if self._follow_redirects else ()

    def recording_server(self, server: Siprec, labels: tuple[str, ...], attachment: Attachment) -> Invitation:
        """The INVITE of a recording session (RFC 7866 section 6.1.1)."""
        credentials = Credentials(server.username, server.password) if server.username else None
        headers = (("Require", "siprec"), ("Accept", "application/sdp, application/rs-metadata-request"))
        sender = f"sip:recording-client@{self._host}"
        return Invitation(server.uri, sender, "", headers, credentials, labels, attachment, contact=";+sip.src")

    def referral(self, text: str) -> str:
        """The URI that a far end is told to call, with the headers it is to send."""
        uri = parse_uri(text)
        if uri is None:
            raise TargetRefused(13243, f"{text[:80]!r} is not a SIP URI")
        if len(uri.target) > LONGEST_URI:
            raise TargetRefused(13243, "the SIP URI is longer than 255 characters")
        if len(uri.headers) > LONGEST_HEADERS:
            raise TargetRefused(13253, "the header part of the SIP URI is longer than 1024 characters")
        return f"{uri.target}?{uri.headers}" if uri.headers else uri.target

    def identity(self, caller_id: str | None, caller: str) -> str:
        """What a callee is told of the caller: ``callerId`` of Dial, or who calls."""
        if caller_id is not None:
            user = _user_of(caller_id)
            if len(user) > LONGEST_CALLER_ID:
                raise TargetRefused(13248, f"callerId is longer than {LONGEST_CALLER_ID} characters")
            if not _CALLER_ID.fullmatch(user):
                raise TargetRefused(13214, f"callerId {caller_id[:80]!r} holds characters that no caller id may have")
            return user
        user = _user_of(caller)
        return user if _CALLER_ID.fullmatch(user) else self._default_caller or "anonymous"

    def check_number(self, number: str) -> None:
        """Whether a number, in E.164, may be dialled at all."""
        if not any(number.startswith(prefix) for prefix in self._prefixes):
            self._alert("forbidden_prefix")
            raise TargetRefused(13227, f"{number} is not allowed by [dial] allowed_prefixes")
        if is_premium(number) and not any(number.startswith(prefix) for prefix in self._premium):
            self._alert("premium_prefix")
            raise TargetRefused(13227, f"{number} is of premium rate, and not among [dial] premium_prefixes")

    def _to_number(self, text: str, identity: str, headers: Headers) -> tuple[Turn, ...]:
        number = normalise_number(text)
        if number is None:
            raise TargetRefused(13223, f"{text!r} is not a telephone number")
        sender = f"sip:{identity}@{self._host}"
        if self._owns(number):
            return ((Invitation(f"sip:{number}@{self._loopback}", sender, headers=headers),),)
        self.check_number(number)
        return tuple((each,) for each in self._carriers.invitations(number, identity, headers))

    def _addresses(self, target: Sip) -> Iterator[Sip]:
        """One for each address: by priority, and within one priority by chance as the weights say (spec section 2.7.3)."""
        if not target.uris:
            yield target
        for chosen in draw(target.uris, attrgetter("priority"), attrgetter("weight"), self._random):
            username, password = chosen.username or target.username, chosen.password or target.password
            yield replace(target, uri=chosen.uri, username=username, password=password)

    def _to_client(self, client: Client, account_sid: str, caller: str, headers: Headers) -> Turn:
        """The pages of an identity and the phones of a user of that name, all at once."""
        identity = self.identity(None, caller)
        sender = caller if caller.startswith((CLIENT, "sip:")) else f"sip:{identity}@{self._host}"
        told = tuple((each.name, each.value) for each in client.parameters)
        called = f"{CLIENT}{client.identity}"
        pages = tuple(
            ClientInvitation(called, sender, headers=headers, device=device, parameters=told)
            for device in self._devices.of(account_sid, client.identity)
        )
        phones = self._phones.called(client.identity, account_sid)
        if not pages and not phones:
            raise TargetRefused(NOT_REGISTERED, f"no page or phone is registered as {client.identity[:80]!r}")
        return pages + tuple(self._to_phone(user, binding, identity, headers) for user, binding in phones)

    def _to_address(self, target: Sip, account_sid: str, identity: str, headers: Headers) -> Turn:
        """One INVITE, or one for each phone of a user of ours (spec section 6.2)."""
        invitation = self._to_uri(target, identity, headers)
        called = parse_wire_uri(invitation.uri)
        user = self._phones.user(called, account_sid) if called is not None else None
        if user is None:
            return (invitation,)
        if not user.user:
            raise TargetRefused(NO_USER, f"{invitation.uri[:80]!r} names no user")
        for name, code in _ELSEWHERE.items():
            if user.parameter(name) is not None:
                raise TargetRefused(code, f"a registered phone is called without ;{name}")
        found = self._phones.find(user)
        if not found:
            raise TargetRefused(NOT_REGISTERED, f"{user.name[:80]!r} is not registered")
        return tuple(self._to_phone(user, binding, identity, invitation.headers) for binding in found)

    def _to_phone(self, user: Uri, binding: Binding, caller: str, headers: Headers) -> Invitation:
        """The INVITE for one phone of a user, who is called by a caller of the same domain."""
        sender, called = f"sip:{caller}@{user.host}", f"sip:{user.user}@{user.host}"
        secure, target = self._phones.is_secure(user), binding.contact.target
        if secure and not is_encrypted(str(target)):
            target = target.with_parameter("transport", "tls")
        return Invitation(called, sender, headers=headers, target=str(target), route=binding.path, encrypted=secure)

    def _to_uri(self, target: Sip, identity: str, headers: Headers) -> Invitation:
        uri = parse_uri(target.uri)
        if uri is None or len(target.uri) > LONGEST_URI + LONGEST_HEADERS:
            raise TargetRefused(13243, f"{target.uri[:80]!r} is not a SIP URI")
        if len(uri.target) > LONGEST_URI:
            raise TargetRefused(13243, "the SIP URI is longer than 255 characters")
        if ";maddr=" in uri.parameters.lower():
            raise TargetRefused(13243, "a SIP URI with maddr is not dialled")
        credentials = Credentials(target.username, target.password) if target.username else None
        sender, own = f"sip:{identity}@{self._host}", headers + uri_headers(uri)
        parameters = _SECURE.sub("", uri.parameters)
        if secure := parameters != uri.parameters:
            transport = "" if ";transport=" in parameters.lower() else ";transport=tls"
            uri = replace(uri, parameters=parameters + transport)
        return Invitation(uri.target, sender, headers=own, credentials=credentials, encrypted=secure)


def read_client(to: str) -> Client:
    """``client:name?parameter=value&...``, as a call to a page is ordered."""
    identity, _, query = to.removeprefix(CLIENT).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return Client(identity=identity, parameters=tuple(Parameter(name, value) for name, value in pairs))


def _user_of(caller: str) -> str:
    """The name or number of a caller, as webhooks write one: ``sip:alice@host``, ``client:alice``, ``+15550100``."""
    uri = parse_uri(caller) if caller.startswith(("sip:", "sips:")) else None
    return uri.user if uri is not None else caller.removeprefix(CLIENT)


def uri_headers(uri: SipUri) -> Headers:
    """The headers that a dialled URI asks for (spec section 6.3)."""
    if len(uri.headers) > LONGEST_HEADERS:
        raise TargetRefused(13253, "the header part of the SIP URI is longer than 1024 characters")
    pairs = parse_qsl(uri.headers.replace("+", "%2B"), keep_blank_values=True)  # in a SIP URI a plus is no space
    return check_headers(pairs)


def check_headers(pairs: list[tuple[str, str]]) -> Headers:
    """Headers that a document may set, all of them (spec section 6.3)."""
    replaces = any(name.lower() == "replaces" for name, _ in pairs)
    for name, value in pairs:
        if replaces and (name.lower(), value) == ("require", "replaces"):
            continue
        if not _HEADER.fullmatch(name) or any(ord(character) < 32 for character in value):
            raise TargetRefused(13252, f"header {name[:80]!r} may not be set by a document")
    return tuple(pairs)
