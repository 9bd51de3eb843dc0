"""``/Accounts``: the account itself and its subaccounts (spec section 4.13)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy import delete as delete_from

from voice.accounts.accounts import Account
from voice.accounts.provisioning import Provisioning
from voice.api.errors import ApiError
from voice.api.operation import Ask, get, post
from voice.api.paging import Page, select_page
from voice.api.parameters import Parameter, choice, snake, text
from voice.api.shapes import Shape, moment, sid
from voice.api.shapes import text as string
from voice.calls.switch import Switch
from voice.identifiers import new_sid
from voice.store import records
from voice.store.database import Database
from voice.store.tables.accounts import ACCOUNTS, KEYS
from voice.store.tables.numbers import INCOMING_PHONE_NUMBERS
from voice.web.parameters import API_VERSION

FORBIDDEN = 20003
BAD_NAME = 20002
BAD_STATUS = 20001
ACTION_DISABLED = 20010

ALL = f"/{API_VERSION}/Accounts"
ONE = f"{ALL}/{{AccountSid}}"
_CHILDREN = (
    "Applications AvailablePhoneNumbers Balance Calls Conferences IncomingPhoneNumbers Keys Notifications OutgoingCallerIds "
    "Queues Recordings SigningKeys Transcriptions"
)

ACCOUNT = Shape(
    "Account",
    {
        "sid": sid("AC"),
        "owner_account_sid": string(column="account_sid"),
        "auth_token": string(),
        "friendly_name": string(),
        "status": string("active"),
        "type": string("Full"),
        "date_created": moment(),
        "date_updated": moment(),
    },
    f"{ALL}/{{sid}}",
    {snake(name): f"/{name}" for name in _CHILDREN.split()} | {"sip": "/SIP", "usage": "/Usage/Records"},
)

_NAME = Parameter("FriendlyName", text(64), BAD_NAME)
_STATUS = Parameter("Status", choice("active", "suspended", "closed"), BAD_STATUS)


class AccountResource:
    """The resource. Only full credentials open it."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning, switch: Switch) -> None:
        self._database = database
        self._wall = wall
        self._provisioning = provisioning
        self._switch = switch

    @get(ALL, ACCOUNT, lists="accounts", filters=(_NAME, _STATUS), full=True)
    async def list(self, ask: Ask) -> Page:
        """The account and its subaccounts."""
        own = ask.access.account.sid
        query = select(ACCOUNTS).where(or_(ACCOUNTS.c.sid == own, ACCOUNTS.c.account_sid == own))
        query = query.where(*(ACCOUNTS.c[name] == value for name, value in ask.filters.items() if value))
        return await self._database.read(lambda connection: select_page(connection, query, ACCOUNTS, ask.page))

    @post(ALL, ACCOUNT, takes=(_NAME,), status=201, full=True)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make a subaccount."""
        owner, now = ask.access.account, self._wall()
        if owner.owner_sid:
            raise ApiError(403, FORBIDDEN, "A subaccount cannot have subaccounts")
        name = ask.form.get("friendly_name") or f"SubAccount Created at {now:%Y-%m-%d %H:%M}"
        row = {
            "sid": new_sid("AC"),
            "account_sid": owner.sid,
            "owner_account_sid": owner.sid,
            "auth_token": secrets.token_hex(16),
            "friendly_name": name,
            "date_created": now,
            "date_updated": now,
        }
        return await self._provisioning.change(records.add(ACCOUNTS, row))

    @get(ONE, ACCOUNT, full=True)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One account."""
        row = await self._database.read(records.find(ACCOUNTS, _owner(ask.account), ask.account.sid))
        if row is None:
            raise ask.not_found()
        return row

    @post(ONE, ACCOUNT, takes=(_NAME, _STATUS), full=True, suspended=True)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Give an account another name, suspend it, let it go on, or close it for ever; its calls end with it."""
        account, status = ask.account, ask.form.get("status", ask.account.status)
        if account.status == "closed":
            raise ApiError(400, ACTION_DISABLED, "A closed account cannot be changed")
        if status != account.status and ask.access.account.sid != account.owner_sid:
            raise ApiError(403, ACTION_DISABLED, "Only the owner of a subaccount can change its status")
        changes = {**ask.form, "date_updated": self._wall()}
        change = records.change(ACCOUNTS, _owner(account), account.sid, changes)

        def work(connection: Connection) -> Mapping[str, Any] | None:
            if status == "closed":
                _release(connection, account.sid)
            return change(connection)

        row = await self._provisioning.change(work)
        if row is None:
            raise ask.not_found()
        if status != "active":
            self._switch.end_all(account.sid)
        return row


def _owner(account: Account) -> str:
    return account.owner_sid or account.sid


def _release(connection: Connection, account_sid: str) -> None:
    """A closed account has neither numbers, which others may take, nor keys."""
    for table in (INCOMING_PHONE_NUMBERS, KEYS):
        connection.execute(delete_from(table).where(table.c.account_sid == account_sid))
