"""The counters of one browser's audio."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has become of both streams, from RTP and RTCP (RFC 3550)."""

    received: int
    """Packets."""
    sent: int
    lost: int
    """Of those that the browser sent."""
    discarded: int
    """Came too late, or twice."""
    far_lost: int
    """Of those that we sent, as the browser tells."""
    jitter_ms: float
    """On average."""
    round_trip_ms: float
    """On average; 0 when the browser has not told."""
    codec: str
    """``PCMU``, ``opus``; empty when none was agreed."""
    declared: str
    """``address:port`` of the path that was agreed; empty when none was."""
    heard_from: str
    """``address:port`` of the last packet; empty when none has come."""
    jitter_now_ms: float
    """Of late."""
    round_trip_now_ms: float
    """The last one."""
