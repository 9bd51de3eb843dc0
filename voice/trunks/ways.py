"""Where the names of calls lead, remembered for as long as their records say."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter
from random import Random

from voice.routing.lottery import draw
from voice.trunks.resolver import Place, Resolver

MOST_NAMES = 2_000
"""Those that were looked up longest ago are forgotten first."""


class Ways:
    """``now`` is in monotonic seconds; ``random`` shares calls out among places of one priority."""

    def __init__(self, resolver: Resolver, now: Callable[[], float], random: Random | None = None) -> None:
        self._resolver = resolver
        self._now = now
        self._random = random or Random()
        self._known: OrderedDict[str, tuple[float, tuple[Place, ...]]] = OrderedDict()

    async def routes(self, uri: str) -> tuple[str, ...]:
        """The proxies by which a URI is reached (``sip.endpoint.Invitation``), in the order in which they are to be tried."""
        name = _name(uri)
        until, places = self._known.get(name, (0.0, ()))
        if until <= self._now():
            places, seconds = await self._resolver.places(name)
            self._known[name] = self._now() + seconds, places
            self._known.move_to_end(name)
            while len(self._known) > MOST_NAMES:
                self._known.popitem(last=False)
        return tuple(place.route for place in draw(places, _priority, _share, self._random))


_priority, _share = attrgetter("priority"), attrgetter("share")


def _name(uri: str) -> str:
    """What of a URI decides where it leads: not its user."""
    scheme, _, rest = uri.partition(":")
    return f"{scheme}:{rest.rpartition('@')[2]}"
