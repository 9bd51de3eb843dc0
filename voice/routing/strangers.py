"""Who is not welcome: sources that guess, scan or flood are not heard for a while. Pure, of bounded size; time is handed in.

An address, of IPv6 its whole /64, is banned unless phones behind it have proven who they are; then only the port that guesses is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from sip.uri import is_within, neighbourhood, read_address, split_source
from voice.bucket import Bucket
from voice.settings import Strangers as Rules

MOST_SOURCES = 10_000
"""Whose doings are remembered; those that were quiet longest are forgotten first."""
BURST_SECONDS = 10
"""For how long a source may ask at the highest rate at once."""
TRUST_SECONDS = 7_200.0
MOST_DOUBLINGS = 5
"""A source that comes back is banned twice as long each time, so many times."""
SCANNERS = (
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sipcli",
    "sip-scan",
    "sipsak",
    "sundayddr",
    "iwar",
    "vaxsipuseragent",
    "pplsip",
    "eyebeam release 3006o",
    "gulp",
    "sipptk",
    "cisco-sipgateway/ios-12",
)
"""What tools that look for open switches call themselves in User-Agent; in lower case."""

_log = structlog.get_logger("strangers")


@dataclass(slots=True)
class _Account:
    """What one source may still do, and has done."""

    key: str
    """``address``, a network of IPv6, or ``address:port`` of one behind whose address others have proven themselves."""
    failures: Bucket
    requests: Bucket
    trusted_until: float = 0.0
    banned_until: float = 0.0
    bans: int = 0


class Strangers:
    """Counts what sources do wrong, and has ``shun`` ignore them when it is too much.

    ``alert`` is told the kind of each case: ``guessing``, ``flood``, ``scanner``.
    """

    def __init__(
        self, rules: Rules, shun: Callable[[str, float], None], alert: Callable[[str], None], now: Callable[[], float]
    ) -> None:
        self._rules = rules
        self._shun = shun
        self._alert = alert
        self._now = now
        self._sources: OrderedDict[str, _Account] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sources)

    def asks(self, source: str, agent: str = "") -> bool:
        """A request has come that nobody is known for yet; whether it is worth an answer."""
        account = self._account(source)
        if account is None:
            return True
        if account.banned_until > self._now():
            return False  # it was on its way when the ban began
        if any(name in agent.lower() for name in SCANNERS):
            self._ban(account, "scanner", source)
            return False
        if self._rules.requests_per_second and not account.requests.take(self._now()):
            self._ban(account, "flood", source)
            return False
        return True

    def fails(self, source: str) -> None:
        """It was wrong: credentials that are not right, a number that nobody has."""
        account = self._account(source)
        if account is None or account.banned_until > self._now():
            return
        if not account.failures.take(self._now()):
            self._ban(account, "guessing", source)

    def proves(self, source: str) -> None:
        """It has shown who it is: others behind its address are not to be banned with whoever guesses there."""
        account = self._account(source)
        if account is not None:
            account.failures.fill(self._now())
            self._recall(neighbourhood(split_source(source)[0])).trusted_until = self._now() + TRUST_SECONDS

    def _account(self, source: str) -> _Account | None:
        """None for those that may do anything."""
        host, port = split_source(source)
        address = read_address(host)
        if not self._rules.enabled or address is None or is_within(address, self._rules.trusted):
            return None
        whole = self._recall(neighbourhood(host))
        return self._recall(f"{host}:{port}") if whole.trusted_until > self._now() else whole

    def _recall(self, key: str) -> _Account:
        account = self._sources.get(key)
        if account is None:
            account = self._sources[key] = self._open(key)
            if len(self._sources) > MOST_SOURCES:
                self._sources.popitem(last=False)
        self._sources.move_to_end(key)
        return account

    def _open(self, key: str) -> _Account:
        rules, now = self._rules, self._now()
        failures = Bucket(rules.failures / rules.window_seconds, rules.failures, now)
        return _Account(key, failures, Bucket(rules.requests_per_second, rules.requests_per_second * BURST_SECONDS, now))

    def _ban(self, account: _Account, kind: str, source: str) -> None:
        seconds = self._rules.ban_seconds * 2 ** min(account.bans, MOST_DOUBLINGS)
        account.bans += 1
        account.banned_until = self._now() + seconds
        account.failures.fill(self._now())
        account.requests.fill(self._now())
        host = split_source(source)[0]
        address = host if account.key == neighbourhood(host) else account.key
        _log.warning("stranger banned", address=address, why=kind, seconds=seconds)
        self._shun(account.key, seconds)
        self._alert(kind)
