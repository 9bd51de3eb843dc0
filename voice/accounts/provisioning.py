"""What the settings configure and REST can configure too: the same rows in the store, and in memory what calls need of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from voice.accounts.accounts import Account, Accounts, Key
from voice.accounts.configured import keep_domains
from voice.routing.address import normalise_number
from voice.routing.directory import Directory, Index
from voice.routing.phones import Phones
from voice.settings import Application, Number, Settings
from voice.store.database import Database
from voice.store.domains import read_domains
from voice.store.tables.accounts import ACCOUNTS, KEYS
from voice.store.tables.numbers import APPLICATIONS, INCOMING_PHONE_NUMBERS, OUTGOING_CALLER_IDS

Row = Mapping[str, Any]
T = TypeVar("T")


class Provisioning:
    """Keeps the memory of one server in step with its store."""

    def __init__(self, settings: Settings, database: Database, accounts: Accounts, directory: Directory, phones: Phones) -> None:
        self._settings = settings
        self._database = database
        self._accounts = accounts
        self._directory = directory
        self._phones = phones
        self._ranks = {domain.domain.lower(): rank for rank, domain in enumerate(settings.sip_domain)}
        self._loading = asyncio.Lock()

    async def begin(self, now: datetime) -> None:
        """Write what is configured to the store, and load what is there. Raises StoreUnavailable."""
        main = self._accounts.main
        await self._database.transact(lambda connection: _keep(self._settings, main, now, connection))
        await self._reload()
        await self._reload_domains()

    async def change(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction on any of these rows; the next call and request find what it left. Raises what ``work`` raises."""
        done = await self._database.transact(work)
        await self._reload()
        return done

    async def change_domains(self, account_sid: str, work: Callable[[Connection], T]) -> T:
        """Run a transaction on SIP domains of an account or their lists; the next REGISTER and call find what it left.

        Raises what ``work`` raises.
        """
        done = await self._database.transact(work)
        await self._reload_domains(account_sid)
        return done

    async def _reload_domains(self, account_sid: str = "") -> None:
        """Those of one account, or all; the configured ones stand first, in their order."""
        async with self._loading:  # so that nobody's older rows replace newer ones
            keep, phones = self._phones.secret, self._phones
            found = await self._database.read(lambda connection: read_domains(connection, keep, account_sid))
            names = sorted(found, key=lambda name: self._ranks.get(name, len(self._ranks)))
            domains = (found[name] or phones.domains.named(name) for name in names)
            phones.load([domain for domain in domains if domain is not None])

    async def _reload(self) -> None:
        async with self._loading:  # so that nobody's older rows replace newer ones
            accounts, keys, index = await self._database.read(_everything)
            self._accounts.load(accounts, keys)
            self._directory.load(index)


def _everything(connection: Connection) -> tuple[list[Account], list[Key], Index]:
    accounts, keys, *rest = (
        [*connection.execute(select(table)).mappings()]
        for table in (ACCOUNTS, KEYS, APPLICATIONS, INCOMING_PHONE_NUMBERS, OUTGOING_CALLER_IDS)
    )
    return [*map(_account, accounts)], [*map(_key, keys)], Index.of(*rest)


def _account(row: Row) -> Account:
    return Account(row["sid"], row["auth_token"], row["friendly_name"], row["status"], row["owner_account_sid"] or "")


def _key(row: Row) -> Key:
    return Key(row["sid"], row["account_sid"], row["secret"], row["main"])


def _keep(settings: Settings, main: Account, now: datetime, connection: Connection) -> None:
    """What is configured wins over what REST has made of it."""
    _keep_main(main, now, connection)
    about = {"account_sid": main.sid, "date_created": now, "date_updated": now}
    numbers, applications = INCOMING_PHONE_NUMBERS, APPLICATIONS
    mine = [{**_row_of_number(number), **about} for number in settings.number]
    own = [{**_row_of_application(application), **about} for application in settings.application]
    taken = numbers.c.phone_number.in_([row["phone_number"] for row in mine])
    for table, rows, old in ((numbers, mine, numbers.c.configured | taken), (applications, own, _named(applications, own))):
        ages = {row.sid: row.date_created for row in connection.execute(select(table.c.sid, table.c.date_created).where(old))}
        connection.execute(delete(table).where(old))
        if rows:
            connection.execute(insert(table), [{**row, "date_created": ages.get(row["sid"], now)} for row in rows])
    keep_domains(connection, settings.sip_domain, main.sid, now)


def _keep_main(main: Account, now: datetime, connection: Connection) -> None:
    row = {"sid": main.sid, "account_sid": main.sid, "date_created": now, "date_updated": now}
    kept = update(ACCOUNTS).where(ACCOUNTS.c.sid == main.sid).values(auth_token=main.auth_token)
    if connection.execute(kept).rowcount == 0:
        name = main.friendly_name or "Strowger"
        connection.execute(insert(ACCOUNTS).values(auth_token=main.auth_token, friendly_name=name, **row))


def _named(table: Table, rows: Iterable[Row]) -> ColumnElement[bool]:
    return table.c.sid.in_([row["sid"] for row in rows])


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
