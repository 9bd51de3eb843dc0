"""``/Usage/Records`` and ``/Balance``: how much has been used, and what it costs (spec section 4.13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from voice.accounts.accounts import Account, Accounts
from voice.accounts.usage import CATEGORIES, TOTAL, Category, Period, Span, days_of, periods
from voice.api.errors import ApiError
from voice.api.operation import Ask, get
from voice.api.paging import Page, Place, slice_page
from voice.api.parameters import BAD_PARAMETER, BOOLEAN, Kind, Parameter, choice
from voice.api.shapes import Shape, anything, day, sid
from voice.api.shapes import text as string
from voice.settings import Prices
from voice.store.database import Database
from voice.web.parameters import API_VERSION

BEGINNING = date(2010, 1, 1)
"""Nothing was used before."""
LONGEST_DAYS = 3700
"""Of lists by day."""
_LATEST = date(2095, 1, 1)

RECORD = Shape(
    "UsageRecord",
    {
        "account_sid": sid("AC"),
        "api_version": string(API_VERSION),
        "as_of": string(),
        "category": string(),
        "description": string(),
        "count": string(),
        "count_unit": string(),
        "usage": string(),
        "usage_unit": string(),
        "price": string(),
        "price_unit": string(),
        "start_date": day(),
        "end_date": day(),
        "subresource_uris": anything(),
        "uri": string(),
    },
)
BALANCE = Shape("Balance", {"account_sid": sid("AC"), "balance": string(), "currency": string()})

_LISTS = ("AllTime", "Daily", "LastMonth", "Monthly", "ThisMonth", "Today", "Yearly", "Yesterday")
_OFFSET = re.compile(r"([+-])([0-9]{1,5})days?")


def _day(given: str) -> date | int:
    """A date, or how many days from today."""
    match = _OFFSET.fullmatch(given)
    if match is not None:
        return int(match[1] + match[2])
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError("must be YYYY-MM-DD or a number of days like -30days") from None


_DAY = Kind(_day, {"type": "string", "examples": ["2026-01-31", "-30days"]})
_FILTERS = (
    Parameter("Category", choice(*(each.name for each in CATEGORIES))),
    Parameter("StartDate", _DAY),
    Parameter("EndDate", _DAY),
    Parameter("IncludeSubaccounts", BOOLEAN),
)


def _listed(name: str) -> Callable[[Any], Any]:
    """The declaration of one of the lists."""
    return get(f"/Usage/Records{name}", RECORD, lists="usage_records", filters=_FILTERS)


class Usage:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], accounts: Accounts, prices: Prices) -> None:
        self._database = database
        self._wall = wall
        self._accounts = accounts
        self._prices = prices

    @_listed("")
    async def all(self, ask: Ask) -> Page:
        """What has been used, in the whole time or between two dates."""
        return await self._page(ask, BEGINNING, self._today(), "all")

    @_listed("/AllTime")
    async def all_time(self, ask: Ask) -> Page:
        """What has ever been used."""
        return await self._page(ask, BEGINNING, self._today(), "all")

    @_listed("/Daily")
    async def daily(self, ask: Ask) -> Page:
        """What has been used each day, of the last 30 unless dates are given."""
        today = self._today()
        return await self._page(ask, today - timedelta(days=29), today, "day")

    @_listed("/Monthly")
    async def monthly(self, ask: Ask) -> Page:
        """What has been used each month, of the last year unless dates are given."""
        today = self._today()
        return await self._page(ask, _months_before(today, 12), today, "month")

    @_listed("/Yearly")
    async def yearly(self, ask: Ask) -> Page:
        """What has been used each year."""
        today = self._today()
        return await self._page(ask, date(today.year - 3, 1, 1), today, "year")

    @_listed("/Today")
    async def today(self, ask: Ask) -> Page:
        """What has been used today, in UTC."""
        return await self._page(ask, self._today(), self._today(), "all", fixed=True)

    @_listed("/Yesterday")
    async def yesterday(self, ask: Ask) -> Page:
        """What was used yesterday, in UTC."""
        day = self._today() - timedelta(days=1)
        return await self._page(ask, day, day, "all", fixed=True)

    @_listed("/ThisMonth")
    async def this_month(self, ask: Ask) -> Page:
        """What has been used since the first of this month."""
        today = self._today()
        return await self._page(ask, today.replace(day=1), today, "all", fixed=True)

    @_listed("/LastMonth")
    async def last_month(self, ask: Ask) -> Page:
        """What was used last month."""
        end = self._today().replace(day=1) - timedelta(days=1)
        return await self._page(ask, end.replace(day=1), end, "all", fixed=True)

    @get("/Balance", BALANCE)
    async def balance(self, ask: Ask) -> Mapping[str, Any]:
        """What an account and its subaccounts owe, as a negative amount; nobody pays here, so it only falls."""
        accounts, today = self._group(ask.account), self._today()
        days = await self._database.read(days_of(accounts, BEGINNING, today))
        (whole,) = periods(days, BEGINNING, today, "all")
        owed = whole.price(CATEGORIES[-1], self._prices)
        return {"account_sid": ask.account.sid, "balance": _amount(-owed), "currency": self._prices.currency}

    async def _page(self, ask: Ask, first: date, last: date, span: Span, *, fixed: bool = False) -> Page:
        filters, today = ask.filters, self._today()
        if not fixed:
            first = _date(filters.get("start_date"), today, first)
            last = _date(filters.get("end_date"), today, last)
        if first > last or (span == "day" and (last - first).days > LONGEST_DAYS):
            raise ApiError(
                400, BAD_PARAMETER, f"StartDate must come before EndDate, and a daily list has {LONGEST_DAYS} days at most"
            )
        accounts = self._group(ask.account) if filters.get("include_subaccounts", True) else {ask.account.sid}
        days = await self._database.read(days_of(accounts, first, last))
        chosen = [each for each in CATEGORIES if filters.get("category", each.name) == each.name]
        rows, places = [], []
        for place, period, category in _lines(periods(days, first, last, span), chosen):
            rows.append(self._row(ask, period, category))
            places.append(place)
        return slice_page(rows, ask.page, places)

    def _row(self, ask: Ask, period: Period, category: Category) -> dict[str, Any]:
        used, price = period.sum(category), _amount(period.price(category, self._prices))
        currency = self._prices.currency.lower()
        own = f"/{API_VERSION}/Accounts/{ask.account.sid}/Usage/Records"
        about = f"Category={category.name}&StartDate={period.start}&EndDate={period.end}"
        return {
            "account_sid": ask.account.sid,
            "as_of": self._wall().strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "category": category.name,
            "description": category.description,
            "count": str(used.count) if category.name != TOTAL else "",
            "count_unit": category.counted,
            "usage": str(used.minutes) if category.name != TOTAL else price,
            "usage_unit": "minutes" if category.name != TOTAL else currency,
            "price": price,
            "price_unit": currency,
            "start_date": period.start,
            "end_date": period.end,
            "uri": f"{own}{ask.suffix}?{about}",
            "subresource_uris": {
                re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower(): f"{own}/{name}{ask.suffix}?Category={category.name}"
                for name in _LISTS
            },
        }

    def _group(self, account: Account) -> set[str]:
        return {account.sid} | {each.sid for each in self._accounts if each.owner_sid == account.sid}

    def _today(self) -> date:
        return self._wall().date()


def _lines(found: list[Period], categories: list[Category]) -> Iterator[tuple[Place, Period, Category]]:
    """Each period with each category and its place in the list, the newest first."""
    for period in found:
        age = datetime(1970, 1, 1, tzinfo=UTC) + (_LATEST - period.start)
        for category in categories:
            yield (age, f"UR{CATEGORIES.index(category):032x}"), period, category


def _date(given: date | int | None, today: date, default: date) -> date:
    if given is None:
        return default
    day = today + timedelta(days=given) if isinstance(given, int) else given
    return min(max(day, BEGINNING), _LATEST)


def _months_before(day: date, months: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _amount(value: Decimal) -> str:
    """Without exponent and superfluous zeros: ``0``, ``-1.25``."""
    return f"{value.normalize() + 0:f}"
