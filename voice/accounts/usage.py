"""What accounts have used, counted from the calls and recordings in the store (spec section 4.13).

The database sums up each day by what the calls were; days are put together to longer periods here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Integer, Table, and_, case, cast, extract, func, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from voice.settings import Prices
from voice.store.tables.calls import CALLS
from voice.store.tables.recordings import RECORDINGS

Span = Literal["day", "month", "year", "all"]
Kind = Literal["inbound", "outbound", "sip_inbound", "sip_outbound", "client", "recording"]


@dataclass(frozen=True, slots=True)
class Category:
    """A line of the account: what it sums up."""

    name: str
    description: str
    kinds: tuple[Kind, ...]
    counted: str = "calls"
    """What its items are."""


_SIP: tuple[Kind, ...] = ("sip_inbound", "sip_outbound")
_CALLS: tuple[Kind, ...] = ("inbound", "outbound", *_SIP, "client")
TOTAL = "totalprice"
CATEGORIES = (
    Category("calls", "Voice Minutes", _CALLS),
    Category("calls-inbound", "Inbound Voice Minutes", ("inbound",)),
    Category("calls-outbound", "Outbound Voice Minutes", ("outbound",)),
    Category("calls-sip", "SIP Minutes", _SIP),
    Category("calls-sip-inbound", "Inbound SIP Minutes", ("sip_inbound",)),
    Category("calls-sip-outbound", "Outbound SIP Minutes", ("sip_outbound",)),
    Category("calls-client", "Client Minutes", ("client",)),
    Category("recordings", "Recordings", ("recording",), "recordings"),
    Category(TOTAL, "Total Price", (*_CALLS, "recording"), ""),
)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many, and how many minutes begun."""

    count: int = 0
    minutes: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.minutes + other.minutes)


Day = Mapping[Kind, Sum]


@dataclass(frozen=True, slots=True)
class Period:
    """A time, both days included, and what was used in it."""

    start: date
    end: date
    sums: Mapping[Kind, Sum]

    def sum(self, category: Category) -> Sum:
        """Of one line."""
        return sum((self.sums.get(kind, Sum()) for kind in category.kinds), Sum())

    def price(self, category: Category, prices: Prices) -> Decimal:
        """Of one line."""
        each = (getattr(prices, kind) * self.sums.get(kind, Sum()).minutes for kind in category.kinds)
        return sum(each, Decimal(0))


def days_of(accounts: Collection[str], first: date, last: date) -> Callable[[Connection], dict[date, Day]]:
    """A query for the days, in UTC, on which accounts used something; both ends are included."""

    def query(connection: Connection) -> dict[date, Day]:
        days: dict[date, dict[Kind, Sum]] = defaultdict(dict)
        calls = _grouped(connection, CALLS, _kind_of_call(), _minutes(CALLS.c.duration), accounts, first, last)
        recordings = _grouped(connection, RECORDINGS, None, _minutes(RECORDINGS.c.seconds), accounts, first, last)
        for day, kind, found in (*calls, *recordings):
            days[day][kind] = found
        return dict(days)

    return query


def periods(days: Mapping[date, Day], first: date, last: date, span: Span) -> list[Period]:
    """The days put together to the days, months or years that ``first`` to ``last`` are made of, the newest first."""
    sums: dict[date, dict[Kind, Sum]] = defaultdict(dict)
    for day, used in days.items():
        whole = sums[max(first, _START[span](day))]
        for kind, found in used.items():
            whole[kind] = whole.get(kind, Sum()) + found
    if span == "all":
        return [Period(first, last, sums.get(first, {}))]
    made, start = [], first
    while start <= last:
        following = _next(start, span)
        made.append(Period(start, min(last, following - timedelta(days=1)), sums.get(start, {})))
        start = following
    return made[::-1]


_START: Mapping[Span, Callable[[date], date]] = {
    "day": lambda day: day,
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
    "all": lambda day: date.min,
}


def _next(day: date, span: Span) -> date:
    """The first day of the period after that of a day."""
    if span == "day":
        return day + timedelta(days=1)
    if span == "year":
        return date(day.year + 1, 1, 1)
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _grouped(
    connection: Connection,
    table: Table,
    kind: ColumnElement[str] | None,
    minutes: ColumnElement[int],
    accounts: Collection[str],
    first: date,
    last: date,
) -> Iterator[tuple[date, Kind, Sum]]:
    began: KeyedColumnElement[datetime] = table.c.start_time
    moment: ColumnElement[datetime] = began if connection.dialect.name == "sqlite" else func.timezone("UTC", began)
    parts = [extract(part, moment).label(part) for part in ("year", "month", "day")]
    if kind is not None:
        parts.append(kind.label("kind"))  # type: ignore[arg-type]
    query = (
        select(*parts, func.count().label("number"), func.sum(minutes).label("minutes"))
        .where(table.c.account_sid.in_(accounts), table.c.status == "completed")
        .where(began >= _midnight(first), began < _midnight(last + timedelta(days=1)))
        .group_by(*(part.name for part in parts))
    )
    for row in connection.execute(query):
        found: Kind = "recording" if kind is None else row.kind
        yield date(int(row.year), int(row.month), int(row.day)), found, Sum(row.number, int(row.minutes or 0))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _minutes(seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Begun ones."""
    return (cast(func.round(seconds), Integer) + 59) // 60


def _kind_of_call() -> ColumnElement[str]:
    calls, inbound = CALLS.c, CALLS.c.direction == "inbound"
    return case(
        (or_(calls["to"].like("client:%"), calls["from"].like("client:%")), "client"),
        (and_(inbound, calls["to"].like("sip:%")), "sip_inbound"),
        (inbound, "inbound"),
        (calls["to"].like("sip%"), "sip_outbound"),
        else_="outbound",
    )
