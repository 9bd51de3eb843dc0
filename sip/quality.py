"""What the audio of a leg was like on the network, and how people would have rated it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

BEST = 93.2
"""The rating R of a perfect narrow-band call (ITU-T G.107)."""
ONE_WAY_OVERHEAD = 60.0
"""Milliseconds of packetisation and jitter buffers, beside the network."""
_IMPAIRMENT = {"PCMU": (0.0, 25.1), "PCMA": (0.0, 25.1), "G722": (0.0, 25.1), "OPUS": (0.0, 30.0), "GSM": (20.0, 10.0)}
"""Equipment impairment and robustness against random loss by codec (ITU-T G.113 appendix I, with concealment)."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The counters of one audio stream, from RTP and RTCP (RFC 3550)."""

    received: int
    """Packets."""
    sent: int
    lost: int
    """Of those that the far end sent."""
    discarded: int
    """Came too late, or twice."""
    far_lost: int
    """Of those that we sent, as the far end tells."""
    jitter_ms: float
    round_trip_ms: float
    """0 when the far end has not told."""
    codec: str
    """``PCMU``, ``opus``; empty when none was agreed."""
    declared: str
    """``address:port`` that the far end's description names."""
    heard_from: str
    """``address:port`` of whom we listen to or, while that is nobody, of the last packet; empty when none has come."""
    jitter_now_ms: float = 0.0
    """Of late, where ``jitter_ms`` is of the whole stream."""
    round_trip_now_ms: float = 0.0
    """The same."""

    def since(self, earlier: Quality) -> Quality:
        """What it was like between an earlier look and this one."""
        return replace(
            self,
            received=max(0, self.received - earlier.received),
            sent=max(0, self.sent - earlier.sent),
            lost=max(0, self.lost - earlier.lost),
            discarded=max(0, self.discarded - earlier.discarded),
            far_lost=max(0, self.far_lost - earlier.far_lost),
            jitter_ms=self.jitter_now_ms,
            round_trip_ms=self.round_trip_now_ms,
        )

    def after(self, earlier: Quality) -> Quality:
        """What a leg was like whose stream took the place of another."""
        return replace(
            self,
            received=self.received + earlier.received,
            sent=self.sent + earlier.sent,
            lost=self.lost + earlier.lost,
            discarded=self.discarded + earlier.discarded,
            far_lost=self.far_lost + earlier.far_lost,
        )

    @property
    def loss(self) -> float:
        """The part of the far end's packets that were not heard, 0 to 1."""
        expected = self.received + self.lost
        return min(1.0, (self.lost + self.discarded) / expected) if expected else 0.0

    @property
    def mos(self) -> float:
        """The mean opinion that people would have had of it, 1 to 4.4, by the E-model (ITU-T G.107); 0 when nothing was heard."""
        if not self.received:
            return 0.0
        base, robustness = _IMPAIRMENT.get(self.codec.upper(), (0.0, 20.0))
        lost = 100 * self.loss
        effective = base + (95 - base) * lost / (lost + robustness)
        delay = self.round_trip_ms / 2 + self.jitter_ms + ONE_WAY_OVERHEAD
        late = 0.024 * delay + (0.11 * (delay - 177.3) if delay > 177.3 else 0.0)
        rating = max(0.0, min(100.0, BEST - late - effective))
        return round(1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6, 2)
