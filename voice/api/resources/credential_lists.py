"""``/SIP/CredentialLists`` and their ``/Credentials``: who may call and register, by name and password (spec section 4.16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from voice.accounts.provisioning import Provisioning
from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import Kind, Parameter, matching, required, text
from voice.api.resources.sip_lists import at_most, belongs, empty, unused
from voice.api.rows import Rows
from voice.api.shapes import Shape, moment, sid
from voice.api.shapes import text as string
from voice.store.database import Database
from voice.store.tables.sip import CREDENTIAL_LISTS, CREDENTIALS

TOO_MANY_LISTS, BAD_LIST, IN_USE, TOO_MANY, BAD_CREDENTIAL = 21239, 21240, 21241, 21242, 21243
MOST_LISTS = 100
"""Of an account."""
MOST = 1000
"""Of a list."""

LIST = Shape(
    "CredentialList",
    {
        "sid": sid("CL"),
        "account_sid": sid("AC"),
        "friendly_name": string(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/SIP/CredentialLists/{sid}",
    {"credentials": "/Credentials"},
)
CREDENTIAL = Shape(
    "Credential",
    {
        "sid": sid("CR"),
        "account_sid": sid("AC"),
        "credential_list_sid": sid("CL"),
        "username": string(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/SIP/CredentialLists/{credential_list_sid}/Credentials/{sid}",
)


def _password(given: str) -> str:
    mixed = given.upper() != given and given.lower() != given
    if not 12 <= len(given) <= 255 or not mixed or not any(each.isdigit() for each in given):
        raise ValueError("must have 12 to 255 characters with at least one digit, one upper-case and one lower-case letter")
    return given


_NAMED = (Parameter("FriendlyName", text(64, 1), BAD_LIST, required=BAD_LIST),)
PASSWORD = Parameter("Password", Kind(_password, {"type": "string", "minLength": 12, "maxLength": 255}), BAD_CREDENTIAL)
USERNAME = Parameter(
    "Username", matching(r"[!#-9;-?A-\[\]-~]{1,32}", '1 to 32 letters, digits and signs other than " : @ \\'), BAD_CREDENTIAL
)
"""A colon would end it in digest authentication (RFC 7616 section 3.4.2), an at sign in a URI."""
_CREATE = required((USERNAME, PASSWORD), {"Username": BAD_CREDENTIAL, "Password": BAD_CREDENTIAL})
_ALL = "/SIP/CredentialLists"
_OF_LIST = f"{_ALL}/{{CredentialListSid}}/Credentials"


class CredentialLists:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._database = database
        self._wall = wall
        self._provisioning = provisioning

    @get(_ALL, LIST, lists="credential_lists")
    async def list(self, ask: Ask) -> Page:
        """The credential lists of an account."""
        return await self._rows(ask).page(ask)

    @post(_ALL, LIST, takes=_NAMED, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make a list; nobody is asked for its credentials until it is mapped to a domain."""
        table = CREDENTIAL_LISTS
        limit = at_most(MOST_LISTS, table, (TOO_MANY_LISTS, "An account has at most {most} credential lists"), ask)
        return await self._rows(ask).add(ask, limit, _unlike_others(ask))

    @get(f"{_ALL}/{{Sid}}", LIST)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One list."""
        return await self._rows(ask).find(ask)

    @post(f"{_ALL}/{{Sid}}", LIST, takes=_NAMED)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Give a list another name."""
        return await self._rows(ask).change(ask, checks=(_unlike_others(ask),))

    @delete(f"{_ALL}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Delete a list that no domain uses, with its credentials."""
        contents = empty(ask, CREDENTIALS, CREDENTIALS.c.credential_list_sid)
        await self._rows(ask).remove(ask, checks=(unused(ask, IN_USE), contents))

    def _rows(self, ask: Ask) -> Rows:
        transact = partial(self._provisioning.change_domains, ask.account.sid)
        return Rows(CREDENTIAL_LISTS, "CL", self._database, self._wall, transact=transact)


def _unlike_others(ask: Ask) -> Callable[[Connection], None]:
    """Refuse a name that another list of the account has."""
    table = CREDENTIAL_LISTS
    own = table.c.sid != ask.keys.get("Sid", "")
    query = select(table.c.sid).where(
        table.c.account_sid == ask.account.sid, table.c.friendly_name == ask.form["friendly_name"], own
    )

    def check(connection: Connection) -> None:
        if connection.execute(query).first() is not None:
            raise ApiError(400, BAD_LIST, "There is a credential list with this FriendlyName")

    return check


class Credentials:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._database = database
        self._wall = wall
        self._provisioning = provisioning

    @get(_OF_LIST, CREDENTIAL, lists="credentials")
    async def list(self, ask: Ask) -> Page:
        """The users of a list."""
        await self._database.read(belongs(ask, CREDENTIAL_LISTS, "CredentialListSid"))
        return await self._rows(ask).page(ask, self._own(ask))

    @post(_OF_LIST, CREDENTIAL, takes=_CREATE, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Let another user in."""
        there = belongs(ask, CREDENTIAL_LISTS, "CredentialListSid")
        limit = at_most(MOST, CREDENTIALS, (TOO_MANY, "A list has at most {most} credentials"), ask, self._own(ask))
        return await self._rows(ask).add(ask, there, limit, credential_list_sid=ask.keys["CredentialListSid"])

    @get(f"{_OF_LIST}/{{Sid}}", CREDENTIAL)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One user, without password."""
        return await self._rows(ask).find(ask, self._own(ask))

    @post(f"{_OF_LIST}/{{Sid}}", CREDENTIAL, takes=(PASSWORD,))
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Give a user another password."""
        return await self._rows(ask).change(ask, self._own(ask))

    @delete(f"{_OF_LIST}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Let a user in no more; the phones of a user who is in no list of the domain are forgotten."""
        await self._rows(ask).remove(ask, self._own(ask))

    def _rows(self, ask: Ask) -> Rows:
        transact = partial(self._provisioning.change_domains, ask.account.sid)
        taken = BAD_CREDENTIAL, "There is a credential with this Username in the list"
        return Rows(CREDENTIALS, "CR", self._database, self._wall, transact=transact, taken=taken)

    def _own(self, ask: Ask) -> Any:
        return CREDENTIALS.c.credential_list_sid == ask.keys["CredentialListSid"]
