"""Pages of lists: found by the place of their first row, so that no row is lost or doubled while rows are added (spec 4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, asc, desc, or_

from voice.api.errors import ApiError

PAGE_SIZE = 50
LARGEST_PAGE = 1000
BAD_TOKEN = 21481
BAD_SIZE = 20007

_TOKEN = re.compile(r"P([AB])([A-Z]{2}[0-9a-fA-F]{32})([0-9a-f]{1,16})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = Mapping[str, Any]
Place = tuple[datetime, str]
"""Where a row stands: its age, and its SID among rows of one age."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    size: int = PAGE_SIZE
    number: int = 0
    """Counted by whoever asks."""
    place: Place | None = None
    """Of the row next to the page; None for the first page."""
    backward: bool = False
    """Whether the page ends there instead of beginning."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and whether there are more on either side."""

    rows: Sequence[Row]
    asked: PageRequest
    next: str = ""
    """The token of the next page; empty: there is none."""
    previous: str = ""


def read_page(query: Mapping[str, Sequence[str]]) -> PageRequest:
    """Read PageSize, Page and PageToken. Raises ApiError."""
    size, number = _number(query, "PageSize", PAGE_SIZE), _number(query, "Page", 0)
    if size < 1:
        raise ApiError(400, BAD_SIZE, f"PageSize must be 1 to {LARGEST_PAGE}")
    token = (query.get("PageToken") or [""])[-1]
    if not token:
        return PageRequest(min(size, LARGEST_PAGE), number)
    match = _TOKEN.fullmatch(token)
    if match is None or int(match[3], 16) > 4e15:
        raise ApiError(400, BAD_TOKEN, "PageToken is not one that this server gave out")
    place = (_EPOCH + timedelta(microseconds=int(match[3], 16)), match[2])
    return PageRequest(min(size, LARGEST_PAGE), number, place, match[1] == "B")


def _number(query: Mapping[str, Sequence[str]], name: str, default: int) -> int:
    given = (query.get(name) or [""])[-1]
    if not given:
        return default
    if not re.fullmatch("[0-9]{1,9}", given):
        raise ApiError(400, BAD_SIZE, f"{name} must be a number")
    return int(given)


def select_page(
    connection: Connection, query: Select[Any], table: Table, asked: PageRequest, *, newest_first: bool = True
) -> Page:
    """A page of the rows of a query on one table, by the columns ``date_created`` and ``sid``."""
    age, sid = table.c.date_created, table.c.sid
    falling = newest_first != asked.backward
    if asked.place is not None:
        query = query.where(_beyond(age, sid, asked.place, falling))
    order = desc if falling else asc
    found = connection.execute(query.order_by(order(age), order(sid)).limit(asked.size + 1)).mappings()
    rows = [dict(row) for row in found]
    return _page(rows, asked, lambda row: (row["date_created"], row["sid"]))


def _beyond(age: ColumnElement[Any], sid: ColumnElement[Any], place: Place, falling: bool) -> ColumnElement[bool]:
    moment, name = place
    if falling:
        return and_(age <= moment, or_(age < moment, sid < name))
    return and_(age >= moment, or_(age > moment, sid > name))


def slice_page(rows: Sequence[Row], asked: PageRequest, places: Sequence[Place]) -> Page:
    """A page of rows that are all at hand, in their order; ``places`` are theirs and rise."""
    standing = dict(zip(places, rows, strict=True))
    if asked.place is not None:
        standing = {
            place: row for place, row in standing.items() if (place < asked.place if asked.backward else place > asked.place)
        }
    order = list(reversed(standing)) if asked.backward else list(standing)
    chosen = order[: asked.size + 1]
    found = {id(standing[place]): place for place in chosen}
    return _page([standing[place] for place in chosen], asked, lambda row: found[id(row)])


def _page(rows: Sequence[Row], asked: PageRequest, place: Any) -> Page:
    """``rows`` lead away from where the page was asked for, with one more than belongs to it if there is one."""
    more = len(rows) > asked.size
    rows = rows[: asked.size]
    if asked.backward:
        rows = rows[::-1]
    if not rows:
        return Page((), asked)
    after, before = (True, more) if asked.backward else (more, asked.place is not None)
    return Page(rows, asked, _token("A", *place(rows[-1])) if after else "", _token("B", *place(rows[0])) if before else "")


def _token(direction: str, moment: datetime, sid: str) -> str:
    return f"P{direction}{sid}{(moment - _EPOCH) // timedelta(microseconds=1):x}"


def render_page(page: Page, key: str, records: list[Any], path: str, filters: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The body of a list: its records below ``key``, and the links of section 4.4."""
    asked = page.asked
    number = asked.number

    def link(page: int, token: str = "") -> str:
        pairs = [*filters, ("PageSize", str(asked.size)), ("Page", str(page)), *([("PageToken", token)] if token else [])]
        return f"{path}?{urlencode(pairs)}"

    start = number * asked.size if records else 0
    return {
        "first_page_uri": link(0),
        "end": start + len(records) - 1 if records else 0,
        "previous_page_uri": link(max(0, number - 1), page.previous) if page.previous else None,
        key: records,
        "uri": link(number),
        "page_size": asked.size,
        "start": start,
        "next_page_uri": link(number + 1, page.next) if page.next else None,
        "page": number,
    }
