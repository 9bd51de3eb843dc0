"""Columns that many tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Index, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SID = String(34)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond; SQLite, which knows no time zones, gets it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text(name: str, default: str = "") -> Column[str]:
    """A text that is always there, though it may be empty."""
    return Column(name, Text, nullable=False, default=default)


def maybe(name: str) -> Column[str]:
    """A text or nothing."""
    return Column(name, Text)


def sid(name: str) -> Column[str]:
    """The SID of another object, or nothing."""
    return Column(name, SID)


def flag(name: str, default: bool = False) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False, default=default)


def moment(name: str) -> Column[datetime]:
    """A moment or nothing."""
    return Column(name, Moment)


def resource(name: str, *columns: Column[Any] | Index, unique: tuple[str, ...] = ()) -> Table:
    """A table of objects that belong to accounts and are listed by age; ``unique`` columns are so within an account."""
    constraints = [Index(f"uq_{name}_{'_'.join(unique)}", "account_sid", *unique, unique=True)] if unique else []
    return Table(
        name,
        METADATA,
        Column("sid", SID, primary_key=True),
        Column("account_sid", SID, nullable=False),
        Column("date_created", Moment, nullable=False),
        Column("date_updated", Moment, nullable=False),
        *columns,
        Index(f"ix_{name}_age", "account_sid", "date_created", "sid"),
        *constraints,
    )
