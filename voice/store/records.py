"""What resources do with their tables: add, find, change, remove and list the rows of an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, insert, select, update

Row = Mapping[str, Any]

DateFilter = tuple[datetime, bool]
"""A moment, or the whole day that begins then."""


def add(table: Table, row: Row) -> Callable[[Connection], Row]:
    """A transaction that adds a row and returns it with its defaults."""

    def work(connection: Connection) -> Row:
        connection.execute(insert(table).values(dict(row)))
        return dict(connection.execute(select(table).where(table.c.sid == row["sid"])).mappings().one())

    return work


def find(table: Table, account_sid: str, sid: str, *conditions: ColumnElement[bool]) -> Callable[[Connection], Row | None]:
    """A query for a row of an account by its SID."""
    query = select(table).where(table.c.sid == sid, table.c.account_sid == account_sid, *conditions)
    return lambda connection: _one(connection, query)


def change(
    table: Table, account_sid: str, sid: str, changes: Row, *conditions: ColumnElement[bool]
) -> Callable[[Connection], Row | None]:
    """A transaction that changes some columns of a row and returns it; None when there is no such row."""
    own = (table.c.sid == sid, table.c.account_sid == account_sid, *conditions)

    def work(connection: Connection) -> Row | None:
        connection.execute(update(table).where(*own).values(dict(changes)))
        return _one(connection, select(table).where(*own))

    return work


def _one(connection: Connection, query: Select[Any]) -> Row | None:
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def remove(table: Table, account_sid: str, sid: str, *conditions: ColumnElement[bool]) -> Callable[[Connection], bool]:
    """A transaction that removes a row and tells whether there was one."""
    query = delete(table).where(table.c.sid == sid, table.c.account_sid == account_sid, *conditions)
    return lambda connection: connection.execute(query).rowcount > 0


def date_conditions(column: ColumnElement[Any], filters: Mapping[str, Any], key: str) -> Sequence[ColumnElement[bool]]:
    """The conditions of the three parameters that ``voice.api.parameters.dates`` declares (spec section 4.4)."""
    conditions: list[ColumnElement[bool]] = []
    for sign in ("", "<", ">"):
        moment, whole_day = filters.get(key + sign, (None, False))
        if moment is None:
            continue
        end = moment + timedelta(days=1) if whole_day else moment
        if sign != "<":
            conditions.append(column >= moment)
        if sign != ">":
            conditions.append(column < end if whole_day else column <= end)
    return conditions
