"""What the settings configure and REST can configure too: the same rows in the store, and in memory what calls need of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select

from voice.accounts import Account, Accounts, Key
from voice.address import normalise_number
from voice.directory import Directory
from voice.settings import Application, Number, Settings
from voice.store.database import Database
from voice.store.tables.accounts import ACCOUNTS, KEYS
from voice.store.tables.numbers import APPLICATIONS, INCOMING_PHONE_NUMBERS

T = TypeVar("T")


class Provisioning:
    """Keeps the memory of one server in step with its store."""

    def __init__(self, settings: Settings, database: Database, accounts: Accounts, directory: Directory) -> None:
        self._settings = settings
        self._database = database
        self._accounts = accounts
        self._directory = directory

    async def begin(self, now: datetime) -> None:
        """Write what is configured to the store, and load what is there. Raises StoreUnavailable."""
        main = self._accounts.main
        await self._database.transact(lambda connection: _keep(self._settings, main, now, connection))
        for account, key in await self._database.read(_accounts_and_keys):
            if account is not None and account.sid != main.sid:
                self._accounts.put(account)
            if key is not None:
                self._accounts.put_key(key)
        await self._reload()

    async def change(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction on numbers or applications; the next call finds what it left. Raises what ``work`` raises."""
        done = await self._database.transact(work)
        await self._reload()
        return done

    async def _reload(self) -> None:
        applications, numbers = await self._database.read(_applications_and_numbers)
        self._directory.load(applications, numbers)


def _applications_and_numbers(connection: Connection) -> tuple[list[Any], list[Any]]:
    numbers = select(INCOMING_PHONE_NUMBERS).order_by(INCOMING_PHONE_NUMBERS.c.date_created)
    return list(connection.execute(select(APPLICATIONS)).mappings()), list(connection.execute(numbers).mappings())


def _accounts_and_keys(connection: Connection) -> list[tuple[Account | None, Key | None]]:
    found: list[tuple[Account | None, Key | None]] = []
    for row in connection.execute(select(ACCOUNTS)).mappings():
        owner = row["owner_account_sid"] or ""
        found.append((Account(row["sid"], row["auth_token"], row["friendly_name"], row["status"], owner), None))
    for row in connection.execute(select(KEYS)).mappings():
        found.append((None, Key(row["sid"], row["account_sid"], row["secret"], row["main"])))
    return found


def _keep(settings: Settings, main: Account, now: datetime, connection: Connection) -> None:
    """What is configured wins over what REST has made of it."""
    about = {"account_sid": main.sid, "date_created": now, "date_updated": now}
    if connection.execute(select(ACCOUNTS.c.sid).where(ACCOUNTS.c.sid == main.sid)).first() is None:
        name = main.friendly_name or "Strowger"
        connection.execute(insert(ACCOUNTS).values(sid=main.sid, auth_token=main.auth_token, friendly_name=name, **about))
    numbers, applications = INCOMING_PHONE_NUMBERS, APPLICATIONS
    mine = [{**_row_of_number(number), **about} for number in settings.number]
    own = [{**_row_of_application(application), **about} for application in settings.application]
    taken = numbers.c.phone_number.in_([row["phone_number"] for row in mine])
    connection.execute(delete(numbers).where(numbers.c.configured | taken))
    connection.execute(delete(applications).where(applications.c.sid.in_([row["sid"] for row in own])))
    for table, rows in ((numbers, mine), (applications, own)):
        if rows:
            connection.execute(insert(table), rows)


def _row_of_number(number: Number) -> dict[str, Any]:
    written = normalise_number(number.phone_number) or number.phone_number
    sid = "PN" + hashlib.sha256(written.encode()).hexdigest()[:32]
    return {"sid": sid, "phone_number": written, "friendly_name": written, "configured": True, **_voice(number)}


def _row_of_application(application: Application) -> dict[str, Any]:
    return {"sid": application.sid, "friendly_name": application.name or application.sid, **_voice(application)}


def _voice(service: Number | Application) -> dict[str, Any]:
    return {
        "voice_url": service.voice_url,
        "voice_method": service.voice_method,
        "voice_fallback_url": service.voice_fallback_url or None,
        "voice_fallback_method": service.voice_fallback_method,
        "status_callback": service.status_callback or None,
        "status_callback_method": service.status_callback_method,
    }
