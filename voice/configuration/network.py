"""Where phones, carriers and customers reach us, and who may."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from sip.addresses import Addresses
from sip.uri import read_address
from voice.configuration.section import Method, Port, Section


def _split(given: object) -> object:
    """An environment variable holds several with commas between."""
    return [each.strip() for each in given.split(",") if each.strip()] if isinstance(given, str) else given


Several = Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")], ...], NoDecode, BeforeValidator(_split)]
"""Addresses: a list, or one alone as a string."""
NameServer = Annotated[str, Field(pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$")]


class Sip(Section):
    """Where phones and carriers reach us."""

    bind: Several = Field(("127.0.0.1",), min_length=1)
    """Where we listen: an address, or one of each family: ``["0.0.0.0", "::"]``."""
    port: Port = 5060
    """UDP and TCP."""
    tls_port: Port = 0
    """TLS 1.2 and 1.3; 0: off. The files below are PEM."""
    tls_certificate: str = ""
    """Ours, followed by those that vouch for it."""
    tls_private_key: str = ""
    tls_client_ca: str = ""
    """Whose certificates phones and carriers have to show when they connect; empty: none are asked for."""
    tls_ca: str = ""
    """Who may vouch for trunks; empty: whom the system trusts."""
    external_address: Several = ()
    """What Via, Contact and session descriptions name to who is not within ``local_net``; one of each family, or a name. Empty:
    the address that faces whom a message goes to."""
    media_address: Several = ()
    """What session descriptions name instead of that, one of each family."""
    local_net: tuple[IPv4Network | IPv6Network, ...] = Field((), max_length=60)
    """Who is told the address that faces him. This machine always is."""
    rtp_ports: tuple[Port, Port] = (20000, 29999)
    rtp_port_rest_seconds: float = Field(30.0, ge=0, le=300)
    """How long a port is not used again, so that nobody hears what is still sent to the last call."""
    srtp: Literal["off", "optional", "required"] = "optional"
    codecs: tuple[str, ...] = ("opus", "G722", "PCMU", "PCMA")
    nameservers: tuple[NameServer, ...] = ()
    """``address[:port]`` of whom the names of trunks are asked; empty: the system's."""

    check_at_start: bool = True
    """Whether the switch calls itself once it is ready, and says in its log what is wrong."""

    @property
    def addresses(self) -> Addresses:
        """Them all."""
        return Addresses(self.bind, self.external_address, self.media_address, self.local_net)

    @property
    def encrypts(self) -> bool:
        """Whether a secure domain can be had."""
        return bool(self.tls_port) and self.srtp != "off"

    @model_validator(mode="after")
    def _check_addresses(self) -> Sip:
        for name, given in (
            ("bind", self.bind),
            ("external_address", self.external_address),
            ("media_address", self.media_address),
        ):
            families = [found.version if (found := read_address(each)) is not None else 0 for each in given]
            if len(set(families)) < len(families):
                raise ValueError(f"{name} has more than one address of a family")
            if 0 in families and name != "external_address":
                raise ValueError(f"{name}: {given[families.index(0)]!r} is no IP address")
        return self

    @model_validator(mode="after")
    def _with_certificate(self) -> Sip:
        if self.tls_port and not self.tls_certificate:
            raise ValueError("tls_port needs a tls_certificate")
        return self


class Http(Section):
    """Where the REST API, health and metrics are served."""

    bind: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""
    """How customers reach us; used in links we hand out."""
    tls_port: Port = 0
    """The same by https, and pages by wss; 0: off."""
    tls_certificate: str = ""
    """PEM: ours, followed by those that vouch for it; empty: one for development is made in ``data_dir``."""
    tls_private_key: str = ""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """Whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed."""

    @model_validator(mode="after")
    def _with_two_ports(self) -> Http:
        if self.tls_port == self.port:
            raise ValueError("tls_port must be another one than port")
        return self


