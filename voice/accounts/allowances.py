"""How much an account may call: at a time, in a minute, in a day. What is beyond is refused before anything is dialled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from voice.bucket import Bucket
from voice.calls.call import ENDED, Call
from voice.errors import TargetRefused
from voice.settings import Dial
from voice.store.database import Database
from voice.store.tables.calls import CALLS

EXCEEDED = 10004
"""Call concurrency limit exceeded."""
OUTBOUND = ("outbound-api", "outbound-dial")


class Allowances:
    """Counts the outbound calls and minutes of each account.

    ``live`` is how many calls of an account go out just now, and the seconds that they have talked.
    """

    def __init__(
        self, rules: Dial, live: Callable[[str], tuple[int, float]], wall: Callable[[], datetime], alert: Callable[[str], None]
    ) -> None:
        self._rules = rules
        self._live = live
        self._wall = wall
        self._alert = alert
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._day = wall().date()
        self._dials: dict[str, Bucket] = {}

    async def begin(self, database: Database) -> None:
        """Take up what was called today already. Raises StoreUnavailable."""
        midnight = self._wall().replace(hour=0, minute=0, second=0, microsecond=0)
        self._seconds.update(await database.read(lambda connection: _called_since(connection, midnight)))

    def check(self, account_sid: str) -> None:
        """Raises TargetRefused when an account may not call any more."""
        rules = self._rules
        if not (rules.account_calls or rules.account_minutes_per_day):
            return  # no account's calls need to be looked through
        calls, seconds = self._live(account_sid)
        if rules.account_calls and calls >= rules.account_calls:
            self._alert("account_calls")
            raise TargetRefused(EXCEEDED, f"the account has {rules.account_calls} calls going out, more are not allowed")
        if rules.account_minutes_per_day and self._today()[account_sid] + seconds >= 60 * rules.account_minutes_per_day:
            self._alert("account_minutes")
            raise TargetRefused(EXCEEDED, f"the account has called {rules.account_minutes_per_day} minutes today")

    def dial(self, account_sid: str) -> None:
        """Count one leg that a document dials. Raises TargetRefused when there were too many lately."""
        most, now = self._rules.account_dials_per_minute, self._wall().timestamp()
        if not most:
            return
        if account_sid not in self._dials:
            self._dials[account_sid] = Bucket(most / 60, most, now)
        if not self._dials[account_sid].take(now):
            self._alert("account_dials")
            raise TargetRefused(EXCEEDED, f"the account dials more than {most} times a minute")

    def count(self, call: Call) -> None:
        """Take a step of a call: its minutes count once it is over."""
        if call.status in ENDED and call.direction in OUTBOUND:
            self._today()[call.account_sid] += call.duration

    def _today(self) -> defaultdict[str, float]:
        if (day := self._wall().date()) != self._day:
            self._day = day
            self._seconds.clear()
        return self._seconds


def _called_since(connection: Connection, moment: datetime) -> Mapping[str, float]:
    query = (
        select(CALLS.c.account_sid, func.sum(CALLS.c.duration))
        .where(CALLS.c.start_time >= moment, CALLS.c.direction.in_(OUTBOUND))
        .group_by(CALLS.c.account_sid)
    )
    return {sid: float(seconds or 0) for sid, seconds in connection.execute(query)}
