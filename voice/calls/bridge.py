"""Two calls that hear each other: inside the network layer or, where that cannot or must not be, by the bus."""

from __future__ import annotations

from typing import Literal

from sip.endpoint import Endpoint
from voice.calls.call import Call
from voice.sound.studio import Studio

Way = Literal["none", "network", "bus"]


class Bridge:
    """One connection; the network layer would carry what the mixer conceals, the bus does not."""

    def __init__(self, endpoint: Endpoint, studio: Studio, one: Call, other: Call) -> None:
        self._endpoint = endpoint
        self._studio = studio
        self._calls = one, other
        self._way: Way = "none"

    def route(self, *, secret: bool) -> None:
        """Let them hear each other as far as that may be."""
        self._take("bus" if secret else "network")

    def close(self) -> None:
        """Part them; one of them may be gone."""
        self._take("none")

    def _take(self, way: Way) -> None:
        if way == self._way:
            return
        one, other = self._calls
        if self._way == "bus":
            for call in self._calls:
                if call.row is not None:
                    self._studio.whisper(call.row, None)
        if one.leg is not None and other.leg is not None:
            if self._way == "network":
                self._endpoint.unbridge(one.leg, other.leg)
            if way == "network" and not self._endpoint.bridge(one.leg, other.leg):
                way = "bus"
        if way == "bus" and one.row is not None and other.row is not None:
            self._studio.whisper(one.row, other.row)
            self._studio.whisper(other.row, one.row)
        self._way = way
