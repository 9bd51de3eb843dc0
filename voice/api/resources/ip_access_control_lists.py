"""``/SIP/IpAccessControlLists`` and their ``/IpAddresses``: from where calls to a domain may come (spec section 4.16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from sqlalchemy import ColumnElement

from voice.accounts.provisioning import Provisioning
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import Kind, Parameter, integer, required, text
from voice.api.resources.sip_lists import at_most, belongs, empty, unused
from voice.api.rows import Rows
from voice.api.shapes import Shape, moment, sid
from voice.api.shapes import integer as whole
from voice.api.shapes import text as string
from voice.store.database import Database
from voice.store.tables.sip import IP_ACCESS_CONTROL_LISTS, IP_ADDRESSES

BAD_LIST, IN_USE, TOO_MANY, BAD_ADDRESS, TOO_MANY_LISTS = 21235, 21236, 21237, 21238, 21255
MOST_LISTS = 1000
"""Of an account."""
MOST = 100
"""Of a list."""

LIST = Shape(
    "IpAccessControlList",
    {
        "sid": sid("AL"),
        "account_sid": sid("AC"),
        "friendly_name": string(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/SIP/IpAccessControlLists/{sid}",
    {"ip_addresses": "/IpAddresses"},
)
ADDRESS = Shape(
    "IpAddress",
    {
        "sid": sid("IP"),
        "account_sid": sid("AC"),
        "friendly_name": string(),
        "ip_address": string(),
        "cidr_prefix_length": whole(32),
        "ip_access_control_list_sid": sid("AL"),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/SIP/IpAccessControlLists/{ip_access_control_list_sid}/IpAddresses/{sid}",
)


def _address(given: str) -> str:
    try:
        return str(IPv4Address(given))
    except AddressValueError:
        raise ValueError("must be an IPv4 address such as 192.0.2.7") from None


_NAMED = (Parameter("FriendlyName", text(255, 1), BAD_LIST, required=BAD_LIST),)
_UPDATE = (
    Parameter("FriendlyName", text(255, 1), BAD_ADDRESS),
    Parameter("IpAddress", Kind(_address, {"type": "string", "format": "ipv4"}), BAD_ADDRESS),
    Parameter("CidrPrefixLength", integer(0, 32), BAD_ADDRESS),
)
_CREATE = required(_UPDATE, {"FriendlyName": BAD_ADDRESS, "IpAddress": BAD_ADDRESS})
_ALL = "/SIP/IpAccessControlLists"
_OF_LIST = f"{_ALL}/{{IpAccessControlListSid}}/IpAddresses"


class IpAccessControlLists:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._database = database
        self._wall = wall
        self._provisioning = provisioning

    @get(_ALL, LIST, lists="ip_access_control_lists")
    async def list(self, ask: Ask) -> Page:
        """The IP lists of an account."""
        return await self._rows(ask).page(ask)

    @post(_ALL, LIST, takes=_NAMED, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make a list; it keeps nobody away until it is mapped to a domain."""
        told = TOO_MANY_LISTS, "An account has at most {most} IP access control lists"
        return await self._rows(ask).add(ask, at_most(MOST_LISTS, IP_ACCESS_CONTROL_LISTS, told, ask))

    @get(f"{_ALL}/{{Sid}}", LIST)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One list."""
        return await self._rows(ask).find(ask)

    @post(f"{_ALL}/{{Sid}}", LIST, takes=_NAMED)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Give a list another name."""
        return await self._rows(ask).change(ask)

    @delete(f"{_ALL}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Delete a list that no domain uses, with its addresses."""
        contents = empty(ask, IP_ADDRESSES, IP_ADDRESSES.c.ip_access_control_list_sid)
        await self._rows(ask).remove(ask, checks=(unused(ask, IN_USE), contents))

    def _rows(self, ask: Ask) -> Rows:
        transact = partial(self._provisioning.change_domains, ask.account.sid)
        return Rows(IP_ACCESS_CONTROL_LISTS, "AL", self._database, self._wall, transact=transact)


class IpAddresses:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._database = database
        self._wall = wall
        self._provisioning = provisioning

    @get(_OF_LIST, ADDRESS, lists="ip_addresses")
    async def list(self, ask: Ask) -> Page:
        """The addresses of a list."""
        await self._database.read(belongs(ask, IP_ACCESS_CONTROL_LISTS, "IpAccessControlListSid"))
        return await self._rows(ask).page(ask, _own(ask))

    @post(_OF_LIST, ADDRESS, takes=_CREATE, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Let calls from another address or network in."""
        there = belongs(ask, IP_ACCESS_CONTROL_LISTS, "IpAccessControlListSid")
        limit = at_most(MOST, IP_ADDRESSES, (TOO_MANY, "A list has at most {most} addresses"), ask, _own(ask))
        return await self._rows(ask).add(ask, there, limit, ip_access_control_list_sid=ask.keys["IpAccessControlListSid"])

    @get(f"{_OF_LIST}/{{Sid}}", ADDRESS)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One address or network."""
        return await self._rows(ask).find(ask, _own(ask))

    @post(f"{_OF_LIST}/{{Sid}}", ADDRESS, takes=_UPDATE)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Change an address or its name."""
        return await self._rows(ask).change(ask, _own(ask))

    @delete(f"{_OF_LIST}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Let calls from an address in no more."""
        await self._rows(ask).remove(ask, _own(ask))

    def _rows(self, ask: Ask) -> Rows:
        transact = partial(self._provisioning.change_domains, ask.account.sid)
        return Rows(IP_ADDRESSES, "IP", self._database, self._wall, transact=transact)


def _own(ask: Ask) -> ColumnElement[bool]:
    return IP_ADDRESSES.c.ip_access_control_list_sid == ask.keys["IpAccessControlListSid"]
