"""Which lists a SIP domain uses: for calls, under two names, and for registrations (spec section 4.16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, select
from sqlalchemy import delete as deletion
from sqlalchemy.exc import IntegrityError

from voice.accounts.provisioning import Provisioning
from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page, select_page
from voice.api.parameters import Parameter, sid
from voice.api.resources.sip_lists import belongs
from voice.api.shapes import Property, Shape, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.store.database import Database
from voice.store.domains import CALLS, REGISTRATIONS
from voice.store.tables.sip import CREDENTIAL_LISTS, DOMAINS, IP_ACCESS_CONTROL_LISTS, MAPPINGS

BAD_MAPPING = 21231

_CREDENTIALS = "/SIP/Domains/{DomainSid}/CredentialListMappings"
_ADDRESSES = "/SIP/Domains/{DomainSid}/IpAccessControlListMappings"
_CALL_CREDENTIALS = "/SIP/Domains/{DomainSid}/Auth/Calls/CredentialListMappings"
_CALL_ADDRESSES = "/SIP/Domains/{DomainSid}/Auth/Calls/IpAccessControlListMappings"
_REGISTRATIONS = "/SIP/Domains/{DomainSid}/Auth/Registrations/CredentialListMappings"


def _properties(prefix: str) -> dict[str, Property]:
    return {
        "sid": sid_of(prefix),
        "account_sid": sid_of("AC"),
        "friendly_name": string(),
        "date_created": moment(),
        "date_updated": moment(),
    }


def _legacy(name: str, prefix: str) -> Shape:
    return Shape(name, {**_properties(prefix), "domain_sid": sid_of("SD")}, f"/SIP/Domains/{{domain_sid}}/{name}s/{{sid}}")


CREDENTIAL_MAPPING = _legacy("CredentialListMapping", "CL")
ADDRESS_MAPPING = _legacy("IpAccessControlListMapping", "AL")
CALL_CREDENTIAL_MAPPING = Shape("AuthCallsCredentialListMapping", _properties("CL"))
CALL_ADDRESS_MAPPING = Shape("AuthCallsIpAccessControlListMapping", _properties("AL"))
REGISTRATION_MAPPING = Shape("AuthRegistrationsCredentialListMapping", _properties("CL"))

_TAKES_CREDENTIALS = (Parameter("CredentialListSid", sid("CL"), BAD_MAPPING, required=BAD_MAPPING),)
_TAKES_ADDRESSES = (Parameter("IpAccessControlListSid", sid("AL"), BAD_MAPPING, required=BAD_MAPPING),)


class Mappings:
    """The mappings of one kind of ``lists`` for one purpose; ``named`` is the parameter that names the list to map."""

    def __init__(
        self, lists: Table, named: str, purpose: str, database: Database, wall: Callable[[], datetime], provisioning: Provisioning
    ) -> None:
        self._lists = lists
        self._named = named
        self._purpose = purpose
        self._database = database
        self._wall = wall
        self._provisioning = provisioning

    async def page(self, ask: Ask) -> Page:
        """A page of the mappings of the path's domain. Raises ApiError."""
        there, query = belongs(ask, DOMAINS, "DomainSid"), self._query(ask)

        def work(connection: Connection) -> Page:
            there(connection)
            return select_page(connection, query, MAPPINGS, ask.page)

        return await self._database.read(work)

    async def add(self, ask: Ask) -> Mapping[str, Any]:
        """Let the domain use a list of the account. Raises ApiError."""
        there, lists, chosen = belongs(ask, DOMAINS, "DomainSid"), self._lists, ask.form[self._named]
        now, key = self._wall(), {"domain_sid": ask.keys["DomainSid"], "sid": chosen, "purpose": self._purpose}
        row = {**key, "account_sid": ask.account.sid, "date_created": now, "date_updated": now}
        named = select(lists.c.friendly_name).where(lists.c.sid == chosen, lists.c.account_sid == ask.account.sid)

        def work(connection: Connection) -> Mapping[str, Any]:
            there(connection)
            name = connection.execute(named).scalar()
            if name is None:
                raise ApiError(400, BAD_MAPPING, f"The account has no list {chosen}")
            connection.execute(insert(MAPPINGS).values(row))
            return {**row, "friendly_name": name}

        try:
            return await self._provisioning.change_domains(ask.account.sid, work)
        except IntegrityError:
            raise ApiError(400, BAD_MAPPING, f"{chosen} is already mapped to the domain") from None

    async def find(self, ask: Ask) -> Mapping[str, Any]:
        """The mapping of the path. Raises ApiError."""
        query = self._query(ask, MAPPINGS.c.sid == ask.keys["Sid"])
        row = await self._database.read(lambda connection: connection.execute(query).mappings().one_or_none())
        if row is None:
            raise ask.not_found()
        return dict(row)

    async def remove(self, ask: Ask) -> None:
        """Let the domain use a list no more. Raises ApiError."""
        listed = MAPPINGS.c.sid == ask.keys["Sid"], MAPPINGS.c.sid.in_(select(self._lists.c.sid))
        query = deletion(MAPPINGS).where(*listed, *self._own(ask))
        if not await self._provisioning.change_domains(ask.account.sid, lambda connection: connection.execute(query).rowcount):
            raise ask.not_found()

    def _query(self, ask: Ask, *conditions: ColumnElement[bool]) -> Any:
        joined = self._lists.c.sid == MAPPINGS.c.sid
        return select(MAPPINGS, self._lists.c.friendly_name).join(self._lists, joined).where(*self._own(ask), *conditions)

    def _own(self, ask: Ask) -> tuple[ColumnElement[bool], ...]:
        table = MAPPINGS.c
        of_domain = table.domain_sid == ask.keys["DomainSid"], table.account_sid == ask.account.sid
        return (*of_domain, table.purpose == self._purpose)


