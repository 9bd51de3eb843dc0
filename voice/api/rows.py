"""Resources that are rows of a table: what listing, making, finding, changing and deleting them have in common.

Each row belongs to an account. A resource declares its operations (``voice.api.operation``) and does them with one of these.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, select
from sqlalchemy.exc import IntegrityError

from voice.api.errors import ApiError
from voice.api.operation import Ask
from voice.api.paging import Page, select_page
from voice.identifiers import new_sid
from voice.store import records
from voice.store.database import Database

Row = Mapping[str, Any]
T = TypeVar("T")
Check = Callable[[Connection], object]
"""What is done first in the same transaction; raises ApiError to leave everything as it was."""


class Transact(Protocol):
    """Runs a transaction; raises what ``work`` raises."""

    def __call__(self, work: Callable[[Connection], T], /) -> Awaitable[T]: ...


class Rows:
    """The rows of one table, whose SIDs begin with ``prefix``.

    ``wall`` is the time of day; ``transact`` is how rows are written, the database's own way unless somebody has to be told.
    ``taken`` are the code and the message when a row would be the second of its kind. ``key`` is the path's name of the row.
    """

    def __init__(
        self,
        table: Table,
        prefix: str,
        database: Database,
        wall: Callable[[], datetime],
        *,
        transact: Transact | None = None,
        taken: tuple[int, str] | None = None,
        key: str = "Sid",
    ) -> None:
        self._table = table
        self._prefix = prefix
        self._database = database
        self._wall = wall
        self._transact: Transact = transact or database.transact
        self._taken = taken
        self._key = key

    async def page(self, ask: Ask, *conditions: ColumnElement[bool], by: tuple[str, ...] = ()) -> Page:
        """A page of the account's rows, the newest first; ``by`` are filters that have to equal the column of their name."""
        table, filters = self._table, ask.filters
        query = select(table).where(table.c.account_sid == ask.account.sid, *conditions)
        query = query.where(*(table.c[name] == filters[name] for name in by if filters.get(name, "") != ""))
        return await self._database.read(lambda connection: select_page(connection, query, table, ask.page))

    async def add(self, ask: Ask, *checks: Check, **columns: Any) -> Row:
        """Make a row from the form and ``columns``, which beat the form. Raises ApiError when there is one already."""
        now, table = self._wall(), self._table
        form = {name: value for name, value in ask.form.items() if name in table.c}
        about = {"sid": new_sid(self._prefix), "account_sid": ask.account.sid, "date_created": now, "date_updated": now}
        return await self._write(records.add(table, {**about, **form, **columns}), checks)

    async def find(self, ask: Ask, *conditions: ColumnElement[bool]) -> Row:
        """The row of the path. Raises ApiError when the account has none."""
        query = records.find(self._table, ask.account.sid, ask.keys[self._key], *conditions)
        return _there(ask, await self._database.read(query))

    async def change(self, ask: Ask, *conditions: ColumnElement[bool], checks: Sequence[Check] = (), **columns: Any) -> Row:
        """Change the row of the path as the form and ``columns``, which beat the form, say. Raises ApiError."""
        form = {name: value for name, value in ask.form.items() if name in self._table.c}
        changes = {"date_updated": self._wall(), **form, **columns}
        work = records.change(self._table, ask.account.sid, ask.keys[self._key], changes, *conditions)
        return _there(ask, await self._write(work, checks))

    async def remove(self, ask: Ask, *conditions: ColumnElement[bool], checks: Sequence[Check] = ()) -> None:
        """Delete the row of the path. Raises ApiError when the account has none."""
        work = records.remove(self._table, ask.account.sid, ask.keys[self._key], *conditions)
        if not await self._write(work, checks):
            raise ask.not_found()

    async def _write(self, work: Callable[[Connection], T], checks: Sequence[Check] = ()) -> T:
        def checked(connection: Connection) -> T:
            for check in checks:
                check(connection)
            return work(connection)

        try:
            return await self._transact(checked)
        except IntegrityError:
            if self._taken is None:
                raise
            raise ApiError(400, *self._taken) from None


def _there(ask: Ask, row: Row | None) -> Row:
    if row is None:
        raise ask.not_found()
    return row