class Webrtc(Section):
    """The audio of pages."""

    bind: str = ""
    """Empty: every address of this machine but loopback, or with an ``external_address`` all at once."""
    external_address: str = ""
    """What browsers are told in place of our own address."""
    ports: tuple[Port, Port] = (0, 0)
    """UDP; zeros: whichever the system gives."""
    codecs: tuple[Literal["PCMU", "opus"], ...] = Field(("PCMU", "opus"), min_length=1)
    """The preferred one first in our offers; of what a page offers, its first is taken."""
    stun: str = Field("", pattern=r"^([^:\s]+:\d{1,5})?$")
    """``host:port`` of whom we ask how we are seen from outside; empty: nobody."""
    turn: str = Field("", pattern=r"^([^:\s]+:\d{1,5})?$")
    """``host:port`` of a relay for our side, of use to pages that send candidates. What browsers use, their page decides."""
    turn_username: str = ""
    turn_password: str = ""
    turn_transport: Literal["udp", "tcp", "tls"] = "udp"
    most_delay_ms: int = Field(200, ge=40, le=600)
    """That the jitter buffer may add; it adds only what a connection needs, and none for packets that are lost."""
    page_seconds: float = Field(15.0, ge=1, le=300)
    """How long an answered call waits for its page to come back, at least: a page may ask for up to 30."""
    audio_seconds: float = Field(35.0, ge=1, le=300)
    """How long it goes on when its audio has lost its way: the SDK looks for another one for 30 s."""
    insights: str = Field("", pattern=r"^([A-Za-z0-9.-]+(:\d{1,5})?)?$")
    """``host:port`` of ours; pages report what they notice to ``eventgw.`` before it. Empty: they report to Twilio."""


class ConsoleUser(Section):
    """Who may sign in to the console."""

    name: str = Field(min_length=1, max_length=100)
    role: Literal["admin", "viewer"] = "viewer"
    password_hash: str = Field(pattern=r"^scrypt\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$")
    """What ``strowger password`` prints."""


class Console(Section):
    """The page at ``/``."""

    enabled: bool = True
    levels: bool = True
    """Whether journals say how loud both sides of calls are: 40 bytes a second of each leg."""
    user: tuple[ConsoleUser, ...] = ()
    """Empty: ``admin``, whose password is made once and kept in ``data_dir``."""


class Webhooks(Section):
    """Requests to customers."""

    allow_private_networks: bool = True
    """False in production: refuse loopback, private and metadata addresses."""


class Strangers(Section):
    """Who guesses, scans or floods is not heard for a while."""

    enabled: bool = True
    failures: int = Field(20, ge=1)
    """Wrong credentials and unknown numbers that an address may try within ``window_seconds``."""
    window_seconds: float = Field(60, gt=0)
    ban_seconds: float = Field(900, gt=0)
    """Twice as long each time it comes back."""
    requests_per_second: float = Field(50, ge=0)
    """New calls and registrations of one address, for ten seconds on end; 0: no limit."""
    trusted: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """Where nobody is a stranger. Trunks' ``networks`` are trusted as well."""


class IceServer(Section):
    """A STUN or TURN server that browsers are told of: ``/Tokens``."""

    urls: str = Field(pattern=r"^(stuns?|turns?):\S+$")
    """``stun:host:port`` or ``turn:host:port?transport=udp``."""
    username: str = ""
    credential: str = ""
    shared_secret: str = ""
    """Of a TURN server that takes credentials which expire (coturn: ``use-auth-secret``); they are made for each token."""


class Registrar(Section):
    """How phones of the SIP domains register (spec section 6.2)."""

    realm: str = Field("strowger", pattern=r'^[^"\\]{1,100}$')
    """What phones are asked credentials for."""
    algorithms: tuple[Literal["MD5", "SHA-256"], ...] = Field(("MD5",), min_length=1)
    """Of digest authentication, the preferred one first. Many phones give up when anything but MD5 is among them."""
    min_expires: int = Field(600, ge=1)
    """Seconds: a phone that wants to register for less is told to ask for more."""
    max_expires: int = Field(3600, ge=60)
    max_contacts: int = Field(10, ge=1, le=32)
    """Phones of one user."""
    ping_seconds: int = Field(25, ge=0, le=3600)
    """How often a phone behind a NAT gets an OPTIONS, so that it can be called; 0: never."""


class SipDomain(Section):
    """Phones of one domain and the application that answers their calls."""

    domain: str = Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")
    voice_url: str = ""
    """Empty: callers are connected with the user they dial."""
    voice_method: Method = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: Method = "POST"
    status_callback: str = ""
    status_callback_method: Method = "POST"
    users: dict[str, str] = Field(default_factory=dict)
    """Passwords by name, of those who may register and call. ``networks`` without users let anybody there call."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """From where calls may come, ``192.0.2.0/24``; empty: from anywhere. With ``users``, both have to be right."""
    registration: bool = True
    secure: bool = False
    """Whether phones have to use TLS and SRTP, and are called so."""