class CallCredentialMappings:
    """``/Auth/Calls/CredentialListMappings`` and ``/CredentialListMappings``: who may call."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._mappings = Mappings(CREDENTIAL_LISTS, "credential_list_sid", CALLS, database, wall, provisioning)

    @get(_CREDENTIALS, CREDENTIAL_MAPPING, lists="credential_list_mappings")
    @get(_CALL_CREDENTIALS, CALL_CREDENTIAL_MAPPING, lists="contents")
    async def list(self, ask: Ask) -> Page:
        """The credential lists whose users may call."""
        return await self._mappings.page(ask)

    @post(_CREDENTIALS, CREDENTIAL_MAPPING, takes=_TAKES_CREDENTIALS, status=201)
    @post(_CALL_CREDENTIALS, CALL_CREDENTIAL_MAPPING, takes=_TAKES_CREDENTIALS, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Let the users of a list call."""
        return await self._mappings.add(ask)

    @get(f"{_CREDENTIALS}/{{Sid}}", CREDENTIAL_MAPPING)
    @get(f"{_CALL_CREDENTIALS}/{{Sid}}", CALL_CREDENTIAL_MAPPING)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One of them."""
        return await self._mappings.find(ask)

    @delete(f"{_CREDENTIALS}/{{Sid}}")
    @delete(f"{_CALL_CREDENTIALS}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Let the users of a list call no more."""
        await self._mappings.remove(ask)


class CallAddressMappings:
    """``/Auth/Calls/IpAccessControlListMappings`` and ``/IpAccessControlListMappings``: from where calls may come."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        named = "ip_access_control_list_sid"
        self._mappings = Mappings(IP_ACCESS_CONTROL_LISTS, named, CALLS, database, wall, provisioning)

    @get(_ADDRESSES, ADDRESS_MAPPING, lists="ip_access_control_list_mappings")
    @get(_CALL_ADDRESSES, CALL_ADDRESS_MAPPING, lists="contents")
    async def list(self, ask: Ask) -> Page:
        """The IP lists from which calls may come."""
        return await self._mappings.page(ask)

    @post(_ADDRESSES, ADDRESS_MAPPING, takes=_TAKES_ADDRESSES, status=201)
    @post(_CALL_ADDRESSES, CALL_ADDRESS_MAPPING, takes=_TAKES_ADDRESSES, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Take calls from the addresses of a list only, and of others that are mapped."""
        return await self._mappings.add(ask)

    @get(f"{_ADDRESSES}/{{Sid}}", ADDRESS_MAPPING)
    @get(f"{_CALL_ADDRESSES}/{{Sid}}", CALL_ADDRESS_MAPPING)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One of them."""
        return await self._mappings.find(ask)

    @delete(f"{_ADDRESSES}/{{Sid}}")
    @delete(f"{_CALL_ADDRESSES}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Take no more calls because of a list."""
        await self._mappings.remove(ask)


class RegistrationMappings:
    """``/Auth/Registrations/CredentialListMappings``: who may register."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._mappings = Mappings(CREDENTIAL_LISTS, "credential_list_sid", REGISTRATIONS, database, wall, provisioning)

    @get(_REGISTRATIONS, REGISTRATION_MAPPING, lists="contents")
    async def list(self, ask: Ask) -> Page:
        """The credential lists whose users may register phones."""
        return await self._mappings.page(ask)

    @post(_REGISTRATIONS, REGISTRATION_MAPPING, takes=_TAKES_CREDENTIALS, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Let the users of a list register phones."""
        return await self._mappings.add(ask)

    @get(f"{_REGISTRATIONS}/{{Sid}}", REGISTRATION_MAPPING)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One of them."""
        return await self._mappings.find(ask)

    @delete(f"{_REGISTRATIONS}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Let the users of a list register no more; their phones are forgotten."""
        await self._mappings.remove(ask)
