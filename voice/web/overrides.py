"""Connection overrides: what a URL's fragment says about time-outs and retries (spec section 1.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})

_KEY = re.compile(r"^(?:ct|rt|tt|rc|rp|sni|e)=[^&]*(?:&(?:ct|rt|tt|rc|rp|sni|e)=[^&]*)*$")
_RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}


class BadPolicy(ValueError):
    """The ``rp`` of a fragment names no policy: error 11243."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """Seconds and counts for one logical request."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})


def split_overrides(url: str) -> tuple[str, Overrides]:
    """The URL without its fragment, and what that fragment asks for; numbers out of range are brought into it.

    A fragment that holds no overrides is dropped. Raises BadPolicy.
    """
    address, _, fragment = url.partition("#")
    if not _KEY.match(fragment):
        return address, Overrides()
    given = dict(parse_qsl(fragment, keep_blank_values=True))
    numbers = {key: _bounded(given[key], *_RANGES[key]) for key in _RANGES if given.get(key, "").isdecimal()}
    default = Overrides()
    policy = frozenset(given["rp"].split(",")) if "rp" in given else default.policy
    if not policy <= POLICIES:
        raise BadPolicy(f"retry policy {given['rp']!r} names none of {', '.join(sorted(POLICIES))}")
    return address, Overrides(
        numbers.get("ct", 5_000) / 1000,
        numbers.get("rt", 15_000) / 1000,
        numbers.get("tt", 15_000) / 1000,
        numbers.get("rc", default.retries),
        policy,
    )


def _bounded(text: str, least: int, most: int) -> int:
    return min(max(int(text[:6]), least), most)
