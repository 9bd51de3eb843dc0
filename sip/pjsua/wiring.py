"""Which bridge ports are connected: a leg's stream with its row, or with the stream of another leg.

All of it belongs to the owner thread, so that no two threads ever change the same connections.
"""

from __future__ import annotations

from collections.abc import Mapping

from sip.events import LegId
from sip.pjsua.binding import lib
from sip.pjsua.leg import Leg
from sip.pjsua.ports import RowPorts


class Wiring:
    """Connections of all legs. Connecting what is connected, or parting what is not, does nothing."""

    def __init__(self, ports: RowPorts, legs: Mapping[LegId, Leg]) -> None:
        self._ports = ports
        self._legs = legs

    def connect(self, leg: Leg) -> None:
        """Connect a leg as it should be now; to be repeated whenever its media changed, because its port may be a new one."""
        stream = leg.wired = leg.stream_port()
        if leg.row is None:
            return
        player, capture = self._ports.numbers(leg.row)
        if stream is None:
            self._ports.silence(leg.row)
            return
        lib.pjsua_conf_connect(stream, capture)
        if leg.more_rows:
            self._connect_more(leg)
        peer = self._legs.get(leg.peer) if leg.peer is not None else None
        if peer is None:
            lib.pjsua_conf_connect(player, stream)
            return
        lib.pjsua_conf_disconnect(player, stream)
        if peer.wired is not None:
            lib.pjsua_conf_connect(stream, peer.wired)
            lib.pjsua_conf_connect(peer.wired, stream)

    def _connect_more(self, leg: Leg) -> None:
        for row, stream in zip(leg.more_rows, leg.more_ports(), strict=False):
            if stream >= 0:
                lib.pjsua_conf_connect(self._ports.numbers(row)[0], stream)

    def bridge(self, one: LegId, other: LegId) -> None:
        """Let two legs hear each other instead of their rows."""
        first, second = self._legs.get(one), self._legs.get(other)
        if first is None or second is None or first is second:
            return
        for leg in (first, second):
            if leg.peer is not None:
                self.unbridge(leg.number, leg.peer)
        first.peer, second.peer = other, one
        self.connect(first)
        self.connect(second)

    def unbridge(self, one: LegId, other: LegId) -> None:
        """Give both their rows back; one of them may be gone."""
        legs = [leg for leg, peer in ((self._legs.get(one), other), (self._legs.get(other), one)) if leg and leg.peer == peer]
        ports = [leg.wired for leg in legs if leg.wired is not None]
        if len(ports) == 2:
            lib.pjsua_conf_disconnect(ports[0], ports[1])
            lib.pjsua_conf_disconnect(ports[1], ports[0])
        for leg in legs:
            leg.peer = None
            self.connect(leg)
