"""Numbers, what may be dialled, and through whom."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import Field, model_validator

from voice.configuration.section import Method, Section


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
