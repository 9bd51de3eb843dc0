"""All that an operator can set: one validated object from a TOML file and ``STROWGER_*`` environment variables.

An environment variable beats the file: ``STROWGER_SIP__PORT=5070`` sets ``[sip] port``. Unknown keys are refused, so that a
misspelt one is not a silent default.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from sip.addresses import bracketed, loopback_of
from voice.configuration.agents import Agent
from voice.configuration.carriers import Application, AvailableNumber, Dial, Number, Trunk, TrunkTarget
from voice.configuration.network import (
    Console,
    ConsoleUser,
    Http,
    IceServer,
    Registrar,
    Sip,
    SipDomain,
    Strangers,
    Webhooks,
    Webrtc,
)
from voice.configuration.operation import Account, Debugger, Limits, PaymentConnector, Prices, Recordings, Retention, Siprec, Sms
from voice.configuration.section import is_private_host
from voice.configuration.speech import Media, Recognizer, SpeechEngines, Synthesizer
from voice.errors import SettingsInvalid

__all__ = [
    "Account",
    "Agent",
    "Application",
    "AvailableNumber",
    "Console",
    "ConsoleUser",
    "Debugger",
    "Dial",
    "Http",
    "IceServer",
    "Limits",
    "Media",
    "Number",
    "PaymentConnector",
    "Prices",
    "Recognizer",
    "Recordings",
    "Registrar",
    "Retention",
    "Settings",
    "Sip",
    "SipDomain",
    "Siprec",
    "Sms",
    "SpeechEngines",
    "Strangers",
    "Synthesizer",
    "Trunk",
    "TrunkTarget",
    "Webhooks",
    "Webrtc",
    "load_settings",
    "own_host",
    "public_address",
]


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
    webrtc: Webrtc = Webrtc()
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
    agent: tuple[Agent, ...] = ()
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
    def _check_agents(self) -> Settings:
        names = [agent.name.lower() for agent in self.agent]
        if len(set(names)) < len(names):
            raise ValueError("two [[agent]] have the same name")
        return self

    @model_validator(mode="after")
    def _check_numbers(self) -> Settings:
        """A number has one application."""
        written = [number.phone_number.removeprefix("+") for number in self.number]
        if len(set(written)) < len(written):
            raise ValueError("two [[number]] have the same phone_number")
        return self

    @model_validator(mode="after")
    def _check_domains(self) -> Settings:
        """A domain that wants encryption can have it."""
        for domain in self.sip_domain:
            if domain.secure and not self.sip.encrypts:
                raise ValueError(f"sip_domain {domain.domain!r} is secure: that needs [sip] tls_port, and srtp other than off")
        return self

    @model_validator(mode="after")
    def _check_connectors(self) -> Settings:
        """Card numbers leave the machine encrypted, or do not leave the operator's network."""
        names = [connector.name for connector in self.payment_connector]
        if len(set(names)) < len(names):
            raise ValueError("two [[payment_connector]] have the same name")
        for connector in self.payment_connector:
            parts = urlsplit(connector.url)
            near = self.webhooks.allow_private_networks and is_private_host(parts.hostname or "")
            if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and near)):
                raise ValueError(f"payment_connector {connector.name!r}: url must be https://…; http only to a private address")
        return self


def public_address(settings: Settings) -> str:
    """How customers reach the HTTP side: ``public_url``, or what is bound (this machine, when that is every address)."""
    return settings.http.public_url.rstrip("/") or local_address(settings)


def console_address(settings: Settings) -> str:
    """Where people open the console: by https where there is any, for browsers give the microphone to no other host."""
    http, address = settings.http, public_address(settings)
    if http.public_url or not http.tls_port:
        return address
    return f"https{address.removeprefix('http').rpartition(':')[0]}:{http.tls_port}"


def own_host(settings: Settings) -> str:
    """The host of our own SIP URIs."""
    return settings.sip.addresses.host


def local_address(settings: Settings) -> str:
    """Where this machine reaches the HTTP side."""
    return f"http://{bracketed(loopback_of(settings.http.bind))}:{settings.http.port}"


def own_address(settings: Settings) -> str:
    """Host and port of our own SIP URIs."""
    return f"{own_host(settings)}:{settings.sip.port}"


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
