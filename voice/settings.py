"""All that an operator can set: one validated object from a TOML file and ``STROWGER_*`` environment variables.

An environment variable beats the file: ``STROWGER_SIP__PORT=5070`` sets ``[sip] port``. Unknown keys are refused, so that a
misspelt one is not a silent default.
"""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from voice.errors import SettingsInvalid

Port = Annotated[int, Field(ge=0, le=65535)]
Method = Literal["GET", "POST"]
EngineVoice = Annotated[str, Field(min_length=2, pattern=r"^([A-Za-z0-9-]*(\+.+)?|[A-Za-z0-9-]+:[A-Za-z0-9._/-]+)$")]
EngineLanguage = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(:[A-Za-z0-9._/-]+)?$")]


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Account(Section):
    """The account that owns every call; an empty field is made once and kept in ``data_dir``."""

    sid: str = Field("", pattern=r"^(AC[0-9a-fA-F]{32})?$")
    auth_token: str = ""


NameServer = Annotated[str, Field(pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$")]


class Sip(Section):
    """Where phones and carriers reach us."""

    bind: str = "127.0.0.1"
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
    external_address: str = ""
    """What Contact and SDP advertise; empty: the bound address."""
    rtp_ports: tuple[Port, Port] = (20000, 29999)
    rtp_port_rest_seconds: float = Field(30.0, ge=0, le=300)
    """How long a port is not used again, so that nobody hears what is still sent to the last call."""
    srtp: Literal["off", "optional", "required"] = "optional"
    codecs: tuple[str, ...] = ("opus", "G722", "PCMU", "PCMA")
    nameservers: tuple[NameServer, ...] = ()
    """``address[:port]`` of whom the names of trunks are asked; empty: the system's."""

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


class ConsoleUser(Section):
    """Who may sign in to the console."""

    name: str = Field(min_length=1, max_length=100)
    role: Literal["admin", "viewer"] = "viewer"
    password_hash: str = Field(pattern=r"^scrypt\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$")
    """What ``strowger password`` prints."""


class Console(Section):
    """The page at ``/``."""

    enabled: bool = True
    user: tuple[ConsoleUser, ...] = ()
    """Empty: ``admin``, whose password is made once and kept in ``data_dir``."""


class Media(Section):
    """The bus."""

    sample_rate: Literal[8000, 16000] = 8000
    detect_inband_digits: bool = False
    """Also listen for dual tones in the audio, for callers whose phone sends no RFC 4733 events."""


class SpeechEngines(Section):
    """Which engines speak and listen, and in which voices."""

    tts: Literal["espeak"] = "espeak"
    asr: str = "pocketsphinx"
    """Who listens: ``pocketsphinx``, which is built in and understands English, or the name of a ``[[recognizer]]``."""
    voice: str = "man"
    """Of a Say that names none: ``man``, ``woman``, ``Polly.*``, ``Google.*`` or a key of ``voices``."""
    language: str = "en-US"
    """BCP 47, of a Say that names none, unless its voice has one of its own."""
    voices: dict[str, EngineVoice] = Field(default_factory=dict)
    """Voices of TwiML, by name, as voices of the engine: ``"Polly.Joanna" = "en-us+f4"``. A value that is only a variant
    (``"+f4"``) goes with the language of each Say."""
    languages: dict[str, EngineLanguage] = Field(default_factory=dict)
    """Languages, by BCP 47 tag, as languages of the engine: ``"de-AT" = "de"``."""


class Synthesizer(Section):
    """A server that speaks, ``/v1/audio/speech``; its voices are ``name:voice`` in the tables of ``[speech]``."""

    name: str = Field(pattern=r"^[A-Za-z0-9-]{1,60}$")
    url: str = Field(pattern=r"^https?://\S+$")
    model: str = ""
    api_key: str = ""
    """Sent as a bearer token; empty: none."""
    sample_rate: int = Field(24_000, ge=8_000, le=48_000)
    """Of the raw samples (``pcm``) that it answers with."""


class Recognizer(Section):
    """An engine that understands what callers say, beside the built-in one or in its place."""

    name: str = Field(min_length=1, max_length=60)
    engine: Literal["vosk", "whisper", "http"]
    """``http`` is any server with ``/v1/audio/transcriptions``."""
    model: str = ""
    """vosk, whisper: the folder of a model. http: the name of one."""
    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """http: the server."""
    api_key: str = ""
    """http: sent as a bearer token; empty: none."""
    languages: tuple[EngineLanguage, ...] = ()
    """BCP 47 or the first part of it, of callers who are always understood by this one; empty: any, when it is ``asr``."""
    speech_models: tuple[str, ...] = ()
    """``speechModel`` of ``<Gather>`` that chooses this one."""
    processes: int = Field(1, ge=1, le=32)
    """Each loads the model."""

    @model_validator(mode="after")
    def _check_place(self) -> Recognizer:
        needed = "url" if self.engine == "http" else "model"
        if not getattr(self, needed):
            raise ValueError(f"a recognizer of the engine {self.engine!r} needs {needed}")
        return self


class Webhooks(Section):
    """Requests to customers."""

    allow_private_networks: bool = True
    """False in production: refuse loopback, private and metadata addresses."""


class Debugger(Section):
    """Who hears of every error and warning."""

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """A webhook that gets a POST for each, signed like any other (spec section 3.11). Empty: nobody is told."""


class Sms(Section):
    """Where short messages go."""

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """The gateway: a webhook that gets each message of ``<Sms>``, signed like any other. Empty: none are sent, error 13803."""
    method: Method = "POST"


class Recordings(Section):
    """What was recorded, and who may hear it."""

    authentication: bool = True
    """Whether the audio is only given to who knows the account's SID and token. Without, its unguessable address is enough."""


class Retention(Section):
    """For how many days things are kept after they were made; 0 is for ever."""

    recordings: int = Field(0, ge=0)
    """With their transcriptions. That there was one is known for 40 days more."""
    calls: int = Field(0, ge=0)
    """What is known of calls and conferences that have ended."""
    journals: int = Field(30, ge=0)
    """What happened in calls, and their Events in the REST API."""
    notifications: int = Field(30, ge=0)
    """Errors and warnings of calls."""


class Limits(Section):
    """What one switch takes on."""

    max_calls: int = Field(500, ge=1, le=2000)
    """Legs of both directions."""
    calls_per_second: int = Field(100, ge=1)
    account_calls_per_second: float = Field(100, gt=0)
    """Calls that one account may place; more are queued."""
    api_requests_per_second: float = Field(500, gt=0)
    """Of one account; more are refused with 429."""
    call_seconds: int = Field(14400, ge=1, le=86400)
    conference_participants: int = Field(250, ge=2)
    """In one conference at most, whatever its ``maxParticipants`` says."""
    drain_seconds: int = Field(60, ge=0)
    """How long live calls may go on after SIGTERM."""


class Dial(Section):
    """What may be dialled."""

    allowed_prefixes: tuple[str, ...] = ("+",)
    """Numbers must begin with one of these; empty refuses all with error 13227."""
    premium_prefixes: tuple[str, ...] = ()
    """Of numbers of premium rate (``voice.routing.premium``) that may be dialled all the same."""
    account_calls: int = Field(0, ge=0)
    """How many calls of one account may go out at a time; 0: as many as fit."""
    account_dials_per_minute: int = Field(0, ge=0)
    """Legs that the documents of one account may dial; 0: no limit. Calls by REST are queued: ``account_calls_per_second``."""
    account_minutes_per_day: int = Field(0, ge=0)
    """Of outbound calls, by the UTC day; 0: no limit."""
    default_caller_id: str = ""
    follow_redirects: bool = False
    """Whether a call goes where 3xx of a carrier or phone points to, within the rules above; else it has failed."""
    verified_caller_ids: bool = False
    """Whether an account may only call with its own numbers and with verified caller ids: others are refused with error 21210 as
    ``From`` of REST and with 13214 as ``callerId``, which may also be a number of the call itself. What is no number is free."""


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


class Number(Section):
    """A telephone number and the application that answers it."""

    phone_number: str = Field(pattern=r"^\+?[0-9]{3,15}$")
    voice_url: str
    voice_method: Method = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: Method = "POST"
    status_callback: str = ""
    status_callback_method: Method = "POST"


class AvailableNumber(Section):
    """Numbers that accounts may take by REST: one, or several in a row."""

    phone_number: str = Field(pattern=r"^\+[0-9]{3,15}$")
    """The first, in E.164."""
    count: int = Field(1, ge=1, le=10_000)
    kind: Literal["local", "mobile", "toll-free"] = "local"
    country: str = Field("US", pattern="^[A-Z]{2}$")
    """ISO 3166-1."""
    locality: str = ""
    region: str = ""
    """A state or province: ``CA``."""
    postal_code: str = ""


class IceServer(Section):
    """A STUN or TURN server that browsers are told of: ``/Tokens``."""

    urls: str = Field(pattern=r"^(stuns?|turns?):\S+$")
    """``stun:host:port`` or ``turn:host:port?transport=udp``."""
    username: str = ""
    credential: str = ""
    shared_secret: str = ""
    """Of a TURN server that takes credentials which expire (coturn: ``use-auth-secret``); they are made for each token."""


class Prices(Section):
    """What ``/Usage`` and ``/Balance`` reckon with, per minute begun."""

    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    inbound: Decimal = Field(Decimal(0), ge=0)
    """Calls from the telephone network."""
    outbound: Decimal = Field(Decimal(0), ge=0)
    """Calls to it."""
    sip_inbound: Decimal = Field(Decimal(0), ge=0)
    sip_outbound: Decimal = Field(Decimal(0), ge=0)
    client: Decimal = Field(Decimal(0), ge=0)
    recording: Decimal = Field(Decimal(0), ge=0)


class Application(Section):
    """An application that can be dialled by its SID: ``<Dial><Application>``."""

    sid: str = Field(pattern=r"^AP[0-9a-fA-F]{32}$")
    name: str = ""
    """For people."""
    voice_url: str
    voice_method: Method = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: Method = "POST"
    status_callback: str = ""
    status_callback_method: Method = "POST"


_TRUNK_URI = r"^sips?:[^\s@]+$"
Rewriting = Annotated[
    tuple[tuple[Annotated[str, Field(max_length=128)], Annotated[str, Field(max_length=128)]], ...], Field(max_length=64)
]
"""Regular expressions for a whole number, each with what takes its place; the first that fits counts."""
_ENDLESS = re.compile(r"[*+}]\)+[*+{]")
"""A repetition of repetitions, which a hostile number could keep busy for hours."""


class TrunkTarget(Section):
    """One address of a carrier."""

    uri: str = Field(pattern=_TRUNK_URI)
    priority: int = Field(10, ge=0, le=65535)
    """The lowest is tried first."""
    weight: int = Field(10, ge=0, le=65535)
    """How often it is the first among those of its priority."""


class Trunk(Section):
    """A carrier: where ``<Number>`` goes, and who calls our numbers."""

    name: str
    uri: str = Field("", pattern=rf"{_TRUNK_URI}|^$")
    """``sip:host[:port][;transport=tcp]``; ``sips:`` is TLS."""
    targets: tuple[TrunkTarget, ...] = ()
    """More addresses, of which the next is tried when one cannot be reached."""
    username: str = ""
    password: str = ""
    register_: bool = Field(False, alias="register")
    """Whether we register there, as ``username``."""
    registrar: str = Field("", pattern=rf"{_TRUNK_URI}|^$")
    """Where; empty: at the first address."""
    register_seconds: int = Field(3600, ge=60, le=86400)
    from_domain: str = ""
    """The host of From and of our name there; empty: our own address."""
    proxy: str = Field("", pattern=rf"{_TRUNK_URI}|^$")
    """An outbound proxy that calls go through on their way there."""
    prefixes: tuple[str, ...] = ("+",)
    """Numbers this trunk takes; the longest match of all trunks wins, and those that match alike are tried in turn."""
    tls_verify: bool = True
    """With TLS: whether it has to prove its name by a certificate."""
    keepalive_seconds: int = Field(0, ge=0, le=3600)
    """How often OPTIONS asks whether it lives; 0: never. A target that does not answer twice is tried last."""
    patience_seconds: float = Field(4, ge=0.5, le=32)
    """How long an address may send nothing back before the next one is tried."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """From where it calls us."""
    rewrite: Rewriting = ()
    """Of called numbers, on the way out."""
    inbound_rewrite: Rewriting = ()
    """Of called numbers, on the way in: to E.164."""
    caller_rewrite: Rewriting = ()
    """Of the caller's number, on the way out."""
    caller_id: str = ""
    """What it is told of every caller; empty: who calls."""
    asserted_identity: bool = False
    """Whether it is told who calls in P-Asserted-Identity (RFC 3325) as well."""
    max_calls: int = Field(0, ge=0)
    """Legs at a time; 0: no limit of its own."""
    calls_per_second: float = Field(0, ge=0)

    @property
    def uris(self) -> tuple[str, ...]:
        """Of all its addresses."""
        return (*((self.uri,) if self.uri else ()), *(target.uri for target in self.targets))

    @model_validator(mode="after")
    def _is_usable(self) -> Trunk:
        if not self.uri and not self.targets:
            raise ValueError(f"trunk {self.name!r} has neither uri nor targets")
        if self.register_ and not self.username:
            raise ValueError(f"trunk {self.name!r} cannot register without a username")
        for pattern, replacement in (*self.rewrite, *self.inbound_rewrite, *self.caller_rewrite):
            if _ENDLESS.search(pattern):
                raise ValueError(f"trunk {self.name!r}: {pattern!r} repeats what is repeated")
            try:
                re.compile(pattern)
                re.sub(pattern, replacement, "")
            except (re.error, IndexError) as error:
                raise ValueError(f"trunk {self.name!r}: {pattern!r} to {replacement!r}: {error}") from None
        return self


class PaymentConnector(Section):
    """Who turns what ``<Pay>`` collects into a charge or a token; ``voice.payment.connector`` describes what it is asked."""

    name: str = "Default"
    """As ``paymentConnector`` names it."""
    url: str
    """https; http only to a private address, and only where webhooks may go to private networks."""
    username: str = ""
    """For Basic authentication; empty: none."""
    password: str = ""
    signed: bool = True
    """Send ``X-Twilio-Signature``, with the hash of the body as ``bodySHA256`` in the query."""
    operations: tuple[Literal["charge", "tokenize"], ...] = ("charge", "tokenize")
    token_types: tuple[Literal["one-time", "reusable", "payment-method"], ...] = ("one-time", "reusable", "payment-method")
    payment_methods: tuple[Literal["credit-card", "ach-debit"], ...] = ("credit-card", "ach-debit")
    currencies: tuple[str, ...] = ()
    """ISO 4217; empty: all."""
    required_parameters: tuple[str, ...] = ()
    """``<Parameter>`` names that every ``<Pay>`` must give, such as AVSName."""


class Siprec(Section):
    """A recording server that gets copies of calls: ``<Siprec connectorName>`` (RFC 7866)."""

    name: str
    uri: str = Field(pattern=r"^sips?:\S+$")
    """``sip:user@host[:port]``; ``;transport=tcp`` is wise, because the INVITE is longer than a packet."""
    username: str = ""
    """For digest authentication; empty: none."""
    password: str = ""


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
    """Whether phones have to use TLS."""


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(env_prefix="STROWGER_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Path("data")
    """SQLite file, recordings, journals, cache; created if missing."""
    database_url: str = ""
    """``postgresql://user:password@host/name``; empty: SQLite in ``data_dir``."""
    node: str = Field("main", min_length=1, max_length=64)
    """Names this process among those that share a database."""
    account: Account = Account()
    sip: Sip = Sip()
    registrar: Registrar = Registrar()
    http: Http = Http()
    console: Console = Console()
    media: Media = Media()
    speech: SpeechEngines = SpeechEngines()
    webhooks: Webhooks = Webhooks()
    debugger: Debugger = Debugger()
    sms: Sms = Sms()
    recordings: Recordings = Recordings()
    retention: Retention = Retention()
    limits: Limits = Limits()
    strangers: Strangers = Strangers()
    dial: Dial = Dial()
    number: tuple[Number, ...] = ()
    available_number: tuple[AvailableNumber, ...] = ()
    ice_server: tuple[IceServer, ...] = ()
    prices: Prices = Prices()
    application: tuple[Application, ...] = ()
    trunk: tuple[Trunk, ...] = ()
    sip_domain: tuple[SipDomain, ...] = ()
    payment_connector: tuple[PaymentConnector, ...] = ()
    siprec: tuple[Siprec, ...] = ()
    recognizer: tuple[Recognizer, ...] = ()
    synthesizer: tuple[Synthesizer, ...] = ()

    @model_validator(mode="after")
    def _check_recognizers(self) -> Settings:
        names = ["pocketsphinx", *(recognizer.name for recognizer in self.recognizer)]
        if len(set(names)) < len(names):
            raise ValueError("two [[recognizer]] have the same name, or one has that of the built-in pocketsphinx")
        if self.speech.asr not in names:
            raise ValueError(f"speech.asr: there is no [[recognizer]] named {self.speech.asr!r}")
        return self

    @model_validator(mode="after")
    def _check_numbers(self) -> Settings:
        """A number has one application."""
        written = [number.phone_number.removeprefix("+") for number in self.number]
        if len(set(written)) < len(written):
            raise ValueError("two [[number]] have the same phone_number")
        return self

    @model_validator(mode="after")
    def _check_connectors(self) -> Settings:
        """Card numbers leave the machine encrypted, or do not leave the operator's network."""
        names = [connector.name for connector in self.payment_connector]
        if len(set(names)) < len(names):
            raise ValueError("two [[payment_connector]] have the same name")
        for connector in self.payment_connector:
            parts = urlsplit(connector.url)
            near = self.webhooks.allow_private_networks and _is_private(parts.hostname or "")
            if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and near)):
                raise ValueError(f"payment_connector {connector.name!r}: url must be https://…; http only to a private address")
        return self


def _is_private(host: str) -> bool:
    """Whether a host is certainly in the operator's own network: a literal address that is not public, or a bare name."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal"))


def public_address(settings: Settings) -> str:
    """How customers reach the HTTP side: ``public_url``, or what is bound (this machine, when that is every address)."""
    http = settings.http
    host = "127.0.0.1" if http.bind in ("", "0.0.0.0", "::") else http.bind
    return http.public_url.rstrip("/") or f"http://{f'[{host}]' if ':' in host else host}:{http.port}"


def own_host(settings: Settings) -> str:
    """The host of our own SIP URIs."""
    host = settings.sip.external_address or settings.sip.bind
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def load_settings(path: Path | None = None) -> Settings:
    """Read ``path`` (or ``strowger.toml`` here, if there is one) under the environment.

    Raises SettingsInvalid naming each wrong key.
    """
    if path is not None and not path.is_file():
        raise SettingsInvalid(f"{path}: no such file")
    chosen = path if path is not None else Path("strowger.toml")

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, TomlConfigSettingsSource(settings_cls, toml_file=chosen)

    try:
        return FromFile()
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise SettingsInvalid(f"{chosen}: " + "; ".join(lines)) from None
    except ValueError as error:
        raise SettingsInvalid(f"{chosen}: {error}") from None
