"""Packets of one stream as they come in: their place on the time line, and how the network has treated them. Pure.

Formulas are those of RFC 3550, appendix A.
"""

from __future__ import annotations

from media.webrtc.packet import Packet

_REMEMBERED = 512
"""Sequence numbers below the highest that are known apart."""
_FAR_SECONDS = 10
"""A timestamp further away than that from the last begins a new time line: the far end has started again."""


class Arrivals:
    """Admits each packet once; ``clock`` is the timestamps per second of the codec, at first."""

    def __init__(self, clock: int) -> None:
        self.received = 0
        self.duplicates = 0
        self.source = 0
        """SSRC of the stream; 0: none yet."""
        self.jitter = 0.0
        """In timestamps (A.8)."""
        self._jitters = 0.0
        """The sum of ``jitter`` over all packets."""
        self.clock = clock
        self._before = 0
        """Packets expected of the streams before this one."""
        self._first = self._highest = 0
        """Sequence numbers, extended (A.1)."""
        self._seen = 0
        """Bit n: the packet n below the highest has come."""
        self._timestamp = 0
        self._position = 0
        """Of the last packet, in timestamps since the first one."""
        self._transit: float | None = None
        self._reported = (0, 0)

    @property
    def highest(self) -> int:
        """The highest sequence number so far, extended to 32 bits."""
        return self._highest & 0xFFFFFFFF

    @property
    def mean_jitter(self) -> float:
        """Over all packets, in timestamps."""
        return self._jitters / self.received if self.received else 0.0

    @property
    def expected(self) -> int:
        """Packets that would have come without loss."""
        return self._before + (self._highest - self._first + 1 if self.source else 0)

    @property
    def lost(self) -> int:
        """Packets that have not come, so far."""
        return max(0, self.expected - self.received)

    def fraction_lost(self) -> int:
        """Of the packets since the last time, the part that was lost, in units of 1/256 (A.3)."""
        expected, received = self.expected - self._reported[0], self.received - self._reported[1]
        self._reported = (self.expected, self.received)
        return min(255, max(0, expected - received) * 256 // expected) if expected > 0 else 0

    def admit(self, packet: Packet, now: float) -> int | None:
        """Where the packet stands, in timestamps since the first one; None for one that was here already, or is very late.

        ``now`` is the time in seconds at which it came. A stream that starts again goes on
        behind the old one.
        """
        if packet.source != self.source or not self.source:
            self._begin(packet)
        elif not self._number(packet.sequence):
            self.duplicates += 1
            return None
        self.received += 1
        position = self._place(packet.timestamp)
        transit = now * self.clock - position
        if self._transit is not None:
            self.jitter += (min(abs(transit - self._transit), self.clock) - self.jitter) / 16
        self._jitters += self.jitter
        self._transit = transit
        return position

    def change_clock(self, clock: int) -> None:
        """Go on with the stream of another codec; what was counted stays."""
        self._before, self.source = self.expected, 0
        self.jitter *= clock / self.clock
        self._jitters *= clock / self.clock
        self.clock = clock

    def _begin(self, packet: Packet) -> None:
        self._before = self.expected
        self.source = packet.source
        self._first = self._highest = packet.sequence
        self._seen = 1
        self._transit = None
        self._timestamp = (packet.timestamp - self.clock // 50) & 0xFFFFFFFF if self.received else packet.timestamp

    def _number(self, sequence: int) -> bool:
        """Note a sequence number; False when it was noted before, or is too old to tell."""
        ahead = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if ahead > 0:
            self._highest += ahead
            self._seen = (self._seen << min(ahead, _REMEMBERED) | 1) & ((1 << _REMEMBERED) - 1)
            return True
        if -ahead >= _REMEMBERED or self._seen >> -ahead & 1:
            return False
        self._seen |= 1 << -ahead
        return True

    def _place(self, timestamp: int) -> int:
        step = ((timestamp - self._timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if abs(step) > _FAR_SECONDS * self.clock:
            step = self.clock // 50
            self._transit = None
        self._timestamp = timestamp
        self._position += step
        return self._position
