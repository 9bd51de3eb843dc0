"""``/SIP/Domains``: the domains whose phones call and register, and who answers them (spec sections 4.16 and 6.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy import delete as deletion

from voice.accounts.provisioning import Provisioning
from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import BOOLEAN, METHOD, URL, Kind, Parameter, matching, required, sid, text
from voice.api.resources.sip_lists import at_most
from voice.api.rows import Check, Rows
from voice.api.shapes import Shape, flag, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.routing.domains import Domains
from voice.store.database import Database
from voice.store.domains import CALLS
from voice.store.tables.accounts import ACCOUNTS
from voice.store.tables.sip import DOMAINS, MAPPINGS

TOO_MANY, BAD_DOMAIN, BAD_NAME, HAS_SUBDOMAINS = 21230, 21231, 21232, 21233
MOST = 100
"""Of an account."""
RESERVED = frozenset({"twilio.com", "sip.twilio.com"})
"""Whose subdomains everybody may have."""

DOMAIN = Shape(
    "Domain",
    {
        "sid": sid_of("SD"),
        "account_sid": sid_of("AC"),
        "domain_name": string(),
        "friendly_name": string(),
        "api_version": string("2010-04-01"),
        "auth_type": string(),
        "voice_url": maybe(),
        "voice_method": string("POST"),
        "voice_fallback_url": maybe(),
        "voice_fallback_method": string("POST"),
        "voice_status_callback_url": maybe(),
        "voice_status_callback_method": string("POST"),
        "sip_registration": flag(),
        "secure": flag(),
        "emergency_calling_enabled": flag(),
        "emergency_caller_sid": sid_of("PN", nullable=True),
        "byoc_trunk_sid": sid_of("BY", nullable=True),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/SIP/Domains/{sid}",
    {
        "credential_list_mappings": "/CredentialListMappings",
        "ip_access_control_list_mappings": "/IpAccessControlListMappings",
    },
)

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DNS = matching(rf"(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?", "a DNS name such as phones.example.com")
NAME = Kind(lambda given: _DNS.read(text(253).read(given)).lower(), _DNS.schema)

_TAKES = (
    Parameter("DomainName", NAME, BAD_NAME),
    Parameter("FriendlyName", text(64), BAD_DOMAIN),
    Parameter("VoiceUrl", URL, BAD_DOMAIN),
    Parameter("VoiceMethod", METHOD, BAD_DOMAIN),
    Parameter("VoiceFallbackUrl", URL, BAD_DOMAIN),
    Parameter("VoiceFallbackMethod", METHOD, BAD_DOMAIN),
    Parameter("VoiceStatusCallbackUrl", URL, BAD_DOMAIN),
    Parameter("VoiceStatusCallbackMethod", METHOD, BAD_DOMAIN),
    Parameter("SipRegistration", BOOLEAN),
    Parameter("Secure", BOOLEAN),
    Parameter("EmergencyCallingEnabled", BOOLEAN),
    Parameter("EmergencyCallerSid", sid("PN"), BAD_DOMAIN),
    Parameter("ByocTrunkSid", sid("BY"), BAD_DOMAIN),
)
_ALL = "/SIP/Domains"


class DomainResource:
    """The resource; ``encrypts`` is whether a domain can be secure here."""

    def __init__(
        self,
        database: Database,
        wall: Callable[[], datetime],
        provisioning: Provisioning,
        domains: Domains,
        *,
        encrypts: bool,
    ) -> None:
        self._database = database
        self._wall = wall
        self._provisioning = provisioning
        self._domains = domains
        self._encrypts = encrypts

    @get(_ALL, DOMAIN, lists="domains")
    async def list(self, ask: Ask) -> Page:
        """The SIP domains of an account."""
        page = await self._rows(ask).page(ask)
        return replace(page, rows=await self._complete(page.rows))

    @post(_ALL, DOMAIN, takes=required(_TAKES, {"DomainName": BAD_NAME}), status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make a domain; it takes calls once a list is mapped to it."""
        self._check_encryption(ask)
        checks = self._of_name(ask), at_most(MOST, DOMAINS, (TOO_MANY, "An account has at most {most} domains"), ask)
        named = ask.form.get("friendly_name") or ask.form["domain_name"]
        row = await self._rows(ask).add(ask, *checks, **{**_columns(ask), "friendly_name": named[:64]})
        return {**row, "auth_type": ""}

    @get(f"{_ALL}/{{Sid}}", DOMAIN)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One domain."""
        return await self._whole(await self._rows(ask).find(ask))

    @post(f"{_ALL}/{{Sid}}", DOMAIN, takes=_TAKES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Change a domain; calls that run go on as they are."""
        old = await self._rows(ask).find(ask)
        self._check_encryption(ask)
        checks: list[Check] = []
        if ask.form.get("domain_name", old["domain_name"]) != old["domain_name"]:
            checks += [_childless(ask), self._of_name(ask)]
        return await self._whole(await self._rows(ask).change(ask, checks=checks, **_columns(ask)))

    @delete(f"{_ALL}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Delete a domain; its phones are forgotten."""
        unmap = deletion(MAPPINGS).where(MAPPINGS.c.domain_sid == ask.keys["Sid"], MAPPINGS.c.account_sid == ask.account.sid)
        await self._rows(ask).remove(ask, checks=(_childless(ask), lambda connection: connection.execute(unmap)))

    def _rows(self, ask: Ask) -> Rows:
        transact = partial(self._provisioning.change_domains, ask.account.sid)
        taken = BAD_NAME, "The domain name is already in use"
        return Rows(DOMAINS, "SD", self._database, self._wall, transact=transact, taken=taken)

    def _check_encryption(self, ask: Ask) -> None:
        """Refuse a domain that nobody could register with or call."""
        if ask.form.get("secure") and not self._encrypts:
            raise ApiError(400, BAD_DOMAIN, "Secure needs TLS and SRTP: set [sip] tls_port, and srtp other than off")

    def _of_name(self, ask: Ask) -> Check:
        """Refuse the name in the form if it, or a domain above it, is not the account's to have."""
        name, owners = ask.form["domain_name"], (ask.account.sid, ask.account.owner_sid)
        labels = name.split(".")
        above = [".".join(labels[start:]) for start in range(1, len(labels) - 1)]
        query = select(DOMAINS.c.domain_name).where(DOMAINS.c.domain_name.in_(above), DOMAINS.c.account_sid.not_in(owners))

        def check(connection: Connection) -> None:
            if name in RESERVED or self._domains.means_server(name):
                raise ApiError(400, BAD_NAME, f"{name} is reserved")
            if connection.execute(query).first() is not None:
                raise ApiError(400, BAD_NAME, f"{name} is a subdomain of a domain of another account")

        return check

    async def _whole(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        return (await self._complete([row]))[0]

    async def _complete(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Rows with the kinds of lists that are mapped to calls."""
        mapped = select(MAPPINGS.c.domain_sid, MAPPINGS.c.sid).where(
            MAPPINGS.c.purpose == CALLS, MAPPINGS.c.domain_sid.in_([row["sid"] for row in rows])
        )
        kinds: dict[str, set[str]] = defaultdict(set)
        for domain_sid, list_sid in await self._database.read(lambda connection: connection.execute(mapped).all()):
            kinds[domain_sid].add("IP_ACL" if list_sid.startswith("AL") else "CREDENTIAL_LIST")
        return [{**row, "auth_type": ",".join(sorted(kinds[row["sid"]], reverse=True))} for row in rows]


def _columns(ask: Ask) -> dict[str, Any]:
    """What an empty value means: no SID."""
    return {name: None for name in ("emergency_caller_sid", "byoc_trunk_sid") if ask.form.get(name) == ""}


def _childless(ask: Ask) -> Check:
    """Refuse to take a domain away from above others of the account or of one that it owns."""
    own = DOMAINS.c.sid == ask.keys["Sid"], DOMAINS.c.account_sid == ask.account.sid
    owned = DOMAINS.c.account_sid.in_(select(ACCOUNTS.c.sid).where(ACCOUNTS.c.owner_account_sid == ask.account.sid))
    reached = or_(DOMAINS.c.account_sid == ask.account.sid, owned)

    def check(connection: Connection) -> None:
        name = connection.execute(select(DOMAINS.c.domain_name).where(*own)).scalar()
        below = DOMAINS.c.domain_name.endswith(f".{name}", autoescape=True), reached
        found = connection.execute(select(DOMAINS.c.domain_name).where(*below)).scalar() if name and "." in name else None
        if found is not None:
            raise ApiError(400, HAS_SUBDOMAINS, f"{found} is a subdomain of {name}")

    return check
