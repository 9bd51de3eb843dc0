"""What credential lists and IP lists have in common: limits, and that a list which is in use stays (spec section 4.16)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from voice.api.errors import ApiError
from voice.api.operation import Ask
from voice.api.rows import Check
from voice.store.tables.sip import DOMAINS, MAPPINGS

Told = tuple[int, str]
"""The code and the message of an error."""


def at_most(most: int, table: Table, told: Told, ask: Ask, *conditions: ColumnElement[bool]) -> Check:
    """Refuse one row more than the account may have; ``{most}`` in the message is how many that is."""
    query = select(func.count()).select_from(table).where(table.c.account_sid == ask.account.sid, *conditions)

    def check(connection: Connection) -> None:
        if connection.execute(query).scalar_one() >= most:
            raise ApiError(400, told[0], told[1].format(most=most))

    return check


def belongs(ask: Ask, table: Table, key: str) -> Check:
    """Refuse a path whose part ``key`` names nothing that the account has."""
    query = select(table.c.sid).where(table.c.sid == ask.keys[key], table.c.account_sid == ask.account.sid)

    def check(connection: Connection) -> None:
        if connection.execute(query).first() is None:
            raise ask.not_found()

    return check


def unused(ask: Ask, code: int) -> Check:
    """Refuse to take the list of the path from a domain."""
    used = DOMAINS.c.sid == MAPPINGS.c.domain_sid
    own = MAPPINGS.c.sid == ask.keys["Sid"], MAPPINGS.c.account_sid == ask.account.sid
    query = select(DOMAINS.c.domain_name).join(MAPPINGS, used).where(*own)

    def check(connection: Connection) -> None:
        name = connection.execute(query).scalar()
        if name is not None:
            raise ApiError(400, code, f"The list is still mapped to {name}")

    return check


def empty(ask: Ask, table: Table, list_sid: ColumnElement[str]) -> Check:
    """Delete what is in the list of the path."""
    query = delete(table).where(list_sid == ask.keys["Sid"], table.c.account_sid == ask.account.sid)
    return lambda connection: connection.execute(query)
